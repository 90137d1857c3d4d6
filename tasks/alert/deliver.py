"""The outbox → people: every pending message in its order, each recorded before and after it is sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from schemas.alert_routes import AlertRoutes
from schemas.alerts import Delivery, DeliveryState, Message
from tasks.alert.observe import CHINA
from tasks.alert.ports import AlertStore, Sender

LEASE = timedelta(minutes=15)
"""How long a message belongs to the process that took it; when that was killed, another may send it afterwards."""

_LATE = timedelta(hours=1)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
_REFUSALS = 2  # of one receiver, then its other messages are not tried in this flush


def flush(
    store: AlertStore,
    routes: AlertRoutes,
    now: datetime,
    sender: Sender,
    *,
    eager: bool,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Send what is pending; returns how many messages were sent. What cannot be delivered stays for the next time.

    `eager` tries also messages whose time has not come (each failure puts the next attempt off). The order is kept for
    each receiver: a message that may have arrived, or whose receiver is not there, holds those after it back; one that
    was refused does not.
    """
    end = clock() + routes.delivery.budget
    sent = 0
    for line in _lines(store.pending()):
        refusals = 0
        for message in line:
            if refusals >= _REFUSALS or clock() >= end:
                break
            if not _due(message, now, eager):
                if message.refused:
                    continue
                break
            if message.receiver not in routes.receivers:
                delivery = Delivery(DeliveryState.REFUSED, "alert.unknown_receiver", "not in the routes file")
            elif store.claim(message.id, now, now + LEASE):
                delivery = sender(_noted(message, now))
            else:
                break
            if delivery.state is DeliveryState.SENT:
                store.sent(message.id, now)
                sent += 1
                continue
            store.kept(message.id, delivery, _next_try(message, now))
            if delivery.state is not DeliveryState.REFUSED:
                break
            refusals += 1
    return sent


def _lines(messages: Iterable[Message]) -> list[list[Message]]:
    """Messages by receiver and address, each in its order; those who wait for the least come first."""
    lines: dict[tuple[str, str], list[Message]] = {}
    for message in messages:
        lines.setdefault((message.receiver, message.target), []).append(message)
    return sorted(lines.values(), key=lambda line: (line[0].attempts, line[0].receiver, line[0].target))


def _due(message: Message, now: datetime, eager: bool) -> bool:
    if message.claimed_until is not None and message.claimed_until > now:
        return False  # another process is sending it
    return eager or message.next_try_at is None or message.next_try_at <= now


def _next_try(message: Message, now: datetime) -> datetime:
    return now + min(_FIRST_WAIT * (1 << min(message.attempts, 20)), _LONGEST_WAIT)


def _noted(message: Message, now: datetime) -> Message:
    """The message with a word on its delay, so that nobody takes an old state for today's."""
    notes = []
    if message.attempts or now - message.created_at > _LATE:
        notes.append(f"Written {message.created_at.astimezone(CHINA):%Y-%m-%d %H:%M} Beijing time, delivered late.")
    if message.unsure:
        notes.append("It may have reached you before.")
    if not notes:
        return message
    return replace(message, body=f"{' '.join(notes)}\n\n{message.body}")
