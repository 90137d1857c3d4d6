"""Which column of a statistical annex is the year's own figure: told from the headings, never from the place alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.report import Edition
from tasks.parse.labels import bare
from tasks.parse.lines import Line, Slot

YEAR_VALUE, CUMULATIVE, VALUE = "year_value", "cumulative", "value"
NAMES = frozenset({"指标名称", "统计指标", "统计指标名称", "指标", "项目名称", "项目", "名称"})
UNITS = frozenset({"计量单位", "单位"})
_NUMBERS = frozenset({"序号", "编号", "代码", "行次"})
_OWN = re.compile(
    r"^(?:(?P<year>(?:19|20)\d\d)年?度?(?:数据?|统计数)?|本年度?(?:数|累计)?|本期实际|年末统计|统计数据?|数量|数值)$"
)
_TOTAL = re.compile(r"^(?:合计|总计|总数|全[省市县区州旗]|汇总)数?$")
_SUM = re.compile(r"^(?:历年)?累计数?$|历年累计")
_HEADING_LINES = 6


@dataclass(frozen=True, slots=True)
class Columns:
    """The value columns in print order: a column code, or None for one that the form does not have."""

    codes: tuple[str | None, ...]
    clear: bool = True  # False: several columns may be the publisher's own figure, or none

    @property
    def width(self) -> int:
        return len(self.codes)


def value_columns(lines: Sequence[Line], edition: Edition, year: int | None) -> Columns:
    """The value columns that the headings announce; those of the plain form where the headings are lost.

    `year` is the report's year: of two columns with years, the one of that year is its own.
    """
    own = VALUE if edition is Edition.STAT_2014 else YEAR_VALUE
    heads = _heads(lines)
    if heads and _usual_width(lines) in (None, len(heads)):
        return _from_heads(heads, own, year)
    first = next((at for at, line in enumerate(lines) if _has_number(line)), len(lines))
    words = "".join(bare(slot.folded) for line in lines[: max(first, 1)] for slot in line.slots)
    # A heading whose words were wrapped comes in pieces, the last of them elsewhere: 历年累 … 计
    if edition is Edition.STAT_LOCAL and ("历年累" in words or "累计" in words):
        return Columns((own, CUMULATIVE))
    return Columns((own,))


def _usual_width(lines: Sequence[Line]) -> int | None:
    """How many numbers stand beside most labels; None where no line holds both. Wrapped headings come in pieces."""
    counts = Counter(
        sum(slot.value is not None and slot.filled for slot in line.slots) for line in lines if _has_number(line)
    )
    return counts.most_common(1)[0][0] if counts else None


def _has_number(line: Line) -> bool:
    return any(slot.value is not None and slot.value.value is not None for slot in line.slots) and any(
        slot.value is None for slot in line.slots
    )


def _heads(lines: Sequence[Line]) -> list[str]:
    """The headings of the value columns, where one grid row or tabbed line holds them all."""
    for line in lines[:_HEADING_LINES]:
        words = [bare(slot.folded) for slot in line.slots if slot.folded]
        if not NAMES & set(words):
            continue
        after = max(at for at, word in enumerate(words) if word in NAMES | UNITS | _NUMBERS)
        found = words[after + 1 :]
        if found and all(_is_head(slot) for slot in line.slots):
            return found
    return []


def _is_head(slot: Slot) -> bool:
    """A heading is words, or a bare year."""
    return slot.value is None or not slot.folded or bool(re.fullmatch(r"(?:19|20)\d\d", slot.folded))


def _from_heads(heads: Sequence[str], own: str, year: int | None) -> Columns:
    codes: list[str | None] = [CUMULATIVE if _SUM.search(head) and own == YEAR_VALUE else None for head in heads]
    named = [at for at, head in enumerate(heads) if codes[at] is None and _OWN.match(head)]
    if len(named) > 1:
        named = [at for at in named if (match := _OWN.match(heads[at])) and match["year"] == str(year)]
    if not named:
        named = [at for at, head in enumerate(heads) if _TOTAL.match(head)]
    if not named and len(heads) - codes.count(CUMULATIVE) == 1:
        named = [codes.index(None)]
    if len(named) != 1:
        return Columns(tuple(codes), clear=False)
    codes[named[0]] = own
    return Columns(tuple(codes))
