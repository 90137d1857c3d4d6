"""What a reader makes of a document, the same for every format: paragraphs and grids, each with its place.

`Blocks.text` is the *reading text*: all items in reading order. Statistics quote it by offset. For a plain
text file it is the decoded file itself, so that offsets can be checked against the source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from schemas.shape import quick


class Borders(StrEnum):
    """How the boundaries of a grid's cells are known; only borders make run-together digits certain."""

    RULED = "ruled"  # drawn lines in a PDF, on all sides of the cells
    DOM = "dom"  # table markup (HTML, DOCX, spreadsheet)
    DELIMITED = "delimited"  # tabs or pipes in a text
    ALIGNED = "aligned"  # inferred from white space or from positions on a page
    NONE = "none"  # one token after another: lines of a flattened table


@quick
@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in its document. Fields that make no sense for the format are None."""

    page: int | None = None  # 1-based
    box: tuple[float, float, float, float] | None = None  # x0, top, x1, bottom in points from the top left
    path: str | None = None  # DOM path, paragraph number or sheet cell
    line: int | None = None  # 1-based line of a text file
    row: int | None = None  # 0-based row and column inside the grid
    column: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """The fields that are set, as plain JSON data."""
        found: dict[str, Any] = {}
        for name in ("page", "path", "line", "row", "column"):
            value = getattr(self, name)
            if value is not None:
                found[name] = value
        if self.box is not None:
            found["box"] = [round(edge, 1) for edge in self.box]
        return found


@quick
@dataclass(frozen=True, slots=True)
class Paragraph:
    """A run of text. `start` is its offset in `Blocks.text`; `heading` the level the format gave it, if any."""

    text: str
    place: Place = Place()
    start: int = 0
    heading: int | None = None


@quick
@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it stands: its text (line breaks kept) and the grid area that it covers."""

    text: str
    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: cells in reading order. Rows need not be rectangular; nothing is filled in."""

    cells: tuple[Cell, ...]
    n_rows: int
    n_columns: int
    borders: Borders
    place: Place = Place()
    start: int = 0
    continues: bool = False  # the reader saw that this grid goes on from the one before (page break)

    def rows(self) -> list[list[Cell]]:
        """The cells by the row they start in, left to right."""
        found: list[list[Cell]] = [[] for _ in range(self.n_rows)]
        for cell in self.cells:
            found[cell.row].append(cell)
        for row in found:
            row.sort(key=lambda cell: cell.column)
        return found


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a page links to and that may be the report itself.

    `kind` tells how the page holds it: file (a link), frame (embedded or in a viewer) or image (a picture in the body).
    """

    url: str
    label: str
    kind: str = "file"


@dataclass(frozen=True, slots=True)
class Blocks:
    """A document as read. `notes` are doubts of the reader that lower the trust in what it read."""

    media_type: str
    reader: str
    items: tuple[Paragraph | Grid, ...]
    text: str
    title: str | None = None  # title element or document property, not the heading in the body
    metas: dict[str, str] = field(default_factory=dict)  # meta names in lower case
    attachments: tuple[Attachment, ...] = ()
    notes: tuple[str, ...] = ()
    pages: int | None = None
    more: tuple[str, ...] = ()  # urls of the further pages of an article that is split over several
