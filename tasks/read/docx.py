"""DOCX to blocks, straight from its XML: merged cells, nested tables, tracked changes as if all were accepted.

What is deleted, hidden or an instruction to a field is not read; headers and footers are page furniture. Numbers of
automatic lists (一、, 1.) are computed, because they stand on the page though not in the text.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from schemas.blocks import Blocks, Borders, Cell, Place
from schemas.errors import ReadError
from tasks.read.build import Builder, extent
from tasks.read.docx_numbers import Numbering
from tasks.read.noise import is_page_number
from tasks.read.package import Package

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MAX_CELLS = 100_000
_WRAPPERS = frozenset(
    {"ins", "sdt", "sdtContent", "smartTag", "customXml", "hyperlink", "moveTo", "fldSimple", "Choice"}
    | {"AlternateContent", "dir", "bdo"}
)


def local(element: etree._Element) -> str:
    """The name of an element without its namespace (Word writes two generations of them)."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: etree._Element, name: str) -> str | None:
    """An attribute by its local name."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return None


def child(element: etree._Element | None, *names: str) -> etree._Element | None:
    """The element reached by going down the given local names."""
    for name in names:
        if element is None:
            return None
        element = next((below for below in element if local(below) == name), None)
    return element


def read_docx(data: bytes, *, media_type: str = MEDIA_TYPE, reader: str = "docx") -> Blocks:
    """Reads a DOCX. Raises ReadError as `Package` does, and `read.needs_ocr` for a document of pictures alone."""
    with Package(data) as package:
        root = package.xml("word/document.xml")
        body = child(root, "body")
        if root is None or body is None:
            raise ReadError("read.damaged", "the document part of the DOCX is missing")
        walk = _Walk(_heading_levels(package), Numbering(package.xml("word/numbering.xml")))
        try:
            walk.blocks_of(body, "body")
        except RecursionError as error:
            raise ReadError("read.limit.nesting", "the DOCX nests its tables deeper than any report does") from error
        title = child(package.xml("docProps/core.xml"), "title")
        pictures = sum(name.startswith("word/media/") for name in package.names)
    if not walk.builder.items and pictures:
        raise ReadError("read.needs_ocr", f"the DOCX holds {pictures} picture(s) and no text")
    notes = ("docx.embedded_object",) if any(name.startswith("word/embeddings/") for name in package.names) else ()
    text = (title.text or "").strip() if title is not None else ""
    return walk.builder.blocks(media_type, reader, title=text or None, notes=notes)


def _heading_levels(package: Package) -> dict[str, int]:
    """Style id → heading level, from the styles' names (heading 1 …) and outline levels."""
    levels: dict[str, int] = {}
    styles = package.xml("word/styles.xml")
    for style in styles if styles is not None else ():
        identity = attribute(style, "styleId")
        if identity is None:
            continue
        name = child(style, "name")
        words = (attribute(name, "val") or "").lower().split() if name is not None else []
        if len(words) == 2 and words[0] == "heading" and words[1].isdigit():
            levels[identity] = int(words[1])
            continue
        outline = child(style, "pPr", "outlineLvl")
        level = attribute(outline, "val") if outline is not None else None
        if level is not None and level.isdigit() and int(level) < 9:
            levels[identity] = int(level) + 1
    return levels


class _Walk:
    def __init__(self, levels: dict[str, int], numbering: Numbering) -> None:
        self.builder = Builder()
        self._levels = levels
        self._numbering = numbering
        self._paragraphs = self._tables = self._cells = 0
        self._after_grid: int | None = None

    def blocks_of(self, parent: etree._Element, where: str) -> None:
        """Adds the paragraphs and tables below `parent`."""
        for element in parent:
            name = local(element)
            if name == "p":
                self._paragraph(element, where)
            elif name == "tbl":
                self._table(element, where)
            elif name in _WRAPPERS:
                self.blocks_of(element, where)

    def _paragraph(self, element: etree._Element, where: str) -> None:
        self._paragraphs += 1
        place = Place(path=f"{where}/p[{self._paragraphs}]")
        text = self._numbering.mark(element) + paragraph_text(element)
        for line in text.split("\n"):
            if line.strip() and not is_page_number(line.strip()):
                self.builder.paragraph(line, place, self._level(element))
                self._after_grid = None
        for box in _text_boxes(element):
            self.blocks_of(box, f"{where}/p[{self._paragraphs}]/box")

    def _level(self, element: etree._Element) -> int | None:
        style = child(element, "pPr", "pStyle")
        level = self._levels.get(attribute(style, "val") or "") if style is not None else None
        outline = child(element, "pPr", "outlineLvl")
        stated = attribute(outline, "val") if outline is not None else None
        if stated is not None and stated.isdigit():
            return int(stated) + 1 if int(stated) < 9 else None
        return level

    def _table(self, table: etree._Element, where: str) -> None:
        self._tables += 1
        path = f"{where}/tbl[{self._tables}]"
        if _is_layout(table):
            for row in _rows(table):
                for cell in _cells(row):
                    self.blocks_of(cell, path)
            return
        cells = self._grid(table, path)
        if not any(cell.text for cell in cells):
            return
        size = extent(cells)
        continues = self._after_grid == size[1]
        self.builder.grid(cells, Borders.DOM, Place(path=path), continues=continues, size=size)
        self._after_grid = size[1]

    def _grid(self, table: etree._Element, path: str) -> list[Cell]:
        """Cells with their spans; a vertically merged cell is one cell, its text that of all its parts."""
        cells: list[Cell] = []
        above: dict[int, int] = {}  # column → index of the merged cell that may go on there
        for row, tr in enumerate(_rows(table)):
            column = _number(child(tr, "trPr", "gridBefore"))
            open_below: dict[int, int] = {}
            for tc in _cells(tr):
                span = max(_number(child(tc, "tcPr", "gridSpan"), 1), 1)
                merge = child(tc, "tcPr", "vMerge")
                text = self._cell_text(tc)
                goes_on = merge is not None and attribute(merge, "val") != "restart"
                if goes_on and column in above:
                    index = above[column]
                    whole = cells[index]
                    joined = "\n".join(part for part in (whole.text, text) if part)
                    height = row - whole.row + 1
                    cells[index] = Cell(joined, whole.row, whole.column, height, whole.column_span, whole.place)
                    open_below[column] = index
                elif child(tc, "tcPr", "hMerge") is not None and _goes_on_left(tc) and cells and cells[-1].row == row:
                    left = cells[-1]
                    cells[-1] = Cell(left.text, row, left.column, left.row_span, left.column_span + span, left.place)
                else:
                    if merge is not None:
                        open_below[column] = len(cells)
                    cells.append(Cell(text, row, column, 1, span, Place(path=path, row=row, column=column)))
                column += span
            above = open_below
            self._cells += len(open_below) + 1
            if len(cells) > MAX_CELLS:
                raise ReadError("read.limit.cells", f"a table of the DOCX has more than {MAX_CELLS} cells")
        return cells

    def _cell_text(self, tc: etree._Element) -> str:
        lines: list[str] = []
        for element in _content(tc):
            if local(element) == "p":
                text = self._numbering.mark(element) + paragraph_text(element)
                lines += [" ".join(line.split()) for line in text.split("\n")]
            else:
                for row in _rows(element):
                    lines.append(" ".join(filter(None, (self._cell_text(inner) for inner in _cells(row)))))
        return "\n".join(line for line in lines if line)


def paragraph_text(element: etree._Element) -> str:
    """The text of a paragraph, its tabs and line breaks kept, what is deleted or hidden left out."""
    parts: list[str] = []
    _collect(element, parts)
    return "".join(parts)


def _collect(element: etree._Element, parts: list[str]) -> None:
    for below in element:
        name = local(below)
        if name == "t":
            parts.append(below.text or "")
        elif name == "tab":
            parts.append("\t")
        elif name in {"br", "cr"}:
            parts.append("\n")
        elif name == "noBreakHyphen":
            parts.append("-")
        elif name == "r":
            if not any(_is_on(below, mark) for mark in ("vanish", "strike", "dstrike")):
                _run(below, parts)
        elif name == "sdt":
            content = child(below, "sdtContent")
            if content is not None:
                _collect(content, parts)
        elif name == "fldSimple" or (name in _WRAPPERS and name not in {"Choice", "AlternateContent"}):
            _collect(below, parts)


def _run(run: etree._Element, parts: list[str]) -> None:
    """A run's text. A raised digit behind a digit is the mark of a footnote, not one more digit: 22¹ becomes 22[1]."""
    inside: list[str] = []
    _collect(run, inside)
    raised = child(run, "rPr", "vertAlign")
    text = "".join(inside)
    before = parts[-1][-1:] if parts else ""
    if raised is not None and attribute(raised, "val") == "superscript" and text[:1].isnumeric() and before.isdigit():
        text = f"[{text}]"
    parts.append(text)


def _is_on(run: etree._Element, mark: str) -> bool:
    """Whether a property of a run is set; it may also be there to say that it is not."""
    found = child(run, "rPr", mark)
    return found is not None and (attribute(found, "val") or "true") not in {"0", "false", "off", "none"}


def _text_boxes(element: etree._Element) -> Iterator[etree._Element]:
    for below in element.iterdescendants():
        if local(below) == "txbxContent":
            ancestors = [local(outer) for outer in below.iterancestors()]
            if "Fallback" not in ancestors[: ancestors.index("p") + 1] and "Fallback" not in ancestors:
                yield below


def _content(parent: etree._Element) -> Iterator[etree._Element]:
    """Paragraphs and tables directly below, through wrappers."""
    for element in parent:
        name = local(element)
        if name in {"p", "tbl"}:
            yield element
        elif name in _WRAPPERS:
            yield from _content(element)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for element in table:
        name = local(element)
        if name == "tr":
            if child(element, "trPr", "del") is None:
                yield element
        elif name in _WRAPPERS:
            yield from _rows(element)


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    for element in row:
        name = local(element)
        if name == "tc":
            if child(element, "tcPr", "cellDel") is None:
                yield element
        elif name in _WRAPPERS:
            yield from _cells(element)


def _is_layout(table: etree._Element) -> bool:
    """A table that only arranges the page: one cell, or a few that hold tables themselves."""
    cells = [cell for row in _rows(table) for cell in _cells(row)]
    if len(cells) <= 1:
        return True
    return len(cells) <= 6 and any(local(element) == "tbl" for cell in cells for element in _content(cell))


def _number(element: etree._Element | None, default: int = 0) -> int:
    value = attribute(element, "val") if element is not None else None
    return min(int(value), 200) if value is not None and value.isdigit() else default


def _goes_on_left(tc: etree._Element) -> bool:
    merge = child(tc, "tcPr", "hMerge")
    return merge is not None and attribute(merge, "val") != "restart"
