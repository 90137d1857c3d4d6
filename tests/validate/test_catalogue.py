"""Every check of the catalogue has an example that passes and one that fails, and both do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from schemas.checks import Check, Op, Scope, Term, checks
from schemas.forms import form
from schemas.report import Edition, Severity
from tasks.validate import CheckResult, State, cells_of, check_report, check_years
from tasks.validate.rules import RULES
from tests.validate.build import cells_of_year, report_of

FAMILIES = {"T": 31, "N": 23, "S": 16, "M": 15, "U": 2, "L": 7}


def results(check: Check, example: Mapping[str, Any]) -> list[CheckResult]:
    report = report_of(example, check)
    if check.scope is Scope.REPORT:
        return check_report(report, only=[check.code])
    assert report.year is not None
    found = check_years(report.year, cells_of(report), cells_of_year(example), report=report)
    return [result for result in found if result.check == check.code]


def examples(kind: str) -> list[Any]:
    return [
        pytest.param(check, example, id=f"{check.code}-{number}")
        for check in checks().values()
        for number, example in enumerate(check.examples.get(kind, ()))
    ]


def test_there_are_94_checks_and_each_has_an_example_that_passes_and_one_that_fails() -> None:
    assert len(checks()) == 94
    assert {letter: sum(code[0] == letter for code in checks()) for letter in FAMILIES} == FAMILIES
    assert all(check.examples.get("passing") and check.examples.get("failing") for check in checks().values())
    assert sum(bool(check.examples["passing"]) for check in checks().values()) == 94
    assert sum(bool(check.examples["failing"]) for check in checks().values()) == 94


@pytest.mark.parametrize(("check", "example"), examples("passing"))
def test_a_sound_example_passes(check: Check, example: Mapping[str, Any]) -> None:
    states = {result.state for result in results(check, example)}
    assert State.PASS in states
    assert State.FAIL not in states


@pytest.mark.parametrize(("check", "example"), examples("failing"))
def test_a_faulty_example_fails_with_a_message(check: Check, example: Mapping[str, Any]) -> None:
    failures = [result for result in results(check, example) if result.state is State.FAIL]
    assert failures
    assert all(result.message.startswith(check.title) for result in failures)


@pytest.mark.parametrize(("check", "example"), examples("silent"))
def test_what_cannot_be_told_is_not_told(check: Check, example: Mapping[str, Any]) -> None:
    states = {result.state for result in results(check, example)}
    assert states <= {State.NOT_ASSESSABLE, State.NOT_APPLICABLE, State.PASS}
    assert states & {State.NOT_ASSESSABLE, State.NOT_APPLICABLE}


def test_every_check_is_a_formula_or_has_a_rule() -> None:
    rules = {check.code for check in checks().values() if check.op is Op.RULE}
    assert rules == set(RULES)


def test_every_cell_that_a_check_names_is_a_cell_of_a_form() -> None:
    known = {
        code
        for edition in Edition
        if edition is not Edition.MIXED
        for table in form(edition).tables.values()
        for code in table.codes()
    }
    for check in checks().values():
        for edition in sorted(check.applies_to):
            for equation in check.equations(edition):
                for term in equation.left + equation.right:
                    assert not term.code or term.code in known, f"{check.code}: {term.code}"


def test_severities_are_those_of_the_catalogue() -> None:
    counted = {severity: sum(check.severity is severity for check in checks().values()) for severity in Severity}
    assert counted == {Severity.ERROR: 24, Severity.WARNING: 41, Severity.INFO: 29}


def test_carry_over_is_grave_in_the_total_and_a_warning_in_the_columns() -> None:
    equations = checks()["T3_CARRY_OVER"].equations()
    assert {dict(equation.bound)["c"]: equation.severity for equation in equations} == {
        "natural_person": Severity.WARNING,
        "business": Severity.WARNING,
        "research": Severity.WARNING,
        "public_welfare": Severity.WARNING,
        "legal_service": Severity.WARNING,
        "other_org": Severity.WARNING,
        "total": Severity.ERROR,
    }


def test_the_notation_of_cells_is_read() -> None:
    assert Term.parse("-t2.rules.repealed@Y") == Term("t2.rules.repealed", sign=-1)
    assert Term.parse("t3.carried_in.total@Y+1") == Term("t3.carried_in.total", offset=1)
    assert Term.parse("local.l_published.cumulative@Y-1").offset == -1
    with pytest.raises(ValueError, match="not a cell"):
        Term.parse("t3 new")
