"""What lies on a PDF page: runs of text with their baselines, ruling lines, pictures. On pypdfium2, for speed.

Coordinates are points from the top left corner of the page as it is shown (rotation applied, crop box taken off).
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import compress, groupby, islice
from operator import gt, sub
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from tasks.read.pdf import calls
from tasks.read.pdf.runs import HYPHEN, NOTHING, Run, gather
from tasks.read.pdf.shapes import Line, read_shapes

_SMALLEST, _LARGEST = 3.0, 48.0  # points: heights of font boxes that are taken as they are
_WIDE_WORD = re.compile("[\u2e80-\U0010ffff][\u2e80-\ufa6d]{3,}")  # characters that all have one width
_CONTROL = re.compile(f"(?!{HYPHEN})[\0-\x1f]")
_DEGREES = 57.29578  # in one radian
_STRAIGHT = 0.5  # degrees by which letters may lean and count as upright
_UPRIGHT = 4.0  # degrees by which a crooked scan's text may be off


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
    page = calls.ready(calls.address(handle))
    text = _CONTROL.sub(NOTHING, _letters(handle, count))
    letters = list(text)
    numbers = calls.font_boxes(page, count)
    x0s, highs, x1s, lows = numbers[0::4], numbers[1::4], numbers[2::4], numbers[3::4]
    heights = list(map(sub, highs, lows))
    for index in [index for index, height in enumerate(heights) if not _SMALLEST < height < _LARGEST]:
        letter, height = letters[index], heights[index]
        if letter <= " " and height < 0.01 and x1s[index] - x0s[index] < 0.01:
            letters[index] = NOTHING  # a blank or line end that pdfium made up
        elif letter != NOTHING:
            # pdfium does not scale the font box of vertical writing.
            x0s[index], x1s[index], lows[index], highs[index] = _drawn(handle, index)
            heights[index] = highs[index] - lows[index]
    if frame.angle == 0:
        _straighten(page, x0s, x1s, lambda index: _reach(lows[index], highs[index], calls.origin_of(page, index)[1]))
        words = dict(_even_out(*word.span(), x0s, x1s, lows, highs) for word in _WIDE_WORD.finditer(text))
        bases = _baselines(page, letters, lows, frame.top)
        if frame.left != 0:
            x0s, x1s = ([x - frame.left for x in xs] for xs in (x0s, x1s))
        found = gather(letters, x0s, x1s, bases, heights, words)
    else:
        boxes = [frame.box(*box) for box in zip(x0s, lows, x1s, highs, strict=True)]
        bases = _turned_baselines(page, letters, frame)
        lefts, tops, rights, bottoms = ([box[side] for box in boxes] for side in range(4))
        _straighten(
            page, lefts, rights, lambda index: _reach(-bottoms[index], -tops[index], -bases[index]), turned=True
        )
        found = gather(letters, lefts, rights, bases, map(sub, bottoms, tops))
    layer.runs, layer.characters, layer.unmapped = found


def _straighten(
    page: Any,
    lefts: list[float],
    rights: list[float],
    reach: Callable[[int], tuple[float, float]],
    turned: bool = False,
) -> None:
    """Puts the boxes of letters that lean, as an italic made by skewing does, where they stand on their baseline.

    Their boxes reach over their neighbours, so that gaps between numbers would close. Only where boxes overlap are
    letters asked whether they lean, and only on a page where one does all of them. `reach` tells how far the box of a
    character goes above its baseline, from where to where.
    """
    over = compress(range(len(lefts)), map(gt, rights, islice(lefts, 1, None)))
    if not any(_lean(page, index, turned) for index in over):
        return
    for index in range(len(lefts)):
        if lean := _lean(page, index, turned):
            at_foot, at_head = (lean * height for height in reach(index))
            lefts[index] -= min(at_foot, at_head)
            rights[index] -= max(at_foot, at_head)


def _reach(foot: float, head: float, base: float) -> tuple[float, float]:
    return foot - base, head - base


def _lean(page: Any, index: int, turned: bool) -> float:
    """How far a character leans forward over its baseline, as a tangent; 0 for one that does not, or stands askew."""
    if not turned and not _is_off(calls.angle_of(page, index), _STRAIGHT):  # the angle tells nothing of turned ones
        return 0.0
    a, b, c, d = calls.axes_of(page, index)
    area = a * d - b * c
    if not area or _is_off(math.atan2(b, a), _UPRIGHT):
        return 0.0
    lean = (a * c + b * d) / area
    return lean if abs(lean) > math.tan(_STRAIGHT / _DEGREES) else 0.0


def _even_out(
    start: int, end: int, x0s: list[float], x1s: list[float], lows: list[float], highs: list[float]
) -> tuple[int, int]:
    """Puts wide characters that follow each other at equal steps from the first to the last one with the same box.

    Returns the first one of them and the last; the end twice where there are none.

    Between its made-up blanks pdfium's text is unbroken; a box is widened where its glyph draws beyond its own width.
    """
    last = end - 1
    low, high, right = lows[last], highs[last], x0s[last]
    if high not in highs[start : end - 3]:
        return end, end
    for first in range(start, end - 3):
        if highs[first] == high and lows[first] == low:
            left = x0s[first]
            size = x1s[first] - left
            step = (right - left) / (last - first)
            if 0.95 * size < step < 1.1 * size:
                x0s[first + 1 : end] = [left + step * number for number in range(1, end - first)]
                x1s[first + 1 : end] = [x + size for x in x0s[first + 1 : end]]
                return first, last
    return end, end


def _baselines(page: Any, letters: list[str], lows: list[float], top: float) -> list[float]:
    """The baseline of each character of an upright page; characters that stand askew are left out.

    Those that follow each other with one lower edge of their font boxes stand on one baseline. (Upper edges tell less:
    pdfium raises them to what a glyph draws.)
    """
    bases: list[float] = []
    base, known = 0.0, math.nan
    start = 0
    for low, members in groupby(lows):
        end = start + len(list(members))
        if low != known:
            first = _first(letters, start, end)
            if first is not None and _is_slanted(page, first):
                _leave_out_slanted(page, letters, range(start, end))
                first = _first(letters, start, end)
            if first is not None:
                base, known = top - calls.origin_of(page, first)[1], low
        bases += [base] * (end - start)
        start = end
    return bases


def _first(letters: list[str], start: int, end: int) -> int | None:
    """The first of these characters that is not left out."""
    if letters[start] != NOTHING:
        return start
    return next((index for index in range(start, end) if letters[index] != NOTHING), None)


def _turned_baselines(page: Any, letters: list[str], frame: _Frame) -> list[float]:
    """The same for a page whose text is turned."""
    _leave_out_slanted(page, letters, range(len(letters)))
    return [
        0.0 if letter == NOTHING else frame.point(*calls.origin_of(page, index))[1]
        for index, letter in enumerate(letters)
    ]


def _leave_out_slanted(page: Any, letters: list[str], indices: Iterable[int]) -> None:
    for index in indices:
        if letters[index] != NOTHING and _is_slanted(page, index):
            letters[index] = NOTHING


def _is_slanted(page: Any, index: int) -> bool:
    """Whether a character stands askew, as those of watermarks across the page do; its digits belong to no line.

    An italic that is made by skewing an upright font, as for most Chinese ones, leans over a line that is straight.
    """
    if not _is_off(calls.angle_of(page, index), _UPRIGHT):
        return False
    across, along, *_ = calls.axes_of(page, index)
    return _is_off(math.atan2(along, across), _UPRIGHT)


def _is_off(angle: float, by: float) -> bool:
    """Whether an angle in radians is off the quarter turns by more than some degrees."""
    return by < angle * _DEGREES % 90 < 90 - by


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
    where = calls.ready(calls.address(handle))
    for index in range(0, count, max(1, count // 40)):
        if calls.is_made_up(where, index) == 1:
            continue
        degrees = -calls.angle_of(where, index) * _DEGREES  # pdfium gives radians, clockwise
        turns[round(degrees / 90) * 90 % 360] += 1
    best = max(turns, key=lambda turn: turns[turn])
    return best if turns[best] else page.get_rotation()
