"""In which order a page is read: as one stream, or with two columns the left before the right, and their margins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tasks.read.pdf.aligned import inferred, tables_in, value_count
from tasks.read.pdf.arrange import TextLine, text_line
from tasks.read.pdf.parts import PageParts, Table, inferred_table
from tasks.read.pdf.prose import Box, Margins, crosses, gutter_of, keeps_gutter, margins_of

_ENOUGH = 10  # lines that show a column's own margins
_VALUES_ACROSS = 3  # numbers side by side that no column of text has
_WIDEST_INDENT = 3.2  # em


@dataclass(slots=True)
class Stream:
    """Lines and tables that are read one after the other: a page, a column of it, or what stands across columns."""

    side: str  # page, left, right, across
    elements: list[TextLine | Table]

    def lines(self) -> list[TextLine]:
        return [element for element in self.elements if isinstance(element, TextLine)]


def in_order(pages: Sequence[PageParts]) -> Iterator[tuple[int, Stream, Margins | None]]:
    """All streams of a document with the number of their page and the margins that their text keeps."""
    found = [(parts, list(_streams(parts, _gutter(parts, pages)))) for parts in pages]
    usual = _usual_margins(found)
    for parts, streams in found:
        for stream in streams:
            yield parts.number, stream, _margins(stream, usual.get((round(parts.width), stream.side)))


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
    own = gutter_of(parts.lines, _boxes(parts), parts.width)
    if own is not None or len(parts.lines) >= _ENOUGH:
        return own
    for other in pages:
        if abs(other.width - parts.width) < 2 and other.lines:
            found = gutter_of(other.lines, _boxes(other), other.width)
            if found is not None:
                return found if keeps_gutter(parts.lines, found) else None
    return None


def _boxes(parts: PageParts) -> list[Box]:
    return [table.box for table in parts.tables]


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


def _streams(parts: PageParts, gutter: float | None) -> Iterator[Stream]:
    """The parts of a page in reading order: one stream, or with two columns the left before the right."""
    elements: list[tuple[float, TextLine | Table]] = [(table.box[1], table) for table in parts.tables]
    if gutter is None:
        elements.extend((line.top, line) for line in parts.lines)
        elements.sort(key=lambda element: element[0])
        yield Stream("page", [element for _, element in elements])
        return
    lines, wide = _wide_tables(parts)
    elements.extend((table.box[1], table) for table in wide)
    for line in lines:
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


def _wide_tables(parts: PageParts) -> tuple[list[TextLine], list[Table]]:
    """Tables without rules that stand across both columns, and the lines outside of them."""
    outside: list[TextLine] = []
    tables: list[Table] = []
    done = 0
    for start, end in tables_in(parts.lines):
        members = parts.lines[start:end]
        if not any(value_count(line) >= _VALUES_ACROSS for line in members):
            continue
        outside += parts.lines[done:start]
        tables.append(inferred_table(*inferred([run for line in members for run in line.runs]), parts.number))
        done = end
    return [*outside, *parts.lines[done:]], tables


def _split(line: TextLine, gutter: float) -> list[TextLine]:
    if crosses(line, gutter):
        return [line]
    sides = ([run for run in line.runs if run.x1 <= gutter + 1], [run for run in line.runs if run.x1 > gutter + 1])
    return [text_line(side) for side in sides if side]
