"""Evidence reaches the warehouse soon and together, and a warehouse that does not answer loses none of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.work.evidence import MOST, EvidenceBook
from schemas.errors import LoadError
from schemas.fetched import FetchEvidence
from tasks.load import Warehouse
from tasks.load.evidence import Asked
from tasks.load.snapshot import snapshot

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
SOON = 30.0  # seconds that a busy machine is given


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse(str(tmp_path / "warehouse.sqlite")) as opened:
        opened.migrate()
        yield opened


def asked(number: int) -> Asked:
    url = f"http://127.0.0.1/{number}"
    return Asked(FetchEvidence(url, url, NOON + timedelta(seconds=number), 200, "allowed", 0.0, 0.1))


def urls(warehouse: Warehouse) -> list[str]:
    rows = snapshot(warehouse.engine, everything=True)["fetch"]
    return [str(row["url"]) for row in sorted(rows, key=lambda row: str(row["fetched_at"]))]


def test_a_row_is_written_soon_without_anybody_asking(warehouse: Warehouse) -> None:
    book = EvidenceBook(warehouse, "r")
    book.add([asked(1)])
    until = time.monotonic() + SOON
    while not urls(warehouse) and time.monotonic() < until:
        time.sleep(0.02)
    assert urls(warehouse) == ["http://127.0.0.1/1"]
    book.close()


def test_a_step_that_ends_has_all_of_it_written(warehouse: Warehouse) -> None:
    book = EvidenceBook(warehouse, "r")
    book.add(asked(number) for number in range(3))
    book.flush()
    assert len(urls(warehouse)) == 3
    book.add([asked(3)])
    book.close()
    assert len(urls(warehouse)) == 4
    assert not [thread for thread in threading.enumerate() if thread.name == "evidence"]


def test_many_threads_lose_nothing(warehouse: Warehouse) -> None:
    book = EvidenceBook(warehouse, "r")

    def fill(start: int) -> None:
        for number in range(MOST):
            book.add([asked(start + number)])

    threads = [threading.Thread(target=fill, args=(start,)) for start in range(0, 4 * MOST, MOST)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    book.close()
    assert len(set(urls(warehouse))) == 4 * MOST


def test_what_could_not_be_written_is_written_the_next_time(tmp_path: Path) -> None:
    with Warehouse(str(tmp_path / "later.sqlite")) as warehouse:
        book = EvidenceBook(warehouse, "r")
        book.add([asked(1)])
        with pytest.raises(LoadError) as caught:
            book.flush()
        assert caught.value.code == "load.not_migrated"
        warehouse.migrate()
        book.add([asked(2)])
        book.close()
        assert urls(warehouse) == ["http://127.0.0.1/1", "http://127.0.0.1/2"]


def test_a_row_that_is_refused_is_told_and_does_not_hold_up_the_others(warehouse: Warehouse) -> None:
    book = EvidenceBook(warehouse, "r")
    poisoned = Asked(asked(2).evidence, publisher="nobody-knows")
    with book._writing:  # the three come into one batch
        book.add([asked(1), poisoned, asked(3)])
        rows = list(book._waiting)
    assert len(rows) == 3
    with suppress(LoadError):  # told to the step, or to the log when the book's own thread was faster
        book.flush()
    book.close()
    assert urls(warehouse) == ["http://127.0.0.1/1", "http://127.0.0.1/3"]
