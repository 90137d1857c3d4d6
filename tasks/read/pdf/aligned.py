"""Tables that lack ruling lines: what is drawn is kept, the rest is inferred from what stands beside and below what.

Rows come from the lines that are drawn, else from the distance of text lines; columns from the ends of drawn lines and
from the white space that runs down between numbers. The result is a lattice like a drawn one, with `Borders.ALIGNED`:
white space parts the numbers for certain, but whether each stands in its column is for the form's equations to prove.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from tasks.read.pdf.arrange import TextLine, lines_of, part, text_line
from tasks.read.pdf.lattice import Lattice, ruled
from tasks.read.pdf.runs import Run
from tasks.read.pdf.shapes import Line

_PART = 0.9  # em of white space that parts two cells
_VALUE = re.compile(r"[-+－]?[\d０-９][\d０-９,，]*(?:[.．][\d０-９]+)?(?:万?元|件|条|个|项|次|%)?|[/／—–-]{1,3}")
_MARK = re.compile(r"\d{1,2}[.．、]|[（(][一二三四五六七八九十]{1,2}[)）]")
_LEAST_ROWS = 3
_LEAST_CELLS = 5  # cells that make a table of fewer rows
_MOST_LABEL_LINES = 4  # wrapped lines of a label between two rows of numbers


def segments_of(line: TextLine) -> list[TextLine]:
    """A line cut where white space is wide enough to part cells."""
    if line.parts is None:
        groups: list[list[Run]] = [[line.runs[0]]]
        for left, right in pairwise(line.runs):
            if right.x0 - left.x1 > _PART * max(left.em, right.em):
                groups.append([])
            groups[-1].append(right)
        line.parts = [line] if len(groups) == 1 else [text_line(group) for group in groups]
    return line.parts


def tables_in(lines: Sequence[TextLine]) -> list[tuple[int, int]]:
    """Where tables without any ruling stand among the lines of a column of text: half-open ranges of line numbers."""
    marks = [is_row(line) for line in lines]
    found: list[tuple[int, int]] = []
    index = 0
    while index < len(lines):
        if not marks[index]:
            index += 1
            continue
        start, count, last = index, 1, index
        while True:
            reach = range(last + 1, min(last + 2 + _MOST_LABEL_LINES, len(lines)))
            following = next((i for i in reach if marks[i]), None)
            if following is None or not all(_may_be_label(line, lines[start]) for line in lines[last + 1 : following]):
                break
            last, count = following, count + 1
        end = last + 1
        start_of_all, end_of_all = _with_edges(lines, start, end)
        cells = sum(len(segments_of(line)) for line in lines[start_of_all:end_of_all])
        if count >= _LEAST_ROWS or (cells >= _LEAST_CELLS and max(map(value_count, lines[start:end])) > 1):
            found.append((start_of_all, end_of_all))
            end = end_of_all
        index = end
    return found


def is_row(line: TextLine) -> bool:
    """Whether a line holds a number behind something else."""
    parts = segments_of(line)
    return len(parts) > 1 and any(_VALUE.fullmatch(segment.text) for segment in parts[1:])


def value_count(line: TextLine) -> int:
    """How many numbers stand side by side in a line."""
    return sum(bool(_VALUE.fullmatch(segment.text)) for segment in segments_of(line))


def _may_be_label(line: TextLine, row: TextLine) -> bool:
    """A line between rows: part of a wrapped label, a header, or a caption; not a sentence across the page."""
    return line.x1 - line.x0 < 0.75 * (row.x1 - row.x0) or len(segments_of(line)) > 1


def _with_edges(lines: Sequence[TextLine], start: int, end: int) -> tuple[int, int]:
    """Takes in header lines of several cells above the first row, and label ends that overlap the last."""
    while start > 0 and len(segments_of(lines[start - 1])) > 1:
        start -= 1
    while end < len(lines) and lines[end].top < lines[end - 1].bottom - 0.2 * lines[end].em:
        end += 1
    return start, end


def inferred(runs: Sequence[Run], across: Sequence[Line] = (), down: Sequence[Line] = ()) -> tuple[Lattice, list[Run]]:
    """A lattice for these runs that keeps the drawn lines and adds what is missing; the runs, cut at label columns."""
    runs = _cut_labels(runs)
    lines = lines_of(runs)
    em = max(line.em for line in lines)
    left = min([run.x0 for run in runs] + [rule.start for rule in across] + [wall.at for wall in down]) - 1
    right = max([run.x1 for run in runs] + [rule.end for rule in across] + [wall.at for wall in down]) + 1
    columns = _columns([segments_of(line) for line in lines])
    rows = _heights(lines, across, columns, em)
    stations = sorted({*rows})
    rules = [Line(at, rule.start, rule.end) for rule in across for at in [_nearest(stations, rule.at)]]
    rules += [Line(at, left, right) for at in stations if not any(abs(rule.at - at) < 0.01 for rule in rules)]
    rules += [Line(at, left, right) for at in (stations[0], stations[-1])]
    walls = list(down)
    walls += [Line(at, stations[0], stations[-1]) for at in (left, right)]
    bounds = [_bound(a[1], b[0], across, down) for a, b in pairwise(columns)]
    for top, bottom in pairwise(stations):
        inside = [run for run in runs if top < run.middle < bottom]
        for bound in bounds:
            if not any(run.x0 < bound - 0.45 * run.em and run.x1 > bound + 0.45 * run.em for run in inside):
                walls.append(Line(bound, top, bottom))
        walls += _walls_beside_values(lines_of(inside), walls, top, bottom) if inside else []
    for rule in across:
        walls += _walls_at_ends(rule, stations, left, right)
    return ruled(rules, walls), runs


def _walls_beside_values(lines: Sequence[TextLine], walls: Sequence[Line], top: float, bottom: float) -> list[Line]:
    """Walls of their own between a number and what stands beside it, where no column bound parts them in this row."""
    middle = (top + bottom) / 2
    here = [wall.at for wall in walls if wall.start <= middle <= wall.end]
    found: list[Line] = []
    for line in lines:
        for left, right in pairwise(segments_of(line)):
            if (_VALUE.fullmatch(left.text) or _VALUE.fullmatch(right.text)) and not any(
                left.x1 - 0.5 * left.em <= at <= right.x0 + 0.5 * right.em for at in here
            ):
                found.append(Line((left.x1 + right.x0) / 2, top, bottom))
    return found


def _bound(end: float, start: float, across: Sequence[Line], down: Sequence[Line]) -> float:
    """Where two columns part: at a wall or at the end of a rule between them, else halfway."""
    drawn = [wall.at for wall in down] + [x for rule in across for x in (rule.start, rule.end)]
    middle = (end + start) / 2
    between = [x for x in drawn if end - 2 <= x <= start + 2]
    return min(between, key=lambda x: abs(x - middle)) if between else middle


def _cut_labels(runs: Sequence[Run]) -> list[Run]:
    """Parts labels that touch (（三）不予公4.保护…) where a list mark begins at the left edge of other labels."""
    starts = [run.x0 for run in runs if _MARK.match(run.text)]
    found: list[Run] = []
    for run in runs:
        cut = next(
            (
                mark.start()
                for mark in _MARK.finditer(run.text, 1)
                if len(run.xs) == len(run.text) and sum(abs(run.xs[mark.start()] - x) < 2.0 for x in starts) > 1
            ),
            None,
        )
        found += [run] if cut is None else [part(run, 0, cut), part(run, cut, len(run.text))]
    return found


def _walls_at_ends(rule: Line, stations: Sequence[float], left: float, right: float) -> list[Line]:
    """Where a rule ends inside the table, a cell ends: above it and below it."""
    at = _nearest(stations, rule.at)
    index = list(stations).index(at)
    top, bottom = stations[max(index - 1, 0)], stations[min(index + 1, len(stations) - 1)]
    return [Line(end, top, bottom) for end in (rule.start, rule.end) if left + 8 < end < right - 8]


def _heights(
    lines: Sequence[TextLine], across: Sequence[Line], columns: Sequence[tuple[float, float]], em: float
) -> list[float]:
    """The heights where rows end: at drawn rules, and between groups of lines where rules are missing."""
    drawn = sorted({round(rule.at, 2) for rule in across})
    edges = [at for i, at in enumerate(drawn) if i == 0 or at - drawn[i - 1] > 3]
    groups = _row_groups(lines)
    if not edges:
        inner = [(a[-1].bottom + b[0].top) / 2 for a, b in pairwise(groups)]
        return [lines[0].top - 0.3 * em, *inner, lines[-1].bottom + 0.3 * em]
    if lines[0].base - 0.36 * em < edges[0]:
        edges.insert(0, lines[0].top - 0.3 * em)
    if lines[-1].base - 0.36 * em > edges[-1]:
        edges.append(lines[-1].bottom + 0.3 * em)
    added = []
    for top, bottom in pairwise(edges):
        inside = [line for line in lines if top < line.base - 0.36 * line.em < bottom]
        if _stacked(inside, columns):
            parted = _row_groups(inside)
            added += [(a[-1].bottom + b[0].top) / 2 for a, b in pairwise(parted)]
    return sorted([*edges, *added])


def _stacked(lines: Sequence[TextLine], columns: Sequence[tuple[float, float]]) -> bool:
    """Whether numbers stand below numbers in one column of a band."""
    seen: set[int] = set()
    for line in lines:
        here = {
            index
            for segment in segments_of(line)
            if _VALUE.fullmatch(segment.text)
            for index, (low, high) in enumerate(columns)
            if min(segment.x1, high) - max(segment.x0, low) > 0
        }
        if here & seen:
            return True
        seen |= here
    return False


def _row_groups(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """Lines by row. Lines nearer to each other than the rows of the table are, one of them without numbers, are one."""
    if not lines:
        return []
    threshold = _wrap_distance(lines)
    groups: list[list[TextLine]] = [[lines[0]]]
    for line in lines[1:]:
        group = groups[-1]
        near = line.base - group[-1].base <= threshold or line.top < group[-1].bottom - 0.25 * line.em
        apart = _has_value(line) and any(_has_value(other) for other in group)
        if near and not apart and not _marked_anew(line, group):
            group.append(line)
        else:
            groups.append([line])
    return groups


def _marked_anew(line: TextLine, group: Sequence[TextLine]) -> bool:
    """Whether a line begins with a list mark below one at the same place: labels of two rows."""
    here = [segment.x0 for segment in segments_of(line) if _MARK.match(segment.text)]
    above = [segment.x0 for other in group for segment in segments_of(other) if _MARK.match(segment.text)]
    return any(abs(a - b) < line.em for a in here for b in above)


def _wrap_distance(lines: Sequence[TextLine]) -> float:
    """The distance up to which lines are wrapped parts of one row: below the widest jump among all distances."""
    gaps = sorted(b.base - a.base for a, b in pairwise(lines) if b.base - a.base > 0.5 * a.em)
    best, threshold = 1.22, 0.0
    for low, high in pairwise(gaps):
        if low > 0 and high / low > best and low < 1.7 * lines[0].em:
            best, threshold = high / low, (low + high) / 2
    return threshold


def _has_value(line: TextLine) -> bool:
    return any(_VALUE.fullmatch(segment.text) for segment in segments_of(line))


def _columns(rows: Sequence[Sequence[TextLine]]) -> list[tuple[float, float]]:
    """Where columns stand: from the rows with most cells, then from cells of other rows that fit in between."""
    columns: list[tuple[float, float]] = []
    for count in range(max(map(len, rows)), 0, -1):
        for row in rows:
            if len(row) != count:
                continue
            for segment in row:
                touched = [column for column in columns if _overlap(segment, column)]
                if len(touched) <= 1:
                    low = min([segment.x0, *(column[0] for column in touched)])
                    high = max([segment.x1, *(column[1] for column in touched)])
                    columns = [column for column in columns if column not in touched]
                    columns.append((low, high))
        columns.sort()
    return _labels_joined(columns, rows)


def _labels_joined(columns: list[tuple[float, float]], rows: Sequence[Sequence[TextLine]]) -> list[tuple[float, float]]:
    """Label columns that are never filled side by side are one (labels to the left, their header centred)."""

    def filled(column: tuple[float, float], row: Sequence[TextLine]) -> bool:
        return any(min(segment.x1, column[1]) - max(segment.x0, column[0]) > 0 for segment in row)

    joined: list[tuple[float, float]] = []
    values = False
    for column in columns:
        values = values or any(
            _VALUE.fullmatch(segment.text) and _overlap(segment, column) for row in rows for segment in row
        )
        alone = joined and not any(filled(column, row) and filled(joined[-1], row) for row in rows)
        if alone and not values:
            joined[-1] = (joined[-1][0], column[1])
        else:
            joined.append(column)
    return joined


def _overlap(segment: TextLine, column: tuple[float, float]) -> bool:
    return min(segment.x1, column[1]) - max(segment.x0, column[0]) > -0.15 * segment.em


def _nearest(stations: Sequence[float], value: float) -> float:
    return min(stations, key=lambda station: abs(station - value))
