"""Fees for applications (信息处理费): reported in section six, in 元, after the tariff."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from schemas.checks import Check
from tasks.validate.case import Case, squeeze
from tasks.validate.results import CheckResult, plain
from tasks.validate.rules.base import failed, passed, rule, said, unassessable
from tasks.validate.rules.quantity import figure, money_factor, worth


@rule("N_FEE_REPORTED")
def fee_reported(check: Check, case: Case) -> Iterator[CheckResult]:
    """Section six of a form-2021 report must say whether a fee was taken."""
    section = case.sections.get("other")
    if section is None:
        yield unassessable(check, "section six was not found")
    elif re.search(check.params["words"], squeeze(section.text)):
        yield passed(check)
    else:
        yield failed(check, "section six does not mention it")


@rule("N_FEE_UNIT")
def fee_unit(check: Check, case: Case) -> Iterator[CheckResult]:
    """万元 is told even where the amount is right: such fees are small, and 万元 is the unit of another figure."""
    stated = [one for one in case.stated(check.params["key"]) if one.unit and one.value]
    if not stated:
        yield unassessable(check, "the text states no fee other than none")
    for one in stated:
        if one.unit == check.params["unit"]:
            yield passed(check, left=one.value)
        else:
            yield failed(check, f"{plain(one.value)} {one.unit} ({said(one)})", left=one.value)


@rule("N_FEE_TARIFF")
def fee_tariff(check: Check, case: Case) -> Iterator[CheckResult]:
    """Every fee of the tariff is a multiple of 10 元, and so is a sum of them."""
    stated = [one for one in case.stated(check.params["key"]) if one.value and money_factor(one.unit)]
    if not stated or (case.report.year or 0) < check.params["from_year"]:
        yield unassessable(check, "the text states no fee under the tariff")
        return
    for one in stated:
        if not figure(one).exact:
            yield unassessable(check, "the fee is not stated exactly")
            continue
        amount, multiple = worth(one), Decimal(check.params["multiple"])
        rest = amount % multiple
        if rest:
            yield failed(check, f"{plain(amount)} 元 ({said(one)})", left=amount, right=amount - rest)
        else:
            yield passed(check, left=amount, right=amount)


@rule("N_FEE_OVERDUE")
def fee_overdue(check: Check, case: Case) -> Iterator[CheckResult]:
    """Told only when section six denies that any fee was notified; not collecting one is no contradiction."""
    cell = check.params["cell"]
    overdue = case.number(cell)
    section = case.sections.get("other")
    if overdue is None or section is None:
        yield unassessable(check, "the cell is blank or section six was not found", [cell])
        return
    denied = re.search(check.params["never"], squeeze(section.text))
    if overdue > 0 and denied:
        yield failed(check, f"{cell} is {plain(overdue)}, section six says “{denied[0]}”", [cell], left=overdue)
    else:
        yield passed(check, [cell], left=overdue)
