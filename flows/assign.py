"""Which report is each link that discovery found? Where the title does not tell, the document has to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flows.plan import Owed, Unit
from schemas.discovery import Candidate
from tasks.discover.versions import group


@dataclass(frozen=True, slots=True)
class Assignment:
    """The links of a unit by the report they may be, in the order they are to be read.

    `open` are links whose title leaves open whose report they are, or of which year. `passed_over` counts reports of
    years or publishers that nobody asked for.
    """

    reports: dict[Owed, tuple[Candidate, ...]]
    open: tuple[Candidate, ...]
    passed_over: int


def assign(unit: Unit, candidates: Iterable[Candidate]) -> Assignment:
    """Sort the links of all sites of a unit by publisher and year."""
    reports: dict[Owed, tuple[Candidate, ...]] = {}
    unclear: list[Candidate] = []
    passed_over = 0
    wanted = {owed.publisher for owed in unit.owed}
    for found in group({candidate.url: candidate for candidate in candidates}.values()):
        if found.publisher is None or found.year is None:
            if found.publisher is None or found.publisher in wanted:
                unclear += found.copies
        elif (owed := Owed(found.publisher, found.year)) in unit.owed:
            reports[owed] = found.copies
        else:
            passed_over += len(found.copies)
    return Assignment(dict(sorted(reports.items())), tuple(unclear), passed_over)
