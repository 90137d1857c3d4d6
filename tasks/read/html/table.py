"""Table markup to cells: spans resolved the way browsers do, also where header and data rows do not line up."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
_SPANS = frozenset({"span", "font", "b", "strong", "a", "u", "i", "em", "o:p"})
_SPAN = re.compile(r"\s*(\d+)")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_NOTHING = " \t\r\n\f\xa0\u3000"
_WIDE = r"[⺀-鿿豈-﫿︰-﹏＀-￯、-〿]"
_WRAP = re.compile(rf"(?<={_WIDE})[ \t]*[\r\n][ \t\r\n]*(?={_WIDE})")


def cells_of(table: etree._Element, path: str) -> list[Cell]:
    """The cells of a table in reading order; raises ReadError (`read.limit.cells`) for tables no form needs."""
    rows = list(rows_of(table))
    cells: list[Cell] = []
    open_spans: dict[int, int] = {}  # column → rows that a cell from above still covers
    area = 0
    for row, (tr, row_path) in enumerate(rows):
        column, left = 0, len(rows) - row
        covered, open_spans = open_spans, {col: rest - 1 for col, rest in open_spans.items() if rest > 1}
        prefix = f"{path}{row_path}/td["
        if tr.get("height") == "0" and not text_of(tr).strip(_NOTHING):
            continue  # the row with which Word keeps the widths of misaligned columns
        for position, td in enumerate(tr.iterchildren("td", "th"), start=1):
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


def rows_of(table: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """The rows of a table (not those of tables inside it), each with its path below the table."""
    counts: dict[str, int] = {}
    for child in table:
        tag = child.tag
        counts[tag] = counts.get(tag, 0) + 1
        if tag == "tr":
            yield child, f"/tr[{counts[tag]}]"
        elif tag in {"tbody", "thead", "tfoot"}:
            for number, tr in enumerate(child.iterchildren("tr"), start=1):
                yield tr, f"/{tag}[{counts[tag]}]/tr[{number}]"


def _cells_in(tr: etree._Element) -> Iterator[etree._Element]:
    return tr.iterchildren("td", "th")


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
    text = text.strip()
    if len(text) < 2:
        return text
    if "\n" in text or "\r" in text:
        text = _WRAP.sub("", text)
        text = _BLANKS.sub(" ", text)
    elif "  " in text or "\t" in text:
        text = _BLANKS.sub(" ", text)
    return without_comments(text).strip() if "<!" in text or "-->" in text else text


def cell_text(td: etree._Element) -> str:
    """The text of a cell with a line feed where its markup breaks the line."""
    line = _one_line(td)
    if line is not None:
        return squeeze(line)
    if next(td.iterdescendants(*_BREAKS), None) is None:
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
    paragraph = td[0]
    if count > 1 or paragraph.tag != "p":
        return None
    before, text, behind = td.text, paragraph.text or "", paragraph.tail
    if (before and not before.isspace()) or (behind and not behind.isspace()):
        return None
    for span in paragraph:
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
        elif tag in _BREAKS:
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


def is_layout(table: etree._Element) -> bool:
    """Whether a table only arranges the page: one cell, long prose in its cells, or tables that are most of it."""
    rows = [list(_cells_in(tr)) for tr, _ in rows_of(table)]
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
