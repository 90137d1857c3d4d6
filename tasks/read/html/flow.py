"""The body of a page in reading order: paragraphs where markup breaks the line, grids where tables stand."""

from __future__ import annotations

from lxml import etree

from schemas.blocks import Borders, Cell, Grid, Place
from tasks.read.build import Builder, extent
from tasks.read.html.page import text_of
from tasks.read.html.soup import soup_cells
from tasks.read.html.table import cells_of, is_layout, rows_of, squeeze
from tasks.read.noise import is_furniture
from tasks.read.text import items_of

BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir", "div"}
    | {"dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header"}
    | {"hr", "html", "legend", "li", "main", "menu", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th"}
    | {"thead", "tr", "ul", "ucapcontent", "ucaptitle", "publishtime"}
)
_BREAKERS = BLOCKS | {"br"}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SOUP = frozenset({"div", "ul", "ol", "dl", "section"})
_MANY_SIBLINGS = 1000
_EMBEDDED = frozenset({"iframe", "object", "embed", "img"})


class Flow:
    """Walks elements and fills a builder. Call `walk` for every container, then `finish`."""

    def __init__(self, builder: Builder, tree: etree._ElementTree) -> None:
        self._builder = builder
        self._tree = tree
        self._pending: list[str] = []
        self._pending_at: etree._Element | None = None
        self._places: dict[etree._Element, dict[etree._Element, int]] = {}  # long rows of siblings: child → number
        self._after_grid: tuple[int, int] | None = None  # size of the grid that ended just before here

    def walk(self, element: etree._Element) -> None:
        """Adds everything below `element`."""
        tag = element.tag
        if tag == "table":
            self._table(element)
            return
        if tag == "pre":
            self._preformatted(element)
            return
        if tag in _SOUP and len(element) > 1:
            cells = soup_cells(element, self._path)
            if cells:
                self.finish()
                self._grid(cells, element)
                return
        for below in element.iterdescendants():
            if below.tag in _BREAKERS:
                break
        else:
            self._text(text_of(element), element)
            return
        if element.text:
            self._text(element.text, element)
        orphans: list[etree._Element] = []
        for child in element:
            self._child(child, element, orphans)
        self._orphan_rows(orphans)

    def finish(self, heading: int | None = None) -> None:
        """Ends the paragraph that is being collected."""
        if not self._pending:
            return
        text = squeeze("".join(self._pending))
        at = self._pending_at
        self._pending.clear()
        self._pending_at = None
        if not text or is_furniture(text):
            return
        self._after_grid = None
        self._builder.paragraph(text, Place(path=self._path(at) if at is not None else None), heading)

    def _child(self, child: etree._Element, parent: etree._Element, orphans: list[etree._Element]) -> None:
        tag, tail = child.tag, child.tail
        if tag == "tr" and parent.tag not in {"table", "tbody", "thead", "tfoot"}:
            orphans.append(child)
        else:
            self._orphan_rows(orphans)
            if tag == "br" or tag == "hr":
                self.finish()
            elif tag in BLOCKS:
                self.finish()
                self.walk(child)
                self.finish(_HEADINGS.get(str(tag)))
            elif isinstance(tag, str) and tag not in _EMBEDDED:
                self.walk(child)
        if tail:
            if tail.strip():
                self._orphan_rows(orphans)
            self._text(tail, parent)

    def _text(self, text: str, at: etree._Element) -> None:
        if self._pending_at is None:
            self._pending_at = at
        self._pending.append(text)

    def _path(self, element: etree._Element) -> str:
        # lxml counts the siblings for every path; a hundred thousand paragraphs side by side would take hours.
        parent = element.getparent()
        if parent is None:
            return str(self._tree.getpath(element))
        places = self._places.get(parent)
        if places is None:
            many = len(parent) >= _MANY_SIBLINGS
            places = {child: number for number, child in enumerate(parent, 1)} if many else {}
            self._places[parent] = places
        return f"{self._path(parent)}/*[{places[element]}]" if element in places else str(self._tree.getpath(element))

    def _table(self, table: etree._Element) -> None:
        self.finish()
        rows = rows_of(table)
        if is_layout(table, rows):
            for part in table:
                self._layout_part(part)
            self.finish()
            return
        for caption in table.iterchildren("caption"):
            self.walk(caption)
            self.finish()
        self._grid(cells_of(rows, self._path(table)), table)

    def _layout_part(self, part: etree._Element) -> None:
        """A row, row group or caption of a table that only arranges the page: its cells are blocks."""
        if part.tag in {"tbody", "thead", "tfoot", "tr"}:
            for child in part:
                self._layout_part(child)
        elif isinstance(part.tag, str) and part.tag not in {"colgroup", "col"}:
            self.finish()
            self.walk(part)
            self.finish()

    def _grid(self, cells: list[Cell], element: etree._Element) -> None:
        if not any(cell.text for cell in cells):
            return
        size = extent(cells)
        # A table cut in two: another one of the same width follows with nothing in between.
        continues = self._after_grid is not None and self._after_grid[1] == size[1]
        place = Place(path=self._path(element))
        self._builder.grid(cells, Borders.DOM, place, continues=continues, size=size)
        self._after_grid = size

    def _orphan_rows(self, rows: list[etree._Element]) -> None:
        """Rows whose table element was lost (a fragment cut out by a CMS) are a table of their own."""
        if not rows:
            return
        self.finish()
        parent = rows[0].getparent()
        path = self._path(rows[0] if parent is None else parent)
        table = etree.Element("table")
        for row in rows:
            row.tail = None  # added by whoever walks past it
            table.append(row)
        cells = cells_of(rows_of(table), path)
        if cells and any(cell.text for cell in cells):
            size = extent(cells)
            self._builder.grid(cells, Borders.DOM, Place(path=path), size=size)
            self._after_grid = size
        rows.clear()

    def _preformatted(self, element: etree._Element) -> None:
        """Text with its own line ends: read as a text file would be."""
        self.finish()
        items = items_of(text_of(element))
        path = Place(path=self._path(element))
        for item in items:
            if isinstance(item, Grid):
                size = (item.n_rows, item.n_columns)
                self._builder.grid(item.cells, item.borders, path, continues=item.continues, size=size)
            elif not is_furniture(item.text):
                self._builder.paragraph(item.text, path)
        self._after_grid = None
