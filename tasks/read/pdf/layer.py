"""What lies on a PDF page: runs of text with their baselines, ruling lines, pictures. On pypdfium2, for speed.

Coordinates are points from the top left corner of the page as it is shown (rotation applied, crop box taken off).
"""

from __future__ import annotations

import ctypes
import math
import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from tasks.read.pdf import calls
from tasks.read.pdf.shapes import Line, read_shapes

_SMALLEST, _LARGEST = 3.0, 48.0  # points: heights of font boxes that are taken as they are
_WIDE_WORD = re.compile("[\u2e80-\ufa6d]{3,}")  # characters that all have the width of the one before
_DEGREES = 57.29578  # in one radian
_UPRIGHT = 4.0  # degrees by which a crooked scan's text may be off
_HYPHEN = "\x02"  # pdfium's mark for a hyphen at a line's end


class Run(NamedTuple):
    """Characters that follow each other on one baseline. `xs` are their left edges, `ends` their right ones."""

    x0: float
    x1: float
    base: float  # baseline, from the top
    em: float  # size of a full-width character
    text: str
    xs: tuple[float, ...]
    ends: tuple[float, ...]
    blank: bool = False  # the text layer has a blank behind it

    @property
    def middle(self) -> float:
        """Height of the middle of the characters."""
        return self.base - 0.36 * self.em


@dataclass(slots=True)
class Layer:
    """One page. `unmapped` counts characters without a usable Unicode value."""

    number: int
    width: float
    height: float
    runs: list[Run] = field(default_factory=list)
    across: list[Line] = field(default_factory=list)  # horizontal
    down: list[Line] = field(default_factory=list)  # vertical
    picture: float = 0.0  # share of the page that pictures cover
    characters: int = 0
    unmapped: int = 0


def layer_of(page: pdfium.PdfPage, number: int) -> Layer:
    """Reads one page, turned so that most of its text stands upright (whatever the page's own rotation says)."""
    textpage = page.get_textpage()
    try:
        count = raw.FPDFText_CountChars(textpage.raw)
        frame = _Frame(page, _main_angle(textpage.raw, count, page) if count > 0 else page.get_rotation())
        layer = Layer(number, frame.width, frame.height)
        if count > 0:
            _read_characters(textpage.raw, count, frame, layer)
    finally:
        textpage.close()
    read_shapes(page.raw, frame, layer)
    return layer


def upright_angle(page: pdfium.PdfPage) -> int:
    """How far the page is turned so that most of its text stands upright: 0, 90, 180 or 270 degrees."""
    textpage = page.get_textpage()
    try:
        count = raw.FPDFText_CountChars(textpage.raw)
        return _main_angle(textpage.raw, count, page) if count > 0 else page.get_rotation()
    finally:
        textpage.close()


class _Frame:
    """From PDF user space to the upright page. `angle` is how far the text is turned there, anticlockwise."""

    def __init__(self, page: pdfium.PdfPage, angle: int) -> None:
        self.angle = angle
        media, crop = page.get_mediabox(), page.get_cropbox()
        self.left, self.bottom = max(media[0], crop[0]), max(media[1], crop[1])
        self.right, self.top = min(media[2], crop[2]), min(media[3], crop[3])
        if self.right <= self.left or self.top <= self.bottom:
            self.left, self.bottom, self.right, self.top = media
        across, up = self.right - self.left, self.top - self.bottom
        self.width, self.height = (up, across) if angle in {90, 270} else (across, up)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point of user space on the upright page."""
        if self.angle == 0:
            return x - self.left, self.top - y
        if self.angle == 90:
            return y - self.bottom, x - self.left
        if self.angle == 180:
            return self.right - x, y - self.bottom
        return self.top - y, self.right - x

    def box(self, x0: float, low: float, x1: float, high: float) -> tuple[float, float, float, float]:
        """A box of user space as left, top, right, bottom on the upright page."""
        if self.angle == 0 and x0 <= x1 and low <= high:
            return x0 - self.left, self.top - high, x1 - self.left, self.top - low
        (ax, ay), (bx, by) = self.point(x0, low), self.point(x1, high)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def _read_characters(handle: Any, count: int, frame: _Frame, layer: Layer) -> None:
    letters = _letters(handle, count)
    where = calls.address(handle)
    box, point = calls.Buffer(ctypes.c_float, 4), calls.Buffer(ctypes.c_double, 2)
    box_place, x_place, y_place = box.places[0], *point.places
    font_box, read_box, origin_of = calls.font_box, box.read, calls.origin_of
    collector = RunCollector(layer)
    add = collector.add
    left, top, turned = frame.left, frame.top, frame.angle != 0
    last_low = last_high = base = math.nan
    skip = 0
    for index, letter in enumerate(letters):
        if index < skip or (letter < " " and letter != _HYPHEN):
            continue
        font_box(where, index, box_place)
        x0, high, x1, low = read_box()  # FS_RECTF: left, top, right, bottom
        if letter <= " " and x1 - x0 < 0.01 and high - low < 0.01:
            continue  # a blank or line end that pdfium made up
        if not _SMALLEST < high - low < _LARGEST:
            x0, x1, low, high = _drawn(handle, index)  # pdfium does not scale the font box of vertical writing
        if turned:
            if _is_slanted(where, index):
                continue
            origin_of(where, index, x_place, y_place)
            x0, upper, x1, lower = frame.box(x0, low, x1, high)
            base = frame.point(*point.read())[1]
            add(letter, x0, x1, base, lower - upper)
            continue
        if low != last_low or high != last_high:  # the same font box means the same baseline
            if _is_slanted(where, index):
                continue
            origin_of(where, index, x_place, y_place)
            base, last_low, last_high = top - point.read()[1], low, high
        taken = add(letter, x0 - left, x1 - left, base, high - low)
        if taken and letter >= "\u2e80":
            word = _WIDE_WORD.match(letters, index + 1)
            if word is not None:
                # Between its made-up blanks pdfium's text is unbroken: the last character tells where the others are.
                font_box(where, word.end() - 1, box_place)
                last_x0, last_top, _, last_bottom = read_box()
                size, length = x1 - x0, word.end() - index
                step = (last_x0 - x0) / (length - 1)
                if last_bottom == low and last_top == high and 0.95 * size < step < 1.1 * size:
                    collector.add_word(word.group(), x0 - left, step, size)
                    skip = word.end()
    collector.end()


def _is_slanted(where: int, index: int) -> bool:
    """Whether a character stands askew, as those of watermarks across the page do; its digits belong to no line."""
    angle: float = calls.angle_of(where, index)
    off = angle * _DEGREES % 90
    return _UPRIGHT < off < 90 - _UPRIGHT


def _drawn(handle: Any, index: int) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of what a character draws, widened to the square of a full-width character."""
    left, right, low, high = (ctypes.c_double() for _ in range(4))
    raw.FPDFText_GetCharBox(handle, index, left, right, low, high)
    size = max(right.value - left.value, high.value - low.value)
    return left.value, left.value + size, low.value, low.value + size


def _letters(handle: Any, count: int) -> str:
    """One character per index of the text page."""
    buffer = (ctypes.c_ushort * (count + 1))()
    got = raw.FPDFText_GetText(handle, 0, count, buffer)
    if got == count + 1:
        text = bytes(buffer)[: 2 * count].decode("utf-16-le", "surrogatepass")
        if len(text) == count:
            return text
    # Characters outside of the basic plane, or without a value: the indices no longer run in step.
    unicode = raw.FPDFText_GetUnicode
    return "".join(
        chr(code) if 0 < code < 0x110000 else "\ufffd" for code in (unicode(handle, i) for i in range(count))
    )


def _main_angle(handle: Any, count: int, page: pdfium.PdfPage) -> int:
    """How far most characters are turned in user space, anticlockwise: 0, 90, 180 or 270 degrees."""
    turns = {0: 0, 90: 0, 180: 0, 270: 0}
    where = calls.address(handle)
    for index in range(0, count, max(1, count // 40)):
        if calls.is_made_up(where, index) == 1:
            continue
        degrees = -calls.angle_of(where, index) * _DEGREES  # pdfium gives radians, clockwise
        turns[round(degrees / 90) * 90 % 360] += 1
    best = max(turns, key=lambda turn: turns[turn])
    return best if turns[best] else page.get_rotation()


class RunCollector:
    """Joins characters to runs as they come: the same baseline, one directly behind the other."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self._text: list[str] = []
        self._xs: list[float] = []
        self._ends: list[float] = []
        self._base = self._em = self._end = 0.0

    def add(self, letter: str, x0: float, x1: float, base: float, height: float) -> bool:
        """Takes the next character; `height` is that of its font box. False when it begins or continues no run."""
        if letter.isspace():
            # A blank of the text layer itself ends the run; whether it shows is told by the gap it leaves.
            if self._text:
                self.end(blank=True)
            return False
        width = x1 - x0
        if letter >= "\u2e80" and width > 0:
            em = width
        else:
            em = 0.8 * height
            if em < width:
                em = width
            elif em > 3.0 * width and width > 1.0:
                em = 3.0 * width
        self._layer.characters += 1
        if letter in "\ufffd\ufffe\uffff" or "\ue000" <= letter <= "\uf8ff":
            self._layer.unmapped += 1
        text = self._text
        if text:
            gap = x0 - self._end
            same_base = -0.08 * self._em < base - self._base < 0.08 * self._em
            if same_base and letter == text[-1] and x0 - self._xs[-1] < 0.2 * em:
                return False  # bold faked by printing the character again, a hair beside itself
            if not same_base or not -0.4 * self._em < gap < 0.18 * self._em:
                self.end()
        if not text:
            self._base, self._em = base, em
        elif em > self._em:
            self._em = em
        text.append("-" if letter == _HYPHEN else letter)
        self._xs.append(x0)
        self._ends.append(x1)
        self._end = x1
        return True

    def add_word(self, letters: str, x0: float, step: float, width: float) -> None:
        """Takes full-width characters that follow the last one, which stands at `x0`, at equal steps."""
        self._layer.characters += len(letters)
        self._layer.unmapped += sum("\ue000" <= letter <= "\uf8ff" for letter in letters)
        self._text.append(letters)
        self._xs.extend([x0 + step * number for number in range(1, len(letters) + 1)])
        self._ends.extend([x0 + step * number + width for number in range(1, len(letters) + 1)])
        self._end = self._ends[-1]

    def end(self, *, blank: bool = False) -> None:
        """Closes the run that is being built; `blank` says that the text layer has a blank behind it."""
        if not self._text:
            return
        text = "".join(self._text)
        self._layer.runs.append(
            Run(self._xs[0], self._end, self._base, self._em, text, tuple(self._xs), tuple(self._ends), blank)
        )
        self._text.clear()
        self._xs.clear()
        self._ends.clear()
