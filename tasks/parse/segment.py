"""Finds the statutory tables among the lines of a document: which lines belong to which table, and which to none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from schemas.blocks import Borders
from schemas.forms import form
from schemas.report import Edition
from tasks.parse.headings import heading_of
from tasks.parse.labels import EXACT, FUZZY, PREFIX, bare, closeness, fold
from tasks.parse.lines import Line, unglued

_CAPTION = re.compile(r"^第二十条第?[(]?[一二三四五六七八九][)]?项?$")
_CORNER = re.compile(r"勾稽关系|第一项加第二项")
_T4_HEADS = frozenset({"结果维持", "结果纠正", "其他结果", "尚未审结"})
_T4_WORDS = _T4_HEADS | {"行政复议", "行政诉讼", "未经复议直接起诉", "复议后起诉", "总计"}
_T4_OPENS = frozenset({"行政复议", "未经复议直接起诉"})
_T4_CHARACTERS = frozenset("".join(_T4_WORDS) + "数量件单位类别")  # 数量（件） before the numbers
_ANNEX_HEADS = frozenset({"指标名称", "统计指标", "统计指标名称", "指标", "项目名称"})
_ANNEX_UNITS = frozenset({"计量单位", "单位", "统计数", "历年累计", "年末统计"})
_ANNEX_HEADING = re.compile(r"(?:统计)?指标(?:名称)?(?:计量)?单位")  # blanks inside the words: 指 标 名 称 单 位
_ANNEX_PIECE = re.compile(r"[单位计量历年累统数年度末]{1,4}|(?:19|20)\d\d年?度?")
_LINES_OF_WRAPPED_HEADING = 3
_PROSE = re.compile(r"[,;。!]")
_DIGIT = re.compile(r"\d")
_GLUED = re.compile(
    r"\d[\d.,]*(?![\d.,件条项宗起个次篇份笔家户人%。;、年月日])"
)  # digits that count nothing named behind
_WORDS_BEFORE = re.compile(r"[一-龥][^\d]{0,60}\Z")
_LONGEST_WORDS = 61
_ENOUGH_GLUED = 3  # fewer may be a title or a sentence
_DIGITS_OF_TABLE_4 = re.compile(r"\d{15}")
_NUMBERS_OF_TABLE_3 = (1, 2, 3, 4)
_LINES_TO_TABLE_4 = 12
_LINES_OF_HEADING = 6
_GLUED_HEADING = re.compile(r"第二十条第|信息内容|勾稽关系|申请人情况")


@dataclass(slots=True)
class Segments:
    """Lines per table code (t2, t3, t4, annex), and the items that hold nothing but table."""

    tables: dict[str, list[Line]] = field(default_factory=dict)
    items: set[int] = field(default_factory=set)
    glued: list[Line] = field(default_factory=list)  # running text with a table flattened into it
    borders: dict[str, set[Borders]] = field(default_factory=dict)


@cache
def _t2_heads() -> frozenset[str]:
    return frozenset(
        bare(label)
        for edition in (Edition.FORM_2021, Edition.FORM_2019)
        for block in form(edition).tables["t2"].blocks
        for column in block.columns
        for label in column.labels
    )


@cache
def _row_labels(table: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            bare(label)
            for edition in (Edition.FORM_2021, Edition.FORM_2019)
            for block in form(edition).tables[table].blocks
            for row in block.rows
            for label in row.labels
        )
    )


@cache
def _all_row_labels() -> frozenset[str]:
    return frozenset(_row_labels("t2") + _row_labels("t3"))


@cache
def _glued_ends() -> tuple[str, ...]:
    return tuple(label for label in _row_labels("t2") + _row_labels("t3") if len(label) >= 2)


@cache
def _first_row() -> str:
    return bare(form(Edition.FORM_2021).tables["t3"].blocks[0].rows[0].labels[0])


def segment(lines: Sequence[Line]) -> Segments:
    """Assigns lines to tables, walking through the document once."""
    found = Segments()
    state: str | None = None
    filled = False  # table 4: its numbers were seen
    glued = _glued_region(lines)
    labels = _all_row_labels()
    for number, line in enumerate(lines):
        if number in glued:
            found.glued.append(line)
            state = None
            continue
        line = unglued(line, labels)  # noqa: PLW2901
        start = _starts(line, state)
        if start:
            if start != state:
                filled = False
            state = start
        elif state and _ends(line, state, filled=filled):
            state = None
        if state is None:
            continue
        if state == "annex" and "annex" not in found.tables:
            found.tables["annex"] = _heading_pieces(lines[:number])
        found.tables.setdefault(state, []).append(line)
        found.items.add(line.item)
        found.borders.setdefault(state, set()).add(line.borders)
        if state == "t4" and not filled:
            filled = any(slot.value is not None and slot.value.value is not None for slot in line.slots)
    return found


def _glued_region(lines: Sequence[Line]) -> range:
    """The lines of tables whose cells ran together (`行政许可3960181`), from the first such label to table 4."""
    counts = [0 if line.from_grid else _glued_labels(line) for line in lines]
    if sum(counts) < _ENOUGH_GLUED:
        return range(0)
    first = next(number for number, count in enumerate(counts) if count)
    for number in range(max(0, first - _LINES_OF_HEADING), first):
        if _GLUED_HEADING.search(lines[number].text) and not lines[number].from_grid:
            first = number
            break
    last = max(number for number, count in enumerate(counts) if count)
    for number in range(last + 1, min(len(lines), last + _LINES_TO_TABLE_4)):
        if _DIGITS_OF_TABLE_4.search(lines[number].text):
            last = number
            break
    return range(first, last + 1)


def _glued_labels(line: Line) -> int:
    """How many row labels in a line have their digits right behind them, in the same token."""
    if not _DIGIT.search(line.text):
        return 0
    found = 0
    for slot in line.slots:
        if slot.value is not None:
            continue
        end = 0  # of the digits before
        for match in _GLUED.finditer(slot.folded):
            first = match.start()
            words = _WORDS_BEFORE.search(slot.folded, max(end, first - _LONGEST_WORDS), first)
            end = match.end()
            found += words is not None and bare(words.group()).endswith(_glued_ends())
    return found


def _starts(line: Line, state: str | None) -> str | None:
    text, grid = line.text, line.from_grid
    if not grid and len(text) > 120:
        return None
    words = [bare(slot.folded) for slot in line.slots if slot.value is None]
    whole = bare(text) if "标" in text or "项" in text or "复" in text else None  # what none of the words below lacks
    if whole is not None:
        named = not _ANNEX_HEADS.isdisjoint(words) and (not grid or _names_units(words))
        if named or whole in _ANNEX_HEADS or (not grid and _ANNEX_HEADING.match(whole)):
            return "annex"
    if state == "annex" and grid:
        return None
    if not _t2_heads().isdisjoint(words) or ("第二十条" in text and _is_caption(line)):
        return "t2"
    if _CORNER.search(text) or "申请人情况" in words:
        return "t3"
    if state != "t3" and any(len(word) >= 8 and closeness(word, _first_row()) >= PREFIX for word in words):
        return "t3"
    if len(words) >= 3 and sum(word in _T4_HEADS for word in words) >= 3:
        return "t4"
    if whole is None:
        return None
    if whole == "行政复议行政诉讼" or ("行政复议" in words and "行政诉讼" in words):
        return "t4"
    if state in (None, "t3") and len(whole) <= 12 and {words[0] if words else "", whole} & _T4_OPENS:
        return "t4"
    return None


def _is_caption(line: Line) -> bool:
    return bool(_CAPTION.match(line.text)) or any(_CAPTION.match(slot.folded) for slot in line.slots)


def _heading_pieces(before: Sequence[Line]) -> list[Line]:
    """Lines above 指标名称 that hold the upper halves of the other headings (单 / 2016年 / 历年累)."""
    at = len(before)
    while at and len(before) - at < _LINES_OF_WRAPPED_HEADING:
        line = before[at - 1]
        words = {bare(slot.folded) for slot in line.slots}
        if line.from_grid or len(line.slots) < 2 or not all(_ANNEX_PIECE.fullmatch(word) for word in words):
            break
        at -= 1
    return list(before[at:])


def _names_units(words: Iterable[str]) -> bool:
    """Whether a heading row has the columns of an annex; two headings may stand in one cell (计量单位年末统计)."""
    return any(head in word for word in words for head in _ANNEX_UNITS)


def _ends(line: Line, state: str, *, filled: bool) -> bool:
    """Whether a line that starts nothing leaves the table we are in."""
    if line.from_grid:
        # A foreign grid: no number in it and nothing of the form's words.
        if state != "t4" or not filled or _only_values(line):
            return False
        return any(slot.value is not None and slot.value.value is not None for slot in line.slots)
    if _only_values(line):
        return False
    if state == "t4":
        known = all(_is_t4_word(slot.folded) for slot in line.slots if slot.value is None)
        return filled or not known
    if state == "annex":
        return len(line.text) > 60 and bool(_PROSE.search(line.text))
    if _is_row_text(line, state):
        return False
    heading = heading_of("".join(slot.text for slot in line.slots))
    if heading is not None:
        # 三、本 … 年度办理结果: table 3 numbers its own rows, and a wrapped label looks like a heading.
        return heading.code is not None or state != "t3" or heading.number not in _NUMBERS_OF_TABLE_3
    return len(line.text) >= 25 and bool(_PROSE.search(line.text))


def _only_values(line: Line) -> bool:
    return all(slot.value is not None for slot in line.slots)


def _is_t4_word(folded: str) -> bool:
    """Header words of table 4 come cut, joined and interleaved; their characters stay the same few."""
    return set(bare(folded)) <= _T4_CHARACTERS


def _is_row_text(line: Line, state: str) -> bool:
    printed = bare("".join(slot.folded for slot in line.slots if slot.value is None))
    if not printed:
        return True
    if _PROSE.search(fold(line.text)) and len(line.text) > 60:
        return any(closeness(printed, label) == EXACT for label in _row_labels(state))
    return any(
        closeness(printed, label) >= FUZZY or (len(printed) >= 3 and printed in label) for label in _row_labels(state)
    )
