"""Table 2, what was published: units of money and powers a trading centre does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from schemas.checks import Check
from tasks.validate.case import Case
from tasks.validate.results import CheckResult, plain
from tasks.validate.rules.base import failed, passed, rule, unassessable
from tasks.validate.rules.quantity import money_factor

_SETTLED = frozenset({"header", "cell", "inferred", "decision"})


@rule("T2_FEE_UNIT")
def fee_unit(check: Check, case: Case) -> Iterator[CheckResult]:
    """The form fixes 万元. Another unit is told with the amount converted; 0 is the same in every unit."""
    code, unit = check.params["cell"], check.params["unit"]
    fact = case.facts.get(code)
    if fact is None or fact.value is None:
        yield unassessable(check, f"{code} is blank or missing")
        return
    if fact.unit in (unit, None) or not fact.value:
        yield passed(check, [code], left=fact.value)
        return
    factor, target = money_factor(fact.unit), money_factor(unit)
    converted = f", that is {plain(fact.value * factor / target)} {unit}" if factor and target else ""
    yield failed(
        check,
        f"{code} is printed as {plain(fact.value)} {fact.unit} ({fact.unit_source}){converted}",
        [code],
        left=fact.value,
    )


@rule("T2_NO_POWERS")
def no_powers(check: Check, case: Case) -> Iterator[CheckResult]:
    """Only for publishers of the kind named in the parameters."""
    if not case.report.publisher or not re.search(check.params["publisher"], case.report.publisher):
        yield unassessable(check, "the publisher is not a 公共资源交易中心")
        return
    cells = [code for code in case.values if any(code.startswith(prefix) for prefix in check.params["cells"])]
    known = {code: value for code in cells if isinstance(value := case.values[code], Decimal)}
    if not known:
        yield unassessable(check, "the cells are blank", cells)
        return
    filled = {code: value for code, value in known.items() if value}
    if filled:
        words = ", ".join(f"{code} {plain(value)}" for code, value in filled.items())
        yield failed(check, words, filled)
    else:
        yield passed(check, known)


@rule("T2_2019_PROCUREMENT_UNIT")
def procurement_unit(check: Check, case: Case) -> Iterator[CheckResult]:
    """The form prints no unit. Where none is printed, only an implausible size as 万元 settles that it is 元."""
    code, projects_code = check.params["amount"], check.params["projects"]
    fact = case.facts.get(code)
    if fact is None or fact.value is None:
        yield unassessable(check, f"{code} is blank or missing")
        return
    if not fact.value or (fact.unit and fact.unit_source in _SETTLED):
        yield passed(check, [code], left=fact.value)
        return
    projects = case.values.get(projects_code)
    limit = Decimal(check.params["implausible"])
    if isinstance(projects, Decimal) and projects > 0 and fact.value > limit * projects:
        yield passed(check, [code, projects_code], left=fact.value, message="no unit is printed; only 元 is plausible")
        return
    yield failed(
        check,
        f"{code} {plain(fact.value)} has no printed unit, and its size does not tell 元 from 万元",
        [code],
        left=fact.value,
    )
