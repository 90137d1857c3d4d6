"""Tables without ruling lines: rows by baseline, columns by what stands above each other.

Nothing drawn bounds these cells, so the grids are `Borders.ALIGNED`: numbers are parted by the white space between them,
and whether each stands in its column is for the equations of the form to prove.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.blocks import Cell, Place
from tasks.read.pdf.arrange import TextLine, text_line
from tasks.read.pdf.layer import Run

_PART = 0.9  # em of white space that parts two cells
_VALUE = re.compile(r"[-+－]?[\d０-９][\d０-９,，]*(?:[.．][\d０-９]+)?(?:万?元|件|条|个|项|次|%)?|[/／—–-]{1,3}")
_LEAST_ROWS = 3
_MOST_LABEL_LINES = 4  # wrapped lines of a label between two rows of numbers


@dataclass(frozen=True, slots=True)
class Row:
    """What stands side by side: segments from left to right."""

    segments: tuple[TextLine, ...]

    @property
    def values(self) -> int:
        return sum(bool(_VALUE.fullmatch(segment.text)) for segment in self.segments[1:])

    @property
    def top(self) -> float:
        return min(segment.top for segment in self.segments)

    @property
    def bottom(self) -> float:
        return max(segment.bottom for segment in self.segments)


def segments_of(line: TextLine) -> list[TextLine]:
    """A line cut where white space is wide enough to part cells."""
    groups: list[list[Run]] = [[line.runs[0]]]
    for left, right in zip(line.runs, line.runs[1:], strict=False):
        if right.x0 - left.x1 > _PART * max(left.em, right.em):
            groups.append([])
        groups[-1].append(right)
    return [text_line(group) for group in groups]


def tables_in(lines: Sequence[TextLine]) -> list[tuple[int, int]]:
    """Where tables stand among the lines of a column of text: half-open ranges of line numbers."""
    marks = [_is_row(line) for line in lines]
    found: list[tuple[int, int]] = []
    index = 0
    while index < len(lines):
        if not marks[index]:
            index += 1
            continue
        start, end, count, last = index, index + 1, 1, index
        while last + 1 < len(lines):
            following = next(
                (i for i in range(last + 1, min(last + 2 + _MOST_LABEL_LINES, len(lines))) if marks[i]), None
            )
            if following is None or not all(_may_be_label(line, lines[start]) for line in lines[last + 1 : following]):
                break
            last, end, count = following, following + 1, count + 1
        if count >= _LEAST_ROWS:
            start, end = _with_edges(lines, start, end)
            found.append((start, end))
        index = end
    return found


def _is_row(line: TextLine) -> bool:
    parts = segments_of(line)
    return len(parts) > 1 and any(_VALUE.fullmatch(part.text) for part in parts[1:])


def _may_be_label(line: TextLine, row: TextLine) -> bool:
    """A line between rows: part of a wrapped label, a header, or a caption; not a sentence across the page."""
    width = row.x1 - row.x0
    return line.x1 - line.x0 < 0.75 * width or len(segments_of(line)) > 1


def _with_edges(lines: Sequence[TextLine], start: int, end: int) -> tuple[int, int]:
    """Takes in header lines of several cells above the first row, and label ends that overlap the last."""
    while start > 0 and len(segments_of(lines[start - 1])) > 1:
        start -= 1
    while end < len(lines) and lines[end].top < lines[end - 1].bottom - 0.2 * lines[end].em:
        end += 1
    return start, end


def cells_from(lines: Sequence[TextLine], page: int, bands: Sequence[float] = ()) -> list[Cell]:
    """The cells of a table made of these lines. `bands` are the heights of ruling lines between its rows, if any."""
    rows = _rows(lines, bands)
    columns = _columns(rows)
    cells: list[Cell] = []
    for number, row in enumerate(rows):
        by_column: dict[int, list[TextLine]] = {}
        spans: dict[int, int] = {}
        for segment in row.segments:
            first, last = _reach(segment, columns)
            by_column.setdefault(first, []).append(segment)
            spans[first] = max(spans.get(first, 1), last - first + 1)
        column = 0
        while column < len(columns):
            here = by_column.get(column, [])
            here.sort(key=lambda segment: segment.base)
            span = spans.get(column, 1)
            while span > 1 and any(column + step in by_column for step in range(1, span)):
                span -= 1
            box = _box(here) if here else None
            text = "\n".join(segment.text for segment in here)
            cells.append(Cell(text, number, column, 1, span, Place(page, box, None, None, number, column)))
            column += span
    return cells


def _box(segments: Sequence[TextLine]) -> tuple[float, float, float, float]:
    return (
        min(segment.x0 for segment in segments),
        min(segment.top for segment in segments),
        max(segment.x1 for segment in segments),
        max(segment.bottom for segment in segments),
    )


def _rows(lines: Sequence[TextLine], bands: Sequence[float]) -> list[Row]:
    """Lines that overlap in height are one row (a number centred beside a wrapped label), and so is a ruled band."""
    groups: list[list[TextLine]] = []
    for line in sorted(lines, key=lambda line: line.base):
        if groups and _same_row(groups[-1], line, bands):
            groups[-1].append(line)
        else:
            groups.append([line])
    rows = []
    for group in groups:
        segments = [segment for line in group for segment in segments_of(line)]
        segments.sort(key=lambda segment: (segment.x0, segment.base))
        rows.append(Row(tuple(segments)))
    return rows


def _same_row(group: Sequence[TextLine], line: TextLine, bands: Sequence[float]) -> bool:
    last = group[-1]
    middle, before = line.base - 0.36 * line.em, last.base - 0.36 * last.em
    if any(before < band < middle for band in bands):
        return False
    if bands and bands[0] < before and middle < bands[-1]:
        # Within one ruled band: one row, unless numbers stand below numbers.
        return not (_has_value(line) and any(_has_value(other) for other in group))
    return line.top < last.bottom - 0.25 * min(line.em, last.em)


def _has_value(line: TextLine) -> bool:
    return any(_VALUE.fullmatch(segment.text) for segment in segments_of(line))


def _columns(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Where the columns stand: from the rows with most cells, then from those that fit in between."""
    most = max(len(row.segments) for row in rows)
    columns: list[tuple[float, float]] = []
    for count in range(most, 0, -1):
        for row in rows:
            if len(row.segments) != count:
                continue
            for segment in row.segments:
                touched = [column for column in columns if _overlap(segment, column)]
                if len(touched) <= 1:
                    low = min([segment.x0, *(column[0] for column in touched)])
                    high = max([segment.x1, *(column[1] for column in touched)])
                    columns = [column for column in columns if column not in touched]
                    columns.append((low, high))
        columns.sort()
    return columns


def _overlap(segment: TextLine, column: tuple[float, float]) -> bool:
    return min(segment.x1, column[1]) - max(segment.x0, column[0]) > -0.15 * segment.em


def _reach(segment: TextLine, columns: Sequence[tuple[float, float]]) -> tuple[int, int]:
    """First and last column that a segment stands over."""
    touched = [
        index
        for index, (low, high) in enumerate(columns)
        if min(segment.x1, high) - max(segment.x0, low) > 0.3 * min(segment.x1 - segment.x0, high - low)
    ]
    if touched:
        return touched[0], touched[-1]
    middle = (segment.x0 + segment.x1) / 2
    nearest = min(range(len(columns)), key=lambda index: abs(sum(columns[index]) / 2 - middle))
    return nearest, nearest
