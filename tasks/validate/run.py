"""Runs the checks: all report-scope ones over one report, the cross-year ones over the cells of several years."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache

from schemas.checks import Check, Equation, Op, Scope, checks
from schemas.report import Edition, Report, Severity
from tasks.validate.case import Case, prepare, totals
from tasks.validate.evaluate import Cells, evaluate, evaluate_pattern
from tasks.validate.results import CheckResult, State
from tasks.validate.rules import RULES

_PATTERNS = (Op.NONNEG, Op.NONNEG_INT)
# More rows than this with a wrong total is what a shifted column looks like, not a slip of the pen.
SHIFTED_ROWS = 3


@cache
def equations(code: str, edition: Edition | None) -> tuple[Equation, ...]:
    """The expanded equations of a check for an edition; expanded once."""
    return checks()[code].equations(edition)


def check_report(report: Report, *, kind: str | None = None, only: Iterable[str] | None = None) -> list[CheckResult]:
    """All report-scope checks on one report, one result or more each, in the order of the catalogue.

    `kind` is government or department where the registry knows it (deadlines); `only` limits the checks by code.
    """
    return check_case(prepare(report, kind=kind), only=only)


def check_case(case: Case, *, only: Iterable[str] | None = None) -> list[CheckResult]:
    """`check_report` on a report that is prepared already."""
    wanted = None if only is None else frozenset(only)
    found: list[CheckResult] = []
    for check in checks().values():
        if check.scope is Scope.REPORT and (wanted is None or check.code in wanted):
            found.extend(_results(check, case))
    return _suspect_shift(found, case)


def _results(check: Check, case: Case) -> Iterator[CheckResult]:
    if not case.applies(check):
        yield CheckResult(check.code, State.NOT_APPLICABLE, check.severity)
    elif check.op is Op.RULE:
        yield from RULES[check.code](check, case)
    elif check.op in _PATTERNS:
        yield from evaluate_pattern(check, case.values)
    else:
        edition = case.editions[check.tables[0]]
        years, known = {0: case.values}, totals(edition)
        for equation in equations(check.code, edition):
            yield evaluate(equation, years, totals=known, title=check.title)


def _suspect_shift(results: list[CheckResult], case: Case) -> list[CheckResult]:
    """Gives a doubt to wrong row totals of table 3 when they are many and most of the rows that hold anything."""
    rows = [result for result in results if result.check == "T3_ROW_TOTAL" and result.state is State.FAIL]
    if len(rows) <= SHIFTED_ROWS:
        return results
    filled = {code.split(".")[1] for code in case.codes("t3.") if case.values[code]}
    if 2 * len(rows) < len(filled):
        return results
    doubt = f"{len(rows)} of {len(filled)} filled rows of table 3 do not add up, as if a column were shifted"
    return [
        replace(result, doubt=result.doubt or doubt) if any(result is row for row in rows) else result
        for result in results
    ]


def check_years(
    year: int,
    cells: Cells,
    others: Mapping[int, Cells],
    *,
    report: Report | None = None,
    scopes: Mapping[int, str | None] | None = None,
) -> list[CheckResult]:
    """The cross-year checks that touch `year`, over the cells of that year and of others (by calendar year).

    `scopes` tells what each year's report counts (全市, 本级): where two years differ, a failure is only information.
    Checks that also need the text (N_YEAR_ON_YEAR) run when `report` is given.
    """
    years = {**others, year: cells}
    found: list[CheckResult] = []
    for check in checks().values():
        if check.scope is not Scope.CROSS_YEAR:
            continue
        if check.op is Op.RULE:
            found.extend(_text_over_years(check, report, year, others))
            continue
        for equation in equations(check.code, None):
            anchors = sorted({year - offset for offset in equation.offsets})
            found.extend(_over_years(check, equation, anchor, years, scopes or {}) for anchor in anchors)
    return found


def _over_years(
    check: Check, equation: Equation, anchor: int, years: Mapping[int, Cells], scopes: Mapping[int, str | None]
) -> CheckResult:
    window = {offset: years.get(anchor + offset, {}) for offset in equation.offsets}
    result = evaluate(equation, window, title=check.title, year=anchor)
    stated = {scope for offset in equation.offsets if (scope := scopes.get(anchor + offset))}
    if result.state is State.FAIL and len(stated) > 1:
        words = f"{result.message}; the reports differ in scope ({', '.join(sorted(stated))})"
        return replace(result, severity=Severity.INFO, message=words)
    return result


def _text_over_years(
    check: Check, report: Report | None, year: int, others: Mapping[int, Cells]
) -> Iterator[CheckResult]:
    if report is None:
        return
    case = prepare(report, others={other - year: cells for other, cells in others.items()})
    if not case.applies(check):
        yield CheckResult(check.code, State.NOT_APPLICABLE, check.severity)
    else:
        yield from RULES[check.code](check, case)


def check_text(report: Report, others: Mapping[int, Cells]) -> list[CheckResult]:
    """The cross-year checks of the text alone, over the cells of other years (by calendar year)."""
    assert report.year is not None
    return [
        result
        for check in checks().values()
        if check.scope is Scope.CROSS_YEAR and check.op is Op.RULE
        for result in _text_over_years(check, report, report.year, others)
    ]


def cells_of(report: Report) -> Cells:
    """The cells of a report as `check_years` and its callers take them."""
    return prepare(report).values
