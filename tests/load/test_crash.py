"""Killed at any moment, a load leaves the old report or the new one; several loaders at once leave one of each."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from tasks.load import LoadStatus, Warehouse
from tasks.load.snapshot import snapshot
from tests.load.samples import emptied, flagged, load, loaded, quarantined

_fork = multiprocessing.get_context("fork")


def _in_child(work: Callable[[], None]) -> int:
    """Run in a process of its own; returns its exit code (negative: ended by that signal)."""
    child = _fork.Process(target=work)
    child.start()
    child.join(60)
    assert child.exitcode is not None, "the child hangs"
    return child.exitcode


def _load_and_die(address: str, statement: int) -> None:
    """Load a new version and be killed just before the given statement of it; nothing is flushed or closed."""
    warehouse = Warehouse(address)
    seen = 0

    def count(*_arguments: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(warehouse.engine, "before_cursor_execute", count)
    event.listen(warehouse.engine, "commit", count)
    load(warehouse, flagged(figures={"t3.new.total": "8"}), document="b", day=3)


def test_a_loader_killed_before_any_of_its_statements_leaves_the_old_report(warehouse: Warehouse, address: str) -> None:
    load(warehouse, loaded())
    old = snapshot(warehouse.engine)
    warehouse.close()
    statement, exit_code = 0, -signal.SIGKILL
    while exit_code == -signal.SIGKILL:
        statement += 1
        exit_code = _in_child(lambda number=statement: _load_and_die(address, number))  # type: ignore[misc]
        if exit_code == -signal.SIGKILL:
            assert snapshot(warehouse.engine) == old, f"killed before statement {statement}"
    assert exit_code == 0
    assert statement > 12, "every statement of the load was a place to die"
    new = snapshot(warehouse.engine)
    assert new != old
    assert load(warehouse, flagged(figures={"t3.new.total": "8"}), document="b", day=3).touched is False
    assert snapshot(warehouse.engine) == new


def test_a_killed_and_repeated_harvest_gives_row_for_row_the_same_warehouse(warehouse: Warehouse, address: str) -> None:
    def harvest(last: int) -> None:
        with Warehouse(address) as opened:
            opened.migrate()
            opened.owe(["lanshi-office", "lanshi-city"], range(2016, 2022))
            for number, year in enumerate(range(2016, 2022)):
                if number == last:
                    os.kill(os.getpid(), signal.SIGKILL)
                verdict = (loaded, flagged, quarantined)[year % 3]
                load(opened, verdict(year), year=year, document="abcdef"[number])

    warehouse.close()
    for last in (2, 4, 5):
        assert _in_child(lambda until=last: harvest(until)) == -signal.SIGKILL  # type: ignore[misc]
    harvest(99)
    interrupted = snapshot(warehouse.engine)
    emptied(warehouse)
    harvest(99)
    assert snapshot(warehouse.engine) == interrupted


def _load_all(address: str, order: int) -> list[tuple[int, str, LoadStatus]]:
    """Load two versions of six reports; each loader starts elsewhere."""
    done = []
    with Warehouse(address) as warehouse:
        years = list(range(2016, 2022))
        for year in years[order:] + years[:order]:
            for document, day, figure in (("a", 0, "7"), ("b", 5, "8")):
                judged = loaded(year, {"t3.new.total": figure})
                result = load(warehouse, judged, year=year, document=document, day=day)
                done.append((year, document, result.status))
    return done


def test_concurrent_loaders_agree_with_one_alone(warehouse: Warehouse, address: str) -> None:
    warehouse.close()
    with _fork.Pool(4) as pool:
        seen = [one for part in pool.starmap(_load_all, [(address, order) for order in range(4)]) for one in part]
    for year in range(2016, 2022):
        for document in "ab":
            news = [status for at, which, status in seen if (at, which) == (year, document)]
            assert sum(status is not LoadStatus.UNCHANGED for status in news) == 1, "stored once, by one of them"
    together = snapshot(warehouse.engine)
    emptied(warehouse)
    _load_all(address, 0)
    assert snapshot(warehouse.engine) == together


def test_a_writer_waits_for_another_instead_of_failing(warehouse: Warehouse, address: str) -> None:
    """Many small writes from several processes to the same publisher and year."""

    def mark_many() -> None:
        with Warehouse(address) as opened:
            for year in range(2008, 2024):
                opened.owe(["lanshi-office"], [year])
                opened.ledger(years=[year])

    warehouse.close()
    workers = [_fork.Process(target=mark_many) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    assert len(warehouse.ledger()) == 16


@pytest.mark.parametrize("verdict", [loaded, quarantined])
def test_an_error_in_the_middle_leaves_nothing_behind(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, verdict: Any
) -> None:
    load(warehouse, loaded())
    before = snapshot(warehouse.engine, everything=True)

    def fail(*_arguments: Any, **_options: Any) -> bool:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("tasks.load.ledger.write_many", fail)
    with pytest.raises(RuntimeError):
        load(warehouse, verdict(figures={"t3.new.total": "8"}), document="b", day=1)
    assert snapshot(warehouse.engine, everything=True) == before
