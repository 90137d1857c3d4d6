"""What a backfill still has to do: units of the plan, cut down to the reports on which the ledger has no last word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from flows.parameters import What
from flows.plan import Owed, Unit
from flows.work.trouble import can_recover
from schemas.ledger import LedgerRow, LedgerState

_RECOVERS = frozenset({LedgerState.FAILED, LedgerState.BLOCKED})
_THERE = frozenset({LedgerState.LOADED, LedgerState.FLAGGED})


def is_left(row: LedgerRow | None, what: What) -> bool:
    """Whether a report is to be worked on. A report that the ledger does not know is left."""
    if row is None or what is What.ALL:
        return True
    if row.state.progress is not None:  # never looked at, or a run died on the way
        return True
    if what is What.MISSING:
        return row.state not in _THERE
    return row.state in _RECOVERS and can_recover(row.reason_code or "")


def left(units: Iterable[Unit], ledger: Iterable[LedgerRow], what: What = What.LEFT) -> tuple[Unit, ...]:
    """The units with the reports that are left; units without any are dropped."""
    rows: Mapping[Owed, LedgerRow] = {Owed(row.publisher, row.year): row for row in ledger}
    cut = (replace(unit, owed=tuple(one for one in unit.owed if is_left(rows.get(one), what))) for unit in units)
    return tuple(unit for unit in cut if unit.owed)


def windows(units: Sequence[Unit], size: int) -> Iterator[tuple[int, tuple[Unit, ...]]]:
    """The units in groups of `size`, each with the number of its first unit, counted from one."""
    rest, first = iter(units), 1
    while group := tuple(islice(rest, size)):
        yield first, group
        first += len(group)


def in_words(units: Sequence[Unit]) -> str:
    """`12 reports of 3 sites are left.`"""
    reports, sites = sum(len(unit.owed) for unit in units), sum(len(unit.sites) for unit in units)
    if not reports:
        return "Nothing is left."
    verb = "is" if reports == 1 else "are"
    of = f"{reports} report{'' if reports == 1 else 's'} of {sites} site{'' if sites == 1 else 's'}"
    return f"{of} {verb} left; the same again goes on with them."
