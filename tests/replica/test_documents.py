"""The documents are true: common libraries find in them exactly what the truth says."""

from __future__ import annotations

import hashlib
import io
import random
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import docx
import openpyxl
import pdfplumber
import pypdfium2
import pytest
from docx.oxml.ns import qn
from lxml import html as lxml_html

from infra.replica.documents import FORMATS, PLAIN, HtmlQuirks, PdfQuirks, Quirks, TextQuirks, printed_cells, render
from infra.replica.documents.cells import printed
from infra.replica.documents.grids import Table
from infra.replica.documents.html import containers
from infra.replica.documents.outline import outline
from infra.replica.documents.pdf_text import embeddable
from infra.replica.documents.random_quirks import random_quirks
from infra.replica.documents.scan import scan
from infra.replica.model import ReportTruth
from infra.replica.truth import random_truth, sample_truth, seed_truths
from schemas.report import Edition

SEEDS = list(seed_truths().values())
BUSY = random_truth(random.Random(7), edition=Edition.FORM_2021)
OLDER = random_truth(random.Random(8), edition=Edition.FORM_2019)
WITH_TABLES = [truth for truth in SEEDS if truth.editions] + [BUSY, OLDER]


def expected_numbers(truth: ReportTruth, quirks: Quirks = PLAIN) -> list[str]:
    """Cell contents in printing order."""
    return [printed(truth, code, quirks) for code in truth.cells]


def in_order(wanted: Iterable[str], found: Iterable[str]) -> bool:
    """True when `wanted` is a subsequence of `found`."""
    stream = iter(found)
    return all(item in stream for item in wanted)


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def narrative(truth: ReportTruth, quirks: Quirks = PLAIN) -> list[str]:
    return [bare(item.text) for item in outline(truth, quirks) if not isinstance(item, Table)]


@pytest.mark.parametrize("truth", WITH_TABLES, ids=lambda truth: truth.publisher.id)
def test_html_holds_every_cell_and_sentence(truth: ReportTruth) -> None:
    tree = lxml_html.fromstring(
        render(truth, "html").decode("utf-8").encode(), parser=lxml_html.HTMLParser(encoding="utf-8")
    )
    cells = [bare(cell.text_content()) for cell in tree.iter("td")]
    assert in_order(expected_numbers(truth), cells)
    text = bare(tree.text_content())
    assert in_order_text(narrative(truth), text)


def in_order_text(pieces: Iterable[str], text: str) -> bool:
    at = 0
    for piece in pieces:
        at = text.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return True


@pytest.mark.parametrize("markup", ["plain", "word", "ueditor", "breaks"])
@pytest.mark.parametrize("tables", ["table", "div", "misaligned"])
def test_the_markup_of_an_editor_changes_no_word(markup: str, tables: str) -> None:
    look = HtmlQuirks(markup=markup, tables=tables, comments=True, header_table=True, nested_container=True)  # type: ignore[arg-type]
    tree = lxml_html.fromstring(render(BUSY, "html", Quirks(html=look)).decode())
    text = bare(tree.text_content())
    assert in_order_text(narrative(BUSY), text)
    boxes = tree.xpath("//td|//div[@class='td']")
    assert in_order(expected_numbers(BUSY), [bare(box.text_content()) for box in boxes])


@pytest.mark.parametrize("container", sorted(containers()))
def test_every_container_is_balanced(container: str) -> None:
    box = containers()[container]
    opened = re.findall(r"<(div|form|font|UCAPCONTENT)\b", box["open"])
    closed = re.findall(r"</(div|form|font|UCAPCONTENT)>", box["close"])
    assert opened == closed[::-1]


def test_encodings_are_said_rightly_wrongly_or_not_at_all() -> None:
    page = render(BUSY, "html", Quirks(html=HtmlQuirks(charset="gb18030")))
    assert b"charset=gb2312" in page
    assert BUSY.publisher_name in page.decode("gb18030")
    wrong = render(BUSY, "html", Quirks(html=HtmlQuirks(charset="gb18030", declared="wrong")))
    assert b"charset=utf-8" in wrong
    with pytest.raises(UnicodeDecodeError):
        wrong.decode("utf-8")
    assert b"charset" not in render(BUSY, "html", Quirks(html=HtmlQuirks(charset="gb18030", declared="none")))


def test_statutory_tables_have_the_spans_of_the_official_form() -> None:
    tree = lxml_html.fromstring(render(BUSY, "html").decode())
    t3 = next(table for table in tree.iter("table") if "勾稽关系" in table.text_content())
    spans = {
        bare(cell.text_content()): (int(cell.get("rowspan", 1)), int(cell.get("colspan", 1))) for cell in t3.iter("td")
    }
    assert spans["申请人情况"] == (1, 7)
    assert spans["法人或其他组织"] == (1, 5)
    assert next(span for text, span in spans.items() if "勾稽" in text) == (3, 3)
    assert next(span for text, span in spans.items() if text.endswith("本年度办理结果")) == (22, 1)
    assert next(span for text, span in spans.items() if text.endswith("不予公开")) == (8, 1)
    grid = [[0] * 10 for _ in t3.iter("tr")]
    for number, row in enumerate(t3.iter("tr")):
        for cell in row.iter("td"):
            column = grid[number].index(0)
            for down in range(int(cell.get("rowspan", 1))):
                for right in range(int(cell.get("colspan", 1))):
                    grid[number + down][column + right] += 1
    assert all(count == 1 for row in grid for count in row), "every position is covered once"


PRINTS = {
    "plain": PdfQuirks(),
    "named": PdfQuirks(font="named"),
    "named-times": PdfQuirks(font="named", latin="times", justified=True),
    "bars": PdfQuirks(strokes="bar", latin="times"),
    "half-ruled": PdfQuirks(ruling="horizontal"),
    "unruled": PdfQuirks(ruling="none"),
    "cut": PdfQuirks(rows_cut=True, size=15, first_page_fill=100),
    "landscape": PdfQuirks(paper="landscape"),
    "rotated": PdfQuirks(paper="rotated"),
    "two-columns": PdfQuirks(columns=2),
    "wrapped": PdfQuirks(vertical_group="wrapped", page_numbers="plain", repeat_header=True, cell_size=10),
}


def pdf_text(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


@pytest.mark.parametrize("print_", PRINTS)
def test_both_pdf_libraries_read_every_cell(print_: str) -> None:
    quirks = Quirks(pdf=PRINTS[print_])
    data = render(BUSY, "pdf", quirks)
    numbers = expected_numbers(BUSY, quirks)
    assert in_order(numbers, pdf_text(data).split())
    with pdfplumber.open(io.BytesIO(data)) as document:
        words = [word["text"] for page in document.pages for word in page.extract_words()]
        for page in document.pages:
            assert all(c["x0"] >= 0 and c["x1"] <= page.width and 0 <= c["top"] <= page.height for c in page.chars)
    missing = sorted(set(numbers) - set(words))
    assert not missing
    # A row of values stands on one line, so the order by position is the order of the form.
    assert print_ == "wrapped" or in_order(numbers[:10], words)


@pytest.mark.parametrize("truth", SEEDS, ids=lambda truth: truth.publisher.id)
@pytest.mark.parametrize("font", ["embedded", "named"])
@pytest.mark.parametrize("justified", [False, True])
def test_the_text_layer_of_a_pdf_is_the_narrative(truth: ReportTruth, justified: bool, font: str) -> None:
    quirks = Quirks(pdf=PdfQuirks(page_numbers="none", justified=justified, font=font))  # type: ignore[arg-type]
    data = render(truth, "pdf", quirks)
    assert in_order_text(narrative(truth), bare(pdf_text(data)))
    with pdfplumber.open(io.BytesIO(data)) as document:
        text = bare("".join(page.extract_text() for page in document.pages))
    assert in_order_text(narrative(truth), text)


def test_paper_comes_upright_wide_or_turned() -> None:
    sizes = {}
    for paper in ("portrait", "landscape", "rotated"):
        page = pypdfium2.PdfDocument(render(BUSY, "pdf", Quirks(pdf=PdfQuirks(paper=paper))))[0]
        sizes[paper] = (round(page.get_width()), round(page.get_height()), page.get_rotation())
    assert sizes == {"portrait": (595, 842, 0), "landscape": (842, 595, 0), "rotated": (842, 595, 90)}


def test_the_font_is_embedded_as_a_subset_or_only_named() -> None:
    if not embeddable():
        pytest.skip("the package with the embeddable Chinese font is not installed")
    embedded, named = (render(BUSY, "pdf", Quirks(pdf=PdfQuirks(font=font))) for font in ("embedded", "named"))
    assert b"+WenQuanYi" in embedded
    assert b"/FontFile2" in embedded
    assert b"/FontFile2" not in named
    assert b"STSong-Light" in named


def test_a_scan_has_the_pages_but_no_text() -> None:
    printed_ = render(BUSY, "pdf")
    scanned = scan(printed_, dpi=72)
    with pdfplumber.open(io.BytesIO(scanned)) as document, pdfplumber.open(io.BytesIO(printed_)) as source:
        assert len(document.pages) == len(source.pages)
        assert not any(page.chars for page in document.pages)
        assert all(len(page.images) == 1 for page in document.pages)


def test_ruled_tables_are_found_by_pdfplumber() -> None:
    with pdfplumber.open(io.BytesIO(render(BUSY, "pdf"))) as document:
        tables = [table for page in document.pages for table in page.extract_tables()]
    rows = [[bare(cell or "") for cell in row] for table in tables for row in table]
    new = next(row for row in rows if "本年新收" in row[0])
    assert new[-7:] == [printed(BUSY, f"t3.new.{c}", PLAIN) for c in _COLUMNS]


_COLUMNS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other_org", "total")


def test_daqing_prints_its_procurement_total_with_separators_and_breaks_its_tables_over_pages() -> None:
    truth = seed_truths()["daqing-ggzy", 2021]
    data = render(truth, "pdf", Quirks(pdf=PdfQuirks(size=15, rows_cut=True)))
    text = pdf_text(data)
    assert "11,561,862,563.21" in text
    assert "8,850" in text
    with pdfplumber.open(io.BytesIO(data)) as document:
        holding = [page.page_number for page in document.pages if page.extract_tables()]
        assert len(document.pages) >= 3
    assert len(holding) >= 2


def test_a_sunken_point_has_a_baseline_of_its_own() -> None:
    truth = replace(BUSY, cells={**BUSY.cells, "t2.admin_fees.amount": Decimal("96171.6")})
    with pdfplumber.open(io.BytesIO(render(truth, "pdf", Quirks(pdf=PdfQuirks(sunken_point=True))))) as document:
        characters = [c for page in document.pages for c in page.chars]
    start = next(i for i in range(len(characters)) if "".join(c["text"] for c in characters[i : i + 7]) == "96171.6")
    digits, point = characters[start], characters[start + 5]
    assert point["text"] == "."
    assert point["top"] - digits["top"] > 3


def test_docx_holds_every_cell_in_merged_grids() -> None:
    document = docx.Document(io.BytesIO(render(BUSY, "docx")))
    assert len(document.tables) == 3
    boxes = document.element.body.iter(qn("w:tc"))
    found = [bare("".join(text.text or "" for text in box.iter(qn("w:t")))) for box in boxes]
    assert in_order(expected_numbers(BUSY), found)
    assert in_order(narrative(BUSY), [bare(paragraph.text) for paragraph in document.paragraphs])


def test_xlsx_holds_every_cell_exactly() -> None:
    truth = seed_truths()["daqing-ggzy", 2021]
    sheet = openpyxl.load_workbook(
        io.BytesIO(render(replace(truth, style=replace(truth.style, separators=())), "xlsx"))
    ).active
    values = [cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert 11561862563.21 in values
    assert 8850 in values
    numbers = [str(value) for value in values if not isinstance(value, str)]
    assert len(numbers) == len(truth.cells)


@pytest.mark.parametrize("style", ["tabs", "blanks", "lines", "pipes"])
def test_flattened_text_keeps_the_order_of_the_cells(style: str) -> None:
    quirks = Quirks(text=TextQuirks(style=style))  # type: ignore[arg-type]
    text = render(BUSY, "text", quirks).decode()
    assert in_order(expected_numbers(BUSY), re.split(r"[\s|]+", text))


def test_run_together_text_is_ambiguous_on_purpose() -> None:
    text = render(BUSY, "text", Quirks(text=TextQuirks(style="run_together"))).decode()
    row = "".join(printed(BUSY, f"t3.new.{column}", Quirks()) for column in _COLUMNS)
    assert f"申请数量{row}" in text


def test_the_publishers_own_style_is_in_every_format() -> None:
    guyuan, zhumadian = seed_truths()["guyuan-ggzy", 2021], seed_truths()["zhumadian-ggzy", 2021]
    for kind in ("html", "text"):
        assert "二、主动公开政务信息情况" in render(guyuan, kind).decode()  # type: ignore[arg-type]
        assert "本年新收政务信息公开申请数量" in render(guyuan, kind).decode()  # type: ignore[arg-type]
        page = render(zhumadian, kind).decode()  # type: ignore[arg-type]
        assert "(本列数据的勾稽关系为:第一项加第二项之和,等于第三项加第四项之和)" in page
        assert "本年收费金额(单位:万元,保留4位小数)" in page
    assert "2022 年 1 月" in render(seed_truths()["daqing-ggzy", 2021], "text").decode()


def test_cells_can_be_blank_marked_united_and_grouped() -> None:
    codes = {"t2.licensing.decisions": None, "t2.punishment.decisions": Decimal(4119)}
    truth = replace(sample_truth("guyuan-ggzy", 2023), cells={**sample_truth("guyuan-ggzy", 2023).cells, **codes})
    text = render(truth, "text", Quirks(blank="/", separators=True, unit_in_cells=True)).decode()
    assert "行政许可\t/" in text
    assert "行政处罚\t4,119件" in text
    wide = render(truth, "text", Quirks(full_width_digits=True, list_marks="full")).decode()
    assert "行政处罚\t４１１９" in wide
    assert "１．属于国家秘密" in wide


def test_layouts_can_split_and_add_and_drop() -> None:
    quirks = Quirks(separate_blocks=True, split_table3=True, total_row=True, signature=True)
    tree = lxml_html.fromstring(render(BUSY, "html", quirks).decode())
    text = bare(tree.text_content())
    assert text.count("本年度办理结果") == 2
    assert "合计" in text
    assert len(list(tree.iter("table"))) == 4 + 2 + 1
    empty = sample_truth("zhumadian-ggzy", 2021)
    short = render(empty, "text", Quirks(drop_zero_rows=True)).decode()
    assert "属于国家秘密" not in short
    assert "（七）总计" in short.replace("(七)", "（七）")
    dropped = set(empty.cells) - set(printed_cells(empty, Quirks(drop_zero_rows=True)))
    assert len(dropped) == 21 * 7, "every row of table 3 but the four that must stand"
    assert printed_cells(empty, quirks) == empty.cells


def test_stat_annexes_print_group_rows_with_dashes() -> None:
    truth = sample_truth("zhumadian-ggzy", 2016, annex=Edition.STAT_2014)
    text = render(truth, "text").decode()
    assert "政府信息公开情况统计表" in text
    assert "一、主动公开情况\t\t——" in text
    assert in_order(expected_numbers(truth), re.split(r"[\s]+", text))


DIGESTS = """
import hashlib, random
from infra.replica.documents import FORMATS, render
from infra.replica.documents.random_quirks import random_quirks
from infra.replica.truth import random_truth
rng = random.Random(11)
for format in FORMATS:
    truth = random_truth(rng, remarks=True)
    print(hashlib.sha256(render(truth, format, random_quirks(rng, format))).hexdigest())
"""


def test_the_same_call_gives_the_same_bytes_in_another_process() -> None:
    command = [sys.executable, "-c", DIGESTS]
    elsewhere = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"}).stdout
    rng = random.Random(11)
    here = []
    for format_ in FORMATS:
        truth = random_truth(rng, remarks=True)
        here.append(hashlib.sha256(render(truth, format_, random_quirks(rng, format_))).hexdigest())
    assert elsewhere.split() == here


def test_every_random_layout_can_be_rendered() -> None:
    rng = random.Random(12)
    for _ in range(25):
        for format_ in ("html", "pdf", "text"):
            truth = random_truth(rng, planted=rng.randint(0, 2), blanks=True, remarks=True, mixed=rng.random() < 0.2)
            assert render(truth, format_, random_quirks(rng, format_))  # type: ignore[arg-type]
