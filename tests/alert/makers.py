"""News, routes and messages for the tests, with as few words as they need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.alert_routes import AlertRoutes
from schemas.alerts import (
    AlertRow,
    Delivery,
    DeliveryState,
    Message,
    MessageKind,
    ReportNews,
    RunNews,
    RunOutcome,
    SiteNews,
)
from schemas.ledger import LedgerState, legal_deadline
from schemas.report import Reason, Severity
from schemas.site import BodyKind

START = datetime(2026, 2, 2, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def site(name: str = "lanshi", *codes: str, complete: bool | None = None, **changes: Any) -> SiteNews:
    """A site with these problems; the look at it was complete when there are none, unless said otherwise."""
    problems = tuple(Reason(code, f"the site said {code}") for code in codes)
    values: dict[str, Any] = {"region": "620100", "url": f"https://www.{name}.gov.cn/"} | changes
    return SiteNews(name, f"{name}市人民政府", not codes if complete is None else complete, problems, **values)


def report(
    after: LedgerState = LedgerState.LOADED,
    code: str | None = None,
    *,
    publisher: str = "lanshi-office",
    year: int = 2025,
    before: LedgerState | None = LedgerState.EXPECTED,
    kind: BodyKind = BodyKind.DEPARTMENT,
    **changes: Any,
) -> ReportNews:
    """One line of the ledger."""
    values: dict[str, Any] = {"region": "620100", "site": "lanshi", "reason": f"it ended with {code}" if code else None}
    return ReportNews(
        publisher=publisher,
        name=f"{publisher}办公室",
        year=year,
        before=before,
        after=after,
        deadline=legal_deadline(kind, year),
        reason_code=code,
        **values | changes,
    )


def run(
    number: int = 1,
    *,
    sites: Iterable[SiteNews] = (),
    reports: Iterable[ReportNews] = (),
    outcome: RunOutcome | None = RunOutcome.INCOMPLETE,
    **changes: Any,
) -> RunNews:
    """The news of the run with this number; one run a day."""
    values: dict[str, Any] = {
        "run_id": f"run-{number}",
        "kind": "harvest",
        "name": "harvest 2025 · 3 sites",
        "at": START + number * DAY,
        "sentence": f"Run {number} ended.",
        "ui_url": f"http://127.0.0.1:4200/runs/flow-run/{number}",
    }
    return RunNews(outcome=outcome, sites=tuple(sites), reports=tuple(reports), **values | changes)


def routes(*entries: Mapping[str, Any], receivers: Mapping[str, Any] | None = None, **changes: Any) -> AlertRoutes:
    """Routes to robots of 飞书 by default: one receiver `ops` that is told everything."""
    told = list(entries) or [{"to": ["ops"], "severity": "info"}]
    named = {name for entry in told for name in entry["to"]}
    robots = {name: {"service": "feishu", "address_env": "ALERT_FEISHU", "allow_private": True} for name in named}
    return AlertRoutes.model_validate({"receivers": receivers or robots, "routes": told, **changes})


class Recorder:
    """A sender that keeps what it was given, and fails on demand."""

    def __init__(self, answers: Mapping[str, Delivery] | None = None) -> None:
        self.sent: list[Message] = []
        self.tried: list[Message] = []
        self.answers = dict(answers or {})

    def __call__(self, message: Message) -> Delivery:
        self.tried.append(message)
        answer = self.answers.get(message.receiver, Delivery(DeliveryState.SENT))
        if answer.state is DeliveryState.SENT:
            self.sent.append(message)
        return answer

    def titles(self, kind: MessageKind | None = None) -> list[str]:
        return [message.title for message in self.sent if kind in (None, message.kind)]


DOWN = Delivery(DeliveryState.UNREACHABLE, "alert.unreachable", "no connection: Connection refused")
REFUSED = Delivery(DeliveryState.REFUSED, "alert.refused", "the robot answers 310000: keywords not in content")
SILENT = Delivery(DeliveryState.UNSURE, "alert.no_answer", "no answer within 30 seconds")


def message(receiver: str = "ops", **changes: Any) -> Message:
    """A digest for a receiver."""
    values: dict[str, Any] = {
        "id": f"{receiver}-1",
        "run_id": "run-1",
        "receiver": receiver,
        "target": "",
        "kind": MessageKind.DIGEST,
        "severity": Severity.WARNING,
        "title": "[nianbao] harvest 2025 · 3 sites: 1 new",
        "body": "一份报告 failed & more\nhttps://www.lanshi.gov.cn/",
        "created_at": START,
    }
    return Message(**values | changes)


def open_keys(rows: Iterable[AlertRow]) -> list[str]:
    return sorted(row.key for row in rows if row.open)
