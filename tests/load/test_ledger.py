"""The ledger: what is owed, how far it has come, and that it never says more or less than is known."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.errors import LoadError
from schemas.ledger import LedgerState, legal_deadline
from schemas.report import Reason
from schemas.site import BodyKind
from tasks.load import Warehouse
from tests.load.conftest import CITY, OFFICE
from tests.load.samples import load, loaded, quarantined

TIMEOUT = Reason("fetch.timeout", "no answer in 30 s")


@pytest.mark.parametrize(
    ("kind", "year", "day"),
    [
        (BodyKind.DEPARTMENT, 2021, date(2022, 1, 31)),
        (BodyKind.DEPARTMENT, 2019, date(2020, 1, 31)),
        (BodyKind.DEPARTMENT, 2018, date(2019, 3, 31)),
        (BodyKind.GOVERNMENT, 2021, date(2022, 3, 31)),
        (BodyKind.GOVERNMENT, 2017, date(2018, 3, 31)),
    ],
)
def test_the_deadline_follows_the_law_of_the_year(kind: BodyKind, year: int, day: date) -> None:
    assert legal_deadline(kind, year) == day


def test_what_is_owed_is_expected_once(warehouse: Warehouse) -> None:
    assert warehouse.owe(["lanshi-office", "lanshi-city"], [2008, 2020, 2021]) == 5
    assert warehouse.owe(["lanshi-office", "lanshi-city"], [2020, 2021]) == 0
    rows = warehouse.ledger()
    assert [(row.publisher, row.year) for row in rows] == [
        ("lanshi-city", 2020),
        ("lanshi-city", 2021),
        ("lanshi-office", 2008),
        ("lanshi-office", 2020),
        ("lanshi-office", 2021),
    ], "the city owes from 2010 on"
    assert {row.state for row in rows} == {LedgerState.EXPECTED}
    assert rows[0].deadline == date(2021, 3, 31)
    assert rows[-1].deadline == date(2022, 1, 31)
    assert rows[0].name == "岚市人民政府"


def test_owing_for_an_unknown_publisher_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(LoadError) as refusal:
        warehouse.owe(["lanshi-office", "nowhere"], [2021])
    assert refusal.value.code == "load.unknown_publisher"
    assert warehouse.ledger() == []


def test_a_body_that_turns_out_to_be_a_government_gets_its_own_deadline(warehouse: Warehouse) -> None:
    warehouse.owe(["lanshi-office"], [2021])
    warehouse.sync_publishers([OFFICE.model_copy(update={"kind": BodyKind.GOVERNMENT})])
    warehouse.owe(["lanshi-office"], [2021])
    assert warehouse.ledger()[0].deadline == date(2022, 3, 31)


def test_the_registry_may_change_a_publisher_but_never_drops_one(warehouse: Warehouse) -> None:
    warehouse.owe(["lanshi-city"], [2021])
    warehouse.sync_publishers([CITY.model_copy(update={"name": "岚山市人民政府"})])
    assert warehouse.ledger()[0].name == "岚山市人民政府"
    warehouse.sync_publishers([OFFICE])
    assert len(warehouse.ledger(publishers=["lanshi-city"])) == 1


def test_steps_go_forward_only(warehouse: Warehouse) -> None:
    assert warehouse.mark("lanshi-office", 2021, LedgerState.FETCHED)
    assert not warehouse.mark("lanshi-office", 2021, LedgerState.LOCATED)
    assert warehouse.mark("lanshi-office", 2021, LedgerState.VALIDATED)
    assert [row.state for row in warehouse.ledger_history("lanshi-office", 2021)] == [
        "expected",
        "fetched",
        "validated",
    ]


def test_a_state_written_again_touches_nothing(warehouse: Warehouse) -> None:
    assert warehouse.mark("lanshi-office", 2021, LedgerState.BLOCKED, TIMEOUT, "look at the site", "run-1")
    (before,) = warehouse.ledger()
    assert not warehouse.mark("lanshi-office", 2021, LedgerState.BLOCKED, TIMEOUT, "look at the site", "run-2")
    assert warehouse.ledger() == [before]
    assert (before.attempts, before.run_id) == (1, "run-1")
    assert len(warehouse.ledger_history("lanshi-office", 2021)) == 2


def test_another_wording_of_the_same_reason_keeps_the_day_since_when_it_holds(warehouse: Warehouse) -> None:
    warehouse.mark("lanshi-office", 2021, LedgerState.BLOCKED, TIMEOUT)
    (before,) = warehouse.ledger()
    warehouse.mark("lanshi-office", 2021, LedgerState.BLOCKED, Reason("fetch.timeout", "no answer in 60 s"))
    (after,) = warehouse.ledger()
    assert (after.since, after.attempts, after.reason) == (before.since, 1, "no answer in 60 s")


def test_each_new_trouble_counts_as_an_attempt(warehouse: Warehouse) -> None:
    warehouse.mark("lanshi-office", 2021, LedgerState.BLOCKED, TIMEOUT)
    warehouse.mark("lanshi-office", 2021, LedgerState.LOCATED)
    warehouse.mark("lanshi-office", 2021, LedgerState.FAILED, Reason("read.broken", "the file is cut off"))
    (row,) = warehouse.ledger()
    assert (row.state, row.attempts) == (LedgerState.FAILED, 2)
    load(warehouse, loaded())
    (row,) = warehouse.ledger()
    assert (row.state, row.reason, row.attempts) == (LedgerState.LOADED, None, 2)


def test_work_under_way_does_not_hide_a_result(warehouse: Warehouse) -> None:
    load(warehouse, loaded())
    for step in (LedgerState.LOCATED, LedgerState.FETCHED, LedgerState.VALIDATED):
        assert not warehouse.mark("lanshi-office", 2021, step)
    load(warehouse, quarantined(2020), year=2020)
    assert not warehouse.mark("lanshi-office", 2020, LedgerState.LOCATED)
    assert [row.state for row in warehouse.ledger()] == [LedgerState.QUARANTINED, LedgerState.LOADED]


def test_a_failed_second_look_is_noted_beside_the_loaded_report(warehouse: Warehouse) -> None:
    load(warehouse, loaded())
    assert warehouse.mark("lanshi-office", 2021, LedgerState.BLOCKED, TIMEOUT)
    (row,) = warehouse.ledger()
    assert (row.state, row.reason_code) == (LedgerState.LOADED, "fetch.timeout")
    assert row.report_id is not None
    assert warehouse.confirm("lanshi-office", 2021) is LedgerState.LOADED
    assert warehouse.ledger()[0].reason_code is None


def test_a_failed_second_look_without_a_reason_still_says_what_it_was(warehouse: Warehouse) -> None:
    load(warehouse, loaded())
    warehouse.mark("lanshi-office", 2021, LedgerState.NOT_PUBLISHED)
    (row,) = warehouse.ledger()
    assert (row.state, row.reason_code) == (LedgerState.LOADED, "load.second_look")
    assert "not_published" in (row.reason or "")


def test_a_report_withdrawn_at_its_source_stays_and_is_marked_gone(warehouse: Warehouse) -> None:
    load(warehouse, loaded())
    assert warehouse.mark("lanshi-office", 2021, LedgerState.GONE, Reason("fetch.gone", "410 Gone"))
    (row,) = warehouse.ledger()
    assert row.state is LedgerState.GONE
    assert [report.id for report in warehouse.current_reports()] == [row.report_id]
    assert not warehouse.mark("lanshi-office", 2021, LedgerState.GONE, Reason("fetch.gone", "410 Gone"))
    assert warehouse.confirm("lanshi-office", 2021) is LedgerState.LOADED, "it is back"


def test_trouble_with_the_site_does_not_end_a_quarantine(warehouse: Warehouse) -> None:
    load(warehouse, quarantined())
    assert not warehouse.mark("lanshi-office", 2021, LedgerState.BLOCKED, TIMEOUT)
    assert warehouse.confirm("lanshi-office", 2021) is LedgerState.QUARANTINED
    assert warehouse.ledger()[0].reason_code == "parse.row_incomplete"


def test_confirming_does_not_forget_that_a_newer_reading_waits(warehouse: Warehouse) -> None:
    load(warehouse, loaded())
    load(warehouse, quarantined(figures={"t3.new.total": "9"}), document="b", day=1)
    before = warehouse.ledger()
    assert warehouse.confirm("lanshi-office", 2021) is LedgerState.LOADED
    assert warehouse.ledger() == before


def test_a_confirmed_year_without_a_report_stays_as_it_is(warehouse: Warehouse) -> None:
    warehouse.mark("lanshi-office", 2021, LedgerState.NOT_PUBLISHED)
    assert warehouse.confirm("lanshi-office", 2021) is LedgerState.NOT_PUBLISHED


def test_only_a_load_may_say_loaded(warehouse: Warehouse) -> None:
    with pytest.raises(LoadError) as refusal:
        warehouse.mark("lanshi-office", 2021, LedgerState.LOADED)
    assert refusal.value.code == "load.state_without_report"
    load(warehouse, loaded())
    assert not warehouse.mark("lanshi-office", 2021, LedgerState.LOADED)


def test_the_ledger_can_be_asked_by_year_and_publisher(warehouse: Warehouse) -> None:
    warehouse.owe(["lanshi-office", "lanshi-city"], range(2015, 2025))
    assert len(warehouse.ledger(years=[2020, 2021])) == 4
    assert {row.publisher for row in warehouse.ledger(publishers=["lanshi-city"])} == {"lanshi-city"}
    assert warehouse.ledger(years=[]) == []


def test_runs_are_written_down_from_start_to_end(warehouse: Warehouse) -> None:
    run_id = warehouse.start_run("harvest", {"years": [2021]})
    warehouse.heartbeat(run_id)
    (alive,) = warehouse.runs()
    assert (alive.state, alive.parameters, alive.finished_at) == ("running", {"years": [2021]}, None)
    assert alive.heartbeat_at > alive.started_at
    warehouse.finish_run(run_id, "completed", "2 loaded", {"loaded": 2})
    (ended,) = warehouse.runs()
    assert (ended.state, ended.message, ended.summary) == ("completed", "2 loaded", {"loaded": 2})
    assert warehouse.start_run("harvest", {}, run_id=run_id) == run_id
    assert warehouse.runs() == [ended], "a start repeated does not reset a run"
