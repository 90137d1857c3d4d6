"""Alerts and their outbox in the database: settled once, taken by one, nothing lost; on SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from schemas.alerts import AlertState, Delivery, MessageKind, Resolution, RunNews
from schemas.errors import LoadError
from schemas.ledger import LedgerState
from tasks.alert import AlertStore as Port
from tasks.alert import decide, process
from tasks.load import Warehouse
from tasks.load.alerts import AlertStore
from tests.alert.makers import DAY, DOWN, REFUSED, SILENT, START, Recorder, open_keys, report, routes, run, site

ROUTES = routes()
SICK = site("lanshi", "fetch.challenge")
KEY = "site/lanshi/fetch.challenge"
HOUR = timedelta(hours=1)


def told(store: AlertStore, news: RunNews, sender: Recorder | None = None) -> Recorder:
    """Process the news with a sender that works; returns it."""
    sender = sender or Recorder()
    process(news, store=store, routes=ROUTES, now=news.at, sender=sender, environ={})
    return sender


def test_the_warehouse_keeps_alerts_as_the_port_says(any_store: AlertStore) -> None:
    port: Port = any_store  # the type checker holds them together
    assert port.pending() == []
    assert port.waiting(START) == []


def test_an_alert_comes_back_from_the_database_as_it_was_decided(any_store: AlertStore) -> None:
    missing = report(LedgerState.NOT_PUBLISHED, "harvest.not_published")
    news = run(1, sites=[SICK], reports=[missing])
    told(any_store, news)
    decided = decide(news, {}, ROUTES, news.at)
    assert {row.key: row for row in any_store.alerts()} == {row.key: row for row in decided.alerts}
    told(any_store, run(2, sites=[site("lanshi")], reports=[missing]))
    closed = any_store.alerts(AlertState.CLOSED)
    assert [(row.key, row.resolution, row.closed_run) for row in closed] == [(KEY, Resolution.RECOVERED, "run-2")]
    assert [row.times for row in any_store.alerts()] == [2]
    assert len(any_store.alerts(None)) == 2


def test_the_same_run_processed_twice_changes_and_sends_nothing(any_store: AlertStore) -> None:
    news = run(1, sites=[SICK])
    assert len(told(any_store, news).sent) == 2
    before = any_store.alerts(None)
    again = process(news, store=any_store, routes=ROUTES, now=news.at + HOUR, sender=(quiet := Recorder()), environ={})
    assert (again.sent, again.kept, again.opened, again.repeated, again.closed) == (0, 0, 0, 0, 0)
    assert quiet.tried == []
    assert any_store.alerts(None) == before


def test_several_that_process_one_run_at_once_tell_it_once(any_store: AlertStore) -> None:
    news = run(1, sites=[SICK], reports=[report(LedgerState.FAILED, "parse.no_report")])
    senders = [Recorder() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda sender: told(any_store, news, sender), senders))
    assert sorted(one.kind for sender in senders for one in sender.sent) == [MessageKind.DIGEST, MessageKind.IMMEDIATE]
    assert {row.times for row in any_store.alerts()} == {1}


def test_runs_that_are_processed_at_once_all_count(any_store: AlertStore) -> None:
    runs = [replace(run(number, sites=[SICK]), at=START) for number in range(1, 7)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda news: told(any_store, news), runs))
    assert [row.times for row in any_store.alerts()] == [6]


def test_a_message_is_taken_by_one_process_and_free_again_when_its_time_is_over(any_store: AlertStore) -> None:
    told(any_store, run(1, sites=[SICK]), Recorder({"ops": DOWN}))
    first = any_store.pending()[0]
    assert any_store.claim(first.id, START, START + HOUR)
    assert not any_store.claim(first.id, START, START + HOUR)
    assert not any_store.claim(first.id, START + HOUR / 2, START + 2 * HOUR)
    assert any_store.claim(first.id, START + HOUR, START + 2 * HOUR)
    any_store.sent(first.id, START)
    assert not any_store.claim(first.id, START + 9 * HOUR, START + 10 * HOUR)
    assert first.id not in {message.id for message in any_store.pending()}


def test_only_one_of_many_takes_a_message(any_store: AlertStore) -> None:
    told(any_store, run(1, sites=[SICK]), Recorder({"ops": DOWN}))
    wanted = any_store.pending()[0].id
    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(lambda _: any_store.claim(wanted, START, START + HOUR), range(12))) == 1


@pytest.mark.parametrize(("delivery", "unsure", "refused"), [(DOWN, False, False), (REFUSED, False, True)])
def test_why_a_message_was_kept_is_written_down(
    any_store: AlertStore, delivery: Delivery, unsure: bool, refused: bool
) -> None:
    told(any_store, run(1, sites=[SICK]), Recorder({"ops": delivery}))
    kept = any_store.pending()[0]
    assert (kept.attempts, kept.unsure, kept.refused) == (1, unsure, refused)
    assert (kept.error_code, kept.error) == (delivery.code, delivery.message)
    assert kept.next_try_at == run(1).at + timedelta(minutes=1)
    assert kept.claimed_until is None


def test_a_message_that_may_have_arrived_stays_so(any_store: AlertStore) -> None:
    told(any_store, run(1, sites=[SICK]), Recorder({"ops": SILENT}))
    told(any_store, run(2, sites=[SICK]), Recorder({"ops": DOWN}))
    assert any_store.pending()[0].unsure


def test_a_message_whose_sender_was_killed_stays_doubtful_after_a_sure_failure(any_store: AlertStore) -> None:
    told(any_store, run(1, sites=[SICK]), Recorder({"ops": DOWN}))
    wanted = any_store.pending()[0].id
    assert any_store.claim(wanted, START, START + HOUR)  # and nothing was heard of it again
    assert any_store.claim(wanted, START + HOUR, START + 2 * HOUR)
    any_store.kept(wanted, DOWN, START + 3 * HOUR)
    kept = any_store.pending()[0]
    assert (kept.unsure, kept.claimed_until, kept.attempts) == (True, None, 2)


def test_who_waits_is_told_with_number_age_and_reason(any_store: AlertStore) -> None:
    told(any_store, run(1, sites=[SICK]), Recorder({"ops": DOWN}))
    (waiting,) = any_store.waiting(run(1).at)
    assert (waiting.receiver, waiting.messages, waiting.since) == ("ops", 2, run(1).at)
    assert (waiting.code, waiting.message) == (DOWN.code, DOWN.message)


def test_messages_of_a_receiver_that_is_gone_can_be_withdrawn(any_store: AlertStore) -> None:
    told(any_store, run(1, sites=[SICK]), Recorder({"ops": DOWN}))
    assert any_store.withdraw("boss", START) == 0
    assert any_store.withdraw("ops", START) == 2
    assert any_store.pending() == []
    assert any_store.waiting(START + DAY) == []


def test_an_alert_can_be_dismissed_and_opens_again_when_it_is_seen_again(any_store: AlertStore) -> None:
    told(any_store, run(1, sites=[SICK]))
    assert not any_store.dismiss("site/none/fetch.challenge", "Li: left the registry", START)
    assert any_store.dismiss(KEY, "Li: left the registry", run(1).at + HOUR)
    (row,) = any_store.alerts(None)
    assert (row.resolution, row.resolved_by) == (Resolution.DISMISSED, "Li: left the registry")
    told(any_store, run(2, sites=[SICK]))
    assert open_keys(any_store.alerts()) == [KEY]


def test_a_decision_that_fails_leaves_nothing_behind(any_store: AlertStore) -> None:
    news = run(1, sites=[SICK])
    with pytest.raises(RuntimeError):
        any_store.settle(news, [KEY], START, _broken)
    assert any_store.alerts(None) == []
    assert len(told(any_store, news).sent) == 2


def _broken(*_known: object) -> None:
    raise RuntimeError


def test_thousands_of_alerts_are_settled_at_once(any_store: AlertStore) -> None:
    names = [f"p{number}" for number in range(2000)]
    bad = [report(LedgerState.FAILED, "parse.no_report", publisher=name, site=None) for name in names]
    good = [report(LedgerState.LOADED, publisher=name, site=None) for name in names]
    told(any_store, run(1, reports=bad))
    told(any_store, run(2, reports=good))
    assert {(row.state, row.closed_run) for row in any_store.alerts(None)} == {(AlertState.CLOSED, "run-2")}
    told(any_store, run(3, reports=bad))
    assert len(any_store.alerts()) == len(names)
    assert {row.episode for row in any_store.alerts()} == {2}


def test_without_a_schema_the_store_says_what_is_missing(tmp_path: Path) -> None:
    with Warehouse(str(tmp_path / "new.sqlite")) as warehouse, pytest.raises(LoadError) as refusal:
        told(AlertStore(warehouse.engine), run(1))
    assert refusal.value.code == "load.not_migrated"


def test_the_words_of_the_schema_are_those_of_the_shapes(any_store: AlertStore) -> None:
    """Every state, kind and resolution there is can be stored."""
    told(any_store, run(1, sites=[SICK]))
    with any_store._engine.begin() as connection:
        for resolution in Resolution:
            connection.execute(sa.text("UPDATE alert SET resolution = :word"), {"word": resolution.value})
        with pytest.raises(sa.exc.IntegrityError):
            connection.execute(sa.text("UPDATE alert SET resolution = 'forgotten'"))
        connection.rollback()
