"""Every number with its unit in a squeezed text that can be a figure, and none that is a date, a name or a rule."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from tasks.parse.statistics.lexicon import Lexicon
from tasks.parse.statistics.needs import worth_trying
from tasks.parse.statistics.numerals import SCALES, arabic, chinese
from tasks.parse.statistics.squeeze import DIGITS, GAP

_CLAUSE = re.compile(r"[,;:。!?\n]")
_CLAUSE_END = frozenset(",;:。、)!?\n(") | {""}
_LIST_MARK = re.compile(r"(?:^|[\n。;])[0-9]{1,2}[.、]$")
_LIST_NUMBER = re.compile(r"[0-9]{1,2}\.(?P<count>[1-9][0-9]*)")
_FRACTIONAL = frozenset(
    ("%", "‰", "个百分点", "倍", "小时", "个工作日", "分", "平方米", "公里", "亩", "吨", "GB", "TB")
)
_LOOK_BACK = 60


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as printed: squeezed offsets, exact value, unit with its 万 or 亿, bound or approximation."""

    start: int
    end: int
    value: Decimal
    unit: str | None
    qualifier: str | None = None


class Masked:
    """Spans of the text in which no number is a figure, looked for when first asked; overlapping spans are merged."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._spans: Iterable[tuple[int, int]] | None = spans
        self._starts: list[int] = []
        self._ends: list[int] = []

    def _merge(self, spans: Iterable[tuple[int, int]]) -> None:
        for start, end in sorted(spans):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            elif start < end:
                self._starts.append(start)
                self._ends.append(end)

    def touches(self, start: int, end: int) -> bool:
        """Whether any masked span shares a character with [start, end)."""
        if self._spans is not None:
            self._merge(self._spans)
            self._spans = None
        before = bisect_right(self._starts, end - 1) - 1
        return before >= 0 and self._ends[before] > start


def masked(text: str, words: Lexicon) -> Masked:
    """Where the masks of the lexicon lie."""
    return Masked(_mask_spans(text, words))


def _mask_spans(text: str, words: Lexicon) -> Iterator[tuple[int, int]]:
    for mask in worth_trying(words.masks, set(text)):
        for match in mask.finditer(text):
            yield match.span()


def quantities(text: str, masks: Masked, words: Lexicon) -> list[Quantity]:
    """The quantities of a squeezed text in reading order; never two on the same characters."""
    found = [*_with_unit(text, masks, words), *_shared(text, masks, words), *_bare(text, masks, words)]
    found.sort(key=lambda quantity: (quantity.start, -quantity.end))
    kept: list[Quantity] = []
    for quantity in found:
        if not kept or quantity.start >= kept[-1].end:
            kept.append(quantity)
    return kept


def _with_unit(text: str, masks: Masked, words: Lexicon) -> Iterator[Quantity]:
    for match in words.figure.finditer(text):
        start, end = match.span()
        front = match.start("sign") if match["sign"] else _number_start(match)
        if match["chinese"] is not None and match["number"] is None:
            front = start = _doubled(text, match, start)
        if masks.touches(front, end) or not _free_standing(text, front):
            continue
        unit = match["unit"] or "%"
        context = words.measured.get(unit)
        if context is not None and not context.search(text[max(0, start - 40) : start]):
            continue
        if _is_cadence(text, start, end, match, words) or words["rules"].search(text[max(0, front - 30) : front]):
            continue
        reading = _value(match)
        if reading is None or not _chinese_is_count(text, front, match, words):
            continue
        value, scale = reading
        marked = _list_mark(text, front, match, words)
        if marked is not None:
            start, value = marked
        yield Quantity(start, end, value, _unit(scale, unit, words), _qualifier(match))


def _number_start(match: re.Match[str]) -> int:
    named = match.end("before") if match["before"] else match.start()
    return named + (1 if match["sign"] else 0)


def _doubled(text: str, match: re.Match[str], start: int) -> int:
    """`2两件`: the number typed once in digits and once in characters, if both say the same; else `start`."""
    front = match.start("chinese")
    if front and not match["before"] and text[front - 1] in DIGITS and text[front - 2 : front - 1] not in DIGITS:
        return front - 1 if chinese(match["chinese"]) == int(text[front - 1]) else start
    return start


def _free_standing(text: str, front: int) -> bool:
    """Whether nothing in front of the number makes it a part of a longer one, of a name or of a list mark."""
    before = text[max(0, front - _LOOK_BACK) : front]
    last = before[-1:]
    if last == "":
        return True
    if last == "." or (last in ",、-—~" and before[-2:-1] in DIGITS):
        return bool(_LIST_MARK.search(before))
    if last in DIGITS or last in GAP + "/×+〔[第":
        return False
    if last.isascii() and last.isalpha():
        return before[-2:-1].isascii() and before[-2:-1].isalpha()  # CA 3 家, not A4 or V2
    return last not in "_#&=@"


def _list_mark(text: str, front: int, match: re.Match[str], words: Lexicon) -> tuple[int, Decimal] | None:
    """`3.12场` at the start of a line is item 3 and 12 场, for nobody counts in fractions; where the count begins."""
    split = _LIST_NUMBER.fullmatch(match["number"] or "")
    unit = match["unit"] or "%"
    if split is None or match["before"] or match["scale"] or unit in words.money or unit in _FRACTIONAL:
        return None
    if front and text[front - 1] not in "\n。;":
        return None
    return front + split.start("count"), arabic(split["count"])


def _is_cadence(text: str, start: int, end: int, match: re.Match[str], words: Lexicon) -> bool:
    """Once a week, once a month: says how often, not how many."""
    if match["before"] or match["number"] not in (None, "1") or match["chinese"] not in (None, "一"):
        return False
    return any(found.end() == end for found in words["cadence"].finditer(text, max(0, start - 20), end))


def _value(match: re.Match[str]) -> tuple[Decimal, str] | None:
    """Value and the 万 or 亿 that belongs to the unit; None for what is no exact number (数百, 十几)."""
    scale = match["scale"] or ""
    if match["percent"] is not None:
        printed = match["percent"]
        if printed[0] in DIGITS:
            return arabic(printed), ""
        percent = chinese(printed)
        return None if percent is None else (Decimal(percent), "")
    if match["number"] is not None:
        value = arabic(match["number"])
    elif match["chinese"] is not None:
        counted = chinese(match["chinese"])
        if counted is None or (set(match["chinese"]) <= set("百千") and not _bounded(match)):
            return None
        value = Decimal(counted)
    elif _bounded(match):
        value = Decimal(1)
    else:
        return None
    while scale and scale[0] in "百千":
        value *= SCALES[scale[0]]
        scale = scale[1:]
    if scale == "万亿":
        value, scale = value * SCALES["万"], "亿"
    return (-value if match["sign"] else value), scale


def _bounded(match: re.Match[str]) -> bool:
    return bool(match["before"] or match["inside"] or match["late"])


def _chinese_is_count(text: str, front: int, match: re.Match[str], words: Lexicon) -> bool:
    """Whether a number in Chinese characters counts something: 四家, 十五个部门; not 三项制度, 二次招标, 一件事."""
    printed = match["chinese"]
    if printed is None or match["number"] is not None or match["percent"] is not None:
        return True
    unit = match["unit"] or ""
    if front < match.start("chinese"):
        return True  # 2两件
    if _bounded(match) or match["scale"]:
        return not words["chinese.never"].fullmatch(printed) or bool(match["scale"])
    before, after = text[max(0, front - _LOOK_BACK) : front], text[match.end() : match.end() + 1]
    if words["chinese.never"].fullmatch(printed):
        ends = after in _CLAUSE_END or text[match.end() : match.end() + 2] == "申请"
        single = words.raw["chinese"]["single_units"]
        return printed == "一" and unit in single and ends and bool(words["chinese.single_received"].search(before))
    counted = chinese(printed)
    if counted is None or (unit not in words.chinese_units and counted < _smallest(words)):
        return False
    if counted >= _smallest(words) and unit in words.raw["chinese"]["free_units"]:
        return True
    return bool(words["chinese.before"].search(before)) or (after in _CLAUSE_END and bool(before))


def _smallest(words: Lexicon) -> int:
    smallest: int = words.raw["chinese"]["smallest_for_other_units"]
    return smallest


def _unit(scale: str, unit: str, words: Lexicon) -> str:
    printed = scale + unit
    if printed.startswith(("千元", "百万元")):
        return printed
    same: dict[str, str] = words.raw["same_unit"]
    return scale + same.get(unit, unit)


def _qualifier(match: re.Match[str]) -> str | None:
    """The bounds and approximations as printed; the rest of a range (3-5 个 is 3, qualifier `-5`) is one of them."""
    parts = [match["before"], match["inside"], match["late"], _upper(match), match["after"]]
    return "、".join(part for part in parts if part) or None


def _upper(match: re.Match[str]) -> str | None:
    """The rest of a range as `-5`, whether 3-5 个, 3 至 5 个 or 三到五个 is printed."""
    printed = match["upper"]
    if not printed:
        return None
    upper = arabic(printed) if printed[0] in DIGITS else chinese(printed)
    return None if upper is None else f"-{upper}"


def _shared(text: str, masks: Masked, words: Lexicon) -> Iterator[Quantity]:
    """`分别为 10、20、30 条`: each number with the unit of the last; only behind 分别."""
    if "分别" not in text:
        return
    for match in words.shared.finditer(text):
        lead = text[max(0, match.start() - _LOOK_BACK) : match.start()]
        if "分别" not in _CLAUSE.split(lead)[-1] or masks.touches(*match.span()):
            continue
        numbers = list(re.finditer(r"[0-9]{1,12}(?:\.[0-9]{1,8})?", match["numbers"]))
        for place, number in enumerate(numbers):
            start = match.start("numbers") + number.start()
            last = place == len(numbers) - 1
            end = match.end() if last else match.start("numbers") + number.end()
            yield Quantity(start, end, arabic(number.group()), _unit("", match["unit"], words))


def _bare(text: str, masks: Masked, words: Lexicon) -> Iterator[Quantity]:
    """`不予公开信息数 79`: a number without a unit, behind a noun that says that it is a number of something."""
    for match in words.bare.finditer(text):
        start, end = match.start("before") if match["before"] else match.start("number"), match.end()
        if not masks.touches(start, end):
            bounds = "、".join(part for part in (match["before"], match["inside"], match["late"]) if part)
            yield Quantity(start, end, arabic(match["number"]), match["scale"], bounds or None)
