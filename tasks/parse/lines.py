"""Blocks as lines of slots: grid rows and text lines brought to one shape, so that one aligner serves all formats."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from schemas.blocks import Blocks, Borders, Grid, Paragraph, Place
from schemas.shape import quick
from tasks.parse.labels import bare, fold, folded
from tasks.parse.numbers import CellValue, read_value

# A page number between rows: "- 5 -", "第 5 页", "5 / 12"
_PAGE_NUMBER = re.compile(r"^(?:[-—–]+\d{1,3}[-—–]+|第\d{1,3}页(?:共\d{1,3}页)?|\d{1,3}/\d{1,3})$")
_PAGE_MARKS = frozenset("-—–第=_")  # what a page number or a rule line begins with, if not with a digit
_PAGE_OFFSET = 2  # covers and contents may be uncounted
_RULE = re.compile(r"^[-=_]{4,}$")  # Markdown rule line; —— is a value
_TOKEN = re.compile(r"(?<!\S)\d{1,2}\s+[.、．]\S*|\S+")  # `3 . 其 他`: the mark belongs to its number
_REST_OF_MARK = re.compile(r"[.、)]\D")
_GLUED = re.compile(r"(?P<label>.*[^\d\s.,+-])\s*(?P<number>[+-]?\d[\d.,]*(?:万?元|件|项|笔|宗)?)$", re.DOTALL)
_GLUED_ENDS = frozenset(".,元件项笔宗")  # what such a number ends with, if not with a digit
_ENUMERATOR_ONLY = re.compile(
    r"^(?:\d{1,2}[.、)]|\(?[一二三四五六七八九十]{1,3}[)、.]|\([一二三四五六七八九十\d]{1,3}\))$"
)
_LONGEST_ENUMERATOR = 5  # folded characters: (十二)
_BEGIN_VALUES = frozenset("增新减下无暂空不未持涉零")  # of the words for none, for no figure and for a change (numbers)
_LONGEST_CELL = 40  # characters; what is longer is prose and worth no memory
_NOWHERE = Place()


@quick
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


@quick
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


@lru_cache(maxsize=16384)
def _seen(text: str) -> tuple[str, CellValue | None]:
    """A short text folded, and its value. Cells of forms repeat: in a document and from one to the next."""
    return folded(text), read_value(text)


def _read(text: str) -> tuple[str, CellValue | None]:
    return _seen(text) if len(text) <= _LONGEST_CELL else (folded(text), read_value(text))


def _grid_lines(grid: Grid, index: int) -> Iterator[Line]:
    borders, start = grid.borders, grid.start
    for number, row in enumerate(grid.rows()):
        slots = []
        words = []
        for cell in row:
            text, place = cell.text, cell.place
            if place.path is None and place.page is None and place == _NOWHERE:
                place = replace(grid.place, row=number, column=cell.column)
            told, value = _seen(text) if len(text) <= _LONGEST_CELL else _read(text)
            words.append(told)
            slots.append(Slot(text, told, value, cell.column, place, cell.column_span))
        yield Line(tuple(slots), borders, index, "".join(words), start)


def _text_lines(paragraph: Paragraph, index: int) -> Iterator[Line]:
    offset = 0
    for number, text in enumerate(paragraph.text.split("\n")):
        start = paragraph.start + offset
        offset += len(text) + 1
        place = paragraph.place
        told = folded(text)
        if not told or _is_furniture(told, place):
            continue
        if place.line is not None and number:
            place = replace(place, line=place.line + number)
        slots = tuple(_tokens(text, told, place))
        if slots:
            yield Line(slots, Borders.NONE, index, told, start)


def _is_furniture(told: str, place: Place) -> bool:
    """Whether a folded line is a page number or a rule."""
    first = told[0]
    if first not in _PAGE_MARKS and not first.isdecimal():
        return False
    return bool(_PAGE_NUMBER.match(told) or _RULE.match(told)) or _is_page_number(told, place)


def unglued(line: Line, labels: Collection[str]) -> Line:
    """A line in which a label and the number behind it touch (行政规范性文件88), as two slots each.

    Only where cells were told by distance, and only behind a whole label of the form: no label ends in a digit.
    """
    if line.borders not in {Borders.ALIGNED, Borders.NONE}:
        return line
    slots: list[Slot] = []
    for slot in line.slots:
        match = _GLUED.match(slot.text) if slot.value is None and _ends_with_number(slot.text) else None
        if match is None or bare(match["label"]) not in labels or read_value(match["number"]) is None:
            slots.append(slot)
            continue
        slots.extend(
            replace(slot, text=text, folded=fold(text), value=read_value(text), span=1)
            for text in (match["label"], match["number"])
        )
    return line if len(slots) == len(line.slots) else replace(line, slots=tuple(slots))


def _ends_with_number(text: str) -> bool:
    last = text.rstrip("\n")[-1:]
    return last.isdecimal() or last in _GLUED_ENDS


def _is_prose(told: str) -> bool:
    """Whether a folded text is no value for sure: no value of a cell begins with most Chinese characters."""
    return "\u4e00" <= told[0] <= "\u9fff" and told[0] not in _BEGIN_VALUES


def _is_page_number(told: str, place: Place) -> bool:
    """A bare number that is about the number of its page; a cell lost there leaves a row one short all the same."""
    return place.page is not None and told.isdecimal() and abs(int(told[:6]) - place.page) <= _PAGE_OFFSET


def _tokens(text: str, told: str, place: Place) -> Iterator[Slot]:
    """Blank-separated tokens of a text, which is `told` when folded.

    An enumerator standing alone (`1. 属于…`) belongs to the words behind it.
    """
    pieces = text.split(None, 1)
    if len(pieces) == 1 and len(told) > _LONGEST_ENUMERATOR:  # as most prose
        value = None if _is_prose(told) else read_value(pieces[0])
        yield Slot(pieces[0], told, value, 0, replace(place, column=0))
        return
    held = ""
    for column, match in enumerate(_TOKEN.finditer(text)):
        token = match.group()
        folded_token, value = _read(token)
        if len(folded_token) <= _LONGEST_ENUMERATOR and _ENUMERATOR_ONLY.match(folded_token):
            held += token
            continue
        if held and value is not None:
            # A list mark whose words stand on another line; with the number behind it, it would be a decimal.
            yield Slot(held, fold(held), None, column, replace(place, column=column))
            held = ""
        if held:
            token, held = held + token, ""
            folded_token, value = _read(token)
        if folded_token:
            yield Slot(token, folded_token, value, column, replace(place, column=column))
    if held:
        yield Slot(held, fold(held), None, 0, place)
