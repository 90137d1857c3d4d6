"""Ruling lines in the shapes they really come in, and runs of text cut and joined by position."""

from __future__ import annotations

import pytest
from reportlab.pdfgen.canvas import Canvas

from schemas.blocks import Borders
from schemas.errors import ReadError
from tasks.read.pdf import read_pdf
from tasks.read.pdf.arrange import lines_of, split_at
from tasks.read.pdf.lattice import Lattice, lattices_of, merged, ruled
from tasks.read.pdf.prose import join
from tasks.read.pdf.runs import Run
from tasks.read.pdf.shapes import Line
from tests.read.drawing import HEIGHT, WIDTH, pdf, table, write
from tests.read.looking import grids, paragraphs, rows
from tests.read.test_pdf import FORM, PRINTED, WIDTHS


def run(text: str, x: float, base: float, em: float = 10.0, blank: bool = False) -> Run:
    widths = [em if char >= "\u2e80" else em / 2 for char in text]
    xs = [x + sum(widths[:i]) for i in range(len(text))]
    ends = [x + sum(widths[: i + 1]) for i in range(len(text))]
    return Run(x, ends[-1], base, em, text, tuple(xs), tuple(ends), blank)


def shape(lattice: Lattice) -> list[tuple[int, int, int, int]]:
    return [(area.row, area.column, area.row_span, area.column_span) for area in lattice.areas]


def box(columns: list[float], heights: list[float]) -> tuple[list[Line], list[Line]]:
    across = [Line(y, columns[0], columns[-1]) for y in heights]
    down = [Line(x, heights[0], heights[-1]) for x in columns]
    return across, down


def test_pieces_of_one_line_are_one_and_double_rules_too() -> None:
    pieces = [Line(100, 0, 50), Line(100.4, 51, 90), Line(102, 0, 90), Line(100, 99, 120)]
    assert [(round(line.at), line.start, line.end) for line in merged(pieces)] == [(101, 0, 90), (101, 99, 120)]


def test_a_missing_wall_joins_two_cells() -> None:
    across, down = box([0, 50, 100], [0, 20, 40])
    down[1] = Line(50, 20, 40)
    (lattice,) = lattices_of(across, down)
    assert shape(lattice) == [(0, 0, 1, 2), (1, 0, 1, 1), (1, 1, 1, 1)]
    assert lattice.whole


def test_cells_that_are_no_rectangle_are_told() -> None:
    across, down = box([0, 50, 100], [0, 20, 40])
    down[1] = Line(50, 20, 40)
    across[1] = Line(20, 50, 100)
    (lattice,) = lattices_of(across, down)
    assert not lattice.whole


def test_open_sides_are_closed_where_the_rules_end() -> None:
    across, down = box([0, 50, 100, 150], [0, 20, 40])
    (lattice,) = lattices_of(across, down[1:-1])
    assert (lattice.columns, lattice.rows, lattice.whole) == (3, 2, True)


def test_a_table_open_at_the_page_break_keeps_its_last_row() -> None:
    across, down = box([0, 50, 100], [0, 20, 40])
    (lattice,) = lattices_of(across[:2], down)
    assert (lattice.rows, lattice.open_top, lattice.open_bottom) == (2, False, True)


def test_a_table_whose_lines_bound_no_cell_is_refused_by_name() -> None:
    with pytest.raises(ReadError) as told:
        ruled([Line(10.0, 0.0, 50.0), Line(11.0, 0.0, 50.0)], [Line(0.0, 10.0, 11.0), Line(50.0, 10.0, 11.0)])
    assert told.value.code == "read.damaged"


def test_a_frame_around_a_table_is_no_table() -> None:
    across, down = box([0, 50, 100], [100, 120, 140])
    frame_across, frame_down = box([-40, 200], [20, 500])
    found = lattices_of([*across, *frame_across], [*down, *frame_down])
    assert [len(lattice.areas) for lattice in found] == [4]


def test_a_drawing_of_thousands_of_lines_is_no_table_and_takes_no_time() -> None:
    lines = [Line(float(n * 4), 0.0, 9000.0) for n in range(2000)]
    assert lattices_of(lines, lines) == []


def test_blanks_show_where_they_are_meant() -> None:
    spread = [run("邮", 0, 10), run("编", 15, 10), run("：", 30, 10), run("223100", 45, 10)]
    assert lines_of(spread)[0].text == "邮编：223100"
    assert lines_of([run("annual", 0, 10), run("report", 33, 10)])[0].text == "annual report"
    assert lines_of([run("12", 0, 10), run("34", 14, 10)])[0].text == "12 34"
    assert lines_of([run("2021", 0, 10, blank=True), run("年", 22.5, 10)])[0].text == "2021 年"


@pytest.mark.parametrize("drop", [-6.0, 3.0, 6.0])
def test_a_stray_point_finds_its_number(drop: float) -> None:
    digits = [run("96171", 0, 10), run("6", 28, 10), run("下一行的文字", 0, 24)]
    lines = lines_of([*digits, run(".", 25, 10 + drop)])
    assert [line.text for line in lines] == ["96171.6", "下一行的文字"]


def test_a_run_over_a_wall_is_cut_there() -> None:
    assert [part.text for part in split_at(run("0123", 0, 10), [10.0])] == ["01", "23"]


def test_wrapped_lines_join_as_their_scripts_do() -> None:
    assert join("公开政府", "信息") == ("公开政府信息", False)
    assert join("annual", "report") == ("annual report", False)
    assert join("共12", "34条") == ("共1234条", True)
    assert join("共12", "条") == ("共12条", False)


def test_dashed_rules_bound_cells() -> None:
    def draw(canvas: Canvas) -> None:
        for y in (100, 130, 160):
            for x in range(70, 370, 6):
                canvas.line(x, HEIGHT - y, x + 4.5, HEIGHT - y)
        for x in (70, 220, 370):
            for y in range(100, 160, 6):
                canvas.line(x, HEIGHT - y, x, HEIGHT - y - 4.5)
        for row, (label, number) in enumerate((("规章", "12"), ("许可", "34"))):
            write(canvas, 100, 120 + 30 * row, label, 9)
            write(canvas, 280, 120 + 30 * row, number, 9)

    (grid,) = grids(read_pdf(pdf(draw)))
    assert (rows(grid), grid.borders) == ([["规章", "12"], ["许可", "34"]], Borders.RULED)


def test_a_table_inside_a_form_object_is_read_at_its_place() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.beginForm("inner")
        table(canvas, 70, 100, WIDTHS, FORM)
        canvas.endForm()
        canvas.saveState()
        canvas.translate(0, -60)
        canvas.scale(0.9, 0.9)
        canvas.doForm("inner")
        canvas.restoreState()

    (grid,) = grids(read_pdf(pdf(draw)))
    assert (rows(grid), grid.borders) == (PRINTED, Borders.RULED)


def test_a_crop_box_moves_the_corner_of_the_page() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setCropBox((50, 50, WIDTH, HEIGHT - 40))
        table(canvas, 70, 100, WIDTHS, FORM)

    (grid,) = grids(read_pdf(pdf(draw)))
    assert rows(grid) == PRINTED
    assert grid.place.box is not None
    assert (round(grid.place.box[0]), round(grid.place.box[1])) == (20, 60)


def test_coloured_header_cells_do_not_disturb() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFillColorRGB(0.8, 0.86, 0.95)
        canvas.rect(70, HEIGHT - 122, sum(WIDTHS), 22, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        table(canvas, 70, 100, WIDTHS, FORM)

    assert rows(grids(read_pdf(pdf(draw)))[0]) == PRINTED


def test_a_long_number_that_wraps_in_a_narrow_cell_is_one_cell() -> None:
    form: list[list[str | tuple[str, int, int] | None]] = [["采购总金额", "11,561,862,\n563.21"], ["其他", "0"]]
    (grid,) = grids(read_pdf(pdf(lambda canvas: table(canvas, 70, 100, (150, 52), form, row_height=30) and None)))
    assert rows(grid)[0] == ["采购总金额", "11,561,862,/563.21"]
    assert grid.borders is Borders.RULED


def test_headings_between_tables_of_rules_alone_stay_headings() -> None:
    def draw(canvas: Canvas) -> None:
        end = table(canvas, 70, 100, WIDTHS, FORM, down=False)
        write(canvas, 90, end + 22, "三、收到和处理政府信息公开申请情况")
        table(canvas, 70, end + 36, WIDTHS, FORM, down=False)

    blocks = read_pdf(pdf(draw))
    assert len(grids(blocks)) == 2
    assert paragraphs(blocks) == ["三、收到和处理政府信息公开申请情况"]
