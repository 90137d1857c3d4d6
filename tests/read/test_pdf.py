"""PDFs with a text layer: tables in every state of ruling, running text, orientation, damage."""

from __future__ import annotations

import io

import pypdfium2 as pdfium
import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from schemas.blocks import Borders
from schemas.errors import ReadError
from tasks.read import read
from tasks.read.pdf import read_pdf
from tasks.read.scan import available
from tests.read.drawing import FONT, HEIGHT, WIDTH, lines, pdf, table, write
from tests.read.looking import grids, offsets_hold, paragraphs, rows, spans

HEADER = [("第二十条第（一）项", 1, 4), None, None, None]
FORM: list[list[str | tuple[str, int, int] | None]] = [
    HEADER,
    ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
    ["规章", "0", "12", "345"],
    ["行政许可", ("96171.6", 1, 3), None, None],
]
PRINTED = [
    ["第二十条第（一）项"],
    ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
    ["规章", "0", "12", "345"],
    ["行政许可", "96171.6"],
]
WIDTHS = (150.0, 90.0, 90.0, 90.0)
PROSE = [
    "    本年度共主动公开政府信息一千条，办理群众来信若干件，组织培训",
    "三次，网站新增专题两个。",
    "    第二段从这里开始，仍然说明有关情况。",
]


@pytest.mark.parametrize("bars", [False, True], ids=["lines", "bars"])
@pytest.mark.parametrize("reader", ["fast", "pdfplumber"])
def test_a_ruled_table_gives_every_cell_with_its_span(bars: bool, reader: str) -> None:
    blocks = read_pdf(pdf(lambda canvas: table(canvas, 70, 100, WIDTHS, FORM, bars=bars) and None), reader=reader)
    (grid,) = grids(blocks)
    assert grid.borders is Borders.RULED
    assert rows(grid) == PRINTED
    assert spans(grid)["第二十条第（一）项"] == (0, 0, 1, 4)
    assert spans(grid)["96171.6"] == (3, 1, 1, 3)
    assert blocks.notes == ()


def test_rows_and_columns_spanned_by_group_labels_are_one_cell() -> None:
    form: list[list[str | tuple[str, int, int] | None]] = [
        [("角", 2, 2), None, ("申请人", 1, 2), None],
        [None, None, "甲", "乙"],
        [("三\n、\n结\n果", 3, 1), "（一）予以公开", "1", "2"],
        [None, "（二）部分公开", "3", "4"],
        [None, "（三）总计", "", "6"],
    ]
    (grid,) = grids(read_pdf(pdf(lambda canvas: table(canvas, 70, 100, (40, 160, 80, 80), form) and None)))
    assert spans(grid)["三、结果"] == (2, 0, 3, 1)
    assert rows(grid)[2] == ["三/、/结/果", "（一）予以公开", "1", "2"]
    assert rows(grid)[4] == ["（三）总计", "", "6"]


def test_a_table_broken_by_the_page_goes_on_and_the_page_number_is_dropped() -> None:
    def first(canvas: Canvas) -> None:
        write(canvas, 90, 80, "二、主动公开政府信息情况")
        table(canvas, 70, 100, WIDTHS, FORM, open_bottom=True)
        write(canvas, 280, 810, "- 1 -", 10)

    def second(canvas: Canvas) -> None:
        table(canvas, 70, 80, WIDTHS, [["行政处罚", ("4119", 1, 3), None, None], ["行政强制", ("7", 1, 3), None, None]])
        write(canvas, 280, 810, "2", 10)

    blocks = read_pdf(pdf(first, second))
    upper, lower = grids(blocks)
    assert (upper.continues, lower.continues) == (False, True)
    assert rows(upper)[-1] == ["行政许可", "96171.6"]
    assert rows(lower) == [["行政处罚", "4119"], ["行政强制", "7"]]
    assert paragraphs(blocks) == ["二、主动公开政府信息情况"]
    assert (upper.place.page, lower.place.page, blocks.pages) == (1, 2, 2)


def test_a_decimal_point_on_a_baseline_of_its_own_stays_in_its_number() -> None:
    def draw(canvas: Canvas) -> None:
        table(canvas, 70, 100, (150.0, 150.0), [["行政事业性收费", ""], ["其他", "0"]])
        write(canvas, 240, 114, "96171", 9)
        write(canvas, 262.5, 118, ".", 9)
        write(canvas, 266.5, 114, "6", 9)

    assert rows(grids(read_pdf(pdf(draw)))[0])[0] == ["行政事业性收费", "96171.6"]


@pytest.mark.parametrize("turn", [90, 180, 270])
@pytest.mark.parametrize("page_turn", [0, 90])
def test_turned_pages_are_read_upright(turn: int, page_turn: int) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(page_turn)
        canvas.translate(*{90: (HEIGHT, 0), 180: (WIDTH, HEIGHT), 270: (0, WIDTH)}[turn])
        canvas.rotate(turn)
        table(canvas, 70, 100, WIDTHS, FORM)
        write(canvas, 90, 80, "二、主动公开政府信息情况")

    size = (WIDTH, HEIGHT) if turn == 180 else (HEIGHT, WIDTH)
    blocks = read_pdf(pdf(draw, size=size))
    assert rows(grids(blocks)[0]) == PRINTED
    assert paragraphs(blocks) == ["二、主动公开政府信息情况"]


def test_horizontal_rules_alone_make_an_aligned_table() -> None:
    blocks = read_pdf(pdf(lambda canvas: table(canvas, 70, 100, WIDTHS, FORM, down=False) and None))
    (grid,) = grids(blocks)
    assert grid.borders is Borders.ALIGNED
    assert [[text for text in row if text] for row in rows(grid)] == PRINTED
    assert [cell.column for cell in grid.cells if cell.row == 2] == [0, 1, 2, 3]


def test_a_table_without_any_rule_is_aligned_by_white_space() -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, 90, 80, ["二、主动公开政府信息情况"])
        table(canvas, 70, 100, WIDTHS, FORM[1:], across=False, down=False)
        lines(canvas, 90, 300, ["三、其他"])

    blocks = read_pdf(pdf(draw))
    (grid,) = grids(blocks)
    assert grid.borders is Borders.ALIGNED
    assert rows(grid)[1] == ["规章", "0", "12", "345"]
    assert paragraphs(blocks) == ["二、主动公开政府信息情况", "三、其他"]
    assert "pdf.aligned_table" in blocks.notes


def test_numbers_side_by_side_in_one_drawn_cell_are_parted_and_the_doubt_is_told() -> None:
    def draw(canvas: Canvas) -> None:
        table(canvas, 70, 100, (150.0, 210.0), [["规章", ""], ["规范性文件", ""], ["合计", ""]])
        for row, numbers in enumerate((("20", "7", "12"), ("3", "0", "5"), ("23", "7", "17"))):
            for column, number in enumerate(numbers):
                write(canvas, 240 + 70 * column, 114 + 22 * row, number, 9)

    blocks = read_pdf(pdf(draw), reader="fast")
    (grid,) = grids(blocks)
    assert grid.borders is Borders.ALIGNED
    assert rows(grid) == [["规章", "20", "7", "12"], ["规范性文件", "3", "0", "5"], ["合计", "23", "7", "17"]]
    assert "pdf.crowded_cells" in blocks.notes


def test_wrapped_lines_are_one_paragraph_and_indents_begin_a_new_one() -> None:
    blocks = read_pdf(pdf(lambda canvas: lines(canvas, 70, 100, PROSE)))
    assert paragraphs(blocks) == [PROSE[0].strip() + PROSE[1], PROSE[2].strip()]
    assert offsets_hold(blocks)


def test_a_paragraph_goes_on_over_the_page() -> None:
    filler = ["    这里是一段比较长的说明文字，用来把整页的行都写到右边的边缘处，", "这里是它的末行。"] * 10

    def first(canvas: Canvas) -> None:
        lines(canvas, 70, 100, [*filler, PROSE[0]])
        write(canvas, 280, 810, "— 1 —", 10)

    blocks = read_pdf(pdf(first, lambda canvas: lines(canvas, 70, 100, PROSE[1:])))
    assert PROSE[0].strip() + PROSE[1] in paragraphs(blocks)


def test_a_number_that_may_be_broken_between_lines_is_told() -> None:
    text = ["    全年通过门户网站等各种渠道主动公开的各类政府信息一共是12", "34条。", "    第二段。"]
    blocks = read_pdf(pdf(lambda canvas: lines(canvas, 70, 100, text)))
    assert "pdf.broken_number" in blocks.notes


def test_two_columns_are_read_one_after_the_other() -> None:
    left = [f"左栏第{n}行的文字写满了整个栏目宽度" for n in "一二三四五六七八"]
    right = [f"右栏第{n}行的文字写满了整个栏目宽度" for n in "一二三四五六七八"]

    def draw(canvas: Canvas) -> None:
        write(canvas, 200, 70, "某局政府信息公开年度报告", 16)
        lines(canvas, 60, 120, left)
        lines(canvas, 320, 120, right)

    text = "".join(paragraphs(read_pdf(pdf(draw))))
    assert text == "某局政府信息公开年度报告" + "".join(left) + "".join(right)


def test_columns_whose_lines_do_not_stand_level_are_read_one_after_the_other() -> None:
    left = [f"左栏第{mark}行的文字写到栏边" for mark in "一二三四五六七"]
    right = [f"右栏第{mark}行的文字写到栏边" for mark in "一二三四五六七"]

    def draw(canvas: Canvas) -> None:
        write(canvas, 70, 90, "甲市政府信息公开工作报告", 16)
        lines(canvas, 70, 130, left, pitch=20)
        lines(canvas, 320, 101, right, pitch=20)

    text = "".join(paragraphs(read(pdf(draw))))
    assert text.index("工作报告") < text.index(left[0]) < text.index(left[-1]) < text.index(right[0])


def test_a_table_in_one_column_does_not_part_the_lines_of_the_other() -> None:
    left = [f"左栏第{mark}行的文字写到栏边，" for mark in "一二三四五六七八九"]

    def draw(canvas: Canvas) -> None:
        lines(canvas, 70, 100, left, pitch=20)
        table(canvas, 320, 95, [90, 60, 60], [["信息内容", "本年", "上年"], ["规章", "3", "5"]] * 4)
        write(canvas, 320, 95 + 8 * 22 + 30, "右栏表格下面的文字写到栏边")

    text = read(pdf(draw)).text
    assert text.index(left[0]) < text.index(left[-1]) < text.index("信息内容") < text.index("右栏表格")


def test_bold_faked_by_printing_twice_is_read_once() -> None:
    def draw(canvas: Canvas) -> None:
        table(canvas, 70, 100, WIDTHS, FORM)
        table(canvas, 70.3, 100, WIDTHS, FORM)

    assert rows(grids(read_pdf(pdf(draw)))[0]) == PRINTED


def test_a_running_head_is_read_once() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, 200, 40, "某局年度报告", 10)
        lines(canvas, 70, 120, PROSE)

    assert paragraphs(read_pdf(pdf(draw, draw, draw))).count("某局年度报告") == 1


def test_a_row_of_figures_at_the_edge_of_a_page_is_no_page_number() -> None:
    def first(canvas: Canvas) -> None:
        lines(canvas, 70, 120, PROSE)

    def second(canvas: Canvas) -> None:
        for column in range(15):
            write(canvas, 60 + 32 * column, 60, "0", 9)
        lines(canvas, 70, 120, PROSE)
        write(canvas, 70, 800, "57", 9)

    blocks = read_pdf(pdf(first, second))
    assert rows(grids(blocks)[0]) == [["0"] * 15]
    assert "57" in paragraphs(blocks)


def test_page_frames_and_underlines_are_no_tables() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rect(40, 40, WIDTH - 80, HEIGHT - 80)
        lines(canvas, 70, 100, PROSE)
        canvas.line(70, HEIGHT - 103, 300, HEIGHT - 103)

    blocks = read_pdf(pdf(draw))
    assert grids(blocks) == []
    assert len(paragraphs(blocks)) == 2


def test_both_readers_find_the_same() -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, 70, 60, PROSE)
        table(canvas, 70, 160, WIDTHS, FORM)

    data = pdf(draw)
    assert read_pdf(data, reader="pdfplumber").text == read_pdf(data, reader="fast").text


def _scan(share: float = 1.0) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT))
    from reportlab.lib.utils import ImageReader

    canvas.drawImage(ImageReader(Image.new("L", (60, 80), 230)), 0, 0, WIDTH, HEIGHT * share)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@pytest.mark.skipif(available(), reason="the OCR extra is installed: pictures are read, not refused")
def test_a_scan_needs_ocr_and_is_never_zeros() -> None:
    with pytest.raises(ReadError) as trouble:
        read(_scan())
    assert trouble.value.code == "read.needs_ocr"


def test_a_locked_pdf_is_told() -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt=StandardEncryption("secret", strength=128))
    canvas.drawString(100, 100, "x")
    canvas.showPage()
    canvas.save()
    with pytest.raises(ReadError) as trouble:
        read(buffer.getvalue())
    assert trouble.value.code == "read.encrypted"


def test_a_cut_pdf_is_told_and_worth_another_try() -> None:
    data = pdf(lambda canvas: table(canvas, 70, 100, WIDTHS, FORM) and None)
    with pytest.raises(ReadError) as trouble:
        read(data[: len(data) // 2])
    assert trouble.value.code == "read.truncated"
    assert trouble.value.recoverable


def test_a_later_part_that_is_cut_is_told_too() -> None:
    data = pdf(lambda canvas: table(canvas, 70, 100, WIDTHS, FORM) and None)
    assert grids(read(data + b"\n<!-- a server's note -->\n"))
    with pytest.raises(ReadError) as trouble:
        read(data + b"\n12 0 obj\n<< /Length 90 >>\nstream\nBT (")
    assert trouble.value.code == "read.truncated"


def test_a_broken_pdf_is_told() -> None:
    with pytest.raises(ReadError) as trouble:
        read(b"%PDF-1.4\nnothing of a pdf here\n%%EOF")
    assert trouble.value.code == "read.damaged"


def test_too_many_pages_are_refused() -> None:
    document = pdfium.PdfDocument.new()
    for _ in range(405):
        document.new_page(200, 200)
    buffer = io.BytesIO()
    document.save(buffer)
    with pytest.raises(ReadError) as trouble:
        read(buffer.getvalue())
    assert trouble.value.code == "read.limit.pages"


def test_a_pdf_with_a_title_alone_is_empty() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont(FONT, 16)
        canvas.drawString(100, 700, "甲局2021年政府信息公开工作年度报告")

    with pytest.raises(ReadError) as trouble:
        read(pdf(draw))
    assert trouble.value.code == "read.empty_body"
