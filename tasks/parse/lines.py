"""Blocks as lines of slots: grid rows and text lines brought to one shape, so that one aligner serves all formats."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from schemas.blocks import Blocks, Borders, Grid, Paragraph, Place
from tasks.parse.labels import bare, fold
from tasks.parse.numbers import CellValue, read_value

# A page number between rows: "- 5 -", "第 5 页", "5 / 12"
_PAGE_NUMBER = re.compile(r"^(?:[-—–]+\d{1,3}[-—–]+|第\d{1,3}页(?:共\d{1,3}页)?|\d{1,3}/\d{1,3})$")
_PAGE_OFFSET = 2  # covers and contents may be uncounted
_RULE = re.compile(r"^[-=_]{4,}$")  # Markdown rule line; —— is a value
_TOKEN = re.compile(r"(?<!\S)\d{1,2}\s+[.、．]\S*|\S+")  # `3 . 其 他`: the mark belongs to its number
_REST_OF_MARK = re.compile(r"[.、)]\D")
_GLUED = re.compile(r"(?P<label>.*[^\d\s.,+-])\s*(?P<number>[+-]?\d[\d.,]*(?:万?元|件|项|笔|宗)?)$", re.DOTALL)
_ENUMERATOR_ONLY = re.compile(
    r"^(?:\d{1,2}[.、)]|\(?[一二三四五六七八九十]{1,3}[)、.]|\([一二三四五六七八九十\d]{1,3}\))$"
)


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell or a token. `value` is None for words; blank cells have a value whose state is blank."""

    text: str
    folded: str
    value: CellValue | None
    column: int
    place: Place
    span: int = 1

    @property
    def filled(self) -> bool:
        return bool(self.folded)


@dataclass(frozen=True, slots=True)
class Line:
    """A grid row or a line of text. `item` is its index in Blocks.items."""

    slots: tuple[Slot, ...]
    borders: Borders
    item: int
    text: str  # folded text of the whole line
    start: int  # offset in the reading text of the item

    @property
    def from_grid(self) -> bool:
        return self.borders is not Borders.NONE


def lines(blocks: Blocks) -> list[Line]:
    """All lines of a document in reading order, page-number lines left out."""
    found: list[Line] = []
    for index, item in enumerate(blocks.items):
        if isinstance(item, Grid):
            found.extend(_grid_lines(item, index))
        else:
            found.extend(_text_lines(item, index))
    return _with_marks(found)


def _with_marks(found: list[Line]) -> list[Line]:
    """Puts a list mark that was cut in two (`2` and `.政府公报公开` on the next line) together: it is no value."""
    kept: list[Line] = []
    for line in found:
        before = kept[-1] if kept else None
        if before is not None and _REST_OF_MARK.match(line.text) and _is_number_of_mark(before, line):
            kept.pop()
            first = line.slots[0]
            text = before.slots[0].text + first.text
            slots = (replace(first, text=text, folded=fold(text), value=None), *line.slots[1:])
            line = replace(line, slots=slots, text=before.text + line.text)  # noqa: PLW2901
        kept.append(line)
    return kept


def _is_number_of_mark(before: Line, line: Line) -> bool:
    alone = len(before.slots) == 1 and before.borders is line.borders is Borders.NONE
    return alone and before.text.isdecimal() and len(before.text) <= 2


def _grid_lines(grid: Grid, index: int) -> Iterator[Line]:
    for number, row in enumerate(grid.rows()):
        slots = tuple(
            Slot(
                text=cell.text,
                folded=fold(cell.text),
                value=read_value(cell.text),
                column=cell.column,
                place=cell.place if cell.place != Place() else replace(grid.place, row=number, column=cell.column),
                span=cell.column_span,
            )
            for cell in row
        )
        yield Line(slots, grid.borders, index, "".join(slot.folded for slot in slots), grid.start)


def _text_lines(paragraph: Paragraph, index: int) -> Iterator[Line]:
    offset = 0
    for number, text in enumerate(paragraph.text.split("\n")):
        start = paragraph.start + offset
        offset += len(text) + 1
        if _PAGE_NUMBER.match(fold(text)) or _RULE.match(fold(text)) or _is_page_number(fold(text), paragraph.place):
            continue
        place = paragraph.place
        if place.line is not None and number:
            place = replace(place, line=place.line + number)
        slots = tuple(_tokens(text, place))
        if slots:
            yield Line(slots, Borders.NONE, index, fold(text), start)


def unglued(line: Line, labels: Collection[str]) -> Line:
    """A line in which a label and the number behind it touch (行政规范性文件88), as two slots each.

    Only where cells were told by distance, and only behind a whole label of the form: no label ends in a digit.
    """
    if line.borders not in {Borders.ALIGNED, Borders.NONE}:
        return line
    slots: list[Slot] = []
    for slot in line.slots:
        match = _GLUED.match(slot.text) if slot.value is None else None
        if match is None or bare(match["label"]) not in labels or read_value(match["number"]) is None:
            slots.append(slot)
            continue
        slots.extend(
            replace(slot, text=text, folded=fold(text), value=read_value(text), span=1)
            for text in (match["label"], match["number"])
        )
    return line if len(slots) == len(line.slots) else replace(line, slots=tuple(slots))


def _is_page_number(folded: str, place: Place) -> bool:
    """A bare number that is about the number of its page; a cell lost there leaves a row one short all the same."""
    return place.page is not None and folded.isdecimal() and abs(int(folded[:6]) - place.page) <= _PAGE_OFFSET


def _tokens(text: str, place: Place) -> Iterator[Slot]:
    """Blank-separated tokens; an enumerator standing alone (`1. 属于…`) belongs to the words behind it."""
    held = ""
    for column, match in enumerate(_TOKEN.finditer(text)):
        token = match.group()
        if _ENUMERATOR_ONLY.match(fold(token)):
            held += token
            continue
        if held and read_value(token) is not None:
            # A list mark whose words stand on another line; with the number behind it, it would be a decimal.
            yield Slot(held, fold(held), None, column, replace(place, column=column))
            held = ""
        token, held = held + token, ""
        folded = fold(token)
        if folded:
            yield Slot(token, folded, read_value(token), column, replace(place, column=column))
    if held:
        yield Slot(held, fold(held), None, 0, place)
