"""Lines of running text to logical paragraphs, and the order in which a page's parts are read.

A line starts a paragraph when it is indented, larger or set apart, when the line before it ended early, or when it
opens with a section mark (一、 or （一）). Wrapped lines join without a blank between wide characters.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from tasks.read.pdf.arrange import TextLine

_INDENT = 1.2  # em beyond the left margin that begins a paragraph
_EARLY = 2.3  # em before the right margin: what the rules for line ends can leave
_APART = 1.75  # times the usual distance of lines
_SIZE = 1.18  # times the size of the characters
_SECTION = re.compile(r"[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[)）]")
_GUTTER = 0.9  # em of white space that a gutter has at least
_GUTTER_LINES = 6  # lines on both sides of a gutter that make a page two columns
_MOST_GUTTERS = 4  # that are tried
_OVERLAP = 0.9  # em: baselines nearer than this belong to lines that overlap in height
_COLUMN_WIDTH = 9.0  # em: narrower text beside text is a table without lines, not a column


Box = tuple[float, float, float, float]


@dataclass(slots=True)
class Text:
    """A paragraph: its text and where its first lines stand."""

    text: str
    page: int
    box: tuple[float, float, float, float]
    size: float
    starts: bool = True  # its first line looks like the start of a paragraph, not like the rest of one
    open: bool = False  # its last line reaches the margin, so that it may go on
    broken_number: bool = False


@dataclass(slots=True)
class Margins:
    """Left and right edge of a column of text and the usual distance of its lines."""

    left: float
    right: float
    pitch: float
    lines: int  # that they were taken from
    em: float = 12.0  # usual size of the characters


def margins_of(lines: Sequence[TextLine]) -> Margins:
    """The margins that the lines of one column keep; the ends of full lines and the starts of wrapped ones."""
    em = median(line.em for line in lines)
    right = sorted(line.x1 for line in lines)[-max(1, len(lines) // 8)]
    lefts = sorted(line.x0 for line in lines)
    left = lefts[0]
    for x in lefts:  # the smallest start that more than one line has
        if sum(abs(other - x) < 0.4 * em for other in lefts) > 1:
            left = x
            break
    gaps = [b.base - a.base for a, b in pairwise(lines) if 0 < b.base - a.base < 4 * em]
    return Margins(left, right, median(gaps) if gaps else 1.6 * em, len(lines), em)


def paragraphs_of(lines: Sequence[TextLine], page: int, margins: Margins) -> list[Text]:
    """Logical paragraphs of lines that stand below each other in one column."""
    found: list[Text] = []
    before: TextLine | None = None
    for line in lines:
        if before is None or starts_paragraph(before, line, margins):
            box = (line.x0, line.top, line.x1, line.bottom)
            found.append(Text(line.text, page, box, line.em, starts=_opens(line, margins)))
        else:
            _append(found[-1], line)
        found[-1].open = margins.right - line.x1 < _EARLY * line.em and not _centred(line, margins)
        before = line
    return found


def starts_paragraph(before: TextLine, line: TextLine, margins: Margins) -> bool:
    em = max(before.em, line.em)
    if _goes_on_centred(before, line, margins):
        return False
    if _opens(line, margins) or margins.right - before.x1 > _EARLY * before.em + _first_word(line):
        return True
    if line.base - before.base > _APART * max(margins.pitch, 1.1 * em):
        return True
    return max(before.em, line.em) > _SIZE * min(before.em, line.em) and len(line.text) > 4 and len(before.text) > 4


def _goes_on_centred(before: TextLine, line: TextLine, margins: Margins) -> bool:
    """A title too long for its line: big characters, the first line full, the rest centred below it."""
    big = min(before.em, line.em) > _SIZE * margins.em and abs(before.em - line.em) < 0.05 * line.em
    full = before.x0 - margins.left < 2.5 * before.em and margins.right - before.x1 < 2.5 * before.em
    return big and full and line.base - before.base < 2.2 * line.em and _centred(line, margins)


def _first_word(line: TextLine) -> float:
    """Width of the number or Latin word that a line begins with: it went there whole, leaving room on the last line."""
    run = line.runs[0]
    length = next(
        (i for i, char in enumerate(run.text) if not (char.isascii() and (char.isalnum() or char in ".,%-"))), None
    )
    length = len(run.text) if length is None else length
    if not length or len(run.ends) < length:
        return 0.0
    return run.ends[length - 1] - run.x0


def _opens(line: TextLine, margins: Margins) -> bool:
    return line.x0 - margins.left > _INDENT * line.em or bool(_SECTION.match(line.text))


def _centred(line: TextLine, margins: Margins) -> bool:
    left, right = line.x0 - margins.left, margins.right - line.x1
    return left > 2 * line.em and abs(left - right) < 2 * line.em


def _append(text: Text, line: TextLine) -> None:
    joined, broken = join(text.text, line.text)
    text.text = joined
    text.broken_number = text.broken_number or broken
    x0, top, x1, _ = text.box
    text.box = (min(x0, line.x0), top, max(x1, line.x1), line.bottom)


def join(first: str, second: str) -> tuple[str, bool]:
    """Two pieces of a wrapped line as one text, and whether a number may be broken between them."""
    last, following = first[-1:], second[:1]
    if last.isdigit() and (following.isdigit() or following in ".,"):
        return first + second, True
    latin = last.isascii() and last.isalnum() and following.isascii() and following.isalnum()
    return (f"{first} {second}" if latin else first + second), False


def gutter_of(lines: Sequence[TextLine], boxes: Sequence[Box], width: float) -> float | None:
    """Where the white space between two columns of text runs, or None when the page shows only one column.

    `boxes` are those of the page's tables.
    """
    gaps: list[tuple[float, float, float]] = []
    for line in lines:
        for left, right in pairwise(line.runs):
            edge = right.x0 - 0.6 * line.em  # the right column's edge: the left one ends where its last line does
            if right.x0 - left.x1 > 1.2 * line.em and 0.25 * width < edge < 0.75 * width:
                gaps.append((left.x1, right.x0, edge))
    if len(gaps) < _GUTTER_LINES:
        return _gutter_between(lines, boxes, width)
    support = {
        gutter: sum(start < gutter < end for start, end, _ in gaps) for gutter in {round(edge) for _, _, edge in gaps}
    }
    best: float | None = None
    score = 0
    for gutter in sorted(support, key=lambda gutter: -support[gutter])[:_MOST_GUTTERS]:
        if support[gutter] < _GUTTER_LINES:
            break
        both, crossing, widths = _beside(lines, gutter)
        enough = both >= _GUTTER_LINES and both >= 2 * crossing and median(widths) >= _COLUMN_WIDTH
        if enough and both - 2 * crossing > score:
            best, score = float(gutter), both - 2 * crossing
    return best if best is not None else _gutter_between(lines, boxes, width)


def _gutter_between(lines: Sequence[TextLine], boxes: Sequence[Box], width: float) -> float | None:
    """A gutter between columns whose lines do not stand level: a title or blank lines moved one of them down.

    Lines that overlap in height with lines or tables on the other side of the gutter are seen in no page of one column.
    """
    edges = [line.x0 for line in lines] + [box[0] for box in boxes]
    starts = sorted(edge for edge in edges if 0.25 * width < edge < 0.75 * width)
    if not starts:
        return None
    gutter = starts[len(starts) // 8] - 0.6 * median(line.em for line in lines)
    both, crossing, widths = _beside(lines, gutter)
    left = sorted((line for line in lines if line.x1 <= gutter + 1), key=lambda line: line.base)
    right = [line for line in lines if line.x0 >= gutter - 1]
    bases = [line.base for line in left]
    for line in right:
        at = bisect_left(bases, line.base)
        near = [left[place] for place in (at - 1, at) if 0 <= place < len(left)]
        level = [other for other in near if abs(other.base - line.base) < _OVERLAP * min(other.em, line.em)]
        if level:
            both += 1
            widths.append(min(line.x1 - line.x0, *(other.x1 - other.x0 for other in level)) / line.em)
    for box in boxes:
        other_side = left if box[0] >= gutter - 1 else right if box[2] <= gutter + 1 else []
        level = [line for line in other_side if box[1] < line.base < box[3]]
        both += len(level)
        widths += [(line.x1 - line.x0) / line.em for line in level]
        crossing += box[0] < gutter - 1 and box[2] > gutter + 1 and any(box[1] < base < box[3] for base in bases)
    enough = both >= _GUTTER_LINES and both >= 2 * crossing and median(widths) >= _COLUMN_WIDTH
    return gutter if enough else None


def keeps_gutter(lines: Sequence[TextLine], gutter: float) -> bool:
    """Whether a page with little text has the columns that another page of the document showed."""
    both, crossing, _ = _beside(lines, gutter)
    return both > 0 and both >= crossing


def _beside(lines: Sequence[TextLine], gutter: float) -> tuple[int, int, list[float]]:
    """Lines with text on both sides of a gutter, lines across it, and the narrower side of the former in em."""
    both = crossing = 0
    widths: list[float] = []
    for line in lines:
        if crosses(line, gutter):
            crossing += 1
            continue
        left = sum(run.x1 - run.x0 for run in line.runs if run.x1 <= gutter + 1)
        right = sum(run.x1 - run.x0 for run in line.runs if run.x1 > gutter + 1)
        if left and right:
            both += 1
            widths.append(min(left, right) / line.em)
    return both, crossing, widths


def crosses(line: TextLine, gutter: float) -> bool:
    """Whether a line runs across a gutter: a character on it, or no more space there than between words."""
    if any(run.x0 < gutter - 1 and run.x1 > gutter + 1 for run in line.runs):
        return True
    return any(
        left.x1 <= gutter + 1 and right.x0 >= gutter - 1 and right.x0 - left.x1 < _GUTTER * line.em
        for left, right in pairwise(line.runs)
    )
