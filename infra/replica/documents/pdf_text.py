"""Measuring, wrapping and drawing Chinese text on a PDF canvas, with a built-in CID font (no font file needed)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

# Adobe's simplified Chinese CID font: every PDF reader knows its character map, nothing has to be embedded.
SONG = "STSong-Light"
TIMES = "Times-Roman"
_HANGING = "，。、；：？！）】》”％"  # may not begin a line
_RUN = re.compile(r"[0-9A-Za-z.,%+\-]+|.", re.DOTALL)


@cache
def _ready() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(SONG))


@cache
def _width(piece: str, latin: str) -> float:
    """Width at size 1 of a character or of a run of digits."""
    _ready()
    font = latin if piece[0].isascii() else SONG
    return float(pdfmetrics.stringWidth(piece, font, 1.0))


def font_of(latin: str) -> str:
    """The font of digits and Latin letters."""
    return TIMES if latin == "times" else SONG


def width(text: str, size: float, latin: str = SONG) -> float:
    """Width of a text in points."""
    return size * sum(_width(piece, latin) for piece in _RUN.findall(text))


def wrap(text: str, room: float, size: float, *, indent: float = 0.0, latin: str = SONG) -> list[str]:
    """Lines of a paragraph: breaks between any two Chinese characters, not inside a number, punctuation hangs."""
    lines: list[str] = []
    line, used = "", indent
    for piece in _RUN.findall(text):
        need = size * _width(piece, latin)
        if used + need > room and line and not (piece in _HANGING and used + need < room + size * 1.1):
            lines.append(line)
            line, used = "", 0.0
            if piece == " ":
                continue
        line += piece
        used += need
    return [*lines, line] if line or not lines else lines


def _runs(text: str, latin: str) -> Iterator[tuple[str, str]]:
    if latin == SONG:
        yield SONG, text
        return
    for match in re.finditer(r"[\x21-\x7e]+|[^\x21-\x7e]+", text):
        yield (latin if match.group()[0].isascii() and match.group()[0] != " " else SONG), match.group()


def draw(
    canvas: Canvas, x: float, y: float, text: str, size: float, *, latin: str = SONG, spacing: float = 0.0
) -> None:
    """A line of text with its baseline at y; `spacing` points are added after each character."""
    _ready()
    pen = canvas.beginText(x, y)
    if spacing:
        pen.setCharSpace(spacing)
    for font, run in _runs(text, latin):
        pen.setFont(font, size)
        pen.textOut(run)
    canvas.drawText(pen)


def draw_sunken(canvas: Canvas, x: float, y: float, text: str, size: float, *, latin: str = SONG) -> None:
    """A number whose decimal point is set apart, lower than its digits, as some typesetters do."""
    whole, _, fraction = text.partition(".")
    draw(canvas, x, y, whole, size, latin=latin)
    x += width(whole, size, latin)
    draw(canvas, x, y - size * 0.45, ".", size, latin=latin)
    draw(canvas, x + width(".", size, latin), y, fraction, size, latin=latin)
