"""What alerting takes, remembers and sends: the news of a run, alerts, and messages to people. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from schemas.ledger import LedgerState
from schemas.report import Reason, Severity


class RunOutcome(StrEnum):
    """How a run ended, as far as alerting cares."""

    COMPLETED = "completed"  # all that is owed is there
    INCOMPLETE = "incomplete"  # the run did its work; not all that is owed is there
    FAILED = "failed"  # nothing of its work was done
    CRASHED = "crashed"  # it ended before its end
    CANCELLED = "cancelled"  # a person ended it


@dataclass(frozen=True, slots=True)
class SiteNews:
    """What a run met at one site it looked at.

    `complete` says that the look came to its end, so that what is not among the problems is not there any more.
    """

    site: str
    name: str
    complete: bool
    problems: tuple[Reason, ...] = ()
    region: str | None = None  # GB/T 2260 code
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ReportNews:
    """Where the ledger stands with one report that the run was to look for; `before` and `after` may be the same."""

    publisher: str
    name: str
    year: int
    before: LedgerState | None  # None: the year was not in the ledger
    after: LedgerState
    deadline: date  # last legal day of publication (条例 art. 49)
    reason_code: str | None = None
    reason: str | None = None
    severity: Severity | None = None  # None: that of the reason code
    region: str | None = None  # GB/T 2260 code of the publisher
    site: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class RunNews:
    """All that alerting must know of a run. Only what a run looked at is in it, so that silence closes nothing.

    A run may tell its news in parts, so that a site that refuses us is told at once: each pair of `run_id` and `part`
    is processed once. While the run goes on `outcome` is None; the part with an outcome ends it and sends the digest.
    Parts after the first repeat what earlier ones told, or leave it out; nothing is counted twice within one run.
    A run that is started again under its old id tells another part.
    """

    run_id: str
    kind: str  # harvest, backfill, reparse, watch, publish
    name: str  # as people know the run: harvest 2024 · 312 sites
    at: datetime  # when it was found out; decides which of two runs knows better
    outcome: RunOutcome | None
    sentence: str = ""  # how it ended
    counts: Mapping[str, int] = field(default_factory=dict)  # reports by outcome
    sites: tuple[SiteNews, ...] = ()
    reports: tuple[ReportNews, ...] = ()
    quarantined: int | None = None  # reports of the whole ledger that wait in quarantine; None: not counted
    fewer: tuple[str, ...] | None = None  # sites that list less than last year; None: not counted
    ui_url: str | None = None  # the run's page
    part: str = ""


class AlertKind(StrEnum):
    """What an alert is about; with subject, year and code it makes the key."""

    RUN = "run"  # a kind of run
    SITE = "site"
    REPORT = "report"  # a publisher and a year
    LEDGER = "ledger"  # the whole ledger
    RECEIVER = "receiver"  # a receiver of alerts


class AlertState(StrEnum):
    """Open, or closed; how often it was seen while open is `times`."""

    OPEN = "open"
    CLOSED = "closed"


class Resolution(StrEnum):
    """Why an alert is closed."""

    RECOVERED = "recovered"  # the cause is gone
    REPLACED = "replaced"  # the same report or site now has another trouble
    DISMISSED = "dismissed"  # a person closed it


@dataclass(frozen=True, slots=True)
class Sighting:
    """A trouble as one run sees it, under the key that stays the same over time."""

    key: str
    kind: AlertKind
    subject: str  # kind of run, site, publisher or receiver
    name: str
    code: str
    severity: Severity
    message: str
    year: int | None = None
    region: str | None = None
    url: str | None = None
    deadline: date | None = None


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert and its state. `times` counts the runs that saw it since it was opened, `episode` its openings."""

    key: str
    kind: AlertKind
    subject: str
    name: str
    code: str
    severity: Severity
    message: str
    year: int | None
    region: str | None
    url: str | None
    deadline: date | None
    state: AlertState
    times: int
    episode: int
    opened_at: datetime
    opened_run: str
    seen_at: datetime
    seen_run: str
    judged_at: datetime  # newest evidence for or against it
    closed_at: datetime | None = None
    closed_run: str | None = None
    resolution: Resolution | None = None
    resolved_by: str | None = None  # the code that replaced it, or who dismissed it and why

    @property
    def open(self) -> bool:
        return self.state is AlertState.OPEN


class MessageKind(StrEnum):
    IMMEDIATE = "immediate"
    RECOVERED = "recovered"  # what was told at once is gone
    DIGEST = "digest"


class MessageState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    WITHDRAWN = "withdrawn"  # a person gave it up


@dataclass(frozen=True, slots=True)
class Message:
    """A message for one receiver: pending until it is sent, or withdrawn.

    `target` is the mail address at a receiver with several, else empty. `unsure` says that it may have arrived
    although nobody confirmed it: its sender was killed, or no answer came in time.
    """

    id: str
    run_id: str
    receiver: str
    target: str
    kind: MessageKind
    severity: Severity
    title: str
    body: str
    created_at: datetime
    attempts: int = 0
    next_try_at: datetime | None = None
    claimed_until: datetime | None = None
    unsure: bool = False
    refused: bool = False  # the receiver answered and did not take it
    error_code: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages that wait for one receiver although delivery was tried."""

    receiver: str
    messages: int
    since: datetime
    code: str
    message: str


class DeliveryState(StrEnum):
    SENT = "sent"
    UNREACHABLE = "unreachable"  # surely not delivered; trying again can help
    REFUSED = "refused"  # surely not delivered; the receiver, or a rule of ours, says no
    UNSURE = "unsure"  # no answer came: delivered or not


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of one attempt to deliver. `message` never holds a secret."""

    state: DeliveryState
    code: str = ""  # of schemas/reasons/alert.yaml, unless sent
    message: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be written and sent. `alerts` are the rows that changed, the rest are keys."""

    alerts: tuple[AlertRow, ...] = ()
    messages: tuple[Message, ...] = ()
    opened: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    unrouted: tuple[str, ...] = ()  # open, and no route takes them


@dataclass(frozen=True, slots=True)
class AlertReport:
    """What alerting did: messages sent and kept, alerts opened, seen again and closed.

    `waiting` says who could not be told, `unrouted` which alerts no route takes to anybody.
    """

    sent: int = 0
    kept: int = 0
    opened: int = 0
    repeated: int = 0
    closed: int = 0
    waiting: tuple[Waiting, ...] = ()
    unrouted: tuple[str, ...] = ()

    def sentence(self) -> str:
        """The closing words for the run's log and page."""
        told = (
            f"Alerts: {self.opened} opened, {self.repeated} still failing, {self.closed} closed; "
            f"{self.sent} message{'' if self.sent == 1 else 's'} sent."
        )
        if self.kept:
            told += f" {self.kept} kept for later: not delivered."
        for waiting in self.waiting:
            told += (
                f" {waiting.receiver} could not be told ({waiting.messages} waiting): {waiting.code}: {waiting.message}"
            )
        if self.unrouted:
            told += f" {len(self.unrouted)} open alerts reach nobody: no route takes them."
        return told
