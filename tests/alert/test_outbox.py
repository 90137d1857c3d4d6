"""What cannot be delivered is kept, said, and sent later in its order; nothing is sent twice but after a kill."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from schemas.alert_routes import AlertRoutes
from schemas.alerts import AlertReport, Delivery, DeliveryState, Message, MessageKind
from tasks.alert import flush_outbox, process
from tasks.alert.deliver import LEASE, flush
from tasks.load import Warehouse
from tasks.load.alerts import AlertStore
from tests.alert.makers import DAY, DOWN, REFUSED, SILENT, START, Recorder, routes, run, site

ROUTES = routes({"to": ["boss", "ops"]})
ONLY = routes()
SICK = site("lanshi", "fetch.challenge")
MINUTE = timedelta(minutes=1)


def told(store: AlertStore, number: int, sender: Callable[[Message], Delivery], to: AlertRoutes = ONLY) -> AlertReport:
    """Process the news of a run that a site refused."""
    news = run(number, sites=[SICK])
    return process(news, store=store, routes=to, now=news.at, sender=sender, environ={})


def later(
    store: AlertStore, now: datetime, sender: Callable[[Message], Delivery], to: AlertRoutes = ONLY
) -> AlertReport:
    return flush_outbox(store=store, routes=to, now=now, sender=sender, environ={})


def test_what_cannot_be_delivered_is_kept_and_the_run_says_so(store: AlertStore) -> None:
    report = told(store, 1, Recorder({"ops": DOWN}), ROUTES)
    assert (report.sent, report.kept, report.opened) == (2, 2, 1)
    assert report.sentence() == (
        "Alerts: 1 opened, 0 still failing, 0 closed; 2 messages sent. 2 kept for later: not delivered. "
        "ops could not be told (2 waiting): alert.unreachable: no connection: Connection refused"
    )


def test_what_was_kept_is_sent_by_the_next_run_before_its_own_in_the_order_of_writing(store: AlertStore) -> None:
    told(store, 1, Recorder({"ops": DOWN}))
    sender = Recorder()
    report = told(store, 2, sender)
    assert (report.sent, report.kept) == (3, 0)
    assert [(message.run_id, message.kind) for message in sender.sent] == [
        ("run-1", MessageKind.IMMEDIATE),
        ("run-1", MessageKind.DIGEST),
        ("run-2", MessageKind.DIGEST),
    ]


def test_what_comes_late_says_when_it_was_written(store: AlertStore) -> None:
    told(store, 1, Recorder({"ops": DOWN}))
    sender = Recorder()
    later(store, run(1).at + DAY, sender)
    assert sender.sent[0].body.startswith("Written 2026-02-03 09:00 Beijing time, delivered late.\n\n")
    assert "may have reached you" not in sender.sent[0].body


def test_a_message_without_an_answer_is_sent_again_and_says_that_it_may_be_known(store: AlertStore) -> None:
    report = told(store, 1, Recorder({"ops": SILENT}))
    assert (report.sent, report.kept) == (0, 2)
    sender = Recorder()
    later(store, run(1).at + DAY, sender)
    first, second = (message.body.partition("\n")[0] for message in sender.sent)
    assert first.endswith("It may have reached you before.")
    assert "reached you" not in second  # it was never tried


def test_a_receiver_that_is_not_there_is_asked_once_a_flush(store: AlertStore) -> None:
    down = Recorder({"ops": DOWN})
    told(store, 1, down)
    assert len(down.tried) == 1


def test_a_refused_message_does_not_hold_the_next_ones_back(store: AlertStore) -> None:
    def picky(message: Message) -> Delivery:
        return REFUSED if message.kind is MessageKind.IMMEDIATE else Delivery(DeliveryState.SENT)

    report = told(store, 1, picky)
    assert (report.sent, report.kept) == (1, 1)
    assert [message.kind for message in store.pending()] == [MessageKind.IMMEDIATE]


def test_a_receiver_that_refuses_again_and_again_is_left_alone(store: AlertStore) -> None:
    for number in range(1, 6):
        refusing = Recorder({"ops": REFUSED})
        report = told(store, number, refusing)
        assert len(refusing.tried) == 2
    assert report.kept == 6


@pytest.mark.parametrize("trouble", [DOWN, REFUSED, SILENT], ids=["down", "refusing", "silent"])
def test_one_receiver_in_trouble_keeps_nothing_from_the_others(store: AlertStore, trouble: Delivery) -> None:
    sender = Recorder({"boss": trouble})
    report = told(store, 1, sender, ROUTES)
    assert [message.receiver for message in sender.sent] == ["ops", "ops"]
    assert report.kept == 2


def test_between_runs_a_message_waits_longer_after_each_failure(store: AlertStore) -> None:
    told(store, 1, Recorder({"ops": DOWN}))
    now, waits = run(1).at, []
    for _ in range(12):
        due = store.pending()[0].next_try_at
        assert due is not None
        assert later(store, due - timedelta(seconds=1), none := Recorder()).kept == 2
        assert none.tried == []
        waits.append((due - now) / MINUTE)
        now = due
        later(store, now, Recorder({"ops": DOWN}))
    assert waits[:5] == [1, 2, 4, 8, 16]
    assert waits[-1] == 360


def test_a_new_run_tries_at_once_whatever_was_put_off(store: AlertStore) -> None:
    told(store, 1, Recorder({"ops": DOWN}))
    news = replace(run(2, sites=[SICK]), at=run(1).at + timedelta(seconds=5))
    report = process(news, store=store, routes=ONLY, now=news.at, sender=Recorder(), environ={})
    assert (report.sent, report.kept) == (3, 0)


def test_messages_for_a_receiver_that_left_the_file_are_kept_and_told_of(store: AlertStore) -> None:
    told(store, 1, Recorder({"boss": DOWN}), ROUTES)
    sender = Recorder()
    report = told(store, 2, sender, ONLY)
    assert report.kept == 2
    assert [waiting.code for waiting in report.waiting] == ["alert.unknown_receiver"]
    assert "receiver/boss/alert.undelivered" in {row.key for row in store.alerts()}
    assert {message.receiver for message in sender.tried} == {"ops"}


def test_when_the_time_of_a_run_is_used_up_the_rest_is_kept(store: AlertStore) -> None:
    told(store, 1, Recorder({"ops": DOWN, "boss": DOWN}), ROUTES)
    seconds = iter(range(0, 10_000, 100))
    sender = Recorder()
    sent = flush(store, ROUTES, run(1).at + DAY, sender, eager=True, clock=lambda: next(seconds))
    assert (sent, len(store.pending())) == (1, 3)


def test_two_that_flush_at_once_send_each_message_once(store: AlertStore) -> None:
    """The second comes while the first is sending: it leaves the receiver to the first."""
    told(store, 1, Recorder({"ops": DOWN}))
    now = run(1).at + DAY
    inner = Recorder()

    class Outer(Recorder):
        def __call__(self, message: Message) -> Delivery:
            later(store, now, inner)
            return super().__call__(message)

    outer = Outer()
    later(store, now, outer)
    assert inner.tried == []
    assert len(outer.sent) == 2


def die_at(address: str, call: int, after: bool, log: Path) -> None:
    """Process a run, sending into a file, and be killed before or after the given message is sent."""
    sent = 0

    def sender(message: Message) -> Delivery:
        nonlocal sent
        sent += 1
        if sent == call and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        with log.open("a") as file:
            file.write(f"{message.id}\n")
        if sent == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return Delivery(DeliveryState.SENT)

    with Warehouse(address) as warehouse:
        told(AlertStore(warehouse.engine), 1, sender, ROUTES)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", [1, 2, 4])
def test_killed_while_sending_repeats_at_most_that_one_message_and_loses_none(
    database: str, tmp_path: Path, call: int, after: bool
) -> None:
    log = tmp_path / "sent"
    log.touch()
    child = multiprocessing.get_context("fork").Process(target=die_at, args=(database, call, after, log))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    before = log.read_text().split()
    with Warehouse(database) as warehouse:
        store = AlertStore(warehouse.engine)
        again = Recorder()
        news = run(1, sites=[SICK])
        soon = process(news, store=store, routes=ROUTES, now=news.at + MINUTE, sender=again, environ={})
        assert soon.opened == 0
        process(news, store=store, routes=ROUTES, now=news.at + LEASE, sender=again, environ={})
        assert store.pending() == []
        assert [row.times for row in store.alerts()] == [1]
    sent = [*before, *(message.id for message in again.sent)]
    assert len(set(sent)) == 4
    assert len(sent) == (5 if after else 4)
    doubtful = [message.body for message in again.sent if "may have reached you before" in message.body]
    assert len(doubtful) == 1


def test_killed_before_the_decision_is_written_nothing_happened(database: str) -> None:
    child = multiprocessing.get_context("fork").Process(target=_die_deciding, args=(database,))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    with Warehouse(database) as warehouse:
        report = told(AlertStore(warehouse.engine), 1, Recorder(), ROUTES)
    assert (report.sent, report.opened) == (4, 1)


def _die_deciding(address: str) -> None:
    with Warehouse(address) as warehouse:
        AlertStore(warehouse.engine).settle(
            run(1, sites=[SICK]),
            [],
            START,
            lambda *_known: os.kill(os.getpid(), signal.SIGKILL),  # type: ignore[arg-type, return-value]
        )
