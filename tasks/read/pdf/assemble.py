"""Pages to items: tables and paragraphs in reading order, furniture dropped, what a page break cut marked or joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from schemas.blocks import Borders, Cell, Place
from tasks.read.build import Builder
from tasks.read.noise import is_page_number
from tasks.read.pdf.aligned import half_ruled, inferred, tables_in
from tasks.read.pdf.arrange import TextLine, lines_of, text_line
from tasks.read.pdf.fill import Filled, fill
from tasks.read.pdf.lattice import Lattice, lattices_of
from tasks.read.pdf.layer import Layer, Run
from tasks.read.pdf.prose import Margins, Text, crosses, gutter_of, join, keeps_gutter, margins_of, paragraphs_of

_EDGE = 0.1  # share of the page's height at its top and bottom where page numbers and running heads stand
_SAME_EDGE = 8.0  # points: how exactly the two parts of a broken table stand above each other
_STACKED = 10.0  # points between two tables that are one drawn in two pieces
_ENOUGH = 10  # lines that show a column's own margins
_WIDEST_INDENT = 3.2  # em
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
        parts.tables.append(_inferred_table(lattice, pieces, layer.number))
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
        return _inferred_table(*inferred(runs, across, down), page)
    if not lattice.whole:
        doubts.add("pdf.open_cells")
    return Table(filled.cells(page), Borders.RULED if lattice.whole else Borders.ALIGNED, page, lattice.box)


def _inferred_table(lattice: Lattice, runs: Sequence[Run], page: int) -> Table:
    filled, _ = fill(lattice, runs)
    return Table(filled.cells(page), Borders.ALIGNED, page, lattice.box)


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


@dataclass(slots=True)
class Stream:
    """Lines and tables that are read one after the other: a page, a column of it, or what stands across columns."""

    side: str  # page, left, right, across
    elements: list[TextLine | Table]

    def lines(self) -> list[TextLine]:
        return [element for element in self.elements if isinstance(element, TextLine)]


def assemble(pages: Sequence[PageParts], builder: Builder) -> set[str]:
    """Puts all pages into a builder; returns the doubts met on the way."""
    drop_furniture(pages)
    streams = [(parts, list(_streams(parts, _gutter(parts, pages)))) for parts in pages]
    usual = _usual_margins(streams)
    assembler = _Assembler(builder)
    for parts, found in streams:
        assembler.doubts |= parts.doubts
        for stream in found:
            margins = _margins(stream, usual.get((round(parts.width), stream.side)))
            assembler.add(stream, parts.number, margins)
    assembler.finish()
    return assembler.doubts


def _margins(stream: Stream, usual: Margins | None) -> Margins | None:
    """A stream's own margins where it has lines enough to show them; a page of indented lines alone shows none."""
    lines = stream.lines()
    if not lines:
        return None
    own = margins_of(lines)
    if usual is None:
        return own
    if own.lines < _ENOUGH:
        return usual
    if 0 < own.left - usual.left < _WIDEST_INDENT * lines[0].em:
        own.left = usual.left
    return own


def _gutter(parts: PageParts, pages: Sequence[PageParts]) -> float | None:
    if not parts.lines:
        return None
    own = gutter_of(parts.lines, parts.width)
    if own is not None or len(parts.lines) >= _ENOUGH:
        return own
    for other in pages:
        if abs(other.width - parts.width) < 2 and other.lines:
            found = gutter_of(other.lines, other.width)
            if found is not None:
                return found if keeps_gutter(parts.lines, found) else None
    return None


def _usual_margins(streams: Sequence[tuple[PageParts, list[Stream]]]) -> dict[tuple[int, str], Margins]:
    """Margins by paper width and side, from all pages together; from the tables too where text is scarce."""
    lines: dict[tuple[int, str], list[TextLine]] = {}
    tables: dict[tuple[int, str], list[Table]] = {}
    for parts, found in streams:
        for stream in found:
            key = (round(parts.width), stream.side)
            lines.setdefault(key, []).extend(stream.lines())
            tables.setdefault(key, []).extend(item for item in stream.elements if isinstance(item, Table))
    usual: dict[tuple[int, str], Margins] = {}
    for key, members in lines.items():
        if not members:
            continue
        margins = margins_of(members)
        if margins.lines < _ENOUGH and tables[key]:
            margins.left = min(margins.left, *(table.box[0] for table in tables[key]))
            margins.right = max(margins.right, *(table.box[2] for table in tables[key]))
        usual[key] = margins
    for width in {width for width, side in usual if side == "across"}:
        left, right = usual.get((width, "left")), usual.get((width, "right"))
        if left is not None and right is not None:  # titles across two columns keep no margins of their own
            usual[width, "across"] = Margins(left.left, right.right, left.pitch, 0, left.em)
    return usual


class _Assembler:
    """Puts streams one after the other into a builder."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._open: Text | None = None
        self._last_table: Table | None = None
        self.doubts: set[str] = set()

    def add(self, stream: Stream, page: int, margins: Margins | None) -> None:
        """Adds the next stream."""
        fresh = True
        for item in _items(stream.elements, page, margins):
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


def _streams(parts: PageParts, gutter: float | None) -> Iterator[Stream]:
    """The parts of a page in reading order: one stream, or with two columns the left before the right."""
    elements: list[tuple[float, TextLine | Table]] = [(table.box[1], table) for table in parts.tables]
    if gutter is None:
        elements.extend((line.top, line) for line in parts.lines)
        elements.sort(key=lambda element: element[0])
        yield Stream("page", [element for _, element in elements])
        return
    for line in parts.lines:
        elements.extend((piece.top, piece) for piece in _split(line, gutter))
    elements.sort(key=lambda element: element[0])
    left, right, across = Stream("left", []), Stream("right", []), Stream("across", [])
    for _, element in elements:
        x0, x1 = (element.x0, element.x1) if isinstance(element, TextLine) else (element.box[0], element.box[2])
        if x1 <= gutter + 2 or x0 >= gutter - 2:
            if across.elements:
                yield across
                across = Stream("across", [])
            (left if x1 <= gutter + 2 else right).elements.append(element)
        else:
            yield from (side for side in (left, right) if side.elements)
            left, right = Stream("left", []), Stream("right", [])
            across.elements.append(element)
    yield from (side for side in (across, left, right) if side.elements)


def _split(line: TextLine, gutter: float) -> list[TextLine]:
    if crosses(line, gutter):
        return [line]
    sides = ([run for run in line.runs if run.x1 <= gutter + 1], [run for run in line.runs if run.x1 > gutter + 1])
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
        yield _inferred_table(*inferred([run for line in members for run in line.runs]), page)
        done = end
    yield from paragraphs_of(lines[done:], page, margins)
