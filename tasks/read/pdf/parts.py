"""A page taken apart: its tables, the lines of text around them, and what is only furniture."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.blocks import Borders, Cell
from tasks.read.noise import is_page_number
from tasks.read.pdf.aligned import inferred, value_count
from tasks.read.pdf.arrange import TextLine, lines_of
from tasks.read.pdf.fill import Filled, fill
from tasks.read.pdf.lattice import Lattice, lattices_of
from tasks.read.pdf.layer import Layer
from tasks.read.pdf.rules import half_ruled
from tasks.read.pdf.runs import Run

_EDGE = 0.1  # share of the page's height at its top and bottom where page numbers and running heads stand
_PAGE = re.compile(r"(\d{1,4})(?:\s*/\s*\d{1,4})?")
_REPEATS = 3  # pages on which a line must repeat to be a running head


@dataclass(slots=True)
class Table:
    """Cells with their box on the page, and how their boundaries are known."""

    cells: list[Cell]
    borders: Borders
    page: int
    box: tuple[float, float, float, float]


@dataclass(slots=True)
class PageParts:
    """A page taken apart: tables, and the lines outside of them."""

    number: int
    width: float
    height: float
    tables: list[Table]
    lines: list[TextLine]
    doubts: set[str] = field(default_factory=set)


def take_apart(layer: Layer) -> PageParts:
    """Finds the tables of a page that have ruling lines, and the lines of text around them."""
    runs: Sequence[Run] = layer.runs
    parts = PageParts(layer.number, layer.width, layer.height, [], [])
    loose = list(layer.across)
    for lattice in lattices_of(layer.across, layer.down):
        filled, outside = fill(lattice, runs)
        loose = [rule for rule in loose if not lattice.ys[0] - 4 < rule.at < lattice.ys[-1] + 4]
        if any(filled.lines):
            runs = outside
            parts.tables.append(table_of(filled, layer, parts.doubts))
    for rules, inside in half_ruled(loose, runs):
        lattice, pieces = inferred(inside, rules)
        parts.tables.append(inferred_table(lattice, pieces, layer.number))
        taken = set(map(id, inside))
        runs = [run for run in runs if id(run) not in taken]
    parts.lines = lines_of(runs)
    return parts


def table_of(filled: Filled, layer: Layer, doubts: set[str]) -> Table:
    """The table of a filled lattice; what is doubtful about it goes into `doubts`."""
    lattice, page = filled.lattice, layer.number
    if filled.crowded:
        # Numbers stand side by side in one cell: lines are missing, and what is missing must be inferred.
        doubts.add("pdf.crowded_cells")
        runs = [run for members in filled.lines for line in members for run in line.runs]
        x0, top, x1, bottom = lattice.box
        across = [rule for rule in layer.across if top - 3 < rule.at < bottom + 3 and x0 - 3 < rule.start < x1]
        down = [wall for wall in layer.down if x0 - 3 < wall.at < x1 + 3 and top - 3 < wall.start < bottom]
        return inferred_table(*inferred(runs, across, down), page)
    if not lattice.whole:
        doubts.add("pdf.open_cells")
    return Table(filled.cells(page), Borders.RULED if lattice.whole else Borders.ALIGNED, page, lattice.box)


def inferred_table(lattice: Lattice, runs: Sequence[Run], page: int) -> Table:
    """The table of an inferred lattice and the runs that it was inferred from."""
    filled, _ = fill(lattice, runs)
    return Table(filled.cells(page), Borders.ALIGNED, page, lattice.box)


def drop_furniture(pages: Sequence[PageParts]) -> None:
    """Takes page numbers and running heads out of the lines of all pages (the first running head stays)."""
    total = len(pages)
    seen: Counter[tuple[str, int]] = Counter()
    counts: Counter[int] = Counter()  # bare numbers at the edge, by how far they are from the number of their page
    for parts in pages:
        for line in parts.lines:
            if _at_edge(line, parts):
                seen[line.text, round(line.base / 4)] += 1
                number = _bare_number(line.text)
                if number is not None:
                    counts[number - parts.number] += 1
    kept_once: set[str] = set()
    for parts in pages:
        kept = []
        for line in parts.lines:
            at_edge = _at_edge(line, parts)
            if is_page_number(line.text) or (at_edge and _counts_pages(line.text, parts.number, counts)):
                continue
            often = seen[line.text, round(line.base / 4)] >= min(_REPEATS, max(total, 2))
            if at_edge and often and not value_count(line) and not line.text.isdigit():
                if line.text in kept_once:
                    continue
                kept_once.add(line.text)
            kept.append(line)
        parts.lines = kept


def _at_edge(line: TextLine, parts: PageParts) -> bool:
    return line.base < _EDGE * parts.height or line.base > (1 - _EDGE) * parts.height


def _bare_number(text: str) -> int | None:
    """The number of a line that may count the pages: 3, or 3/12."""
    found = _PAGE.fullmatch(text)
    return int(found.group(1)) if found else None


def _counts_pages(text: str, page: int, counts: Counter[int]) -> bool:
    """Whether a bare number is that of its page: equal to it, or as far from it as on another page.

    A row of a table may be cut off by the page break, so that a figure stands at the page's edge.
    """
    number = _bare_number(text)
    return number is not None and (number in {page, page - 1} or counts[number - page] > 1)
