"""Units of money that convert, and words of approximation that were kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from schemas.checks import Check
from schemas.report import Statistic
from tasks.validate.case import Case
from tasks.validate.evaluate import like
from tasks.validate.results import CheckResult
from tasks.validate.rules.base import failed, passed, rule, said, unassessable
from tasks.validate.rules.quantity import money_factor, qualifier_kind

_NUMBER = re.compile(r"\d[\d,，]*(?:\.\d+)?")


@rule("U_MONEY")
def money(check: Check, case: Case) -> Iterator[CheckResult]:
    """Every amount, in tables and text, has a unit with a known factor to 元."""
    patterns = tuple(check.params["cells"])
    cells = [
        code for code, value in case.values.items() if value and isinstance(value, Decimal) and like(code, patterns)
    ]
    bare = [code for code in cells if money_factor(case.facts[code].unit) is None]
    stated = [one for one in case.report.statistics if one.unit and re.search(check.params["money"], one.unit)]
    foreign = [one for one in stated if money_factor(one.unit) is None]
    if bare or foreign:
        words = [f"{code} has the unit {case.facts[code].unit or 'unknown'}" for code in bare]
        words += [f"{one.unit} ({said(one)})" for one in foreign]
        yield failed(check, "; ".join(words), bare)
    elif cells or stated:
        yield passed(check, cells)
    else:
        yield unassessable(check, "no amount of money")


@rule("U_APPROX")
def approximations(check: Check, case: Case) -> Iterator[CheckResult]:
    """A bound must not be read as an exact figure: the word beside the number is its qualifier."""
    lost: list[str] = []
    looked = False
    for one in case.report.statistics:
        if one.qualifier:
            looked = True
            if qualifier_kind(one.qualifier) == "unknown":
                lost.append(f"{one.qualifier} is no known word ({said(one)})")
        elif (word := beside(check, case.report.text, one)) is not None:
            looked = True
            lost.append(f"{word} in {said(one)}")
    if lost:
        yield failed(check, "; ".join(lost), doubt="a word of approximation may have been overlooked")
    elif looked:
        yield passed(check)
    else:
        yield unassessable(check, "no approximate figure")


def beside(check: Check, text: str, one: Statistic) -> str | None:
    """The word of approximation that touches the figure in its quote; None when there is none."""
    start = one.start if text[one.start : one.end] == one.quote else -1
    window, offset = (text, start) if start >= 0 else (one.quote, 0)
    for match in _NUMBER.finditer(window, offset, offset + len(one.quote)):
        try:
            value = Decimal(re.sub("[,，]", "", match[0]))
        except InvalidOperation:
            continue
        if value != one.value:
            continue
        lead, behind = window[max(0, match.start() - 4) : match.start()], window[match.end() : match.end() + 2]
        found = re.search(check.params["before"], lead) or re.search(check.params["after"], behind)
        if found:
            return found[1]
    return None
