"""Table markup to cells: spans resolved the way browsers do, also where header and data rows do not line up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from schemas.blocks import Cell, Place
from schemas.errors import ReadError
from tasks.read.html.page import text_of
from tasks.read.noise import without_comments

MAX_CELLS = 100_000
_MAX_COLUMN_SPAN = 200
_MAX_AREA = 2_000_000
_BREAKS_BUT_P = ("br", "div", "li", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "input", "dd", "dt")
_BREAKS = ("p", *_BREAKS_BUT_P)
_BREAKING = frozenset(_BREAKS)
_CELLS = frozenset({"td", "th"})
_SPANS = frozenset({"span", "font", "b", "strong", "a", "u", "i", "em", "o:p"})
_SPAN = re.compile(r"\s*(\d+)")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_NOTHING = " \t\r\n\f\xa0\u3000"
_WIDE = r"[⺀-鿿豈-﫿︰-﹏＀-￯、-〿]"
_WRAP = re.compile(rf"(?<={_WIDE})[ \t]*[\r\n][ \t\r\n]*(?={_WIDE})")
_SHORT = 40  # characters; what is longer is prose and worth no memory


class Row(NamedTuple):
    """A row of a table: its element, its path below the table, and its cells."""

    tr: etree._Element
    path: str
    cells: list[etree._Element]


def cells_of(rows: Sequence[Row], path: str) -> list[Cell]:
    """The cells of a table in reading order; raises ReadError (`read.limit.cells`) for tables no form needs."""
    cells: list[Cell] = []
    open_spans: dict[int, int] = {}  # column → rows that a cell from above still covers
    area = 0
    for row, (tr, row_path, tds) in enumerate(rows):
        column, left = 0, len(rows) - row
        covered, open_spans = open_spans, {}
        if covered:
            open_spans = {col: rest - 1 for col, rest in covered.items() if rest > 1}
        prefix = f"{path}{row_path}/td["
        if tr.get("height") == "0" and not text_of(tr).strip(_NOTHING):
            continue  # the row with which Word keeps the widths of misaligned columns
        for position, td in enumerate(tds, start=1):
            while column in covered:
                column += 1
            stated = td.get("colspan")
            width = 1 if stated is None else min(_span(stated), _MAX_COLUMN_SPAN)
            stated = td.get("rowspan")
            height = 1 if stated is None else _row_span(stated, left)
            place = Place(None, None, f"{prefix}{position}]", None, row, column)
            cells.append(Cell(cell_text(td), row, column, height, width, place))
            if height > 1:
                for col in range(column, column + width):
                    open_spans[col] = height - 1
            column += width
            area += width * height
        if len(cells) > MAX_CELLS or area > _MAX_AREA:
            raise ReadError("read.limit.cells", f"a table of the page has more than {MAX_CELLS} cells")
    return cells


def rows_of(table: etree._Element) -> list[Row]:
    """The rows of a table (not those of tables inside it), each with its path below the table."""
    found: list[Row] = []
    counts: dict[str, int] = {}
    for child in table:
        tag = child.tag
        counts[tag] = counts.get(tag, 0) + 1
        if tag == "tr":
            found.append(Row(child, f"/tr[{counts[tag]}]", _cells_in(child)))
        elif tag in {"tbody", "thead", "tfoot"}:
            for number, tr in enumerate(child.iterchildren("tr"), start=1):
                found.append(Row(tr, f"/{tag}[{counts[tag]}]/tr[{number}]", _cells_in(tr)))
    return found


def _cells_in(tr: etree._Element) -> list[etree._Element]:
    return [td for td in tr if td.tag in _CELLS]


def _span(value: str) -> int:
    found = _SPAN.match(value)
    return max(int(found.group(1)[:6]), 1) if found else 1


def _row_span(value: str, left: int) -> int:
    """Rows that a cell covers, cut at the end of the table; 0 means down to the end (HTML standard, rowspan)."""
    if value.strip() == "0":
        return left
    return min(_span(value), left)


def squeeze(text: str) -> str:
    """Text as a browser shows it: white space runs are one blank; a source line break between wide characters none."""
    return _squeezed(text) if len(text) <= _SHORT else _squeeze(text)


def _squeeze(text: str) -> str:
    text = text.strip()
    if len(text) < 2:
        return text
    if "\n" in text or "\r" in text:
        text = _WRAP.sub("", text)
        text = _BLANKS.sub(" ", text)
    elif "  " in text or "\t" in text:
        text = _BLANKS.sub(" ", text)
    return without_comments(text).strip() if "<!" in text or "-->" in text else text


_squeezed = lru_cache(maxsize=8192)(_squeeze)  # numbers and labels repeat, in a document and from one to the next


def cell_text(td: etree._Element) -> str:
    """The text of a cell with a line feed where its markup breaks the line."""
    line = _one_line(td)
    if line is not None:
        return _squeezed(line) if len(line) <= _SHORT else _squeeze(line)
    if td[0].tag not in _BREAKING and next(td.iterdescendants(*_BREAKS), None) is None:
        return squeeze(text_of(td))
    parts: list[str] = [""]
    _collect(td, parts)
    lines = [squeeze(part) for part in parts]
    return "\n".join(line for line in lines if line)


def _one_line(td: etree._Element) -> str | None:
    """The text of a cell as most are: bare text, or one paragraph of text and plain spans. None for all others."""
    count = len(td)
    if not count:
        return td.text or ""
    if count > 1:
        return None
    paragraph = td[0]
    if paragraph.tag != "p":
        if len(paragraph) or paragraph.tag not in _SPANS:
            return None
        return (td.text or "") + (paragraph.text or "") + (paragraph.tail or "")
    before, text, behind = td.text, paragraph.text or "", paragraph.tail
    if (before and not before.isspace()) or (behind and not behind.isspace()):
        return None
    count = len(paragraph)
    if not count:
        return text
    for span in (paragraph[0],) if count == 1 else paragraph:
        if len(span) or span.tag not in _SPANS:
            return None
        text += (span.text or "") + (span.tail or "")
    return text


def _collect(element: etree._Element, parts: list[str]) -> None:
    """Appends the text below `element`; every break starts a new part."""
    if element.text:
        parts[-1] += element.text
    for child in element:
        tag = child.tag
        if tag == "br":
            parts.append("")
        elif tag == "input":
            parts[-1] += _input_value(child)
        elif tag in {"td", "th"}:
            _collect(child, parts)
            parts[-1] += "\t"
        elif tag in _SPANS and not len(child):
            if child.text:
                parts[-1] += child.text
        elif tag in _BREAKING:
            parts.append("")
            _collect(child, parts)
            parts.append("")
        elif isinstance(tag, str):
            _collect(child, parts)
        if child.tail:
            parts[-1] += child.tail


def _input_value(element: etree._Element) -> str:
    kind = (element.get("type") or "text").lower()
    return element.get("value") or "" if kind in {"text", "number"} else ""


def is_layout(table: etree._Element, parts: Sequence[Row]) -> bool:
    """Whether a table only arranges the page: one cell, long prose in its cells, or tables that are most of it."""
    rows = [part.cells for part in parts]
    count = sum(map(len, rows))
    if count <= 1:
        return True
    inner = next(table.iterdescendants("table"), None)
    if inner is not None:
        nested = sum(len(text_of(found)) for found in _outermost(table))
        return count <= 12 or nested * 2 > len(text_of(table))
    if count > 40:
        return False
    long = [cell for row in rows for cell in row if len(text_of(cell)) > 150]
    prose = sum(sum(1 for _ in cell.iterdescendants("p", "br")) > 3 for cell in long)
    return bool(prose) and max(map(len, rows)) <= 4 and len(text_of(table)) < 1.5 * sum(len(text_of(c)) for c in long)


def _outermost(table: etree._Element) -> Iterator[etree._Element]:
    for found in table.iterdescendants("table"):
        if next(found.iterancestors("table")) is table:
            yield found
