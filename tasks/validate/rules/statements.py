"""The text against the tables: the same fact stated twice must be the same number.

A wrong alarm costs more than a missed one here, because it flags a sound report. So a statement fails only when it
is the one statement of its kind, speaks of the report's own year and scope, and agrees with no reading of the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from schemas.checks import Check
from schemas.report import Statistic
from tasks.validate.case import Case, squeeze
from tasks.validate.results import CheckResult, plain
from tasks.validate.rules.base import failed, passed, rule, said, unassessable
from tasks.validate.rules.quantity import figure, worth


@rule(
    "N_APPLICATIONS_RECEIVED",
    "N_APPLICATIONS_ANSWERED",
    "N_CARRIED",
    "N_OUTCOME_PART",
    "N_REVIEW_LITIGATION",
    "N_TOTAL_LOAD",
    "N_APPLICANT_SPLIT",
    "N_NORMATIVE_DOCS",
    "L_TEXT",
)
def stated_twice(check: Check, case: Case) -> Iterator[CheckResult]:
    """One result per kind of statement in the parameters of the check."""
    for statement in check.params["statements"]:
        yield _compare(check, case, statement)


def _compare(check: Check, case: Case, statement: Mapping[str, Any]) -> CheckResult:
    key: str = statement["key"]
    stated = _statements(case, statement)
    if not stated:
        return unassessable(check, f"the text states no {key}")
    targets = [(codes, value) for codes in statement["equals"] if (value := case.total_of(codes)) is not None]
    if not targets:
        return unassessable(check, f"the cells for {key} are blank or missing")
    for one in stated:
        bounds = figure(one)
        for codes, value in targets:
            if bounds.agrees(value):
                return passed(check, _names(codes), left=worth(one), right=value)
    values = {worth(one) for one in stated}
    if sum(values) in {value for _, value in targets}:
        codes = next(codes for codes, value in targets if value == sum(values))
        return passed(check, _names(codes), left=sum(values, Decimal(0)), right=case.total_of(codes))
    if len(values) > 1:
        return unassessable(check, f"the text states {key} with several values")
    one = stated[0]
    why = _no_rival(one, statement) or unclear(case, one, check.params["unclear"])
    if why:
        return unassessable(check, why)
    codes, value = targets[0]
    if codes != statement["equals"][0]:
        return unassessable(check, f"the cell for {key} is blank or missing")
    return failed(
        check,
        f"the text says {plain(worth(one))} {one.unit or ''} ({said(one)}), {_sum(codes)} is {plain(value)}",
        _names(codes),
        left=worth(one),
        right=value,
    )


def _statements(case: Case, statement: Mapping[str, Any]) -> list[Statistic]:
    """The figures of a key: of the report's own year, or of the span that the statement asks for."""
    span: str | None = statement.get("period")
    if span is None:
        found = case.stated(statement["key"])
    else:
        keyed = (one for one in case.report.statistics if one.key == statement["key"])
        found = [one for one in keyed if one.period and re.search(span, one.period)]
    outcome: str | None = statement.get("outcome")
    return found if outcome is None else [one for one in found if one.outcome == outcome]


def _no_rival(one: Statistic, statement: Mapping[str, Any]) -> str | None:
    """Why a figure cannot contradict the table whatever its sentence says."""
    return "the figure is a part of another" if statement.get("whole") and one.parent is not None else None


def unclear(case: Case, one: Statistic, marks: Mapping[str, str]) -> str | None:
    """Why a figure may count something else than the table; None when nothing speaks for that.

    `marks` are the patterns of the check: scope, bodies, quote, before. An office's own report has only one scope.
    """
    publisher, sentence = case.report.publisher or "", squeeze(case.sentence(one))
    scope = re.search(marks["scope"], sentence)
    if scope and not re.search(r"办公室|办公厅", publisher):
        return f"the sentence may speak of another scope ({scope[0]})"
    for body in re.finditer(marks.get("bodies", "(?!)"), sentence):
        if not publisher.endswith(body[1]):
            return f"the sentence may speak of another body ({body[0]})"
    part = re.search(marks.get("quote", "(?!)"), squeeze(one.quote))
    part = part or re.search(marks.get("before", "(?!)"), squeeze(case.before(one)))
    return f"the figure may be of a part ({part[0]})" if part else None


def _names(codes: Sequence[str]) -> list[str]:
    return [code.removeprefix("-") for code in codes]


def _sum(codes: Sequence[str]) -> str:
    return " ".join(f"- {code[1:]}" if code.startswith("-") else f"+ {code}" for code in codes).removeprefix("+ ")


@rule("N_OUTCOME_ALL")
def all_granted(check: Check, case: Case) -> Iterator[CheckResult]:
    """均予以公开: every answer was a grant, so the first row of results is all of them."""
    params = check.params
    stated = [
        one
        for key in params["keys"]
        for one in case.stated(key)
        if one.outcome == params["outcome"] and one.parent is None
    ]
    left, right = case.number(params["left"]), case.number(params["right"])
    cells = [params["left"], params["right"]]
    if not stated:
        yield unassessable(check, "the text does not say that all were granted")
    elif left is None or right is None:
        yield unassessable(check, "a cell is blank or missing", cells)
    elif left == right:
        yield passed(check, cells, left=left, right=right)
    elif why := unclear(case, stated[0], params["unclear"]):
        yield unassessable(check, why)
    else:
        yield failed(
            check,
            f"the text says that all were granted ({said(stated[0])}), {cells[0]} is {plain(left)} of {plain(right)}",
            cells,
            left=left,
            right=right,
        )


@rule("N_NO_APPLICATIONS")
def no_applications(check: Check, case: Case) -> Iterator[CheckResult]:
    """A text that denies applications; not told where it also counts some, or denies them for a part of the body."""
    params = check.params
    stated = case.stated(params["key"])
    if not stated:
        yield unassessable(check, "the text does not say that there were none")
        return
    if any(one.value for one in case.stated(params["contrary"])):
        yield unassessable(check, "the text states a number of applications elsewhere")
        return
    yield _none(check, case, stated[0], params["zero"])


@rule("N_NO_CASES")
def no_cases(check: Check, case: Case) -> Iterator[CheckResult]:
    """A text that denies reviews, lawsuits or both: only the kind it names is compared."""
    params = check.params
    stated = case.stated(params["key"])
    if not stated:
        yield unassessable(check, "the text does not say that there were none")
        return
    for one in stated:
        named = [kind for kind in ("review", "lawsuit") if re.search(params[kind]["words"], one.quote)]
        prefixes = [prefix for kind in named or ("review", "lawsuit") for prefix in params[kind]["prefixes"]]
        cells = [code for prefix in prefixes for code in case.codes(prefix)]
        yield _none(check, case, one, cells)


def _none(check: Check, case: Case, stated: Statistic, cells: Sequence[str]) -> CheckResult:
    known = {code: value for code in cells if (value := case.number(code)) is not None}
    if not known:
        return unassessable(check, "the cells are blank or missing", cells)
    filled = {code: value for code, value in known.items() if value}
    if not filled:
        return passed(check, known, left=Decimal(0), right=Decimal(0))
    why = unclear(case, stated, check.params["unclear"])
    if why:
        return unassessable(check, why)
    words = ", ".join(f"{code} {plain(value)}" for code, value in filled.items())
    return failed(
        check,
        f"the text says that there were none ({said(stated)}), but {words}",
        filled,
        left=Decimal(0),
        right=max(filled.values()),
    )
