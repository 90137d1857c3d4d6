"""Enlist: the warehouse gets to know the publishers of all units, and what they owe, before anything is asked for."""

from __future__ import annotations

from collections.abc import Iterable

from flows.plan import Unit
from schemas.site import PublisherEntry
from tasks.load import Warehouse


def enlist(units: Iterable[Unit], warehouse: Warehouse, run_id: str | None) -> None:
    """Write publishers and ledger rows of all units, in a few transactions for thousands of sites."""
    bodies: dict[bool, list[PublisherEntry]] = {}
    owed: dict[str, list[int]] = {}
    for unit in units:
        bodies.setdefault(unit.sample, []).extend(unit.publishers)
        for publisher, year in unit.owed:
            owed.setdefault(publisher, []).append(year)
    for sample, entries in bodies.items():
        warehouse.sync_publishers(entries, sample=sample)
    warehouse.owe_all(owed, run_id=run_id)
