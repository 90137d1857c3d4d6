"""For reading documents again: which ones a report was made from, and what a load would change, before it does."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from schemas.report import Judgement
from schemas.tables import Document, Fetch, table_of
from tasks.load import query, reports
from tasks.load.apply import Judge
from tasks.load.engine import reading, writing
from tasks.load.shapes import Change, FactRow, LoadResult
from tasks.load.warehouse import Warehouse

_DOCUMENT, _FETCH = table_of(Document), table_of(Fetch)


_FEW = 500
"""Publishers that the database picks out itself; more are picked out of all."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document as the archive has it, and how it was had."""

    publisher: str
    year: int
    url: str
    sha256: str
    media_type: str | None
    headers: dict[str, str]
    fetched_at: datetime


def sources(
    warehouse: Warehouse, years: Collection[int] | None = None, publishers: Collection[str] | None = None
) -> list[Source]:
    """The documents of each publisher and year that the last run with an answer brought or found unchanged, in the
    order they were asked for.

    A document whose year only reading could tell was not asked for under a year: it is known by its report alone.
    """
    wanted = sa.select(_FETCH, _DOCUMENT.c.media_type).join(_DOCUMENT, _DOCUMENT.c.sha256 == _FETCH.c.sha256)
    wanted = wanted.where(_FETCH.c.publisher_id.is_not(None), _FETCH.c.year.is_not(None))
    if years is not None:
        wanted = wanted.where(_FETCH.c.year.in_(sorted(set(years))))
    if publishers is not None and len(publishers) <= _FEW:
        wanted = wanted.where(_FETCH.c.publisher_id.in_(sorted(set(publishers))))
    found: dict[tuple[str, int], tuple[str | None, dict[str, Source]]] = {}
    with reading(warehouse.engine) as connection:
        for row in connection.execute(wanted.order_by(_FETCH.c.fetched_at, _FETCH.c.id)):
            if publishers is not None and row.publisher_id not in publishers:
                continue
            key = (row.publisher_id, row.year)
            if key not in found or found[key][0] != row.run_id:
                found[key] = (row.run_id, {})
            one = Source(*key, row.url, row.sha256, row.media_type, dict(row.headers), row.fetched_at)
            found[key][1].setdefault(row.sha256, one)
    return [source for key in sorted(found) for source in found[key][1].values()]


def rehearse(
    warehouse: Warehouse,
    publisher: str,
    year: int,
    source: reports.Source,
    judgement: Judgement,
    judge: Judge | None = None,
) -> tuple[LoadResult, list[Change]]:
    """What `Warehouse.load` would answer, and every figure that it would change; not a row is kept.

    A report that a quarantined reading would stand beside keeps its figures: only the outcome is a change.
    """
    with writing(warehouse.engine) as connection:
        step = connection.begin_nested()
        before = next(iter(query.reports(connection, years=[year], publishers=[publisher])), None)
        result = reports.load(connection, publisher, year, source, judgement, source.fetched_at, judge)
        changes: list[Change] = []
        if before is None or result.current_id is None:
            changes.append(Change("report", "", "outcome", before.outcome if before else None, result.outcome))
            if result.current_id is not None:
                changes += _facts(query.facts(connection, report_id=result.current_id), gone=False)
            elif before is not None:
                changes += _facts(query.facts(connection, report_id=before.id), gone=True)
        elif result.current_id != before.id:
            changes = query.diff(connection, before.id, result.current_id)
        elif result.outcome != before.outcome:
            changes.append(Change("report", "", "outcome", before.outcome, result.outcome))
        step.rollback()
    return replace(result, touched=False), changes


def _facts(facts: Iterable[FactRow], *, gone: bool) -> list[Change]:
    """All figures of a report as changes: it is new, or nothing of it would be current any more."""
    found = []
    for fact in facts:
        name = "/".join(part for part in (fact.code, fact.row_key) if part)
        found.append(Change("fact", name, "value", fact.value if gone else None, None if gone else fact.value))
    return found
