"""Neighbour years of one publisher: carry-over for every column, stock and flow, jumps, stated changes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from schemas.report import Edition, Severity, Verdict
from tasks.validate import CheckResult, State, cells_of, check_years, findings_of
from tests.validate.build import doubtful, sound_report

COLUMNS = 7


def year(**changes: int) -> Mapping[str, Decimal | None]:
    """The cells of a sound report; names are written with __ for the dot."""
    found = {code: value for code, value in cells_of(sound_report()).items() if isinstance(value, Decimal)}
    return found | {code.replace("__", "."): Decimal(value) for code, value in changes.items()}


def of(results: list[CheckResult], check: str, state: State) -> list[CheckResult]:
    return [result for result in results if result.check == check and result.state is state]


BEFORE = year(t3__carried_out__natural_person=1, t3__carried_out__total=1, t2__normative_docs__in_force=5)
AFTER = year(t3__carried_in__natural_person=2, t3__carried_in__total=2, t2__normative_docs__in_force=11)


def test_carry_over_is_checked_in_every_column_to_both_neighbours() -> None:
    results = check_years(2021, year(), {2020: BEFORE, 2022: AFTER})
    assert len(of(results, "T3_CARRY_OVER", State.PASS)) == 2 * COLUMNS
    assert not [result for result in results if result.state is State.FAIL]


def test_one_bad_year_fails_towards_both_neighbours_and_so_is_located() -> None:
    bad = year(t3__carried_in__total=4, t3__carried_out__total=9)
    failures = of(check_years(2021, bad, {2020: BEFORE, 2022: AFTER}), "T3_CARRY_OVER", State.FAIL)
    assert [(result.year, result.severity) for result in failures] == [
        (2020, Severity.ERROR),
        (2021, Severity.ERROR),
    ]
    assert failures[0].cells == ("t3.carried_out.total@2020", "t3.carried_in.total@2021")
    assert (failures[0].left, failures[0].right) == (1, 4)


def test_a_column_of_applicants_is_a_warning() -> None:
    moved = year(t3__carried_in__natural_person=0, t3__carried_in__business=1)
    failures = of(check_years(2021, moved, {2020: BEFORE}), "T3_CARRY_OVER", State.FAIL)
    assert {result.severity for result in failures} == {Severity.WARNING}


def test_reports_of_different_scope_are_not_held_against_each_other() -> None:
    bad = year(t3__carried_in__total=40)
    results = check_years(2021, bad, {2020: BEFORE}, scopes={2020: "本级", 2021: "全区"})
    failures = of(results, "T3_CARRY_OVER", State.FAIL)
    assert [result.severity for result in failures] == [Severity.INFO]
    assert "本级" in failures[0].message


def test_a_missing_neighbour_is_not_a_failure() -> None:
    results = check_years(2021, year(), {})
    assert {result.state for result in results} == {State.NOT_ASSESSABLE}


def test_a_blank_cell_of_a_neighbour_is_not_zero() -> None:
    results = check_years(2021, year(), {2020: {**BEFORE, "t3.carried_out.total": None}})
    assert len(of(results, "T3_CARRY_OVER", State.PASS)) == COLUMNS - 1
    assert not of(results, "T3_CARRY_OVER", State.FAIL)


def test_a_fee_in_yuan_beside_one_in_ten_thousand_yuan_is_a_jump() -> None:
    now, before = year(t2__admin_fees__amount=77302800), year(t2__admin_fees__amount=7730)
    assert of(check_years(2021, now, {2020: before}), "T2_FEE_MAGNITUDE", State.FAIL)


def test_a_doubtful_cell_does_not_blame_the_publisher_across_years() -> None:
    report = doubtful(sound_report(), "t3.carried_in.total")
    results = check_years(2021, year(), {2020: {**BEFORE, "t3.carried_out.total": Decimal(5)}})
    (finding,) = findings_of(results, report)
    assert finding.verdict is Verdict.READING
    (sure,) = findings_of(results, sound_report())
    assert sure.verdict is Verdict.PUBLISHER
    assert sure.cells == ("t3.carried_out.total@2020", "t3.carried_in.total@2021")


def test_stocks_of_another_edition_are_not_compared() -> None:
    older = cells_of(sound_report(Edition.FORM_2019))
    results = check_years(2021, year(), {2020: older})
    assert not of(results, "T2_STOCK_FLOW", State.FAIL)
    assert of(results, "T3_CARRY_OVER", State.PASS)
