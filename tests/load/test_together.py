"""Many at once, in one transaction: the same rows as one by one."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import tasks.validate as validation
from schemas.errors import LoadError
from schemas.fetched import FetchEvidence, Validators
from schemas.ledger import LedgerState
from schemas.report import Judgement, Reason
from tasks.load import Warehouse
from tasks.load.evidence import Asked, KnownDocument
from tasks.load.snapshot import snapshot
from tests.load.conftest import CITY, OFFICE
from tests.load.samples import flagged, load, loaded, quarantined

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
