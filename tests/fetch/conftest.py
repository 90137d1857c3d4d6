"""A clock that the tests turn, and a client that talks to loopback servers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.fetched import FetchEvidence
from schemas.settings import FetchSettings
from tasks.fetch import PoliteClient


class TurnedClock:
    """Time that passes only by sleeping; remembers every sleep."""

    def __init__(self, start: str = "2024-01-15T12:00:00+00:00") -> None:
        self._start = datetime.fromisoformat(start).astimezone(UTC)
        self._passed = 0.0
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return 1000.0 + self._passed

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self._passed += seconds

    def pass_by(self, seconds: float) -> None:
        self._passed += seconds


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def records() -> list[FetchEvidence]:
    """Evidence of every attempt of the client under test."""
    return []


@pytest.fixture
def make_client(clock: TurnedClock, records: list[FetchEvidence]) -> Iterator[Callable[..., PoliteClient]]:
    """Clients on the turned clock, closed at the end. Keyword arguments of settings and client are sorted out."""
    made: list[PoliteClient] = []

    def make(**options: Any) -> PoliteClient:
        ours = {name: options.pop(name) for name in ("sites", "cache", "gate", "resolve", "clock") if name in options}
        settings = FetchSettings(**{"connect_timeout": 5, "read_timeout": 5, "total_timeout": 20, **options})
        client = PoliteClient(settings, record=records.append, **{"clock": clock, **ours})
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., PoliteClient]) -> PoliteClient:
    return make_client()
