"""The state of alerts, and what is to be said of it: news and what is known → decision. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from schemas.alert_routes import RANK, AlertRoutes, MailReceiver, Route
from schemas.alerts import (
    AlertKind,
    AlertRow,
    AlertState,
    Decision,
    Message,
    MessageKind,
    Resolution,
    RunNews,
    Sighting,
    Waiting,
)
from schemas.report import Severity
from tasks.alert.observe import Observation, observe
from tasks.alert.render import Rundown, digest, immediate, recovered
from tasks.alert.services import service_of


def decide(
    news: RunNews,
    known: Mapping[str, AlertRow],
    routes: AlertRoutes,
    now: datetime,
    waiting: Sequence[Waiting] = (),
) -> Decision:
    """Open, count and close alerts by the news of a run, and write the messages about it.

    `known` holds the alerts by key: all that are open, all with a key that the news speak of, and all that this run
    opened or closed before. An alert that newer evidence has judged already is left as it is. `now` decides what is
    late, and is when the messages are written.
    """
    observation = observe(news, waiting, routes, now)
    before, after = dict(known), dict(known)
    opened, repeated, closed = [], [], []
    for key, sighting in sorted(observation.sightings.items()):
        row = after.get(key)
        if row is None or (not row.open and news.at >= row.judged_at):
            after[key] = _opened(sighting, row, news)
            opened.append(key)
        elif row.open and news.at >= row.judged_at:
            after[key] = _seen_again(row, sighting, news)
            if row.seen_run != news.run_id:
                repeated.append(key)
    for key, row in sorted(before.items()):
        if row.open and key not in observation.sightings and news.at >= row.judged_at:
            ending = observation.disproves(row)
            if ending is not None:
                after[key] = _closed(row, *ending, news)
                closed.append(key)
    changed = tuple(after[key] for key in sorted(after) if after[key] != before.get(key))
    messages = _messages(news, observation, after, routes, now, opened, closed)
    unrouted = tuple(
        row.key
        for row in after.values()
        if row.open
        and row.severity is not Severity.INFO
        and not any(route.takes(row.severity, row.region) for route in routes.routes)
    )
    return Decision(changed, tuple(messages), tuple(opened), tuple(repeated), tuple(closed), tuple(sorted(unrouted)))


def _opened(sighting: Sighting, earlier: AlertRow | None, news: RunNews) -> AlertRow:
    return AlertRow(
        **_of_sighting(sighting),
        state=AlertState.OPEN,
        times=1,
        episode=earlier.episode + 1 if earlier else 1,
        opened_at=news.at,
        opened_run=news.run_id,
        seen_at=news.at,
        seen_run=news.run_id,
        judged_at=news.at,
    )


def _seen_again(row: AlertRow, sighting: Sighting, news: RunNews) -> AlertRow:
    return replace(
        row,
        **_of_sighting(sighting),
        times=row.times + (row.seen_run != news.run_id),
        seen_at=news.at,
        seen_run=news.run_id,
        judged_at=news.at,
    )


def _of_sighting(sighting: Sighting) -> dict[str, Any]:
    return {name: getattr(sighting, name) for name in Sighting.__slots__}


def _closed(row: AlertRow, resolution: Resolution, by: str | None, news: RunNews) -> AlertRow:
    return replace(
        row,
        state=AlertState.CLOSED,
        judged_at=news.at,
        closed_at=news.at,
        closed_run=news.run_id,
        resolution=resolution,
        resolved_by=by,
    )


def _messages(
    news: RunNews,
    observation: Observation,
    alerts: Mapping[str, AlertRow],
    routes: AlertRoutes,
    now: datetime,
    opened: Iterable[str],
    closed: Iterable[str],
) -> Iterator[Message]:
    """Immediate messages first, one for each receiver and reason code; the digest of a run that ended last."""
    pressing = [alerts[key] for key in opened if _cannot_wait(alerts[key].code, routes)]
    gone = [
        alerts[key]
        for key in closed
        if _cannot_wait(alerts[key].code, routes) and alerts[key].resolution is Resolution.RECOVERED
    ]
    for receiver in sorted(routes.receivers):
        told = [route for route in routes.routes if receiver in route.to]
        limits = service_of(routes.receivers[receiver])
        for kind, rows, write in (
            (MessageKind.IMMEDIATE, pressing, immediate),
            (MessageKind.RECOVERED, gone, recovered),
        ):
            for code, group in _by_code(_taken(rows, receiver, [route for route in told if route.immediate])):
                text = write(news, group, limits)
                yield from _addressed(news, routes, receiver, kind, code, _worst(group), text, now)
        if news.outcome is not None:
            rundown = _rundown(news, observation, alerts.values(), receiver, told)
            if _worth_telling(rundown, told):
                weight = _worst([*rundown.opened, *rundown.repeated])
                text = digest(news, rundown, limits)
                yield from _addressed(news, routes, receiver, MessageKind.DIGEST, "", weight, text, now)


def _rundown(
    news: RunNews, observation: Observation, alerts: Iterable[AlertRow], receiver: str, told: Sequence[Route]
) -> Rundown:
    """What one receiver's digest speaks of: what this run opened, saw again and closed, in all of its parts."""
    mine = _taken(alerts, receiver, [route for route in told if route.digest != "never"])
    return Rundown(
        opened=[row for row in mine if row.open and row.opened_run == news.run_id],
        repeated=[row for row in mine if row.open and row.seen_run == news.run_id != row.opened_run],
        unseen=[row for row in mine if row.open and news.run_id not in (row.seen_run, row.opened_run)],
        closed=[row for row in mine if not row.open and row.closed_run == news.run_id],
        changes=tuple(observation.reports.values()),
    )


def _worth_telling(rundown: Rundown, told: Sequence[Route]) -> bool:
    wishes = {route.digest for route in told}
    changed = bool(rundown.opened or rundown.closed)
    standing = changed or bool(rundown.repeated)
    return "always" in wishes or ("problems" in wishes and standing) or ("changes" in wishes and changed)


def _taken(rows: Iterable[AlertRow], receiver: str, told: Sequence[Route]) -> list[AlertRow]:
    """The alerts that a route takes to this receiver; nobody is told that he himself could not be told."""
    return [
        row
        for row in rows
        if any(route.takes(row.severity, row.region) for route in told)
        and not (row.kind is AlertKind.RECEIVER and row.subject == receiver)
    ]


def _cannot_wait(code: str, routes: AlertRoutes) -> bool:
    return code in routes.immediate


def _by_code(rows: Iterable[AlertRow]) -> list[tuple[str, list[AlertRow]]]:
    groups: dict[str, list[AlertRow]] = {}
    for row in rows:
        groups.setdefault(row.code, []).append(row)
    return sorted(groups.items())


def _worst(rows: Iterable[AlertRow]) -> Severity:
    return max((row.severity for row in rows), key=RANK.__getitem__, default=Severity.INFO)


def _addressed(
    news: RunNews,
    routes: AlertRoutes,
    receiver: str,
    kind: MessageKind,
    code: str,
    severity: Severity,
    text: tuple[str, str],
    now: datetime,
) -> Iterator[Message]:
    """The message, once for each address of the receiver. Its id follows from the run, so that it exists once."""
    entry = routes.receivers[receiver]
    for target in entry.to if isinstance(entry, MailReceiver) else ("",):
        named = "\x1f".join([news.run_id, news.part, kind, code, receiver, target])
        identity = hashlib.sha256(named.encode()).hexdigest()[:32]
        yield Message(identity, news.run_id, receiver, target, kind, severity, text[0], text[1], now)
