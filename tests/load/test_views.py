"""What analysts get: current figures in their words, the same rows from both databases, each with its source."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from schemas.ledger import LedgerState
from schemas.report import Judgement, Outcome, Reason
from tasks.load import Warehouse
from tasks.load.cells import form_cells
from tasks.load.views import views
from tests.load.conftest import CITY, OFFICE, empty_postgres
from tests.load.samples import fact, flagged, load, loaded, quarantined, report, statistic


def fill(warehouse: Warehouse) -> None:
    """Two publishers, two years, an old version, a quarantined reading and a year that is missing."""
    warehouse.sync_publishers([OFFICE])
    warehouse.sync_publishers([CITY], sample=True)
    warehouse.owe(["lanshi-office", "lanshi-city"], [2019, 2020, 2021])
    tables = {
        "t2.central_procurement.amount": "11561862563.21",
        "t2.normative_docs.in_force": "8",
        "t3.new.total": "7",
        "t3.new.natural_person": "6",
        "t3.carried_in.total": None,
        "t3.results_total.total": "7",
        "t4.review_total": "2",
        "t4.after_pending": "1",
        "stat.s3_received": "3",
    }
    stated = (
        statistic("收到申请", "7", key="applications_received", start=1, end=5, unit="件"),
        statistic("受理申请", "7", key="applications_received", start=8, end=9, unit="件"),
        statistic("主动公开信息", "4367", key="published", start=10, end=14),
        statistic("主动公开政府信息", "4400", key="published", start=20, end=24),
        statistic("上年收到申请", "9", key="applications_received", start=30, end=34, period="2020"),
    )
    load(warehouse, loaded(2021, {"t3.new.total": "70"}), document="a")
    load(warehouse, flagged(2021, tables, statistics=stated, scope="本级"), document="b", day=5)
    load(warehouse, loaded(2020, {"t3.new.total": "9"}), year=2020, document="c")
    load(warehouse, quarantined(2021, {"t3.new.total": "999999"}), publisher="lanshi-city", document="d")
    local = fact("local.unknown_1.year_value", "5", label="公开栏数", unit="个")
    narrative = report(2020, {}, facts=(local,))
    load(
        warehouse,
        Judgement(Outcome.LOADED, None, narrative),
        publisher="lanshi-city",
        year=2020,
        document="e",
    )
    warehouse.mark("lanshi-office", 2019, LedgerState.BLOCKED, Reason("fetch.challenge", "a script shell"))


@pytest.fixture
def filled(warehouse: Warehouse) -> Warehouse:
    fill(warehouse)
    return warehouse


def test_applications_are_one_row_for_each_kind_of_applicant(filled: Warehouse) -> None:
    rows = list(filled.view("requests_by_year", years=[2021]))
    assert [(row["applicant"], row["applicant_zh"], row["new"], row["unit"]) for row in rows] == [
        ("natural_person", "自然人", Decimal(6), "件"),
        ("total", "总计", Decimal(7), "件"),
    ]
    assert rows[1]["carried_in"] is None, "blank is not zero"
    assert rows[1]["results_total"] == 7
    assert (rows[1]["publisher"], rows[1]["scope"]) == ("岚市人民政府办公室", "本级")


def test_only_current_versions_are_shown_and_nothing_quarantined(filled: Warehouse) -> None:
    for name in views():
        for row in filled.view(name):
            assert Decimal(70) not in row.values()
            assert Decimal(999999) not in row.values()


def test_tables_two_and_four_are_one_row_for_each_report(filled: Warehouse) -> None:
    (regulations,) = filled.view("regulations")
    assert regulations["central_procurement_amount"] == Decimal("11561862563.21")
    assert regulations["normative_docs_in_force"] == 8
    (cases,) = filled.view("reviews_and_lawsuits")
    assert (cases["review_total"], cases["after_pending"], cases["direct_total"]) == (2, 1, None)


def test_tidy_views_carry_labels_in_both_languages(filled: Warehouse) -> None:
    rows = {row["code"]: row for row in filled.view("requests_by_year_tidy", years=[2021])}
    total = rows["t3.results_total.total"]
    assert (total["row_zh"], total["row_en"], total["column_zh"]) == ("办理结果总计", "Results in total", "总计")
    annex = {row["code"]: row for row in filled.view("annex_indicators")}
    assert annex["stat.s3_received"]["row_en"] == "Applications received"
    assert annex["local.unknown_1.year_value"]["label"] == "公开栏数"


def test_text_that_contradicts_itself_gives_no_single_figure(filled: Warehouse) -> None:
    row = next(filled.view("narrative_statistics_wide", years=[2021]))
    assert row["applications_received"] == 7, "stated twice with one value; last year's figure is not the report's"
    assert row["published"] is None
    assert row["ambiguous"] == "published"
    assert len(list(filled.view("narrative_statistics", years=[2021]))) == 5


def test_every_figure_leads_to_its_page_document_address_and_time(filled: Warehouse) -> None:
    rows = {row["code"]: row for row in filled.view("fact_provenance", years=[2021])}
    amount = rows["t2.central_procurement.amount"]
    assert (amount["page"], amount["place"]["row"], amount["raw"]) == (2, 1, "11561862563.21")
    assert amount["document_sha256"] == "b" * 64
    assert amount["url"].endswith("b.pdf")
    assert amount["fetched_at"].isoformat() == "2026-02-06T00:00:00+00:00"


def test_one_query_says_which_bodies_are_missing_and_why(filled: Warehouse) -> None:
    rows = filled.view("missing_reports")
    assert [(row["publisher_id"], row["year"], row["state"], row["reason_code"]) for row in rows] == [
        ("lanshi-city", 2019, "expected", None),
        ("lanshi-city", 2021, "quarantined", "parse.row_incomplete"),
        ("lanshi-office", 2019, "blocked", "fetch.challenge"),
    ]


def test_coverage_is_a_matrix_with_states_reasons_and_what_is_overdue(filled: Warehouse) -> None:
    found = filled.coverage([2019, 2020, 2021, 2030], today=date(2022, 2, 15))
    assert found.years == (2019, 2020, 2021, 2030)
    city, office = found.rows
    assert (city.name, [city.cells[year].state.value for year in (2019, 2020, 2021)]) == (
        "岚市人民政府",
        ["expected", "loaded", "quarantined"],
    )
    assert [city.cells[year].overdue for year in (2019, 2020, 2021)] == [True, False, False], "31 March 2022"
    assert (office.cells[2019].reason_code, office.cells[2019].overdue) == ("fetch.challenge", True)
    assert found.totals[2021] == {LedgerState.FLAGGED: 1, LedgerState.QUARANTINED: 1}
    assert found.totals[2030] == {}
    assert [(row.publisher, year) for row, year, _ in found.missing()] == [
        ("lanshi-city", 2019),
        ("lanshi-city", 2021),
        ("lanshi-office", 2019),
    ]


def test_a_report_that_is_gone_at_its_source_is_not_missing(filled: Warehouse) -> None:
    filled.mark("lanshi-office", 2021, LedgerState.GONE, Reason("fetch.gone", "410"))
    assert ("lanshi-office", 2021) not in {(row.publisher, year) for row, year, _ in filled.coverage([2021]).missing()}
    assert 2021 not in {row["year"] for row in filled.view("missing_reports", publishers=["lanshi-office"])}


def test_both_databases_show_the_same_rows(tmp_path: Path, postgres: str) -> None:
    shown: list[dict[str, list[dict[str, Any]]]] = []
    for address in (f"sqlite:///{tmp_path / 'w.sqlite'}", empty_postgres(postgres)):
        with Warehouse(address) as warehouse:
            warehouse.migrate()
            fill(warehouse)
            shown.append({name: [_timeless(row) for row in warehouse.view(name)] for name in views()})
    assert shown[0] == shown[1]
    assert all(shown[0].values()), "every view has rows"


def _timeless(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "since"}


def _plainly(address: str, statement: str) -> Iterator[Any]:
    """What a person sees with the database's own tools, without our functions."""
    if address.startswith("sqlite"):
        connection = sqlite3.connect(address.removeprefix("sqlite+pysqlite:///"))
        yield from connection.execute(statement).fetchall()
        connection.close()
    else:
        with psycopg.connect(address.replace("+psycopg", "")) as opened:
            yield from opened.execute(statement.encode()).fetchall()


def test_the_views_work_with_the_databases_own_tools(filled: Warehouse, address: str) -> None:
    for name, view in views().items():
        rows = list(_plainly(address, f"SELECT * FROM {name}"))
        assert len(rows) == len(list(filled.view(name)))
        assert {len(row) for row in rows} == {len(view.columns)}
    (row,) = _plainly(address, "SELECT central_procurement_amount FROM regulations")
    assert str(row[0]) == "11561862563.21"


def test_columns_of_every_view_have_labels_in_both_languages() -> None:
    for view in views().values():
        assert view.zh
        assert view.en
        for column in view.columns:
            assert column.zh, (view.name, column.name)
            assert column.en, (view.name, column.name)


def test_every_cell_of_every_form_has_labels_that_tell_it_apart() -> None:
    cells = form_cells()
    assert len([cell for cell in cells if cell["table_code"] == "t3"]) == 26 * 7, "25 rows of 2021, one more of 2019"
    assert len([cell for cell in cells if cell["table_code"] == "t4"]) == 15
    for table in ("t2", "t3", "t4", "stat", "local"):
        for language in ("zh", "en"):
            words = [cell[f"label_{language}"] for cell in cells if cell["table_code"] == table]
            assert len(set(words)) == len(words), (table, language)
