"""Alerts and the messages about them: what is the matter, since when, who was told, and what could not be delivered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from schemas.alerts import AlertKind, AlertState, MessageKind, MessageState, Resolution
from schemas.report import Severity
from schemas.tables.base import Table, moment, one_of, run_id, text


class Alert(Table, table=True):
    """A trouble that people are told of, under a key without a time. One row per key; opened again, it counts anew."""

    __tablename__: ClassVar[Any] = "alert"
    __table_args__ = (
        one_of("kind", AlertKind),
        one_of("state", AlertState),
        one_of("severity", Severity),
        one_of("resolution", Resolution),
        sa.Index("ix_alert_state", "state"),
    )

    key: str = text("kind, subject, year where there is one, and reason code", key=True)
    kind: str = text("run, site, report, ledger or receiver")
    subject: str = text("kind of run, id of the site or publisher, or name of the receiver")
    year: int | None = Field(default=None, description="report year, of an alert about a report")
    name: str = text("what it is about, as people call it")
    code: str = text("code of schemas/reasons")
    severity: str = text("error, warning or info")
    region: str | None = text("GB/T 2260 code of its area", default=None)
    message: str = text("what was said when it was last seen")
    url: str | None = text("page to look at", default=None)
    deadline: date | None = Field(default=None, description="legal deadline that has passed (条例 art. 49)")
    state: str = text("open or closed")
    times: int = Field(description="runs that saw it since it was opened")
    episode: int = Field(description="how often it was opened")
    opened_at: datetime = moment("when it was opened (UTC)")
    opened_run: str | None = run_id("run that opened it")
    seen_at: datetime = moment("when it was last seen (UTC)")
    seen_run: str | None = run_id("run that saw it last")
    judged_at: datetime = moment("newest evidence for or against it (UTC)")
    closed_at: datetime | None = moment("when it was closed (UTC)", default=None)
    closed_run: str | None = run_id("run that closed it")
    resolution: str | None = text("recovered, replaced or dismissed", default=None)
    resolved_by: str | None = text("code that took its place, or who dismissed it and why", default=None)


class AlertNews(Table, table=True):
    """A part of a run's news that alerting has processed; the same is not processed twice."""

    __tablename__: ClassVar[Any] = "alert_news"

    run_id: str = text("run that told the news", key=True)
    part: str = text("part of the run; empty for all of it", key=True)
    at: datetime = moment("when the run told it (UTC)")
    processed_at: datetime = moment("when it was processed (UTC)")
    opened: int = Field(description="alerts it opened")
    repeated: int = Field(description="alerts it saw again")
    closed: int = Field(description="alerts it closed")
    messages: int = Field(description="messages written for it")


class AlertMessage(Table, table=True):
    """The outbox: a message for one receiver, written before it is sent, and kept when it cannot be delivered."""

    __tablename__: ClassVar[Any] = "alert_message"
    __table_args__ = (
        one_of("kind", MessageKind),
        one_of("severity", Severity),
        one_of("state", MessageState),
        sa.Index("ix_alert_message_state", "state"),
    )

    id: str = text("digest of run, part, kind, code and receiver", key=True)
    run_id: str | None = run_id("run that it tells of")
    seq: int = Field(description="order of writing, from 1")
    receiver: str = text("name of the receiver in the routes file")
    target: str = text("mail address, at a receiver with several")
    kind: str = text("immediate, recovered or digest")
    severity: str = text("gravest of the alerts it tells of")
    title: str = text("title")
    body: str = text("text")
    created_at: datetime = moment("when it was written (UTC)")
    state: str = text("pending, sent or withdrawn")
    attempts: int = Field(default=0, description="attempts in vain")
    next_try_at: datetime | None = moment("not to be tried before (UTC)", default=None)
    claimed_until: datetime | None = moment("being sent by a process, at most until then (UTC)", default=None)
    unsure: bool = Field(default=False, description="it may have arrived although nobody confirmed it")
    refused: bool = Field(default=False, description="the receiver answered and did not take it")
    error_code: str | None = text("why it was not delivered last time", default=None)
    error: str | None = text("the same in words, without secrets", default=None)
    ended_at: datetime | None = moment("when it was sent or withdrawn (UTC)", default=None)
