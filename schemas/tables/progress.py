"""Where every report that is owed stands, how it came there, and the runs that moved it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from schemas.ledger import LedgerState
from schemas.tables.base import Table, data, moment, one_of, run_id, text


class Ledger(Table, table=True):
    """One publisher and year that is owed: THE truth about progress."""

    __tablename__: ClassVar[Any] = "ledger"
    __table_args__ = (one_of("state", LedgerState), sa.Index("ix_ledger_year", "year", "state"))

    publisher_id: str = text("publisher that owes the report", key=True, refers="publisher.id")
    year: int = Field(description="report year", primary_key=True)
    state: str = text("how far it has come, or why not")
    reason_code: str | None = text("code of schemas/reasons", default=None)
    reason: str | None = text("the same as a sentence", default=None)
    since: datetime = moment("when state or reason last changed (UTC)")
    attempts: int = Field(default=0, description="how often this year went into a state of trouble")
    next_action: str | None = text("what a person or the next run should do", default=None)
    deadline: date = Field(description="last legal day of publication (条例 art. 49)")
    report_id: str | None = text("report that the state speaks of", refers="report.id", default=None)
    review_report_id: str | None = text(
        "quarantined reading that waits beside the current report", refers="report.id", default=None
    )
    run_id: str | None = run_id()


class LedgerHistory(Table, table=True):
    """Every state a publisher and year has been in. Append-only."""

    __tablename__: ClassVar[Any] = "ledger_history"

    publisher_id: str = text("publisher that owes the report", key=True, refers="publisher.id")
    year: int = Field(description="report year", primary_key=True)
    seq: int = Field(description="1 for the first state, then counting up", primary_key=True)
    state: str = text("state entered")
    reason_code: str | None = text("code of schemas/reasons", default=None)
    reason: str | None = text("the same as a sentence", default=None)
    next_action: str | None = text("what was to be done", default=None)
    report_id: str | None = text("report that the state speaks of", refers="report.id", default=None)
    review_report_id: str | None = text("quarantined reading that waited", refers="report.id", default=None)
    at: datetime = moment("when the state was entered (UTC)")
    run_id: str | None = run_id()


class Run(Table, table=True):
    """One run of a flow: started, alive, ended, and how. Written even when the run dies."""

    __tablename__: ClassVar[Any] = "run"

    id: str = text("kind, start time and a random tail", key=True)
    kind: str = text("harvest, backfill, reparse, watch, publish")
    state: str = text("running, completed, failed, cancelled or crashed", default="running")
    parameters: dict[str, Any] = data("what the run was asked to do", default_factory=dict)
    started_at: datetime = moment("when it started (UTC)")
    heartbeat_at: datetime = moment("when it last gave a sign of life (UTC)")
    finished_at: datetime | None = moment("when it ended (UTC)", default=None)
    message: str | None = text("how it ended, in a sentence", default=None)
    summary: dict[str, Any] = data("counts by outcome", default_factory=dict)
