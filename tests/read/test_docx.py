"""DOCX: merged cells, nesting, tracked changes, list numbers, and packages that are broken."""

from __future__ import annotations

import io
import zipfile

import pytest

from schemas.blocks import Borders
from schemas.errors import ReadError
from tasks.read import read
from tests.read.looking import grids, offsets_hold, paragraphs, rows, spans

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
OPENING = "本报告依照条例编制，所列数据的统计期限为全年，由办公室负责解释和答复；" * 2
FILLER = f"<w:p><w:r><w:t>{OPENING}</w:t></w:r></w:p>"


def docx(body: str, *, namespace: str = W, **parts: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml", f'<w:document xmlns:w="{namespace}"><w:body>{FILLER}{body}</w:body></w:document>'
        )
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", content)
    return buffer.getvalue()


def p(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def tc(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text)}</w:tc>"


def tbl(*lines: str) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{line}</w:tr>" for line in lines) + "</w:tbl>"


SPAN = '<w:gridSpan w:val="{}"/>'
START, ON = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"


def test_merged_cells_are_one_cell_with_its_span() -> None:
    table = tbl(
        tc("角", START) + tc("申请人", SPAN.format(2)),
        tc("", ON) + tc("甲") + tc("乙"),
        tc("规章") + tc("1") + tc("23"),
    )
    (grid,) = grids(read(docx(table)))
    assert grid.borders is Borders.DOM
    assert spans(grid)["角"] == (0, 0, 2, 1)
    assert spans(grid)["申请人"] == (0, 1, 1, 2)
    assert rows(grid)[1:] == [["甲", "乙"], ["规章", "1", "23"]]
    assert spans(grid)["甲"] == (1, 1, 1, 1)


def test_both_generations_of_the_format_are_read() -> None:
    table = tbl(tc("规章") + tc("1"), tc("许可") + tc("2"))
    assert rows(grids(read(docx(table, namespace=STRICT)))[0]) == [["规章", "1"], ["许可", "2"]]


def test_tracked_changes_are_read_as_accepted() -> None:
    run = "<w:r><w:t>{}</w:t></w:r>"
    changed = (
        f"<w:p>{run.format('公开')}<w:del><w:r><w:delText>19</w:delText></w:r></w:del>"
        f"<w:ins>{run.format('20')}</w:ins>{run.format('条，')}<w:moveFrom>{run.format('走')}</w:moveFrom>"
        f"<w:moveTo>{run.format('来')}</w:moveTo></w:p>"
    )
    gone = "<w:tr><w:trPr><w:del/></w:trPr>" + tc("删去的行") + tc("9") + "</w:tr>"
    table = tbl(tc("甲") + tc("1")).replace("</w:tbl>", gone + "</w:tbl>")
    blocks = read(docx(changed + table))
    assert "公开20条，来" in paragraphs(blocks)
    assert rows(grids(blocks)[0]) == [["甲", "1"]]


def test_field_codes_and_hidden_text_are_left_out_and_fields_shown() -> None:
    text = (
        "<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>藏</w:t></w:r>"
        "<w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink><w:sdt><w:sdtContent><w:r><w:t>控件</w:t></w:r>"
        "</w:sdtContent></w:sdt><w:r><w:t>一</w:t><w:br/><w:t>二</w:t></w:r></w:p>"
    )
    assert paragraphs(read(docx(text)))[1:] == ["链接控件一", "二"]


def test_breaks_inside_a_cell_are_kept_and_tables_in_cells_become_text() -> None:
    cell = f"<w:tc>{p('本年新')}{p('制作')}</w:tc>"
    inner = f"<w:tc>{p('外')}{tbl(tc('内') + tc('3'))}</w:tc>"
    lines = [cell + tc("1"), inner + tc("2")] + [tc(f"行{n}") + tc(str(n)) for n in range(3)]
    (grid,) = grids(read(docx(tbl(*lines))))
    assert rows(grid)[:2] == [["本年新/制作", "1"], ["外/内 3", "2"]]


def test_a_table_of_one_cell_is_unwrapped() -> None:
    blocks = read(docx(tbl(f"<w:tc>{p('一、总体情况')}{tbl(tc('甲') + tc('1'), tc('乙') + tc('2'))}</w:tc>")))
    assert "一、总体情况" in paragraphs(blocks)
    assert rows(grids(blocks)[0]) == [["甲", "1"], ["乙", "2"]]


def test_numbers_of_automatic_lists_are_read_as_they_are_printed() -> None:
    level = '<w:lvl w:ilvl="{}"><w:start w:val="1"/><w:numFmt w:val="{}"/><w:lvlText w:val="{}"/></w:lvl>'
    numbering = (
        f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="7">'
        + level.format(0, "chineseCountingThousand", "%1、")
        + level.format(1, "decimal", "%2. ")
        + '</w:abstractNum><w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num></w:numbering>'
    )
    item = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="3"/></w:numPr>'
    body = p("总体情况", item.format(0)) + p("公开", item.format(1)) + p("主动公开", item.format(0))
    texts = paragraphs(read(docx(body + p("细目", item.format(1)), numbering=numbering)))
    assert texts[1:] == ["一、总体情况", "1. 公开", "二、主动公开", "1. 细目"]


def test_headings_carry_the_level_of_their_style() -> None:
    styles = f'<w:styles xmlns:w="{W}"><w:style w:styleId="2"><w:name w:val="heading 1"/></w:style></w:styles>'
    blocks = read(docx(p("一、总体情况", '<w:pStyle w:val="2"/>'), styles=styles))
    assert [getattr(item, "heading", None) for item in blocks.items] == [None, 1]


def test_text_boxes_are_read_once() -> None:
    box = "<w:txbxContent>" + p("框里的字") + "</w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    body = (
        f"<w:p><w:r><mc:AlternateContent {mc}><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    assert paragraphs(read(docx(body))).count("框里的字") == 1


def test_offsets_hold() -> None:
    assert offsets_hold(read(docx(p("一、总体") + tbl(tc("甲") + tc("1"), tc("乙") + tc("2")) + p("二、主动"))))


def test_a_document_of_pictures_alone_needs_ocr() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body><w:p/></w:body></w:document>')
        archive.writestr("word/media/image1.png", "x")
    with pytest.raises(ReadError) as trouble:
        read(buffer.getvalue())
    assert trouble.value.code == "read.needs_ocr"


def test_a_cut_package_is_told_and_worth_another_try() -> None:
    data = docx(p("一、总体情况") * 50)
    with pytest.raises(ReadError) as trouble:
        read(data[:-60])
    assert trouble.value.code == "read.truncated"
    assert trouble.value.recoverable


def test_broken_xml_is_told() -> None:
    with pytest.raises(ReadError) as trouble:
        read(docx("<w:p><w:r>"))
    assert trouble.value.code == "read.damaged"


def test_a_package_that_explodes_is_refused_unread() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (40 << 20))
    with pytest.raises(ReadError) as trouble:
        read(buffer.getvalue())
    assert trouble.value.code == "read.limit.size"


def test_entities_are_not_expanded() -> None:
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        f'<w:document xmlns:w="{W}"><w:body>{FILLER}<w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", bomb)
    assert "aaaa" not in read(buffer.getvalue()).text
