"""Pages to items: tables and paragraphs in reading order; what a page break cut is marked or joined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemas.blocks import Borders, Place
from tasks.read.build import Builder
from tasks.read.pdf.aligned import inferred, tables_in
from tasks.read.pdf.arrange import TextLine
from tasks.read.pdf.parts import PageParts, Table, drop_furniture, inferred_table
from tasks.read.pdf.prose import Margins, Text, join, paragraphs_of
from tasks.read.pdf.streams import Stream, in_order

_SAME_EDGE = 8.0  # points: how exactly the two parts of a broken table stand above each other
_STACKED = 10.0  # points between two tables that are one drawn in two pieces


def assemble(pages: Sequence[PageParts], builder: Builder) -> set[str]:
    """Puts all pages into a builder; returns the doubts met on the way."""
    drop_furniture(pages)
    assembler = _Assembler(builder)
    for parts in pages:
        assembler.doubts |= parts.doubts
    for page, stream, margins in in_order(pages):
        assembler.add(stream, page, margins)
    assembler.finish()
    return assembler.doubts


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
        yield inferred_table(*inferred([run for line in members for run in line.runs]), page)
        done = end
    yield from paragraphs_of(lines[done:], page, margins)
