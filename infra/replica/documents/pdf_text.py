"""Measuring, wrapping and drawing Chinese text on a PDF canvas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from importlib.util import find_spec

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from infra.replica.documents.quirks import PdfQuirks

# Adobe's simplified Chinese CID font: every PDF reader knows its character map, nothing is embedded.
SONG = "STSong-Light"
# 文泉驿微米黑, a free TrueType font that a package of fonts carries; embedded as a subset, like Word does.
HEI = "WenQuanYiMicroHei"
HEI_PACKAGE, HEI_FILE = "paperang_p2_fonts_cjk", "fonts/wqy-microhei.ttc"
TIMES = "Times-Roman"
_HANGING = "，。、；：？！）】》”％"  # may not begin a line
_RUN = re.compile(r"[0-9A-Za-z.,%+\-]+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Face:
    """The two fonts of a print: Chinese, and digits with Latin letters."""

    chinese: str = SONG
    latin: str = SONG

    def of(self, piece: str) -> str:
        return self.latin if piece[0].isascii() and piece[0] != " " else self.chinese


@cache
def embeddable() -> bool:
    """True when the package with the embeddable font is installed."""
    return find_spec(HEI_PACKAGE) is not None


@cache
def _register(font: str) -> None:
    if font == SONG:
        pdfmetrics.registerFont(UnicodeCIDFont(SONG))
    elif font == HEI:
        with as_file(files(HEI_PACKAGE).joinpath(HEI_FILE)) as path:
            pdfmetrics.registerFont(TTFont(HEI, str(path), subfontIndex=0))


def face_of(look: PdfQuirks) -> Face:
    """The fonts of a layout. Without the font package everything is printed with the CID font."""
    chinese = HEI if look.font == "embedded" and embeddable() else SONG
    _register(chinese)
    return Face(chinese, TIMES if look.latin == "times" else chinese)


@cache
def _width(piece: str, font: str) -> float:
    """Width at size 1 of a character or of a run of digits."""
    _register(font)
    return float(pdfmetrics.stringWidth(piece, font, 1.0))


def width(text: str, size: float, face: Face) -> float:
    """Width of a text in points."""
    return size * sum(_width(piece, face.of(piece)) for piece in _RUN.findall(text))


def wrap(text: str, room: float, size: float, face: Face, *, indent: float = 0.0) -> list[str]:
    """Lines of a paragraph: breaks between any two Chinese characters, not inside a number, punctuation hangs."""
    lines: list[str] = []
    line, used = "", indent
    for piece in _RUN.findall(text):
        need = size * _width(piece, face.of(piece))
        if used + need > room and line and not (piece in _HANGING and used + need < room + size * 1.1):
            lines.append(line)
            line, used = "", 0.0
            if piece == " ":
                continue
        line += piece
        used += need
    return [*lines, line] if line or not lines else lines


def _runs(text: str, face: Face) -> Iterator[tuple[str, str]]:
    if face.latin == face.chinese:
        yield face.chinese, text
        return
    for match in re.finditer(r"[\x21-\x7e]+|[^\x21-\x7e]+", text):
        yield face.of(match.group()), match.group()


def draw(canvas: Canvas, x: float, y: float, text: str, size: float, face: Face, *, spacing: float = 0.0) -> None:
    """A line of text with its baseline at y; `spacing` points are added after each character.

    A Chinese character on its own in the CID font gets a blank behind it: where no Chinese font is installed, pdfium
    gives a single character no width and drops it, and documents must read alike on every machine.
    """
    for font, run in _runs(text, face):
        pen = canvas.beginText(x, y)
        pen.setFont(font, size)
        if spacing:
            pen.setCharSpace(spacing)
        pen.textOut(f"{run} " if font == SONG and len(run) == 1 and not run.isascii() else run)
        canvas.drawText(pen)
        x += width(run, size, face) + spacing * len(run)


def draw_sunken(canvas: Canvas, x: float, y: float, text: str, size: float, face: Face) -> None:
    """A number whose decimal point is set apart, lower than its digits, as some typesetters do."""
    whole, _, fraction = text.partition(".")
    draw(canvas, x, y, whole, size, face)
    x += width(whole, size, face)
    draw(canvas, x, y - size * 0.45, ".", size, face)
    draw(canvas, x + width(".", size, face), y, fraction, size, face)
