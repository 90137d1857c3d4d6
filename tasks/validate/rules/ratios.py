"""Percentages of the text: shares, saving rates, changes against last year."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from schemas.checks import Check
from schemas.report import Statistic
from tasks.validate.case import Case
from tasks.validate.results import CheckResult, plain
from tasks.validate.rules.base import failed, passed, rule, said, unassessable
from tasks.validate.rules.quantity import base_unit, figure, worth

HALF = Decimal("0.5")
HUNDRED = Decimal(100)


def _percentages(case: Case) -> list[Statistic]:
    return [one for one in case.report.statistics if one.unit in ("%", "％") and figure(one).exact]


def rounding(stated: Decimal) -> Decimal:
    """Half of the last digit that is printed: 0.05 for 33.9, 0.5 for 30."""
    exponent = stated.as_tuple().exponent
    return HALF.scaleb(min(exponent, 0) if isinstance(exponent, int) else 0)


def _before(case: Case, later: Statistic, nearest: int) -> Statistic | None:
    """The figure that stands last before another one in its sentence, at most `nearest` characters away."""
    found: Statistic | None = None
    for one in case.report.statistics:
        if one.unit in ("%", "％") or one.end > later.start or (found and one.end <= found.end):
            continue
        gap = case.between(one, later)
        if gap is not None and len(gap) <= nearest:
            found = one
    return found


@rule("N_SHARE")
def share(check: Check, case: Case) -> Iterator[CheckResult]:
    """A 占 …% right behind its part, where the text also states the whole."""
    looked = False
    for one in _percentages(case):
        part = _before(case, one, check.params["nearest"])
        if part is None or not (one.key == check.params["key"] or _said(check, case, part, one)):
            continue
        whole = _whole(check, case, part)
        if whole is None or not worth(whole) or not (figure(part).exact and figure(whole).exact):
            continue
        looked = True
        yield _percentage(check, one, HUNDRED * worth(part), worth(whole), rounding(one.value))
    if not looked:
        yield unassessable(check, "the text states no share with its part and whole")


def _said(check: Check, case: Case, first: Statistic, second: Statistic) -> bool:
    """Whether the words that lead from one figure to the next are those of the check."""
    return bool(re.search(check.params["words"], f"{case.between(first, second)}{second.quote}"))


def _whole(check: Check, case: Case, part: Statistic) -> Statistic | None:
    if part.parent is not None:
        wholes = [one for one in case.report.statistics if one.metric == part.parent and one.start < part.start]
        same = [one for one in wholes if base_unit(one.unit)[0] == base_unit(part.unit)[0]]
        return same[-1] if same else None
    if part.key and part.key.startswith("outcome_"):
        wholes = case.stated(check.params["outcome_whole"])
        return wholes[0] if len({worth(one) for one in wholes}) == 1 else None
    return None


def _percentage(check: Check, stated: Statistic, upper: Decimal, lower: Decimal, tolerance: Decimal) -> CheckResult:
    """Compares a stated percentage with upper / lower, multiplied out so that no division decides."""
    computed = round(upper / lower, 4)
    if abs(stated.value * lower - upper) <= tolerance * abs(lower):
        return passed(check, left=stated.value, right=computed)
    shown = plain(round(upper / lower, 2))
    return failed(
        check,
        f"the text says {plain(stated.value)} % ({said(stated)}), its figures give {shown} %",
        left=stated.value,
        right=computed,
        tolerance=tolerance,
    )


@rule("N_SAVING_RATE")
def saving_rate(check: Check, case: Case) -> Iterator[CheckResult]:
    """The saving against the budget; amount and saving stand before the rate in one sentence, nearest first."""
    params = check.params
    looked = False
    for one in _percentages(case):
        if one.key != params["rate"]:
            continue
        saved = _nearest(case, one, params["saved"])
        amount = _nearest(case, one, params["amount"])
        if saved is None or amount is None or worth(amount) + worth(saved) <= 0:
            continue
        looked = True
        tolerance = max(Decimal(params["tolerance"]), rounding(one.value))
        yield _percentage(check, one, HUNDRED * worth(saved), worth(amount) + worth(saved), tolerance)
    if not looked:
        yield unassessable(check, "the text states no saving rate with amount and saving")


def _nearest(case: Case, rate: Statistic, key: str) -> Statistic | None:
    """The last figure of a key before the rate, unless another rate stands in between."""
    rates = [one.start for one in case.report.statistics if one.key == rate.key and one.start < rate.start]
    since = max(rates, default=-1)
    found = [
        one
        for one in case.report.statistics
        if one.key == key and since < one.start < rate.start and case.between(one, rate) is not None
    ]
    return found[-1] if found and base_unit(found[-1].unit)[0] == "元" and figure(found[-1]).exact else None


@rule("N_YEAR_ON_YEAR")
def year_on_year(check: Check, case: Case) -> Iterator[CheckResult]:
    """A change against last year of a figure that both years' tables state."""
    params = check.params
    looked = False
    for one in _percentages(case):
        subject = _before(case, one, params["nearest"])
        if subject is None or not subject.key or not (one.key in params["keys"] or _said(check, case, subject, one)):
            continue
        codes = params["counts"].get(subject.key, ())
        now, before = _count(case, codes, 0), _count(case, codes, -1)
        if now is None or not before or worth(subject) != now:
            continue
        looked = True
        falls = one.value > 0 and re.search(params["down"], f"{case.between(subject, one)}{one.quote}")
        change = -one.value if falls else one.value
        cells = [code for code in codes if code in case.values]
        tolerance = rounding(one.value)
        computed = HUNDRED * (now - before)
        if abs(change * before - computed) <= tolerance * before:
            yield passed(check, cells, left=change, right=round(computed / before, 4))
            continue
        yield failed(
            check,
            f"the text says {plain(change)} % ({said(one)}), {plain(now)} after {plain(before)} "
            f"is {plain(round(computed / before, 2))} %",
            cells,
            left=change,
            right=round(computed / before, 4),
            tolerance=tolerance,
        )
    if not looked:
        yield unassessable(check, "the text states no change against last year that the tables can tell")


def _count(case: Case, codes: Sequence[str], offset: int) -> Decimal | None:
    cells = case.values if offset == 0 else case.others.get(offset, {})
    return next((value for code in codes if isinstance(value := cells.get(code), Decimal)), None)
