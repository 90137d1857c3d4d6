"""Alerts in the warehouse: their state, and the outbox of messages about them. Each method is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from schemas.alerts import (
    AlertKind,
    AlertRow,
    AlertState,
    Decision,
    Delivery,
    DeliveryState,
    Message,
    MessageKind,
    MessageState,
    Resolution,
    RunNews,
    Waiting,
)
from schemas.report import Severity
from schemas.tables.alerts import Alert, AlertMessage, AlertNews
from schemas.tables.base import table_of
from tasks.load.bulk import chunks, insert, insert_missing, upsert
from tasks.load.engine import reading, writing

_ALERT, _NEWS, _MESSAGE = table_of(Alert), table_of(AlertNews), table_of(AlertMessage)
_LOCK = 7_163_405_222
"""Any number that no one else takes; on PostgreSQL those who settle news take turns by it."""

_PENDING = MessageState.PENDING.value
_FEW = (AlertKind.RUN.value, AlertKind.LEDGER.value, AlertKind.RECEIVER.value)
_LONG = timedelta(hours=1)

Decide = Callable[[Mapping[str, AlertRow], Sequence[Waiting]], Decision]


class AlertStore:
    """The alerts of a warehouse (`Warehouse.engine`), migrated before. Raises LoadError as the warehouse does."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def settle(self, news: RunNews, keys: Collection[str], now: datetime, decide: Decide) -> Decision | None:
        """Decide about a run's news and write the decision (see `tasks.alert.ports.AlertStore`)."""
        with writing(self._engine) as connection:
            if connection.dialect.name == "postgresql":  # a SQLite writer is alone anyway
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            settled = sa.select(_NEWS.c.run_id).where(_NEWS.c.run_id == news.run_id, _NEWS.c.part == news.part)
            if connection.execute(settled).first() is not None:
                return None
            decision = decide(_known(connection, news.run_id, keys), _waiting(connection, now))
            upsert(connection, _ALERT, [_alert_values(row) for row in decision.alerts])
            _post(connection, decision.messages)
            insert(connection, _NEWS, [_news_values(news, decision, now)])
            return decision

    def pending(self) -> list[Message]:
        """All messages that are not sent, in the order in which they were written."""
        with reading(self._engine) as connection:
            return _pending(connection)

    def claim(self, message_id: str, now: datetime, until: datetime) -> bool:
        """Take a message for sending; False when it is sent, withdrawn or taken by another process."""
        free = sa.or_(_MESSAGE.c.claimed_until.is_(None), _MESSAGE.c.claimed_until <= now)
        take = (
            sa.update(_MESSAGE)
            .where(_MESSAGE.c.id == message_id, _MESSAGE.c.state == _PENDING, free)
            .values(
                unsure=sa.or_(_MESSAGE.c.unsure, _MESSAGE.c.claimed_until.is_not(None)),  # its last sender was killed
                claimed_until=until,
            )
        )
        with writing(self._engine) as connection:
            return connection.execute(take).rowcount == 1

    def sent(self, message_id: str, now: datetime) -> None:
        """Write down that a message was delivered."""
        values = {"state": MessageState.SENT.value, "ended_at": now, "claimed_until": None, "next_try_at": None}
        with writing(self._engine) as connection:
            connection.execute(sa.update(_MESSAGE).where(_MESSAGE.c.id == message_id).values(**values))

    def kept(self, message_id: str, delivery: Delivery, next_try: datetime) -> None:
        """Write down that a message was not delivered, why, and when to try again."""
        keep = (
            sa.update(_MESSAGE)
            .where(_MESSAGE.c.id == message_id)
            .values(
                attempts=_MESSAGE.c.attempts + 1,
                next_try_at=next_try,
                claimed_until=None,
                unsure=sa.or_(_MESSAGE.c.unsure, sa.literal(delivery.state is DeliveryState.UNSURE)),
                refused=delivery.state is DeliveryState.REFUSED,
                error_code=delivery.code,
                error=delivery.message,
            )
        )
        with writing(self._engine) as connection:
            connection.execute(keep)

    def waiting(self, now: datetime) -> list[Waiting]:
        """The receivers for which messages wait that were tried in vain or wait for long, by name."""
        with reading(self._engine) as connection:
            return _waiting(connection, now)

    def withdraw(self, receiver: str, now: datetime) -> int:
        """Give up all messages that wait for a receiver; returns how many."""
        give_up = (
            sa.update(_MESSAGE)
            .where(_MESSAGE.c.receiver == receiver, _MESSAGE.c.state == _PENDING)
            .values(state=MessageState.WITHDRAWN.value, ended_at=now, claimed_until=None, next_try_at=None)
        )
        with writing(self._engine) as connection:
            return connection.execute(give_up).rowcount

    def dismiss(self, key: str, by: str, now: datetime) -> bool:
        """Close an alert in a person's name, e.g. about a site that left the registry. Seen again, it opens again.

        Returns False when there is no open alert with this key.
        """
        close = (
            sa.update(_ALERT)
            .where(_ALERT.c.key == key, _ALERT.c.state == AlertState.OPEN.value)
            .values(
                state=AlertState.CLOSED.value,
                closed_at=now,
                closed_run=None,
                judged_at=now,
                resolution=Resolution.DISMISSED.value,
                resolved_by=by,
            )
        )
        with writing(self._engine) as connection:
            return connection.execute(close).rowcount == 1

    def alerts(self, state: AlertState | None = AlertState.OPEN) -> list[AlertRow]:
        """Alerts by key: the open ones, the closed ones, or all (None)."""
        query = sa.select(_ALERT).order_by(_ALERT.c.key)
        if state is not None:
            query = query.where(_ALERT.c.state == state.value)
        with reading(self._engine) as connection:
            return [_alert(row) for row in connection.execute(query)]


def _known(connection: Connection, run_id: str, keys: Iterable[str]) -> dict[str, AlertRow]:
    moved = sa.or_(_ALERT.c.opened_run == run_id, _ALERT.c.closed_run == run_id)
    wanted = sa.or_(_ALERT.c.state == AlertState.OPEN.value, _ALERT.c.kind.in_(_FEW), moved)
    found = {row.key: _alert(row) for row in connection.execute(sa.select(_ALERT).where(wanted))}
    for part in chunks(sorted(set(keys) - set(found))):
        query = sa.select(_ALERT).where(_ALERT.c.key.in_(list(part)))
        found.update((row.key, _alert(row)) for row in connection.execute(query))
    return found


def _pending(connection: Connection) -> list[Message]:
    query = sa.select(_MESSAGE).where(_MESSAGE.c.state == _PENDING).order_by(_MESSAGE.c.seq)
    return [_message(row) for row in connection.execute(query)]


def _waiting(connection: Connection, now: datetime) -> list[Waiting]:
    lines: dict[str, list[Message]] = {}
    for message in _pending(connection):
        lines.setdefault(message.receiver, []).append(message)
    found = []
    for receiver, messages in sorted(lines.items()):
        if any(message.attempts for message in messages) or now - messages[0].created_at > _LONG:
            told = next((message for message in messages if message.error_code), None)
            code, said = (told.error_code or "", told.error or "") if told else ("alert.budget", "not tried yet")
            found.append(Waiting(receiver, len(messages), messages[0].created_at, code, said))
    return found


def _post(connection: Connection, messages: Sequence[Message]) -> None:
    last = connection.execute(sa.select(sa.func.max(_MESSAGE.c.seq))).scalar() or 0
    rows = [
        {name: getattr(message, name) for name in Message.__slots__}
        | {"kind": message.kind.value, "severity": message.severity.value, "seq": last + place, "state": _PENDING}
        for place, message in enumerate(messages, 1)
    ]
    insert_missing(connection, _MESSAGE, rows)


def _news_values(news: RunNews, decision: Decision, now: datetime) -> dict[str, object]:
    return {
        "run_id": news.run_id,
        "part": news.part,
        "at": news.at,
        "processed_at": now,
        "opened": len(decision.opened),
        "repeated": len(decision.repeated),
        "closed": len(decision.closed),
        "messages": len(decision.messages),
    }


def _alert_values(row: AlertRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in AlertRow.__slots__} | {
        "kind": row.kind.value,
        "severity": row.severity.value,
        "state": row.state.value,
        "resolution": row.resolution.value if row.resolution else None,
    }


def _alert(row: sa.Row[tuple[object, ...]]) -> AlertRow:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    return AlertRow(
        **values
        | {
            "kind": AlertKind(values["kind"]),
            "severity": Severity(values["severity"]),
            "state": AlertState(values["state"]),
            "resolution": Resolution(values["resolution"]) if values["resolution"] else None,
        }
    )


def _message(row: sa.Row[tuple[object, ...]]) -> Message:
    values = {name: row._mapping[name] for name in Message.__slots__}  # noqa: SLF001
    return Message(
        **values
        | {
            "kind": MessageKind(values["kind"]),
            "severity": Severity(values["severity"]),
            "unsure": values["unsure"] or values["claimed_until"] is not None,
        }
    )
