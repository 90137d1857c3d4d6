"""Runs of flows: started, alive, ended, and how. A run that dies leaves its last heartbeat."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.tables import Run, table_of
from tasks.load.bulk import insert_missing
from tasks.load.shapes import RunRow

_RUN = table_of(Run)


def start(connection: Connection, kind: str, parameters: Mapping[str, Any], run_id: str | None, now: datetime) -> str:
    """Write down that a run starts. A run id given twice keeps its first row (a retried start)."""
    run_id = run_id or f"{kind}-{now.astimezone(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    row = {
        "id": run_id,
        "kind": kind,
        "state": "running",
        "parameters": dict(parameters),
        "started_at": now,
        "heartbeat_at": now,
    }
    insert_missing(connection, _RUN, [row])
    return run_id


def heartbeat(connection: Connection, run_id: str, now: datetime) -> None:
    """A sign of life."""
    connection.execute(sa.update(_RUN).where(_RUN.c.id == run_id).values(heartbeat_at=now))


def finish(
    connection: Connection, run_id: str, state: str, message: str | None, summary: Mapping[str, Any], now: datetime
) -> None:
    """Write down how a run ended."""
    values = {
        "state": state,
        "message": message,
        "summary": dict(summary),
        "finished_at": now,
        "heartbeat_at": now,
    }
    connection.execute(sa.update(_RUN).where(_RUN.c.id == run_id).values(**values))


def latest(connection: Connection, limit: int) -> list[RunRow]:
    """The last runs, newest first."""
    query = sa.select(_RUN).order_by(_RUN.c.started_at.desc(), _RUN.c.id).limit(limit)
    return [
        RunRow(
            id=row.id,
            kind=row.kind,
            state=row.state,
            parameters=row.parameters,
            started_at=row.started_at,
            heartbeat_at=row.heartbeat_at,
            finished_at=row.finished_at,
            message=row.message,
            summary=row.summary,
        )
        for row in connection.execute(query)
    ]
