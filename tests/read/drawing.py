"""Draws small PDFs for tests: text at given places, ruled tables with spans, in any orientation."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FONT = "STSong-Light"
WIDTH, HEIGHT = 595.0, 842.0
pdfmetrics.registerFont(UnicodeCIDFont(FONT))


def pdf(*pages: Callable[[Canvas], None], size: tuple[float, float] = (WIDTH, HEIGHT)) -> bytes:
    """A document whose pages are drawn by the given functions."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=size, invariant=True)
    for draw in pages:
        canvas.setFont(FONT, 12)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def write(canvas: Canvas, x: float, top: float, text: str, size: float = 12, height: float = HEIGHT) -> None:
    """Text with its baseline at `top` points below the page's upper edge."""
    canvas.setFont(FONT, size)
    canvas.drawString(x, height - top, text)


def lines(canvas: Canvas, x: float, top: float, texts: Sequence[str], pitch: float = 22, size: float = 12) -> None:
    for number, text in enumerate(texts):
        write(canvas, x, top + number * pitch, text, size)


Spanned = tuple[str, int, int]  # text, rows, columns


def table(
    canvas: Canvas,
    x: float,
    top: float,
    widths: Sequence[float],
    rows: Sequence[Sequence[str | Spanned | None]],
    *,
    row_height: float = 22,
    size: float = 9,
    across: bool = True,
    down: bool = True,
    bars: bool = False,
    open_bottom: bool = False,
) -> float:
    """A table; None marks a place that a cell from above or from the left covers. Returns where it ends."""
    edges = [x + sum(widths[:i]) for i in range(len(widths) + 1)]

    def stroke(x0: float, y0: float, x1: float, y1: float) -> None:
        if bars:
            canvas.rect(x0 - 0.3, HEIGHT - y1 - 0.3, x1 - x0 + 0.6, y1 - y0 + 0.6, stroke=0, fill=1)
        else:
            canvas.line(x0, HEIGHT - y0, x1, HEIGHT - y1)

    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if cell is None:
                continue
            text, height, width = cell if isinstance(cell, tuple) else (cell, 1, 1)
            x0, x1 = edges[c], edges[c + width]
            y0, y1 = top + r * row_height, top + (r + height) * row_height
            parts = text.split("\n")
            for number, part in enumerate(parts):
                middle = (y0 + y1) / 2 + (number - (len(parts) - 1) / 2) * size * 1.15
                canvas.setFont(FONT, size)
                canvas.drawCentredString((x0 + x1) / 2, HEIGHT - middle - 0.35 * size, part)
            last = r + height == len(rows)
            if across:
                stroke(x0, y0, x1, y0)
                if not (last and open_bottom):
                    stroke(x0, y1, x1, y1)
            if down:
                stroke(x0, y0, x0, y1)
                stroke(x1, y0, x1, y1)
    return top + len(rows) * row_height
