"""Decisions count at once: the documents they are about are read again from the archive, without network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from flows.parameters import HarvestParameters
from flows.plan import Owed
from flows.work.effect import take_effect
from flows.work.hands import Hands, Order, at_work
from flows.work.prove import prove, sentences
from flows.work.reread import read_again, with_documents
from flows.work.store import delivery
from infra.replica.documents import render
from infra.replica.truth import truth
from schemas.fetched import FetchEvidence
from schemas.ledger import LedgerState
from schemas.site import PublisherEntry
from tasks.load import LoadResult, Warehouse
from tests.load.conftest import empty_postgres
from tests.load.conftest import postgres as postgres  # the fixture

ENTRY = PublisherEntry(id="guyuan-ggzy", name="固原市公共资源交易中心")
OWED, CELL = Owed("guyuan-ggzy", 2021), "t2.licensing.decisions"
STATED = truth(*OWED)
OTHER = replace(STATED, cells={**STATED.cells, CELL: Decimal(81)})
WHO = {"by": "王敏", "why": "与原件核对"}
FIRST = datetime(2022, 2, 1, 8, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def hands(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hands]:
    """The tools of a run on an empty warehouse of each kind."""
    monkeypatch.delenv("NIANBAO_WAREHOUSE", raising=False)
    monkeypatch.delenv("NIANBAO_ARCHIVE", raising=False)
    if request.param == "postgresql":
        monkeypatch.setenv("NIANBAO_WAREHOUSE", empty_postgres(request.getfixturevalue("postgres")))
    with at_work(Order(f"run-{tmp_path.name}", HarvestParameters(data=str(tmp_path), readers=1))) as made:
        assert made.warehouse is not None
        made.warehouse.migrate()
        made.warehouse.sync_publishers([ENTRY])
        yield made


def had(hands: Hands, *contents: bytes, day: int = 0, run: str = "look-1") -> list[str]:
    """The documents of one look, in the archive and in the evidence."""
    assert hands.archive is not None
    assert hands.warehouse is not None
    hashes = []
    for number, content in enumerate(contents):
        sha = hands.archive.put(content)
        suffix = "pdf" if content.startswith(b"%PDF") else "html"
        url = f"http://127.0.0.1/{day}/report.{suffix}"
        at = FIRST + timedelta(days=day, seconds=number)
        asked = FetchEvidence(
            url, url, at, status=200, robots="allowed", waited=0, elapsed=0.1, bytes_received=len(content)
        )
        media = {"pdf": "application/pdf", "html": "text/html"}[suffix]
        hands.warehouse.remember_fetch(
            asked, sha, media_type=media, publisher=OWED.publisher, year=OWED.year, run_id=run
        )
        hashes.append(sha)
    return hashes


def harvested(hands: Hands) -> None:
    """Load what the last look brought, as a run does."""
    assert hands.warehouse is not None
    for result in read_again(with_documents({OWED: ENTRY}, {}, hands.warehouse), hands):
        (done,) = house(hands).load_all([delivery(result, ENTRY, hands, sample=True)])
        assert isinstance(done, LoadResult)


def value(hands: Hands) -> Decimal | None:
    assert hands.warehouse is not None
    return next((fact.value for fact in hands.warehouse.facts(codes=[CELL])), None)


def house(hands: Hands) -> Warehouse:
    assert hands.warehouse is not None
    return hands.warehouse


def test_nothing_is_read_where_nothing_was_decided(hands: Hands) -> None:
    had(hands, render(STATED, "html"))
    harvested(hands)
    assert take_effect(hands) == ()


def test_two_readings_that_differ_wait_until_one_document_is_chosen(hands: Hands) -> None:
    page, file = had(hands, render(STATED, "html"), render(OTHER, "pdf"))
    harvested(hands)
    assert value(hands) is None
    assert [row.document_sha256 for row in house(hands).versions(*OWED)] == [page], "the file was compared, not loaded"
    house(hands).choose(*OWED, file, **WHO)
    (effect,) = take_effect(hands)
    assert (effect.state.holds_report, effect.reason, value(hands)) == (True, None, Decimal(81))
    assert take_effect(hands) == (), "it counts, and waits no more"
    harvested(hands)
    assert value(hands) == 81, "another look does not take the choice back"
    (choice,) = house(hands).decisions(*OWED)
    house(hands).reopen(choice.id, **WHO)
    (effect,) = take_effect(hands)
    assert (effect.state, effect.reason) == (LedgerState.QUARANTINED, None), "as it was before the choice"
    assert value(hands) is None
    assert house(hands).due() == []


def test_what_counted_before_a_choice_counts_again_when_it_is_taken_back(hands: Hands) -> None:
    had(hands, render(replace(STATED, cells={**STATED.cells, CELL: Decimal(7)}), "html"))
    harvested(hands)
    _, file = had(hands, render(STATED, "html"), render(OTHER, "pdf"), day=9, run="look-2")
    harvested(hands)
    assert value(hands) == 7, "the newer reading waits"
    choice = house(hands).choose(*OWED, file, **WHO)
    take_effect(hands)
    assert value(hands) == 81
    house(hands).reopen(choice.id, **WHO)
    (effect,) = take_effect(hands)
    assert (effect.state.holds_report, value(hands)) == (True, Decimal(7))
    (entry,) = house(hands).ledger()
    assert (entry.reason_code, entry.next_action) == ("load.newer_quarantined", "review")


def test_a_cell_that_two_readings_dispute_is_settled_by_its_decision(hands: Hands) -> None:
    had(hands, render(STATED, "html"), render(OTHER, "pdf"))
    harvested(hands)
    (entry,) = house(hands).ledger()
    assert (entry.state, entry.reason_code) == (LedgerState.QUARANTINED, "validate.readings_differ")
    assert entry.report_id is not None
    house(hands).override(entry.report_id, CELL, STATED.cells[CELL], **WHO)
    (effect,) = take_effect(hands)
    assert effect.state.holds_report
    assert value(hands) == STATED.cells[CELL]


def test_another_cell_that_is_decided_does_not_hide_the_dispute(hands: Hands) -> None:
    had(hands, render(STATED, "html"), render(OTHER, "pdf"))
    harvested(hands)
    (entry,) = house(hands).ledger()
    assert entry.report_id is not None
    house(hands).override(entry.report_id, "t2.rules.issued", Decimal(0), **WHO)
    (effect,) = take_effect(hands)
    assert effect.state is LedgerState.QUARANTINED
    assert {one.check for one in house(hands).case(*OWED).findings} >= {"validate.readings_differ"}


def test_an_earlier_document_that_is_chosen_is_loaded_from_the_archive(hands: Hands) -> None:
    (old,) = had(hands, render(STATED, "html"))
    harvested(hands)
    had(hands, render(OTHER, "html"), day=9, run="look-2")
    harvested(hands)
    assert value(hands) == 81
    house(hands).choose(*OWED, old, **WHO)
    (effect,) = take_effect(hands)
    assert (effect.reason, value(hands)) == (None, STATED.cells[CELL])
    (choice,) = house(hands).decisions(*OWED)
    house(hands).reopen(choice.id, **WHO)
    take_effect(hands)
    assert value(hands) == 81


def test_a_document_that_the_archive_lost_is_told_and_the_decision_waits(hands: Hands, tmp_path: Path) -> None:
    (sha,) = had(hands, render(STATED, "html"))
    harvested(hands)
    house(hands).choose(*OWED, sha, **WHO)
    for file in (tmp_path / "archive").rglob(f"*{sha[-8:]}*"):
        file.unlink()
    found = prove([OWED.publisher], hands)
    assert [effect.reason is not None for effect in found.effects] == [True]
    assert "still wait: 固原市公共资源交易中心 2021 (fetch.archive" in " ".join(sentences(found))
    assert len(house(hands).due()) == 1
