"""Text into the cells of a lattice, and the proof that it fits: nothing straddles a line, nothing is left over."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from schemas.blocks import Cell, Place
from tasks.read.pdf.arrange import TextLine, lines_of, split_at
from tasks.read.pdf.lattice import Lattice
from tasks.read.pdf.runs import Run

_NUMBER = re.compile(r"[-+－]?[\d０-９][\d０-９,，]*(?:[.．][\d０-９]+)?")


@dataclass(slots=True)
class Filled:
    """The cells of a lattice with their lines. `crowded` cells hold several numbers that no line parts."""

    lattice: Lattice
    lines: list[list[TextLine]]  # by area
    crowded: int = 0

    def cells(self, page: int) -> list[Cell]:
        """The cells in reading order."""
        return [
            Cell(
                "\n".join([line.text for line in lines]),
                area.row,
                area.column,
                area.row_span,
                area.column_span,
                Place(page, (area.x0, area.top, area.x1, area.bottom), None, None, area.row, area.column),
            )
            for area, lines in zip(self.lattice.areas, self.lines, strict=True)
        ]


def fill(lattice: Lattice, runs: Sequence[Run]) -> tuple[Filled, list[Run]]:
    """Puts the runs that lie in the lattice into its cells; returns the cells and the runs outside."""
    x0, top, x1, bottom = lattice.box
    owner = _owners(lattice)
    held: list[list[Run]] = [[] for _ in lattice.areas]
    outside: list[Run] = []
    for run in runs:
        middle = run.middle
        if not (top <= middle <= bottom and x0 - 2 <= (run.x0 + run.x1) / 2 <= x1 + 2):
            outside.append(run)
            continue
        row = min(max(bisect_right(lattice.ys, middle) - 1, 0), lattice.rows - 1)
        for piece in _pieces(run, lattice, owner[row]):
            column = min(max(bisect_right(lattice.xs, (piece.x0 + piece.x1) / 2) - 1, 0), lattice.columns - 1)
            held[owner[row][column]].append(piece)
    lines = [lines_of(members) if members else [] for members in held]
    crowded = sum(
        is_crowded(members, area.x1 - area.x0)
        for members, area in zip(lines, lattice.areas, strict=True)
        if len(members) > 1 or (members and " " in members[0].text)  # one word is no crowd
    )
    return Filled(lattice, lines, crowded), outside


def _owners(lattice: Lattice) -> list[list[int]]:
    """For each unit cell the index of its area."""
    owner = [[0] * lattice.columns for _ in range(lattice.rows)]
    for index, area in enumerate(lattice.areas):
        if area.row_span == area.column_span == 1:
            owner[area.row][area.column] = index
            continue
        for row in range(area.row, area.row + area.row_span):
            for column in range(area.column, area.column + area.column_span):
                owner[row][column] = index
    return owner


def _pieces(run: Run, lattice: Lattice, owners: list[int]) -> list[Run]:
    """The run, cut at the walls that it crosses in its row."""
    first = bisect_right(lattice.xs, run.x0 + 0.3 * run.em)
    last = bisect_right(lattice.xs, run.x1 - 0.3 * run.em)
    if first >= last:
        return [run]
    walls = [lattice.xs[i] for i in range(first, last) if 0 < i < len(owners) and owners[i - 1] != owners[i]]
    return split_at(run, walls) if walls else [run]


def is_crowded(lines: Sequence[TextLine], width: float) -> bool:
    """Whether a cell of that width holds what must be several cells: numbers beside or below each other.

    A number too long for its cell wraps; its first line then fills the cell or ends with a separator.
    """
    for upper, lower in pairwise(lines):
        if _NUMBER.fullmatch(upper.text.rstrip(",，.")) and _NUMBER.fullmatch(lower.text):
            wrapped = upper.text[-1] in ",，." or width - (upper.x1 - upper.x0) < 1.6 * upper.em
            if not wrapped:
                return True
    return any(len(tokens) > 1 and sum(map(bool, map(_NUMBER.fullmatch, tokens))) > 1 for tokens in map(_tokens, lines))


def _tokens(line: TextLine) -> list[str]:
    return line.text.split() if " " in line.text else [line.text]
