"""Ruling lines to tables: which lines belong together, which cells they bound, what spans rows or columns."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter

from schemas.errors import ReadError
from schemas.shape import quick
from tasks.read.pdf.shapes import Line

_SNAP = 2.6  # points: lines nearer than this are one line drawn twice (double rules, cell borders side by side)
_GAP = 3.2  # points: a gap in a line no longer than this is no gap
_TOUCH = 3.5  # points: how near the end of a line must come to another to meet it
_NARROWEST = 4.0  # points: rows and columns below this hold no text
_MOST_CROSSINGS = 250_000
_AT, _START = itemgetter(0), itemgetter(1)  # of a Line
_OVERHANG = 6.0  # points: lines that reach further than this beyond the last crossing bound an open cell there


@quick
@dataclass(frozen=True, slots=True)
class Area:
    """One cell: the rows and columns that it covers and its box."""

    row: int
    column: int
    row_span: int
    column_span: int
    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Lattice:
    """A table of ruling lines. `whole` is false when lines are missing, so that some cells are not bounded."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    areas: tuple[Area, ...]
    whole: bool
    open_top: bool = False
    open_bottom: bool = False

    @property
    def box(self) -> tuple[float, float, float, float]:
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    @property
    def rows(self) -> int:
        return len(self.ys) - 1

    @property
    def columns(self) -> int:
        return len(self.xs) - 1


def lattices_of(across: Sequence[Line], down: Sequence[Line]) -> list[Lattice]:
    """The tables that the lines of a page draw, from the top of the page down. Frames of one cell are no tables."""
    if len(across) + len(down) < 3:
        return []
    horizontal, vertical = merged(across), merged(down)
    if len(horizontal) * len(vertical) > _MOST_CROSSINGS:
        return []  # a drawing, not a form
    found = []
    for rows, columns in _components(horizontal, vertical):
        lattice = _lattice(rows, columns)
        if lattice is not None and len(lattice.areas) > 1:
            found.append(lattice)
    found.sort(key=lambda lattice: (lattice.ys[0], lattice.xs[0]))
    return [lattice for lattice in found if not any(_loses(lattice, other) for other in found if other is not lattice)]


def ruled(across: Sequence[Line], down: Sequence[Line]) -> Lattice:
    """The lattice of these lines, taken as one table.

    Raises ReadError (`read.damaged`) when they do not cross each other at least twice in each direction.
    """
    lattice = _lattice(merged(across), merged(down))
    if lattice is None:
        raise ReadError("read.damaged", "the lines of a table in the PDF bound no cell")
    return lattice


def merged(lines: Sequence[Line]) -> list[Line]:
    """Lines at one position as one line, its pieces joined where they touch."""
    joined: list[Line] = []
    for position, group in _at_one_position(lines):
        group.sort(key=_START)
        start, end = group[0].start, group[0].end
        for line in group[1:]:
            if line.start <= end + _GAP:
                end = max(end, line.end)
            else:
                joined.append(Line(position, start, end))
                start, end = line.start, line.end
        joined.append(Line(position, start, end))
    return joined


def _at_one_position(lines: Sequence[Line]) -> list[tuple[float, list[Line]]]:
    groups: list[tuple[float, list[Line]]] = []
    current: list[Line] = []
    for line in sorted(lines, key=_AT):
        if current and line.at - current[0].at > _SNAP:
            groups.append((_mean(current), current))
            current = []
        current.append(line)
    if current:
        groups.append((_mean(current), current))
    return groups


def _mean(lines: Sequence[Line]) -> float:
    """The position of a group, weighted by length: short pieces sit less exactly."""
    total = weighted = 0.0
    for at, start, end in lines:
        total += end - start
        weighted += at * (end - start)
    return weighted / total if total else lines[0].at


def _components(across: list[Line], down: list[Line]) -> list[tuple[list[Line], list[Line]]]:
    """Groups of lines that meet each other."""
    parent = list(range(len(across) + len(down)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    offset = len(across)
    for i, (y, x0, x1) in enumerate(across):
        for j, (x, y0, y1) in enumerate(down, start=offset):
            if x0 - _TOUCH <= x <= x1 + _TOUCH and y0 - _TOUCH <= y <= y1 + _TOUCH:
                a, b = root(i), root(j)
                if a != b:
                    parent[a] = b
    groups: dict[int, tuple[list[Line], list[Line]]] = {}
    for index, line in enumerate(across):
        groups.setdefault(root(index), ([], []))[0].append(line)
    for index, line in enumerate(down, start=offset):
        groups.setdefault(root(index), ([], []))[1].append(line)
    return [group for group in groups.values() if len(group[0]) + len(group[1]) > 2]


def _lattice(across: list[Line], down: list[Line]) -> Lattice | None:
    xs = _positions(down, across)
    ys = _positions(across, down)
    if len(xs) < 2 or len(ys) < 2:
        return None
    walls = _walls(down, xs, ys)  # walls[column edge][row]
    floors = _walls(across, ys, xs)  # floors[row edge][column]
    open_top, open_bottom = not any(floors[0]), not any(floors[-1])
    areas, whole = _areas(xs, ys, walls, floors)
    return Lattice(tuple(xs), tuple(ys), tuple(areas), whole, open_top, open_bottom)


def _positions(lines: list[Line], crossing: list[Line]) -> list[float]:
    """Where the lines of one direction stand, closed at both ends where crossing lines go on beyond the last."""
    positions: list[float] = []
    for line in sorted(lines, key=_AT):
        if not positions or line.at - positions[-1] > _NARROWEST:
            positions.append(line.at)
    if not crossing:
        return positions
    first, last = min(line.start for line in crossing), max(line.end for line in crossing)
    if not positions:
        return [first, last]
    if positions[0] - first > _OVERHANG:
        positions.insert(0, first)
    if last - positions[-1] > _OVERHANG:
        positions.append(last)
    return positions


def _walls(lines: list[Line], edges: list[float], stations: list[float]) -> list[list[bool]]:
    """For each edge, whether a line stands on it between each two stations of the other direction."""
    walls = [[False] * (len(stations) - 1) for _ in edges]
    middles = [(a + b) / 2 for a, b in pairwise(stations)]
    for at, start, end in lines:
        distances = [abs(edge - at) for edge in edges]
        first, last = bisect_left(middles, start), bisect_right(middles, end)
        if first < last:
            walls[distances.index(min(distances))][first:last] = [True] * (last - first)
    return walls


def _areas(
    xs: list[float], ys: list[float], walls: list[list[bool]], floors: list[list[bool]]
) -> tuple[list[Area], bool]:
    """Joins the unit cells that no line parts. Areas that are no rectangle are cut into the parts of their rows."""
    columns, rows = len(xs) - 1, len(ys) - 1
    owner = [[-1] * columns for _ in range(rows)]
    areas: list[Area] = []
    whole = True
    for row in range(rows):
        for column in range(columns):
            if owner[row][column] >= 0:
                continue
            # What is above or on the left has an owner by now: only two sides can be open.
            right_open = column + 1 < columns and owner[row][column + 1] < 0 and not walls[column + 1][row]
            below_open = row + 1 < rows and not floors[row + 1][column] and owner[row + 1][column] < 0
            if not right_open and not below_open:
                owner[row][column] = len(areas)
                areas.append(Area(row, column, 1, 1, xs[column], ys[row], xs[column + 1], ys[row + 1]))
                continue
            members = _flood(row, column, owner, walls, floors, len(areas))
            top, bottom = min(r for r, _ in members), max(r for r, _ in members)
            left, right = min(c for _, c in members), max(c for _, c in members)
            if len(members) == (bottom - top + 1) * (right - left + 1):
                areas.append(_area(xs, ys, top, left, bottom, right))
                continue
            whole = False
            for r, c0, c1 in _row_parts(members):
                areas.append(_area(xs, ys, r, c0, r, c1))
    areas.sort(key=lambda area: (area.row, area.column))
    return areas, whole


def _area(xs: list[float], ys: list[float], top: int, left: int, bottom: int, right: int) -> Area:
    return Area(top, left, bottom - top + 1, right - left + 1, xs[left], ys[top], xs[right + 1], ys[bottom + 1])


def _flood(
    row: int, column: int, owner: list[list[int]], walls: list[list[bool]], floors: list[list[bool]], mark: int
) -> list[tuple[int, int]]:
    rows, columns = len(owner), len(owner[0])
    owner[row][column] = mark
    members = [(row, column)]
    for r, c in members:
        if c + 1 < columns and owner[r][c + 1] < 0 and not walls[c + 1][r]:
            owner[r][c + 1] = mark
            members.append((r, c + 1))
        if c > 0 and owner[r][c - 1] < 0 and not walls[c][r]:
            owner[r][c - 1] = mark
            members.append((r, c - 1))
        if r + 1 < rows and owner[r + 1][c] < 0 and not floors[r + 1][c]:
            owner[r + 1][c] = mark
            members.append((r + 1, c))
        if r > 0 and owner[r - 1][c] < 0 and not floors[r][c]:
            owner[r - 1][c] = mark
            members.append((r - 1, c))
    return members


def _row_parts(members: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    parts: list[tuple[int, int, int]] = []
    for row, column in sorted(members):
        if parts and parts[-1][0] == row and parts[-1][2] == column - 1:
            parts[-1] = (row, parts[-1][1], column)
        else:
            parts.append((row, column, column))
    return parts


def _loses(lattice: Lattice, other: Lattice) -> bool:
    """Whether a lattice lies in or around another that has more cells: a frame around a table, a box in a cell."""
    fewer = (len(lattice.areas), lattice.ys[0]) < (len(other.areas), other.ys[0])
    return fewer and (_inside(lattice, other) or _inside(other, lattice))


def _inside(inner: Lattice, outer: Lattice) -> bool:
    x0, top, x1, bottom = inner.box
    ox0, otop, ox1, obottom = outer.box
    return ox0 - 1 <= x0 and otop - 1 <= top and x1 <= ox1 + 1 and bottom <= obottom + 1
