"""What alerting asks of the outside: somewhere to remember, and someone to send."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from schemas.alerts import AlertRow, Decision, Delivery, Message, RunNews, Waiting

Sender = Callable[[Message], Delivery]
"""Delivers one message, or tells why not. Never raises for a receiver's fault."""

Decide = Callable[[Mapping[str, AlertRow], Sequence[Waiting]], Decision]


class AlertStore(Protocol):
    """Keeps alerts and messages. Each method is one transaction."""

    def settle(self, news: RunNews, keys: Collection[str], now: datetime, decide: Decide) -> Decision | None:
        """Decide about a run's news and write the decision, all of it or nothing.

        Calls `decide` with the alerts that are open, that have one of the `keys`, that this run moved, and all that are
        not about sites and reports; and with the receivers that could not be told (see `waiting`). Returns None, and
        calls nothing, when this part of this run was settled before. Two processes take turns.
        """

    def pending(self) -> list[Message]:
        """All messages that are not sent, in the order in which they were written."""

    def claim(self, message_id: str, now: datetime, until: datetime) -> bool:
        """Take a message for sending; False when it is sent, withdrawn or taken. From here on it may have arrived."""

    def sent(self, message_id: str, now: datetime) -> None:
        """Write down that a message was delivered."""

    def kept(self, message_id: str, delivery: Delivery, next_try: datetime) -> None:
        """Write down that it was not delivered, why, and when to try again."""

    def waiting(self, now: datetime) -> list[Waiting]:
        """The receivers for which messages wait that were tried in vain or wait for long, by name."""
