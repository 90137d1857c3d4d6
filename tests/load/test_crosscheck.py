"""Checks over many reports: the same findings on both databases, and those that validation itself would make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tasks.validate as validation
from schemas.blocks import Place
from schemas.checks import Check, Scope, checks
from schemas.ledger import LedgerState
from schemas.report import Certainty, Judgement, Outcome, Report, Section
from schemas.site import PublisherEntry
from schemas.tables import reports as tables
from tasks.load import Warehouse, crosscheck
from tasks.load.crosscheck import warehouse_checks
from tasks.load.crosscheck.texts import TEXT_CHECKS
from tasks.load.crosscheck.years import YEAR_CHECKS
from tasks.load.engine import reading
from tasks.load.snapshot import snapshot
from tasks.validate import cells_of, check_years
from tasks.validate.results import State
from tests.load.conftest import CITY, OFFICE, empty_postgres
from tests.load.samples import emptied, fact, load, loaded, report
from tests.validate.build import cells_of_year, report_of

Figures = Mapping[str, str | None]
LONG = "本年度进一步完善工作机制，细化责任分工，逐项落实公开要求。" * 10


def _years(warehouse: Warehouse, years: Mapping[int, Figures], publisher: str = "lanshi-office", **more: Any) -> None:
    """Load one report for each year, each from a document of its own."""
    for number, (year, figures) in enumerate(sorted(years.items())):
        judged = loaded(year, figures, sections=(), **more)
        load(warehouse, judged, year=year, publisher=publisher, document="0123456789"[number])


def _found(warehouse: Warehouse, *checks: str) -> list[dict[str, Any]]:
    rows = [row for row in snapshot(warehouse.engine)["finding"] if row["scope"] != "report"]
    return [row for row in rows if not checks or row["check_code"] in checks]


def test_what_is_carried_over_must_arrive_in_every_column(warehouse: Warehouse) -> None:
    _years(
        warehouse,
        {
            2020: {"t3.carried_out.total": "3", "t3.carried_out.business": "1", "t3.carried_out.research": None},
            2021: {"t3.carried_in.total": "2", "t3.carried_in.business": "1", "t3.carried_in.research": "5"},
        },
    )
    done = warehouse.cross_check()
    assert (done.new, done.gone, done.standing, done.by_check) == (1, 0, 1, {"T3_CARRY_OVER": 1})
    (row,) = _found(warehouse)
    assert (row["severity"], row["verdict"], row["left_side"], row["right_side"]) == ("error", "publisher", "3", "2")
    assert row["cells"] == ["t3.carried_out.total@2020", "t3.carried_in.total@2021"]
    assert ".2021." in str(row["report_id"])
    assert ".2020." in str(row["other_report_id"])


def test_a_finding_dismissed_for_one_body_stands_for_another_with_the_same_figures(warehouse: Warehouse) -> None:
    figures: dict[int, Figures] = {2020: {"t3.carried_out.total": "1"}, 2021: {"t3.carried_in.total": "0"}}
    _years(warehouse, figures)
    warehouse.cross_check()
    (one,) = _found(warehouse)
    warehouse.dismiss(str(one["report_id"]), str(one["key"]), by="王敏", why="撤回后重报")
    _years(warehouse, figures, publisher=CITY.id)
    warehouse.cross_check()
    dismissed = {str(row["report_id"]).split(".")[0]: row["dismissed_by"] for row in _found(warehouse, "T3_CARRY_OVER")}
    assert (bool(dismissed[OFFICE.id]), dismissed[CITY.id]) == (True, None)


def test_the_year_that_agrees_with_neither_neighbour_is_named(warehouse: Warehouse) -> None:
    _years(
        warehouse,
        {
            2019: {"t3.carried_out.total": "4", "t3.carried_in.total": "0"},
            2020: {"t3.carried_in.total": "40", "t3.carried_out.total": "50"},
            2021: {"t3.carried_in.total": "5", "t3.carried_out.total": "6"},
            2022: {"t3.carried_in.total": "6", "t3.carried_out.total": "0"},
        },
    )
    warehouse.cross_check()
    rows = _found(warehouse)
    assert len(rows) == 2
    assert all(".2020." in str(row["report_id"]) for row in rows)
    assert all("2020 agrees with neither of its neighbours" in str(row["message"]) for row in rows)


def test_a_contradicted_report_is_flagged_in_the_ledger_until_the_cause_is_gone(warehouse: Warehouse) -> None:
    _years(warehouse, {2020: {"t3.carried_out.total": "121"}, 2021: {"t3.carried_in.total": "112"}})
    warehouse.cross_check()
    entry = warehouse.ledger(years=[2021])[0]
    assert (entry.state, entry.reason_code) == (LedgerState.FLAGGED, "load.contradicted")
    assert "the same digits in another order" in (entry.reason or "")
    before = snapshot(warehouse.engine, everything=True)
    again = warehouse.cross_check()
    assert (again.new, again.gone, again.standing) == (0, 0, 1)
    load(warehouse, loaded(2021, {"t3.carried_in.total": "112"}, sections=()), document="1")
    warehouse.confirm("lanshi-office", 2021)
    assert snapshot(warehouse.engine, everything=True) == before, "checked, loaded and confirmed again without a trace"
    load(warehouse, loaded(2021, {"t3.carried_in.total": "121"}, sections=()), document="9", day=9)
    done = warehouse.cross_check(["lanshi-office"])
    assert (done.new, done.gone, done.standing) == (0, 1, 0)
    assert warehouse.ledger(years=[2021])[0].state is LedgerState.LOADED


def test_checking_does_not_bring_back_a_report_that_is_gone(warehouse: Warehouse) -> None:
    _years(warehouse, {2020: {"t3.carried_out.total": "1"}, 2021: {"t3.carried_in.total": "2"}})
    warehouse.mark("lanshi-office", 2021, LedgerState.GONE)
    warehouse.cross_check()
    assert warehouse.ledger(years=[2021])[0].state is LedgerState.GONE


def test_reports_of_different_scope_differ_for_information_only(warehouse: Warehouse) -> None:
    _years(warehouse, {2020: {"t3.carried_out.total": "1"}}, scope="本级")
    load(warehouse, loaded(2021, {"t3.carried_in.total": "9"}, scope="全市"), document="f")
    warehouse.cross_check()
    (row,) = _found(warehouse)
    assert row["severity"] == "info"
    assert "本级" in str(row["message"])
    assert warehouse.ledger(years=[2021])[0].state is LedgerState.LOADED


def test_a_doubtful_cell_puts_the_doubt_on_our_reading(warehouse: Warehouse) -> None:
    _years(warehouse, {2020: {"t3.carried_out.total": "1"}})
    unsure = fact("t3.carried_in.total", "2", certainty=Certainty.DOUBTFUL, place=Place(page=1))
    load(warehouse, loaded(2021, facts=(unsure,)), document="f")
    warehouse.cross_check()
    assert [row["verdict"] for row in _found(warehouse)] == ["reading"]
    assert warehouse.ledger(years=[2021])[0].next_action == "review"


def test_stocks_follow_from_flows(warehouse: Warehouse) -> None:
    _years(
        warehouse,
        {
            2021: {"t2.normative_docs.in_force": "665"},
            2022: {
                "t2.normative_docs.in_force": "698",
                "t2.normative_docs.issued": "88",
                "t2.normative_docs.repealed": "55",
            },
            2023: {
                "t2.normative_docs.in_force": "470",
                "t2.normative_docs.issued": "77",
                "t2.normative_docs.repealed": "132",
            },
        },
    )
    warehouse.cross_check()
    (row,) = _found(warehouse)
    assert (row["check_code"], row["left_side"], row["right_side"]) == ("T2_STOCK_FLOW", "643", "470")


@pytest.mark.parametrize(
    ("early", "late", "expected"),
    [
        ("7730.28", "7545", set()),
        ("24252.311082", "5949.088667", set()),
        ("7730.28", "77302800", {"T2_FEE_MAGNITUDE", "W_UNIT_FAULT"}),
        ("96171600", "9617.16", {"T2_FEE_MAGNITUDE", "W_UNIT_FAULT"}),
        ("1", "1999", {"T2_FEE_MAGNITUDE"}),
        ("1", "900", set()),
        ("1", "60000", {"T2_FEE_MAGNITUDE"}),
        ("0", "500", set()),
    ],
)
def test_amounts_that_jump_are_found_and_unit_faults_named(
    warehouse: Warehouse, early: str, late: str, expected: set[str]
) -> None:
    code = "t2.admin_fees.amount"
    for year, amount in ((2021, early), (2022, late)):
        load(warehouse, loaded(year, facts=(fact(code, amount, unit="万元"),)), year=year, document=str(year)[-1])
    warehouse.cross_check()
    assert {row["check_code"] for row in _found(warehouse)} == expected


def test_an_amount_in_another_unit_is_compared_by_what_it_is_worth(warehouse: Warehouse) -> None:
    code = "t2.admin_fees.amount"
    load(warehouse, loaded(2021, facts=(fact(code, "7730.28", unit="万元"),)), document="a")
    load(warehouse, loaded(2022, facts=(fact(code, "77302800", unit="元"),)), year=2022, document="b")
    warehouse.cross_check()
    assert _found(warehouse) == []


def test_one_document_for_two_reports_is_our_fault(warehouse: Warehouse) -> None:
    for year in (2020, 2021):
        load(warehouse, loaded(year, sections=()), year=year, document="a")
    warehouse.cross_check()
    (row,) = _found(warehouse)
    assert (row["check_code"], row["severity"], row["verdict"]) == ("W_SAME_DOCUMENT", "error", "reading")
    assert warehouse.ledger(years=[2021])[0].next_action == "review"


def test_the_same_figures_in_two_documents_are_a_copy(warehouse: Warehouse) -> None:
    figures = {f"t3.granted.{column}": "3" for column in ("natural_person", "business", "research", "total")}
    figures |= {f"t3.new.{column}": "4" for column in ("natural_person", "business", "research", "total")}
    _years(warehouse, {2021: figures})
    load(warehouse, loaded(2021, figures, sections=()), publisher="lanshi-city", document="b")
    warehouse.cross_check()
    (row,) = _found(warehouse)
    assert row["check_code"] == "W_SAME_FIGURES"
    assert "all 8 figures are the same (岚市人民政府, 2021)" in str(row["message"])


def test_reports_without_figures_are_no_copies_of_each_other(warehouse: Warehouse) -> None:
    _years(warehouse, {2020: {"t3.new.total": "0"}, 2021: {"t3.new.total": "0"}})
    warehouse.cross_check()
    assert _found(warehouse) == []


def test_copied_and_repeated_text_is_told(warehouse: Warehouse) -> None:
    text = (Section("problems", "五、存在的主要问题及改进情况", LONG, 0, 5),)
    wrapped = (Section("problems", "五、存在的主要问题及改进情况", LONG.replace("，", "，\n"), 0, 5),)
    load(warehouse, loaded(2020, {}, sections=text), year=2020, document="a")
    load(warehouse, loaded(2021, {}, sections=wrapped), document="b")
    load(warehouse, loaded(2021, {}, sections=text), publisher="lanshi-city", document="c")
    warehouse.cross_check()
    assert sorted((row["check_code"], str(row["report_id"]).rsplit(".", 1)[0]) for row in _found(warehouse)) == [
        ("W_COPIED_TEXT", "lanshi-office.2021"),
        ("W_REPEATED_TEXT", "lanshi-office.2021"),
    ]
    assert {row.state for row in warehouse.ledger()} == {LedgerState.LOADED}, "worth knowing, no fault of a figure"


def test_figures_of_two_bodies_with_swapped_digits_are_told(warehouse: Warehouse) -> None:
    bodies = [
        PublisherEntry(id=f"body-{number}", name=f"第{number}局", region=region)
        for number, region in enumerate(("620102", "620103", "630103", None))
    ]
    warehouse.sync_publishers(bodies)
    values = ("12345", "12435", "12435", "12435")
    for body, value, document in zip(bodies, values, "abcd", strict=True):
        load(warehouse, loaded(2021, {"t3.new.total": value}, sections=()), publisher=body.id, document=document)
    load(warehouse, loaded(2021, {"t3.new.total": "54321"}, sections=()), publisher="lanshi-city", document="e")
    warehouse.cross_check()
    (row,) = _found(warehouse)
    assert (row["check_code"], row["cells"]) == ("W_SWAPPED_DIGITS", ["t3.new.total"])
    assert "t3.new.total is 12435, but 12345 there" in str(row["message"])


_SWAPPED = st.sampled_from(
    (
        *("12345", "12435", "13245", "21345", "1234.5", "123.45", "12.345", "-12345", "-21345", "1234", "1243"),
        *("0.10", "0.01", "11111", "12345.0", "12354.0", "1" * 30 + "23", "1" * 30 + "32"),
    )
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(stated=st.lists(st.tuples(_SWAPPED, st.sampled_from(["6201", "6301"])), min_size=2, max_size=9))
def test_of_all_pairs_of_bodies_those_with_two_swapped_digits_are_found(
    warehouse: Warehouse, stated: list[tuple[str, str]]
) -> None:
    """Against each pair held side by side; a value that many bodies state is one value."""
    emptied(warehouse)
    bodies = [
        PublisherEntry(id=f"body-{at}", name=f"第{at}局", region=f"{near}02") for at, (_, near) in enumerate(stated)
    ]
    warehouse.sync_publishers(bodies)
    for at, (value, _) in enumerate(stated):
        judged = loaded(2021, {"t3.new.total": value}, sections=())
        load(warehouse, judged, publisher=f"body-{at}", document="0123456789"[at])
    warehouse.cross_check()
    expected = {
        (f"body-{late}", f"body-{early}")
        for early, late in combinations(range(len(stated)), 2)
        if stated[early][1] == stated[late][1] and _are_swapped(stated[early][0], stated[late][0])
    }
    rows = _found(warehouse, "W_SWAPPED_DIGITS")
    named = [(str(row["report_id"]).split(".")[0], str(row["other_report_id"]).split(".")[0]) for row in rows]
    assert sorted(named) == sorted(expected)


def _are_swapped(one: str, other: str) -> bool:
    places = [at for at in range(max(len(one), len(other))) if one[at : at + 1] != other[at : at + 1]]
    alike = len(one) == len(other) >= warehouse_checks()["W_SWAPPED_DIGITS"].settings["digits"]
    return alike and len(places) == 2 and places[1] == places[0] + 1 and sorted(one) == sorted(other)


def test_the_index_of_long_values_holds_all_that_are_looked_at(warehouse: Warehouse, kind: str) -> None:
    assert warehouse_checks()["W_SWAPPED_DIGITS"].settings["digits"] >= tables.LONG
    where = {"sqlite": ("sqlite_master", "name", "sql"), "postgresql": ("pg_indexes", "indexname", "indexdef")}
    table, name, words = where[kind]
    with reading(warehouse.engine) as connection:
        made = connection.exec_driver_sql(f"SELECT {words} FROM {table} WHERE {name} = 'ix_fact_long_value'")
        assert f">= {tables.LONG}" in str(made.scalar_one())


def test_superseded_and_quarantined_readings_are_not_checked(warehouse: Warehouse) -> None:
    _years(warehouse, {2020: {"t3.carried_out.total": "1"}, 2021: {"t3.carried_in.total": "2"}})
    load(warehouse, loaded(2021, {"t3.carried_in.total": "1"}, sections=()), document="f", day=9)
    warehouse.cross_check()
    assert _found(warehouse) == []


_CELLS = (
    *("t3.carried_out.total", "t3.carried_in.total", "t3.carried_out.business", "t3.carried_in.business"),
    *("t2.rules.in_force", "t2.rules.issued", "t2.rules.repealed", "t2.licensing.decisions"),
    *("t2.licensing.prev_year_items", "t2.licensing.change", "t4.direct_pending", "t4.direct_total"),
    *("t2.admin_fees.amount", "local.l_received.cumulative", "local.l_received.year_value"),
)
_VALUES = st.sampled_from([None, "0", "1", "2", "3", "-1", "150", "9000", "0.0001", "2.50", "123456789.123456"])
_REPORTS = st.dictionaries(
    st.integers(2018, 2022), st.dictionaries(st.sampled_from(_CELLS), _VALUES, max_size=15), min_size=2, max_size=5
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(figures=_REPORTS)
def test_sql_finds_what_validation_finds(warehouse: Warehouse, figures: dict[int, dict[str, str | None]]) -> None:
    """The same equations, evaluated once in SQL over stored facts and once by the evaluator over the cells."""
    emptied(warehouse)
    read: dict[int, Report] = {year: report(year, found, sections=()) for year, found in figures.items()}
    _years(warehouse, figures)
    warehouse.cross_check()
    cells = {year: cells_of(one) for year, one in read.items()}
    expected = {
        (result.check, result.cells, result.severity.value, result.left, result.right)
        for year in cells
        for result in check_years(year, cells[year], {other: cells[other] for other in cells if other != year})
        if result.state is State.FAIL
    }
    found = {
        (row["check_code"], tuple(row["cells"]), row["severity"], Decimal(row["left_side"]), Decimal(row["right_side"]))
        for row in _found(warehouse)
        if row["check_code"] not in warehouse_checks()
    }
    assert found == expected


def test_both_databases_find_the_same(tmp_path: Path, postgres: str) -> None:
    found = []
    for address in (f"sqlite:///{tmp_path / 'w.sqlite'}", empty_postgres(postgres)):
        with Warehouse(address) as warehouse:
            warehouse.migrate()
            warehouse.sync_publishers([OFFICE, CITY])
            for number, publisher in enumerate(("lanshi-office", "lanshi-city")):
                for year in range(2018, 2023):
                    figures = {
                        code: str((year * 7 + place * 13 + number) % 11 * 10000 // (1 + place % 4))
                        for place, code in enumerate(_CELLS)
                    }
                    judged = loaded(year, figures, sections=(Section("overview", "一", LONG, 0, 1),))
                    load(warehouse, judged, year=year, publisher=publisher, document=f"{number}{year}"[-1])
            warehouse.cross_check()
            found.append((snapshot(warehouse.engine)["finding"], snapshot(warehouse.engine)["ledger"]))
    assert found[0] == found[1]
    assert len({row["check_code"] for row in found[0][0]}) >= 6


@pytest.mark.parametrize(
    ("check", "sort", "example"),
    [
        pytest.param(check, sort, example, id=f"{check.code}-{sort}-{number}")
        for check in checks().values()
        if check.scope is Scope.CROSS_YEAR
        for sort in ("passing", "failing")
        for number, example in enumerate(check.examples[sort])
    ],
)
def test_each_example_over_years_passes_or_fails_in_the_warehouse_too(
    warehouse: Warehouse, check: Check, sort: str, example: Mapping[str, Any]
) -> None:
    read = replace(report_of(example, check), publisher="岚市人民政府办公室")
    assert read.year is not None
    years = {year: report(year, plain(cells), sections=()) for year, cells in cells_of_year(example).items()}
    for number, (year, one) in enumerate(sorted({**years, read.year: read}.items())):
        load(warehouse, Judgement(Outcome.LOADED, None, one), year=year, document="0123456789"[number])
    warehouse.cross_check(text_check=validation.text_findings)
    codes = {str(row["check_code"]) for row in _found(warehouse)}
    assert (check.code in codes) is (sort == "failing")


def plain(cells: Mapping[str, Decimal | None]) -> dict[str, str | None]:
    return {code: None if value is None else format(value, "f") for code, value in cells.items()}


def test_all_nine_checks_over_years_are_made_in_the_warehouse() -> None:
    over_years = {check.code for check in checks().values() if check.scope is not Scope.REPORT}
    assert len(over_years) == 9
    assert (YEAR_CHECKS | TEXT_CHECKS) - warehouse_checks().keys() == over_years


def test_what_a_text_says_of_the_year_before_is_held_against_its_report(warehouse: Warehouse) -> None:
    check = checks()["N_YEAR_ON_YEAR"]
    read = report_of(check.examples["failing"][0], check)
    load(warehouse, loaded(2020, {"t3.new.total": "24"}, sections=()), year=2020, document="a")
    load(warehouse, Judgement(Outcome.LOADED, None, read), document="b")
    assert warehouse.cross_check(text_check=validation.text_findings).by_check == {"N_YEAR_ON_YEAR": 1}
    (row,) = _found(warehouse)
    assert (row["severity"], row["scope"], row["left_side"], row["right_side"]) == (
        *("info", "cross_year"),
        *("-30", "-41.6667"),
    )
    assert ".2020." in str(row["other_report_id"])
    assert warehouse.ledger(years=[2021])[0].state is LedgerState.LOADED, "worth knowing, no fault of a figure"
    assert warehouse.cross_check().gone == 0, "a round that does not look at texts says nothing of them"
    load(warehouse, loaded(2020, {"t3.new.total": "20"}, sections=()), year=2020, document="c", day=3)
    assert warehouse.cross_check(["lanshi-office"], text_check=validation.text_findings).gone == 1


def test_a_round_of_checks_begins_with_counting_how_large_the_tables_are(
    warehouse: Warehouse, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite joins all facts with all facts without, in the first round after the first harvest already."""
    if kind == "postgresql":
        pytest.skip("PostgreSQL counts by itself")
    counted: list[str] = []
    find = crosscheck.find

    def counting(connection: Any, *asked: Any, **more: Any) -> Any:
        stat = "SELECT stat FROM sqlite_stat1 WHERE idx = 'ix_fact_code'"
        counted.append(connection.exec_driver_sql(stat).scalar_one())
        return find(connection, *asked, **more)

    monkeypatch.setattr(crosscheck, "find", counting)
    _years(warehouse, {year: {"t3.carried_out.total": "3"} for year in (2020, 2021)})
    warehouse.cross_check()
    assert counted
    assert counted[0].startswith("2 ")
