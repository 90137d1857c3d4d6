"""The shape of a rule: a named function that tests one check on a case and says what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from schemas.checks import Check
from schemas.report import Statistic
from tasks.validate.case import Case, squeeze
from tasks.validate.results import CheckResult, State

Rule = Callable[[Check, Case], Iterable[CheckResult]]

RULES: dict[str, Rule] = {}


def rule(*codes: str) -> Callable[[Rule], Rule]:
    """Registers a function as the test of the checks named."""

    def register(function: Rule) -> Rule:
        for code in codes:
            if code in RULES:
                raise ValueError(f"{code} has two rules")
            RULES[code] = function
        return function

    return register


def said(statistic: Statistic) -> str:
    """The words that state a figure, in quotation marks and without the line breaks of the document."""
    return f"“{squeeze(statistic.quote)}”"


def passed(
    check: Check,
    cells: Iterable[str] = (),
    *,
    left: Decimal | None = None,
    right: Decimal | None = None,
    message: str = "",
) -> CheckResult:
    """The check holds."""
    delta = left - right if left is not None and right is not None else None
    return CheckResult(
        check.code, State.PASS, check.severity, left=left, right=right, delta=delta, cells=tuple(cells), message=message
    )


def failed(
    check: Check,
    message: str,
    cells: Iterable[str] = (),
    *,
    left: Decimal | None = None,
    right: Decimal | None = None,
    tolerance: Decimal | None = None,
    doubt: str | None = None,
) -> CheckResult:
    """The check does not hold; `message` is completed by the title of the check."""
    return CheckResult(
        check=check.code,
        state=State.FAIL,
        severity=check.severity,
        left=left,
        right=right,
        delta=left - right if left is not None and right is not None else None,
        tolerance=tolerance,
        cells=tuple(cells),
        message=f"{check.title}: {message}",
        doubt=doubt,
    )


def unassessable(check: Check, why: str, cells: Iterable[str] = ()) -> CheckResult:
    """Nothing can be said: cells are missing or the text is not clear enough."""
    return CheckResult(check.code, State.NOT_ASSESSABLE, check.severity, cells=tuple(cells), message=why)
