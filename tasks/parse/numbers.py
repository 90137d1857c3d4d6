"""What a cell says: a number, nothing, a number with a remark, or words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from schemas.report import FactState

# forms.json, values.number_cell.blank_like
_BLANK = re.compile(r"^(?:[/\\—–―－_-]+|无[。.]?|暂无|空白?|N/?A|null|\.{2,})?$", re.IGNORECASE)
_ZERO = frozenset({"零", "〇", "○"})
# Letters typed or recognised for digits; never alone, where they may be a list mark, but for O (nothing is marked so).
_LOOKALIKE = re.compile(r"^(?:[Oo]|(?=[OoIl]*\d)[\dOoIl]{2,9})$")
_DIGITS = str.maketrans("OoIl", "0011")
_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_UNIT = r"万元|亿元|千元|百元|元|人次|件次|件|笔|项|宗|个|条|次|人|篇|起|份|家|%"
_VALUE = re.compile(rf"^(?P<number>{_NUMBER})(?P<unit>{_UNIT})?(?P<remark>[(\[].*|\*+|[;,。](?!\d).*)?$", re.DOTALL)
_CHANGE = re.compile(rf"^(?P<sign>增加?|新增|减少?|下降|[↑↓])(?P<number>\d+)(?P<unit>{_UNIT})?$")
# What publishers write for a figure they do not give; any other words in a cell for a figure are a doubt.
_NO_FIGURE = re.compile(r"^(?:无(?:变化|增减|变动)|不变|未变|持平|不适用|不涉及|未统计|涉密)$")
# Marks of footnotes behind a number (22①, 22²), which NFKC would make digits of it.
_NOTE_MARK = re.compile(r"(?<=[\d０-９])\s*([\u2460-\u249b\u2070\u00b9\u00b2\u00b3\u2074-\u2079\u2776-\u2793]+)")
# 022 is what two cells leave that were merged (0 and 22); 00 is a nought whichever way.
_LEADING_ZERO = re.compile(r"[+-]?0+[1-9]")
_SPACE = re.compile(r"[\s\u200b\ufeff]+")
_BROKEN = re.compile(r"[\d.,]\s+[\d.,]")


@dataclass(frozen=True, slots=True)
class CellValue:
    """`value` is None for a blank cell. `joined` says that digits were apart in print and were put together."""

    value: Decimal | None
    state: FactState
    unit: str | None = None
    remark: str | None = None
    joined: bool = False
    repaired: bool = False  # letters that look like digits were taken for them, or a nought leads


@lru_cache(maxsize=8192)
def read_value(text: str) -> CellValue | None:
    """Reads one cell of a table; None when it holds words (a label, or something we do not understand).

    Signs, thousands separators (`8,850`), full-width digits, a glued unit (`251000元`) and a remark
    (`22（其中修订 16 件）`) are understood; `/`, dashes and 无 are blank (forms.json, values.number_cell).
    """
    normal = (
        unicodedata.normalize("NFKC", _NOTE_MARK.sub(r"[\1]", text))
        .replace("−", "-")
        .replace("–", "-")  # what Word makes of a hyphen before a number
        .strip(" \t\r\n\u3000\xa0\u200b\ufeff")
    )
    packed = _SPACE.sub("", normal)
    if _BLANK.match(packed):
        return CellValue(None, FactState.BLANK)
    match = _VALUE.match(packed)
    if match is None:
        if packed in _ZERO:
            return CellValue(Decimal(0), FactState.NUMBER)
        if _LOOKALIKE.match(packed):
            return CellValue(Decimal(packed.translate(_DIGITS)), FactState.NUMBER, repaired=True)
        return _in_words(packed)
    remark = match["remark"] or None
    return CellValue(
        value=Decimal(match["number"].replace(",", "")),
        state=FactState.REMARK if remark else FactState.NUMBER,
        unit=match["unit"],
        remark=_remark(normal, remark),
        repaired=_LEADING_ZERO.match(match["number"]) is not None,
        joined=_doubtful_join(normal if not remark else normal.split("(", 1)[0], match["number"]),
    )


def _in_words(packed: str) -> CellValue | None:
    """A figure that words stand before (减少3项, ↓3), or words instead of one (持平)."""
    if _NO_FIGURE.match(packed):
        return CellValue(None, FactState.REMARK, remark=packed)
    change = _CHANGE.match(packed)
    if change is None:
        return None
    number = Decimal(change["number"])
    return CellValue(-number if change["sign"][0] in "减下↓" else number, FactState.NUMBER, change["unit"])


def _remark(normal: str, packed_remark: str | None) -> str | None:
    if packed_remark is None:
        return None
    opening = packed_remark[0]
    return normal[normal.index(opening) :].strip() if opening in normal else packed_remark


def _doubtful_join(normal: str, number: str) -> bool:
    """Digits apart: a long amount wrapped in a narrow cell is one number; two short ones may be two cells."""
    if not _BROKEN.search(normal):
        return False
    digits = sum(character.isdigit() for character in number)
    wrapped_amount = digits >= 7 and any(mark in number for mark in ".,") and "\n" in normal
    return not wrapped_amount
