"""Text that leans (an italic made by skewing, as for Chinese fonts) is read; text that runs askew is left out."""

from __future__ import annotations

import math

import pytest
from reportlab.pdfgen.canvas import Canvas

from tasks.read.pdf import read_pdf
from tests.read.drawing import FONT, HEIGHT, WIDTH, pdf, table, write
from tests.read.looking import grids, paragraphs

_LEANS = [-0.2126, 0.05, 0.1, 0.2126, 1 / 3, 0.5]


def _leaning(canvas: Canvas, x: float, top: float, text: str, lean: float, size: float = 12) -> None:
    drawn = canvas.beginText()
    drawn.setTextTransform(1, 0, lean, 1, x, HEIGHT - top)
    drawn.setFont(FONT, size)
    drawn.textOut(text)
    canvas.drawText(drawn)


def _askew(canvas: Canvas, text: str, degrees: float) -> None:
    turn = math.radians(degrees)
    drawn = canvas.beginText()
    drawn.setTextTransform(math.cos(turn), math.sin(turn), -math.sin(turn), math.cos(turn), 150, 300)
    drawn.setFont(FONT, 40)
    drawn.textOut(text)
    canvas.drawText(drawn)


def _prose(lean: float, reader: str, turn: int) -> list[str]:
    def draw(canvas: Canvas) -> None:
        if turn == 90:
            canvas.translate(WIDTH, 0)
        elif turn == 180:
            canvas.translate(WIDTH, HEIGHT)
        elif turn == 270:
            canvas.translate(0, HEIGHT)
        canvas.rotate(turn)
        if turn in (90, 270):
            canvas.translate(0, WIDTH - HEIGHT)
        write(canvas, 60, 60, "年度报告正文第一行，全部直立书写。")
        _leaning(canvas, 60, 100, "全年新收申请 12 34 件，其中 5 件斜体。", lean)
        write(canvas, 60, 140, "直立")
        _leaning(canvas, 84, 140, "78", lean)
        _leaning(canvas, 99, 140, "90", lean)
        write(canvas, 114, 140, "直立")

    return paragraphs(read_pdf(pdf(draw), reader=reader))


@pytest.mark.parametrize("lean", _LEANS)
@pytest.mark.parametrize(
    ("reader", "turn"), [("fast", 0), ("fast", 90), ("fast", 180), ("fast", 270), ("pdfplumber", 0)]
)
def test_leaning_letters_are_read_as_upright_ones(reader: str, turn: int, lean: float) -> None:
    upright = _prose(0, reader, turn)
    assert [text for text in upright if "申请 12 34 件" in text and "78 90" in text]
    assert _prose(lean, reader, turn) == upright


@pytest.mark.parametrize("lean", _LEANS)
def test_leaning_figures_stand_in_their_cells(lean: float) -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, 60, 60, "年度报告正文第一行，全部直立书写。")
        table(canvas, 60, 100, [120, 60, 60], [["项目", "数量", "金额"], ["合计", "", ""]])
        _leaning(canvas, 182, 137, "1234", lean, 9)
        _leaning(canvas, 242, 137, "56.70", lean, 9)

    (grid,) = grids(read_pdf(pdf(draw)))
    assert [cell.text for cell in grid.cells if cell.row == 1] == ["合计", "1234", "56.70"]


@pytest.mark.parametrize("degrees", [20, 30, 45, 60, -35])
def test_what_runs_askew_belongs_to_no_line(degrees: float) -> None:
    def draw(canvas: Canvas) -> None:
        for number in range(12):
            write(canvas, 60, 60 + 40 * number, f"第{number}行正文，全部直立书写，共计100件。")
        _askew(canvas, "内部 2021 水印", degrees)

    text = "".join(paragraphs(read_pdf(pdf(draw))))
    assert "水" not in text
    assert "2021" not in text
    assert text.count("100件") == 12
