"""The words of the grammar, compiled: `schemas/forms/statistics.yaml` as patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import schemas
from schemas.plain_yaml import plain_yaml
from tasks.parse.statistics.needs import Sieved, sieved
from tasks.parse.statistics.numerals import CHINESE_DIGITS
from tasks.parse.statistics.opening import hastened

_FILE = Path(schemas.__file__).parent / "forms" / "statistics.yaml"

# Sections of the file that hold words, or patterns that are compiled with others.
_WORDS = frozenset(("qualifiers", "counters", "same_unit", "measured", "attributes", "labels", "outcomes", "periods"))
_SEARCHED = ("estimates", "plans", "nones.heads", "nones.no_fee", "nones.zero")
_KEYS = frozenset(("keys", "part_keys", "none_keys"))
_ARABIC = r"[0-9]{1,3}(?:,[0-9]{3}){1,5}(?:\.[0-9]{1,8})?(?![0-9]|,[0-9]{3}(?![0-9]))|[0-9]{1,13}(?:\.[0-9]{1,8})?"
_SCALE = "百万|千万|万亿|百亿|千亿|[百千万亿]"
_MAGNITUDE = {"": Decimal(1), "万": Decimal(10) ** 4, "亿": Decimal(10) ** 8}


@dataclass(frozen=True, slots=True)
class Key:
    """One canonical key: `pattern` on the statement, and where it may apply."""

    key: str
    pattern: re.Pattern[str]
    excluded: re.Pattern[str] | None
    sentence: re.Pattern[str] | None
    context: re.Pattern[str] | None  # in the sentence or shortly before it
    units: frozenset[str | None] | None
    topical: bool  # the pattern looks at what the sentence spoke of last


@dataclass(frozen=True, slots=True)
class Attribute:
    """What belongs to something counted (交易额); names of one measure may be whole and part."""

    measure: str
    key: str | None
    names: re.Pattern[str]  # matches at the end of a name


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All patterns of the grammar, compiled once per process."""

    raw: dict[str, Any]
    figure: re.Pattern[str]
    shared: re.Pattern[str]  # 10、20、30 条: numbers that share the unit of the last
    bare: re.Pattern[str]  # a number without a unit behind 信息数, 总数
    masks: tuple[Sieved, ...]
    verbs: re.Pattern[str]
    kept_verbs: frozenset[str]
    nominal_verbs: frozenset[str]
    terms: re.Pattern[str]
    attributes: tuple[Attribute, ...]
    any_attribute: re.Pattern[str]
    marker: re.Pattern[str]
    keys: tuple[Key, ...]
    none_keys: tuple[Key, ...]
    part_keys: dict[str, tuple[tuple[str, re.Pattern[str]], ...]]
    outcomes: tuple[tuple[str, Sieved], ...]
    outcome_keys: frozenset[str]
    key_sections: frozenset[str]
    periods: tuple[Sieved, ...]
    dated: tuple[re.Pattern[str], ...]  # the periods that are years and dates
    any_dated: re.Pattern[str]
    families: tuple[frozenset[str], ...]
    measured: dict[str, re.Pattern[str]]  # unit → what must stand before it
    money: frozenset[str]
    chinese_units: frozenset[str]
    patterns: dict[str, re.Pattern[str]]
    sieves: dict[str, Sieved]  # those of the patterns that are searched for in whole sentences

    def __getitem__(self, name: str) -> re.Pattern[str]:
        """A single pattern of the file by its dotted name, e.g. `markers.among`."""
        return self.patterns[name]

    def magnitude(self, unit: str | None) -> tuple[Decimal, str]:
        """`万人次` → (10000, 人次), `亿元` → (10⁸, 元), `条` → (1, 条): what makes units of one kind comparable."""
        if not unit:
            return Decimal(1), ""
        for prefix in ("万", "亿"):
            if unit.startswith(prefix) and len(unit) > 1:
                return _MAGNITUDE[prefix], unit[1:]
        return Decimal(1), unit

    def same_kind(self, one: str | None, other: str | None) -> bool:
        """Whether figures in these units may be whole and part: equal but for 万/亿, or counters of one family."""
        first, second = self.magnitude(one)[1], self.magnitude(other)[1]
        if not first or not second:
            return not {first, second} & self.money
        return first == second or any(first in family and second in family for family in self.families)


@cache
def lexicon() -> Lexicon:
    """The grammar's words. Read and compiled on first use."""
    raw: dict[str, Any] = plain_yaml(_FILE.read_text(encoding="utf-8"))
    verbs = {*raw["verbs"], *raw["kept_verbs"], *raw["nominal_verbs"]}
    marks = raw["markers"]
    written = dict(_patterns(raw))
    return Lexicon(
        raw=raw,
        figure=hastened(_figure(raw)),
        shared=hastened(rf"(?P<numbers>[0-9.]{{1,12}}(?:[、,和及][0-9.]{{1,12}}){{1,30}})(?P<unit>{_units(raw)})"),
        bare=hastened(
            rf"(?:{raw['countable_noun']})(?:共|为|是|有|已|达到?|共有|共计|累计|已达)?(?P<before>{_any(raw['qualifiers']['before'])})?"
            rf"(?P<number>{_ARABIC})(?P<inside>余|多)?(?P<scale>[万亿])?(?P<late>余|多)?(?=[,;。)、\n]|$)"
        ),
        masks=tuple(sieved(mask) for mask in raw["masks"]),
        verbs=hastened(_any(verbs)),
        kept_verbs=frozenset(raw["kept_verbs"]),
        nominal_verbs=frozenset(raw["nominal_verbs"]),
        terms=hastened(f"{raw['term_patterns']}|{_any(raw['terms'])}"),
        attributes=tuple(
            Attribute(entry["measure"], entry["key"], hastened(f"(?:{entry['names']})$")) for entry in raw["attributes"]
        ),
        any_attribute=hastened(f"(?:{'|'.join(entry['names'] for entry in raw['attributes'])})$"),
        marker=hastened(
            rf"(?P<open>\()|(?P<close>\))|(?P<semicolon>;)|(?P<included_in>{marks['included_in']})"
            rf"|(?P<part_of>{marks['part_of']})|(?P<ends>{marks['ends']})|(?P<colon>:)"
        ),
        keys=tuple(_key(entry) for entry in raw["keys"]),
        none_keys=tuple(_key(entry) for entry in raw["none_keys"]),
        part_keys={
            whole: tuple((key, hastened(pattern)) for key, pattern in parts.items())
            for whole, parts in raw["part_keys"].items()
        },
        outcomes=tuple(
            (word, sieved(f"{raw['outcomes']['pattern']}(?:{pattern})"))
            for word, pattern in raw["outcomes"]["words"].items()
        ),
        key_sections=frozenset(raw["key_sections"]),
        outcome_keys=frozenset(raw["outcomes"]["keys"]),
        periods=tuple(sieved(pattern) for kind in ("dated", "named") for pattern in raw["periods"][kind]),
        dated=tuple(hastened(pattern) for pattern in raw["periods"]["dated"]),
        any_dated=hastened("|".join(raw["periods"]["dated"])),
        families=tuple(frozenset(family) for family in raw["families"]),
        measured={unit: hastened(kind["before"]) for kind in raw["measured"].values() for unit in kind["units"]},
        money=frozenset(raw["money"]),
        chinese_units=frozenset(raw["chinese"]["units"]),
        patterns={name: hastened(pattern) for name, pattern in written.items()},
        sieves={name: sieved(written[name]) for name in _SEARCHED},
    )


def _any(words: Iterable[str]) -> str:
    """Alternation, longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def _units(raw: dict[str, Any]) -> str:
    """Every unit, longest first, each with what must not follow it."""
    found: dict[str, str] = {}
    for counter, forbidden in raw["counters"].items():
        found[counter] = f"(?!{forbidden if '|' in forbidden else f'[{forbidden}]'})" if forbidden else ""
    for unit in raw["money"]:
        found[unit] = f"(?![{raw['money_not_before']}])"
    for kind in raw["measured"].values():
        found |= dict.fromkeys(kind["units"], f"(?!{kind['not_before']})")
    found |= {"%": "", "‰": "", "％": ""}
    ordered = sorted(found, key=lambda unit: (-len(unit), unit))
    return "|".join(re.escape(unit) + found[unit] for unit in ordered)


def _figure(raw: dict[str, Any]) -> str:
    """A quantity: bound, number, 余, 万, rest of a range, unit, bound."""
    words = raw["qualifiers"]
    inside = "|".join(words["inside"])
    chinese = f"[{CHINESE_DIGITS}]{{1,12}}(?:[万亿][{CHINESE_DIGITS}]{{1,8}})?"  # 一万二千六百
    return (
        rf"(?:(?<![{words['before_not_after']}])(?P<before>{_any(words['before'])}))?"
        rf"(?P<sign>(?<![0-9A-Za-z])-)?(?=[0-9{CHINESE_DIGITS}万亿])"
        rf"(?:(?P<number>{_ARABIC})|百分之(?P<percent>{chinese}|{_ARABIC})|(?P<chinese>{chinese}))?"
        rf"(?P<inside>{inside})?(?P<scale>{_SCALE})?(?P<late>{inside})?"
        rf"(?P<range>[-~—–至到](?P<upper>{_ARABIC}|[一二三四五六七八九十]{{1,3}})(?P<upper_scale>[万亿])?)?"
        rf"(?(percent)|(?P<unit>{_units(raw)}))"
        rf"(?P<after>{_any(words['after'])})?"
    )


def _key(entry: dict[str, Any]) -> Key:
    units = entry.get("units")
    return Key(
        key=entry["key"],
        pattern=hastened(entry["pattern"]),
        excluded=hastened(entry["not"]) if "not" in entry else None,
        sentence=hastened(entry["sentence"]) if "sentence" in entry else None,
        context=hastened(entry["context"]) if "context" in entry else None,
        units=frozenset(units) if units else None,
        topical=r"\|" in entry["pattern"],
    )


def _patterns(raw: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    """Every single pattern of the file under its dotted name."""
    for name, value in raw.items():
        if name in _WORDS | _KEYS and not prefix:
            continue
        if isinstance(value, str):
            yield prefix + name, value
        elif isinstance(value, dict):
            yield from _patterns(value, f"{prefix}{name}.")
