"""Laying items out as one reading text, so that every paragraph and grid knows its offset."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.blocks import Blocks, Borders, Cell, Grid, Paragraph, Place

NOWHERE = Place()


class Builder:
    """Collects paragraphs and grids in reading order; the reading text joins them with line feeds.

    A grid is rendered as one line per row, its cells parted by tabs (line breaks inside a cell become blanks), each
    cell at the column where it starts.
    """

    def __init__(self) -> None:
        self.items: list[Paragraph | Grid] = []
        self._parts: list[str] = []
        self._length = 0

    def __len__(self) -> int:
        return len(self.items)

    def paragraph(self, text: str, place: Place = NOWHERE, heading: int | None = None) -> None:
        """Adds a paragraph; white space at its ends is dropped, and nothing is added when nothing is left."""
        text = text.strip()
        if text:
            self.items.append(Paragraph(text, place, self._length, heading))
            self._append(text)

    def grid(
        self,
        cells: Sequence[Cell],
        borders: Borders,
        place: Place = NOWHERE,
        *,
        continues: bool = False,
        size: tuple[int, int] | None = None,
    ) -> None:
        """Adds a grid of the given cells in reading order; `size` is rows and columns when known."""
        if not cells:
            return
        rows, columns = size or extent(cells)
        self.items.append(Grid(tuple(cells), rows, columns, borders, place, self._length, continues))
        self._append(render(cells, rows, columns))

    def extend(self, items: Sequence[Paragraph | Grid]) -> None:
        """Adds items that another builder or reader made, at their new offsets."""
        for item in items:
            if isinstance(item, Paragraph):
                self.paragraph(item.text, item.place, item.heading)
            else:
                size = (item.n_rows, item.n_columns)
                self.grid(item.cells, item.borders, item.place, continues=item.continues, size=size)

    def text(self) -> str:
        """The reading text so far."""
        return "\n".join(self._parts)

    def blocks(self, media_type: str, reader: str, **extra: object) -> Blocks:
        """The finished document; `extra` are further fields of `Blocks`."""
        return Blocks(media_type, reader, tuple(self.items), self.text(), **extra)  # type: ignore[arg-type]

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text) + 1


def extent(cells: Sequence[Cell]) -> tuple[int, int]:
    """Rows and columns that the cells reach."""
    return (
        max([cell.row + cell.row_span for cell in cells]),
        max([cell.column + cell.column_span for cell in cells]),
    )


def render(cells: Sequence[Cell], rows: int, columns: int) -> str:
    """A grid as text: rows on lines, cells parted by tabs at the column they start in."""
    lines = [[""] * columns for _ in range(rows)]
    for cell in cells:
        text = cell.text
        if "\n" in text or "\t" in text:
            text = text.replace("\n", " ").replace("\t", " ")
        lines[cell.row][cell.column] = text
    return "\n".join(["\t".join(line) for line in lines])
