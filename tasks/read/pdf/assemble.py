"""Pages to items: tables and paragraphs in reading order, furniture dropped, what a page break cut marked or joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from schemas.blocks import Borders, Cell, Place
from tasks.read.build import Builder
from tasks.read.noise import is_page_number
from tasks.read.pdf.aligned import cells_from, tables_in
from tasks.read.pdf.arrange import TextLine, clusters, lines_of, text_line
from tasks.read.pdf.fill import Filled, fill
from tasks.read.pdf.lattice import lattices_of
from tasks.read.pdf.layer import Layer, Run
from tasks.read.pdf.prose import Margins, Text, gutter_of, join, margins_of, paragraphs_of

_EDGE = 0.1  # share of the page's height at its top and bottom where page numbers and running heads stand
_SAME_EDGE = 8.0  # points: how exactly the two parts of a broken table stand above each other
_STACKED = 10.0  # points between two tables that are one drawn in two pieces
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
    """Finds the ruled tables of a page and the lines around them."""
    runs: Sequence[Run] = layer.runs
    parts = PageParts(layer.number, layer.width, layer.height, [], [])
    for lattice in lattices_of(layer.across, layer.down):
        filled, outside = fill(lattice, runs)
        if not any(filled.lines):
            continue
        runs = outside
        parts.tables.append(table_of(filled, layer.number, parts.doubts))
    parts.lines = lines_of(runs)
    return parts


def table_of(filled: Filled, page: int, doubts: set[str]) -> Table:
    """The table of a filled lattice; what is doubtful about it goes into `doubts`."""
    lattice = filled.lattice
    if filled.crowded:
        # Lines are missing between numbers: what is drawn bounds nothing, so rows and columns come from positions.
        doubts.add("pdf.crowded_cells")
        lines = [line for members in filled.lines for line in members]
        runs = [run for line in lines for run in line.runs]
        bands = lattice.ys[1:-1] if lattice.rows > 2 else ()
        whole = [text_line(group) for group in clusters(runs)]
        return Table(cells_from(whole, page, (lattice.ys[0], *bands, lattice.ys[-1])), Borders.ALIGNED, page, lattice.box)
    if not lattice.whole:
        doubts.add("pdf.open_cells")
    return Table(filled.cells(page), Borders.RULED if lattice.whole else Borders.ALIGNED, page, lattice.box)


def drop_furniture(pages: Sequence[PageParts]) -> None:
    """Takes page numbers and running heads out of the lines of all pages (the first running head stays)."""
    total = len(pages)
    seen: Counter[tuple[str, int]] = Counter()
    for parts in pages:
        for line in parts.lines:
            if _at_edge(line, parts):
                seen[line.text, round(line.base / 4)] += 1
    kept_once: set[str] = set()
    for parts in pages:
        kept = []
        for line in parts.lines:
            if is_page_number(line.text) or (_at_edge(line, parts) and _is_number_of_page(line.text, total)):
                continue
            if _at_edge(line, parts) and seen[line.text, round(line.base / 4)] >= min(_REPEATS, max(total, 2)):
                if line.text in kept_once:
                    continue
                kept_once.add(line.text)
            kept.append(line)
        parts.lines = kept


def _at_edge(line: TextLine, parts: PageParts) -> bool:
    return line.base < _EDGE * parts.height or line.base > (1 - _EDGE) * parts.height


def _is_number_of_page(text: str, total: int) -> bool:
    bare = text.replace(" ", "")
    number, _, of = bare.partition("/")
    return number.isdigit() and int(number) <= 2 * total + 20 and (not of or of.isdigit())


class Assembler:
    """Puts pages one after the other into a builder."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._open: Text | None = None
        self._last_table: Table | None = None
        self.doubts: set[str] = set()

    def add(self, parts: PageParts) -> None:
        """Adds the next page."""
        self.doubts |= parts.doubts
        fresh = True
        for stream in _streams(parts):
            prose = [line for line in stream if isinstance(line, TextLine)]
            margins = margins_of(prose) if prose else None
            for item in _items(stream, parts.number, margins):
                if isinstance(item, Table):
                    self._table(item)
                else:
                    self._text(item, fresh=fresh)
                fresh = False

    def finish(self) -> None:
        """Adds the paragraph that was kept back in case the next page went on with it."""
        if self._open is not None:
            text = self._open
            self._open = None
            if text.broken_number:
                self.doubts.add("pdf.broken_number")
            self._builder.paragraph(text.text, Place(page=text.page, box=text.box))
            self._last_table = None

    def _text(self, text: Text, *, fresh: bool) -> None:
        before = self._open
        if fresh and before is not None and before.open and not text.starts and abs(before.size - text.size) < 1.5:
            before.text, broken = join(before.text, text.text)
            before.broken_number |= broken or text.broken_number
            before.open = text.open
            return
        self.finish()
        self._open = text

    def _table(self, table: Table) -> None:
        self.finish()
        before = self._last_table
        continues = before is not None and _goes_on(before, table)
        if table.borders is Borders.ALIGNED:
            self.doubts.add("pdf.aligned_table")
        self._builder.grid(table.cells, table.borders, Place(page=table.page, box=table.box), continues=continues)
        self._last_table = table


def _goes_on(before: Table, table: Table) -> bool:
    """Whether a table is the rest of the one before: same edges, on the next page or directly below."""
    same = abs(before.box[0] - table.box[0]) < _SAME_EDGE and abs(before.box[2] - table.box[2]) < _SAME_EDGE
    if before.page == table.page:
        return same and 0 <= table.box[1] - before.box[3] < _STACKED
    if table.borders is Borders.ALIGNED or before.borders is Borders.ALIGNED:
        same = min(before.box[2], table.box[2]) - max(before.box[0], table.box[0]) > 0.8 * (table.box[2] - table.box[0])
    return same and table.page == before.page + 1


def _streams(parts: PageParts) -> Iterator[list[TextLine | Table]]:
    """The parts of a page in reading order: one stream, or with two columns the left before the right."""
    gutter = gutter_of(parts.lines, parts.width) if parts.lines else None
    elements: list[tuple[float, TextLine | Table]] = [(table.box[1], table) for table in parts.tables]
    if gutter is None:
        elements.extend((line.top, line) for line in parts.lines)
        elements.sort(key=lambda element: element[0])
        yield [element for _, element in elements]
        return
    for line in parts.lines:
        elements.extend((piece.top, piece) for piece in _split(line, gutter))
    elements.sort(key=lambda element: element[0])
    left: list[TextLine | Table] = []
    right: list[TextLine | Table] = []
    for _, element in elements:
        x0, x1 = (element.x0, element.x1) if isinstance(element, TextLine) else (element.box[0], element.box[2])
        if x1 <= gutter + 2:
            left.append(element)
        elif x0 >= gutter - 2:
            right.append(element)
        else:
            yield from (side for side in (left, right) if side)
            left, right = [], []
            yield [element]
    yield from (side for side in (left, right) if side)


def _split(line: TextLine, gutter: float) -> list[TextLine]:
    sides = ([run for run in line.runs if run.x1 <= gutter + 1], [run for run in line.runs if run.x0 >= gutter - 1])
    if len(sides[0]) + len(sides[1]) < len(line.runs):
        return [line]
    return [text_line(side) for side in sides if side]


def _items(stream: Sequence[TextLine | Table], page: int, margins: Margins | None) -> Iterator[Text | Table]:
    lines: list[TextLine] = []
    for element in stream:
        if isinstance(element, TextLine):
            lines.append(element)
            continue
        yield from _prose(lines, page, margins)
        lines = []
        yield element
    yield from _prose(lines, page, margins)


def _prose(lines: list[TextLine], page: int, margins: Margins | None) -> Iterator[Text | Table]:
    if not lines or margins is None:
        return
    done = 0
    for start, end in tables_in(lines):
        yield from paragraphs_of(lines[done:start], page, margins)
        members = lines[start:end]
        box = (
            min(line.x0 for line in members),
            members[0].top,
            max(line.x1 for line in members),
            members[-1].bottom,
        )
        yield Table(cells_from(members, page), Borders.ALIGNED, page, box)
        done = end
    yield from paragraphs_of(lines[done:], page, margins)
