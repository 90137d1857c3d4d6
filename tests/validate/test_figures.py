"""Figures of the text as numbers that compare: units, bounds, dates of publication."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from schemas.checks import checks
from schemas.report import Statistic
from tasks.validate.rules.calendar import published_between
from tasks.validate.rules.quantity import base_unit, figure, worth
from tasks.validate.rules.ratios import rounding
from tasks.validate.rules.units import beside


def statistic(value: str, unit: str | None = "条", qualifier: str | None = None, quote: str = "") -> Statistic:
    quote = quote or f"发布{value}{qualifier or ''}{unit or ''}"
    return Statistic("发布", Decimal(value), unit, quote, 0, len(quote), qualifier=qualifier)


@pytest.mark.parametrize(
    ("unit", "base", "factor"),
    [
        ("条", "条", "1"),
        ("万条", "条", "10000"),
        ("万人次", "人次", "10000"),
        ("亿元", "元", "100000000"),
        ("百万元", "元", "1000000"),
        ("万美元", "美元", "10000"),
        (None, "", "1"),
    ],
)
def test_multiples_are_folded_into_the_unit(unit: str | None, base: str, factor: str) -> None:
    assert base_unit(unit) == (base, Decimal(factor))


@pytest.mark.parametrize(
    ("value", "unit", "qualifier", "inside", "outside"),
    [
        ("7", "件", None, ["7"], ["6", "8"]),
        ("1230", "条", "余", ["1230", "1239"], ["1229", "1250"]),
        ("14", "万条", "余", ["140000", "149999"], ["139999", "160000"]),
        ("10000", "人次", "超过", ["10000", "99999"], ["9999"]),
        ("20.35", "万人次", "近", ["203000", "203500"], ["150000", "300000"]),
        ("50", "件", "不超过", ["0", "50"], ["51"]),
        ("3", "个", "-5", ["3", "5"], ["2", "6"]),
        ("450", "万元", "约、余", ["4500000"], ["9000000"]),
    ],
)
def test_a_qualifier_makes_bounds(
    value: str, unit: str, qualifier: str | None, inside: list[str], outside: list[str]
) -> None:
    bounds = figure(statistic(value, unit, qualifier))
    assert all(bounds.agrees(Decimal(number)) for number in inside)
    assert not any(bounds.agrees(Decimal(number)) for number in outside)
    assert bounds.exact is (qualifier is None)


def test_two_statements_meet_when_one_number_could_satisfy_both() -> None:
    rounded, exact = figure(statistic("1230", qualifier="余")), figure(statistic("1233"))
    assert rounded.meets(exact)
    assert exact.meets(rounded)
    assert not rounded.meets(figure(statistic("420", qualifier="余")))
    assert figure(statistic("0.04", "万元")).meets(figure(statistic("400", "元")))
    assert worth(statistic("0.04", "万元")) == 400


@pytest.mark.parametrize(("stated", "half"), [("33.9", "0.05"), ("51.85", "0.005"), ("30", "0.5"), ("0", "0.5")])
def test_a_percentage_is_right_to_half_its_last_digit(stated: str, half: str) -> None:
    assert rounding(Decimal(stated)) == Decimal(half)


@pytest.mark.parametrize(
    ("text", "value", "word"),
    [
        ("发布信息1230余条", "1230", "余"),
        ("约450万元", "450", "约"),
        ("点击超过10,000次", "10000", "超过"),
        ("最近3次会议", "3", None),
        ("签约5家", "5", None),
        ("发布20多媒体稿件", "20", None),
        ("新增12条", "12", None),
    ],
)
def test_a_word_of_approximation_is_seen_beside_its_figure(text: str, value: str, word: str | None) -> None:
    one = replace(statistic(value, quote=text), start=0, end=len(text))
    assert beside(checks()["U_APPROX"], text, one) == word


@pytest.mark.parametrize(
    ("stated", "span"),
    [
        ("2022-01-29", (date(2022, 1, 29), date(2022, 1, 29))),
        ("2022-01", (date(2022, 1, 1), date(2022, 1, 31))),
        ("2022-12", (date(2022, 12, 1), date(2022, 12, 31))),
        ("2022", (date(2022, 1, 1), date(2022, 12, 31))),
        ("2022-13", None),
        ("2022-02-30", None),
        ("", None),
    ],
)
def test_a_date_is_as_precise_as_it_is_stated(stated: str, span: tuple[date, date] | None) -> None:
    assert published_between(stated) == span
