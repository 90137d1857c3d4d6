"""Figures of the text as numbers that compare: units with 万 and 亿 folded in, qualifiers as bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from schemas.checks import checks
from schemas.report import Statistic

_RANGE = re.compile(r"^-\d+(\.\d+)?$")  # 3-5 个 is value 3 with the qualifier -5
_PREFIXES = (("万亿", Decimal(10) ** 12), ("亿", Decimal(10) ** 8), ("万", Decimal(10) ** 4))


@cache
def _money() -> Mapping[str, Decimal]:
    return {unit: Decimal(factor) for unit, factor in checks()["U_MONEY"].params["factors"].items()}


@cache
def _qualifiers() -> Mapping[str, str]:
    params = checks()["U_APPROX"].params
    return {word: kind for kind in ("lower", "upper", "about") for word in params[kind]}


def money_factor(unit: str | None) -> Decimal | None:
    """How many 元 the unit is; None when it is no unit of money that converts."""
    return _money().get(unit or "")


def qualifier_kind(qualifier: str | None) -> str | None:
    """lower, upper, about or range (`-5`); None for an exact figure; `unknown` for a word that no list has.

    Several words (约、余) make the vaguest of them.
    """
    if not qualifier:
        return None
    if _RANGE.match(qualifier):
        return "range"
    kinds = {_qualifiers().get(word, "unknown") for word in qualifier.split("、")}
    return next(kind for kind in ("unknown", "about", "lower", "upper") if kind in kinds)


def base_unit(unit: str | None) -> tuple[str, Decimal]:
    """A unit without its multiple and that multiple: 万人次 → (人次, 10000), 亿元 → (元, 100000000)."""
    if not unit:
        return "", Decimal(1)
    factor = money_factor(unit)
    if factor is not None:
        return "元", factor
    for prefix, multiple in _PREFIXES:
        if unit.startswith(prefix) and len(unit) > len(prefix):
            return unit.removeprefix(prefix), multiple
    return unit, Decimal(1)


@dataclass(frozen=True, slots=True)
class Figure:
    """A stated figure in its base unit: it is at least `low` and at most `high` (None: no bound)."""

    unit: str
    low: Decimal | None
    high: Decimal | None
    exact: bool

    def agrees(self, value: Decimal) -> bool:
        """Whether the number may be the one that was stated."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def meets(self, other: Figure) -> bool:
        """Whether both may state the same number."""
        lowest = max((bound for bound in (self.low, other.low) if bound is not None), default=None)
        highest = min((bound for bound in (self.high, other.high) if bound is not None), default=None)
        return lowest is None or highest is None or lowest <= highest


def last_place(value: Decimal) -> Decimal:
    """The weight of the last digit that says something: 1230 → 10, 20.35 → 0.01, 7 → 1."""
    digits = value.normalize()
    exponent = digits.as_tuple().exponent
    return Decimal(1).scaleb(exponent) if isinstance(exponent, int) and value else Decimal(1)


def figure(statistic: Statistic) -> Figure:
    """A statistic as bounds. 余 and 多 stay below the next step of the last digit; 约 and 近 within a tenth."""
    unit, factor = base_unit(statistic.unit)
    value = statistic.value
    kind = qualifier_kind(statistic.qualifier)
    low: Decimal | None = value
    high: Decimal | None = value
    if kind == "lower":
        high = value + last_place(value) if statistic.qualifier in ("余", "多") else None
    elif kind == "upper":
        low = None
    elif kind == "range":
        high = max(value, Decimal((statistic.qualifier or "").removeprefix("-")))
    elif kind in ("about", "unknown"):
        low, high = value - abs(value) / 10, value + abs(value) / 10
    return Figure(
        unit=unit,
        low=None if low is None else low * factor,
        high=None if high is None else high * factor,
        exact=kind is None,
    )


def worth(statistic: Statistic) -> Decimal:
    """The printed value in its base unit, whatever its qualifier."""
    return statistic.value * base_unit(statistic.unit)[1]


def rounding(statistic: Statistic) -> Decimal:
    """How far the number may be from the count: half of the last printed place in 万 or 亿, nothing in other units."""
    factor, exponent = base_unit(statistic.unit)[1], statistic.value.as_tuple().exponent
    if factor == 1 or not isinstance(exponent, int):
        return Decimal(0)
    return factor * Decimal(1).scaleb(exponent) / 2
