"""What changed → people: alerts with a state, one digest per run, and an outbox for what cannot be delivered.

`process` is the door for the news of a run; `flush_outbox` sends what earlier runs had to keep. Each message is
recorded before and after it is sent: a process that is killed in between repeats at most that one message, which then
says so. `load_routes` reads the file that says who is told.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from schemas.alert_routes import AlertRoutes, MailReceiver
from schemas.alerts import AlertReport, Decision, Delivery, Message, MessageKind, RunNews
from schemas.report import Severity
from tasks.alert.decide import decide
from tasks.alert.deliver import flush
from tasks.alert.observe import observe
from tasks.alert.ports import AlertStore, Sender
from tasks.alert.routes_file import load_routes
from tasks.alert.secrets import Secrets
from tasks.alert.sender import AppriseSender

__all__ = ["AlertReport", "AlertStore", "Sender", "decide", "flush_outbox", "load_routes", "process", "try_out"]


def process(
    news: RunNews,
    *,
    store: AlertStore,
    routes: AlertRoutes,
    now: datetime,
    sender: Sender | None = None,
    environ: Mapping[str, str] | None = None,
) -> AlertReport:
    """Open, count and close alerts by a run's news, tell people, and try again what could not be delivered before.

    The same part of the same run processed again changes and sends nothing new. Secrets come from `environ`, the
    process's own unless given; none of them is stored, logged or told. Raises the store's errors; a receiver's fault
    never raises, it is in the report.
    """
    secrets = Secrets(routes, os.environ if environ is None else environ)
    news = _without(secrets, news)
    keys = observe(news, (), routes, now).sightings.keys()
    decision = store.settle(news, keys, now, lambda known, waiting: decide(news, known, routes, now, waiting))
    return _delivered(decision or Decision(), store, routes, now, sender or AppriseSender(routes, secrets), eager=True)


def flush_outbox(
    *,
    store: AlertStore,
    routes: AlertRoutes,
    now: datetime,
    sender: Sender | None = None,
    environ: Mapping[str, str] | None = None,
    eager: bool = False,
) -> AlertReport:
    """Send what earlier runs had to keep and whose time has come, or all of it (`eager`); opens and closes nothing."""
    sender = sender or AppriseSender(routes, Secrets(routes, os.environ if environ is None else environ))
    return _delivered(Decision(), store, routes, now, sender, eager=eager)


def try_out(
    name: str,
    *,
    routes: AlertRoutes,
    now: datetime,
    sender: Sender | None = None,
    environ: Mapping[str, str] | None = None,
) -> list[tuple[str, Delivery]]:
    """Send a message that says it is a test to a receiver, and nothing is kept. Gives what came of it by address."""
    sender = sender or AppriseSender(routes, Secrets(routes, os.environ if environ is None else environ))
    receiver = routes.receivers[name]
    found = []
    for target in receiver.to if isinstance(receiver, MailReceiver) else ("",):
        words = ("nianbao: a test", "This is a test of nianbao's alerts. Nothing is the matter.")
        message = Message(f"test-{name}", "test", name, target, MessageKind.DIGEST, Severity.INFO, *words, now)
        found.append((target, sender(message)))
    return found


def _delivered(
    decision: Decision, store: AlertStore, routes: AlertRoutes, now: datetime, sender: Sender, *, eager: bool
) -> AlertReport:
    sent = flush(store, routes, now, sender, eager=eager)
    return AlertReport(
        sent=sent,
        kept=len(store.pending()),
        opened=len(decision.opened),
        repeated=len(decision.repeated),
        closed=len(decision.closed),
        waiting=tuple(store.waiting(now)),
        unrouted=decision.unrouted,
    )


def _without(secrets: Secrets, news: RunNews) -> RunNews:
    """The news with any secret struck out that found its way into an error's message."""
    strike = secrets.strike
    return replace(
        news,
        name=strike(news.name),
        sentence=strike(news.sentence),
        ui_url=strike(news.ui_url) if news.ui_url else None,
        sites=tuple(
            replace(
                site,
                name=strike(site.name),
                url=strike(site.url) if site.url else None,
                problems=tuple(replace(problem, message=strike(problem.message)) for problem in site.problems),
            )
            for site in news.sites
        ),
        reports=tuple(
            replace(
                report,
                reason=strike(report.reason) if report.reason else None,
                url=strike(report.url) if report.url else None,
            )
            for report in news.reports
        ),
    )
