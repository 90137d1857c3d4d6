"""Many at once, in one transaction: the same rows as one by one."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import tasks.validate as validation
from schemas.errors import LoadError
from schemas.fetched import FetchEvidence, Validators
from schemas.ledger import LedgerState
from schemas.report import Judgement, Reason
from tasks.load import Delivery, LoadResult, LoadStatus, Warehouse
from tasks.load.evidence import Asked, KnownDocument
from tasks.load.snapshot import snapshot
from tests.load.conftest import CITY, OFFICE
from tests.load.samples import delivery, emptied, fact, flagged, load, loaded, quarantined, unreadable

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
YEARS = (2018, 2019, 2020, 2021)
UNITS = [(OFFICE.id, year) for year in YEARS]
CAPTCHA = Reason("fetch.captcha", "a picture asks for letters")


def everything(warehouse: Warehouse) -> dict[str, list[dict[str, object]]]:
    return snapshot(warehouse.engine, everything=True)


def asked(number: int, status: int = 200, sha256: str | None = "a" * 64) -> Asked:
    url = f"http://127.0.0.1/zwgk/{number}.pdf"
    moment = NOON + timedelta(seconds=number)
    headers = {"etag": f'"v{number}"'} if status == 200 else {}
    evidence = FetchEvidence(url, url, moment, status, "allowed", 1.5, 0.2, headers=headers, bytes_received=100)
    return Asked(evidence, sha256, "application/pdf" if status == 200 else None, OFFICE.id, 2021)


def states(warehouse: Warehouse) -> dict[int, LedgerState]:
    return {row.year: row.state for row in warehouse.ledger(publishers=[OFFICE.id])}


def test_what_is_owed_differs_from_publisher_to_publisher(warehouse: Warehouse) -> None:
    assert warehouse.owe_all({OFFICE.id: [2020, 2021], CITY.id: [2019, 2020, 2021]}, run_id="r") == 5
    assert warehouse.owe_all({OFFICE.id: [2020, 2021], CITY.id: [2019, 2020, 2021]}) == 0
    owed = [(row.publisher, row.year, row.run_id) for row in warehouse.ledger()]
    assert owed == [(CITY.id, year, "r") for year in (2019, 2020, 2021)] + [(OFFICE.id, y, "r") for y in (2020, 2021)]


def test_steps_reached_together_are_those_reached_one_by_one(warehouse: Warehouse) -> None:
    warehouse.owe([OFFICE.id], YEARS)
    load(warehouse, loaded(2018), document="a", year=2018)
    warehouse.mark(OFFICE.id, 2019, LedgerState.READ)
    warehouse.mark(OFFICE.id, 2020, LedgerState.BLOCKED, CAPTCHA)
    assert warehouse.reach(UNITS, LedgerState.FETCHED, run_id="r") == 2
    assert list(states(warehouse).values()) == ["loaded", "read", "fetched", "fetched"]
    history = warehouse.ledger_history(OFFICE.id, 2020)
    assert [row.state.value for row in history] == ["expected", "blocked", "fetched"]
    assert history[-1].reason_code is None
    before = everything(warehouse)
    assert warehouse.reach(UNITS, LedgerState.FETCHED) == 0
    assert [warehouse.mark(*unit, LedgerState.FETCHED) for unit in UNITS] == [False] * 4
    assert everything(warehouse) == before


def test_a_year_nobody_named_before_is_reached_too_and_a_publisher_nobody_knows_is_refused(
    warehouse: Warehouse,
) -> None:
    assert warehouse.reach([(OFFICE.id, 2021)], LedgerState.LOCATED) == 1
    assert states(warehouse) == {2021: LedgerState.LOCATED}
    with pytest.raises(LoadError) as caught:
        warehouse.reach([(OFFICE.id, 2020), ("nobody", 2020)], LedgerState.LOCATED)
    assert caught.value.code == "load.unknown_publisher"
    assert states(warehouse) == {2021: LedgerState.LOCATED}, "all of it or nothing"


def test_what_stands_beside_a_report_is_dropped_when_its_source_is_as_it_was(warehouse: Warehouse) -> None:
    for year, judgement in zip(YEARS, (loaded(2018), flagged(2019), loaded(2020), quarantined(2021)), strict=True):
        load(warehouse, judgement, document=str(year)[-1], year=year)
    warehouse.mark(OFFICE.id, 2018, LedgerState.BLOCKED, CAPTCHA)
    warehouse.mark(OFFICE.id, 2019, LedgerState.BLOCKED, CAPTCHA)
    warehouse.confirm_all(UNITS)
    rows = [(row.state.value, row.reason_code) for row in warehouse.ledger()]
    assert rows == [
        ("loaded", None),
        ("flagged", "validate.publisher_error"),
        ("loaded", None),
        ("quarantined", "parse.row_incomplete"),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_confirmed_together_nothing_is_left_to_confirm_one_by_one(warehouse: Warehouse, seed: int) -> None:
    """Whatever happened before: a row that says nothing beside its state needs no second look."""
    draw = random.Random(seed)
    why = {"by": "王芳", "why": "两份都看过"}

    def of(year: int) -> str | None:
        return next((row.report_id for row in warehouse.ledger([year], [OFFICE.id]) if row.report_id), None)

    def decided(year: int) -> None:
        found = warehouse.findings(report) if (report := of(year)) else []
        if found:
            warehouse.dismiss(report or "", found[0].key, **why)

    def read(judgement: Callable[[int], Judgement]) -> Callable[[int], object]:
        return lambda year: load(
            warehouse, judgement(year), document=draw.choice("abc"), day=draw.randint(0, 9), year=year, judge=validation
        )

    deeds: list[Callable[[int], object]] = [
        *(read(judgement) for judgement in (loaded, flagged, quarantined)),
        lambda year: warehouse.mark(OFFICE.id, year, LedgerState.BLOCKED, CAPTCHA),
        lambda year: warehouse.mark(OFFICE.id, year, LedgerState.GONE, Reason("fetch.gone", "410")),
        lambda _: warehouse.cross_check([OFFICE.id]),
        decided,
    ]
    for _ in range(30):
        with suppress(LoadError):  # some deeds are refused in some states
            draw.choice(deeds)(draw.choice(YEARS))
        if draw.random() < 0.2:
            warehouse.confirm_all(UNITS)
            before = everything(warehouse)
            for unit in UNITS:
                warehouse.confirm(*unit)
            assert everything(warehouse) == before


def test_evidence_kept_together_is_the_evidence_kept_one_by_one(database: str, tmp_path: Path) -> None:
    requests = [asked(1), asked(2, sha256="b" * 64), asked(3, 503, None), asked(1, 304), asked(1)]
    with Warehouse(database) as together, Warehouse(str(tmp_path / "one.sqlite")) as single:
        for warehouse in (together, single):
            warehouse.migrate()
            warehouse.sync_publishers([OFFICE, CITY])
        together.remember_fetches(requests, run_id="r")
        together.remember_fetches([])
        for one in requests:
            single.remember_fetch(
                one.evidence, one.sha256, media_type=one.media_type, publisher=OFFICE.id, year=2021, run_id="r"
            )
        for table in ("fetch", "document"):
            assert everything(together)[table] == everything(single)[table]
        urls = [one.evidence.url for one in requests] + ["http://127.0.0.1/never"]
        assert together.known_documents(urls) == {
            urls[0]: KnownDocument("a" * 64, Validators(etag='"v1"'), "application/pdf"),
            urls[1]: KnownDocument("b" * 64, Validators(etag='"v2"'), "application/pdf"),
        }
        assert together.known_documents([]) == {}


def _mixed(turn: int) -> list[Delivery]:
    """Documents of several reports, two of one report among them, in an order of their own."""
    drawn = random.Random(turn)
    found = []
    for document, day in zip("abcde", range(5), strict=True):
        for publisher, year in ((OFFICE.id, 2020), (OFFICE.id, 2021), (CITY.id, 2021)):
            if drawn.random() < 0.6:
                judged = drawn.choice((loaded, flagged, quarantined))(year, {"t3.new.total": str(ord(document))})
                judged = unreadable() if drawn.random() < 0.1 else judged
                found.append(delivery(judged, document=document, day=day, publisher=publisher, year=year))
    return found + drawn.sample(found, len(found) // 3)  # some of them once more


@pytest.mark.parametrize("turn", range(6))
def test_reports_loaded_together_are_those_loaded_one_by_one(warehouse: Warehouse, turn: int) -> None:
    deliveries = _mixed(turn)
    together: list[LoadResult | LoadError] = []
    half = len(deliveries) // 2
    for part in (deliveries[:half], deliveries[half:]):
        together += warehouse.load_all(part)
    rows = snapshot(warehouse.engine)
    states_before = [row.state for row in warehouse.ledger_history(OFFICE.id, 2021)]
    emptied(warehouse)
    assert [warehouse.load_all([one])[0] for one in deliveries] == together
    assert snapshot(warehouse.engine) == rows
    assert [row.state for row in warehouse.ledger_history(OFFICE.id, 2021)] == states_before


@pytest.mark.parametrize("turn", range(3))
def test_a_series_leaves_what_one_batch_leaves(
    warehouse: Warehouse, turn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.load.together.AT_ONCE", 4)
    deliveries = [*_mixed(turn), delivery(loaded(2021), year=2021, document="d", publisher="nobody"), *_mixed(turn + 9)]
    at_once = warehouse.load_all(deliveries)
    rows = snapshot(warehouse.engine)
    emptied(warehouse)
    series = list(warehouse.load_series(iter(deliveries)))
    assert [_said(one) for one in series] == [_said(one) for one in at_once]
    assert snapshot(warehouse.engine) == rows
    assert list(warehouse.load_series([])) == []


def _said(done: LoadResult | LoadError) -> object:
    return str(done) if isinstance(done, LoadError) else done


def test_each_transaction_of_a_series_holds_whatever_comes_after(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.load.together.AT_ONCE", 2)
    deliveries = [delivery(loaded(year), year=year, document="a") for year in (2017, 2018, 2019, 2020, 2021)]
    series = warehouse.load_series(deliveries)
    assert [next(series).status for _ in range(2)] == [LoadStatus.NEW, LoadStatus.NEW]  # type: ignore[union-attr]
    series.close()  # type: ignore[attr-defined]
    assert [row.year for row in warehouse.current_reports()] == [2017, 2018]
    again = list(warehouse.load_series(deliveries))
    assert [one.status.value for one in again if isinstance(one, LoadResult)] == ["unchanged"] * 2 + ["new"] * 3


def _decided(warehouse: Warehouse) -> list[Delivery]:
    """Decisions that wait for a load of these documents."""
    emptied(warehouse)
    doubted = load(warehouse, quarantined(2020), document="a", year=2020)
    warehouse.accept(doubted.report_id, by="王敏", why="核对")
    current = load(warehouse, loaded(2021), document="b").report_id
    warehouse.override(current, "t3.new.total", Decimal(0), by="王敏", why="核对")
    return [delivery(quarantined(2020), document="a", year=2020), delivery(loaded(2021), document="b")]


def test_decisions_hold_in_a_batch_as_they_do_alone(warehouse: Warehouse) -> None:
    alone = [warehouse.load_all([one], judge=validation)[0] for one in _decided(warehouse)]
    rows = snapshot(warehouse.engine)
    assert {row["corrected_by"] for row in rows["fact"]} == {None, "lanshi-office.2021.c1"}
    batch = _decided(warehouse)
    assert warehouse.load_all(batch, judge=validation) == alone
    assert snapshot(warehouse.engine) == rows
    again = warehouse.load_all(batch, judge=validation)
    assert [isinstance(one, LoadResult) and one.touched for one in again] == [False, False]
    assert snapshot(warehouse.engine) == rows
    (refused, other) = warehouse.load_all([batch[0], delivery(loaded(2019), document="c", year=2019)])
    assert isinstance(refused, LoadError)
    assert refused.code == "load.no_judge"
    assert isinstance(other, LoadResult)


def test_what_cannot_be_loaded_takes_no_other_with_it_and_leaves_nothing(warehouse: Warehouse) -> None:
    twice = loaded(2019, facts=(fact("t3.new.total", "1"), fact("t3.new.total", "2")))
    done = warehouse.load_all(
        [
            delivery(loaded(2018), year=2018, document="a"),
            delivery(twice, year=2019, document="b"),
            delivery(loaded(2017), year=2020, document="c"),
            delivery(loaded(2021), year=2021, document="d", publisher="nobody"),
            delivery(flagged(2021), year=2021, document="e"),
        ]
    )
    assert [one.code if isinstance(one, LoadError) else one.status for one in done] == [
        LoadStatus.NEW,
        "load.duplicate_fact",
        "load.year_mismatch",
        "load.unknown_publisher",
        LoadStatus.NEW,
    ]
    assert [(row.publisher, row.year) for row in warehouse.ledger()] == [(OFFICE.id, 2018), (OFFICE.id, 2021)]
    assert {row["sha256"] for row in everything(warehouse)["document"]} == {"a" * 64, "e" * 64}


def test_what_the_database_refuses_takes_no_other_with_it(warehouse: Warehouse) -> None:
    worse = loaded(2019, facts=(fact("t3.new.total", "1", unit_source=None),))
    batch = [delivery(loaded(year), year=year, document="a") for year in (2018, 2020)]
    done = warehouse.load_all([batch[0], delivery(worse, year=2019, document="b"), batch[1]])
    assert [one.code if isinstance(one, LoadError) else one.status for one in done] == [
        LoadStatus.NEW,
        "load.refused",
        LoadStatus.NEW,
    ]
    assert [row.year for row in warehouse.current_reports()] == [2018, 2020]
    with pytest.raises(LoadError) as error:
        load(warehouse, worse, document="b", year=2019)
    assert error.value.code == "load.refused"
    assert [row.year for row in warehouse.ledger()] == [2018, 2020]


def test_a_warehouse_that_is_not_there_loads_nothing_and_says_so_once(tmp_path: Path) -> None:
    with Warehouse(str(tmp_path / "empty.sqlite")) as empty:
        (done,) = empty.load_all([delivery(loaded())])
    assert isinstance(done, LoadError)
    assert done.code == "load.not_migrated"
