"""Tables built from `<div>`, `<ul>` or `<dl>` instead of table markup: recognised where their structure is regular.

A row is an element whose children are all leaves (no blocks inside) and at least two; a table is three rows or more
of one kind, mostly with numbers behind the first cell. Rows may lie in one wrapper more (head and body parts). A row of
one cell between them is a caption across the whole width (第二十条第（一）项). What is not regular stays paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from lxml import etree

from schemas.blocks import Cell, Place
from tasks.read.html.page import text_of
from tasks.read.html.table import cell_text

_ROW_TAGS = frozenset({"div", "ul", "dl", "ol", "li", "section"})
_CELL_TAGS = frozenset({"div", "span", "li", "dd", "dt", "p", "label", "em", "b", "strong", "i"})
_LEAF_BREAKERS = ("div", "ul", "ol", "dl", "li", "table", "section")
_VALUE = re.compile(r"[-+－—–/]*\s*[\d０-９][\d０-９,，.]*\s*(?:万元|元|件|条|个|项|次|笔|%)?|[-—–/\s\u00a0]*")
_NAMED = re.compile(r"(?i)[\s_-](?:table|tbody|grid|rows?|trs?)[\s_-]|display\s*:\s*(?:table|grid)")
_LONGEST_CELL = 90


def soup_cells(element: etree._Element, path_of: Callable[[etree._Element], str]) -> list[Cell] | None:
    """The cells of a table made of other elements, or None when `element` is no such table."""
    if element.tag not in _ROW_TAGS or len(element) < 2 or (element.text and element.text.strip()):
        return None
    rows = _rows(element)
    if rows is None or len(rows) < 2:
        return None
    texts = [[cell_text(cell) for cell in row] for row in rows]
    if not (_is_table(texts) or (_named_table(element) and _may_be_table(texts))):
        return None
    width = max(map(len, texts))
    cells: list[Cell] = []
    path = path_of(element)
    for row, line in enumerate(texts):
        for column, text in enumerate(line):
            span = width if len(line) == 1 else 1
            cells.append(Cell(text, row, column, 1, span, Place(path=path, row=row, column=column)))
    return cells


def _rows(element: etree._Element) -> list[list[etree._Element]] | None:
    """The rows below `element`, directly or one wrapper deeper; None when something else is in between."""
    rows: list[list[etree._Element]] = []
    for child in element:
        if child.tail and child.tail.strip():
            return None
        row = _row(child)
        if row is not None:
            rows.append(row)
            continue
        if child.tag not in _ROW_TAGS or (child.text and child.text.strip()) or not len(child):
            return None
        inner = [_row(grandchild) for grandchild in child]
        if any(found is None for found in inner):
            return None
        rows.extend(found for found in inner if found is not None)
    return rows


def _row(element: etree._Element) -> list[etree._Element] | None:
    if element.tag not in _ROW_TAGS:
        return None
    cells = list(element)
    if not cells:
        return [element] if text_of(element).strip() else None
    if element.text and element.text.strip():
        return None
    tag = cells[0].tag
    for cell in cells:
        same = cell.tag == tag or {cell.tag, tag} == {"dd", "dt"}
        if not same or tag not in _CELL_TAGS or (cell.tail and cell.tail.strip()):
            return None
        if next(cell.iterdescendants(*_LEAF_BREAKERS), None) is not None:
            return None
    return cells


def _named_table(element: etree._Element) -> bool:
    """Whether class or style say that an element is a table, a part of one, or laid out as one."""
    return bool(_NAMED.search(f" {element.get('class') or ''} {element.get('style') or ''} "))


def _may_be_table(texts: Sequence[Sequence[str]]) -> bool:
    """The weaker demand on what calls itself a table: a row of several cells, and no prose."""
    return any(len(line) > 1 for line in texts) and all(len(text) <= _LONGEST_CELL for line in texts for text in line)


def _is_table(texts: Sequence[Sequence[str]]) -> bool:
    several = [line for line in texts if len(line) > 1]
    if len(several) < 3 or len(several) * 2 < len(texts):
        return False
    if any(len(text) > _LONGEST_CELL for line in several for text in line):
        return False
    values = [text for line in several for text in line[1:]]
    numbers = sum(bool(_VALUE.fullmatch(text)) for text in values)
    return numbers * 5 >= len(values) * 2 and any(char.isdigit() for text in values for char in text)
