"""Reading reports and facts back: what is current, what was, and what changed between two versions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.errors import LoadError
from schemas.site import BodyKind, PublisherEntry
from schemas.tables import Document, Fact, Fetch, Finding, Publisher, Report, Section, Statistic, table_of
from tasks.load.bulk import chunks
from tasks.load.pending import pending
from tasks.load.shapes import Change, Due, FactRow, ReportRow
from tasks.load.standing import versions_of
from tasks.load.views import View

_REPORT, _PUBLISHER = table_of(Report), table_of(Publisher)
_DOCUMENT, _FETCH = table_of(Document), table_of(Fetch)
_FACT, _STATISTIC, _SECTION, _FINDING = (table_of(model) for model in (Fact, Statistic, Section, Finding))

_COMPARED: dict[str, tuple[sa.Table, tuple[str, ...], tuple[str, ...]]] = {
    # kind: table, key columns, columns whose difference is a change for the reader of the figures
    "fact": (_FACT, ("code", "row_key"), ("value", "unit", "state", "raw", "remark")),
    "statistic": (_STATISTIC, ("item",), ("value", "unit", "qualifier", "period", "quote")),
    "section": (_SECTION, ("code", "position"), ("heading", "text")),
}
_HEADER = ("outcome", "edition", "table_editions", "title", "published_on", "scope", "period_start", "period_end")


def reports(
    connection: Connection,
    *,
    years: Collection[int] | None = None,
    publishers: Collection[str] | None = None,
    report_ids: Collection[str] | None = None,
    current: bool = True,
) -> list[ReportRow]:
    """Reports by publisher, year and version; only the current ones unless `current` is False."""
    counts = [
        sa.select(sa.func.count()).where(table.c.report_id == _REPORT.c.id).scalar_subquery().label(name)
        for name, table in (
            ("facts", _FACT),
            ("statistics", _STATISTIC),
            ("sections", _SECTION),
            ("findings", _FINDING),
        )
    ]
    query = sa.select(_REPORT, _PUBLISHER.c.name, *counts).join(_PUBLISHER, _PUBLISHER.c.id == _REPORT.c.publisher_id)
    if current:
        query = query.where(_REPORT.c.is_current)
    if years is not None:
        query = query.where(_REPORT.c.year.in_(sorted(set(years))))
    if report_ids is not None:
        query = query.where(_REPORT.c.id.in_(sorted(set(report_ids))))
    query = query.order_by(_REPORT.c.publisher_id, _REPORT.c.year, _REPORT.c.version)
    found: list[ReportRow] = []
    for part in _parts(publishers):
        limited = query if part is None else query.where(_REPORT.c.publisher_id.in_(part))
        found.extend(_report(row) for row in connection.execute(limited))
    return found


def publishers(connection: Connection, ids: Collection[str] | None = None) -> dict[str, tuple[PublisherEntry, bool]]:
    """Publishers as the registry had them when they were last made known, and whether each is a sample."""
    found = {}
    for part in _parts(ids):
        query = sa.select(_PUBLISHER).order_by(_PUBLISHER.c.id)
        for row in connection.execute(query if part is None else query.where(_PUBLISHER.c.id.in_(part))):
            entry = PublisherEntry(
                id=row.id,
                name=row.name,
                aliases=tuple(row.aliases),
                kind=BodyKind(row.kind),
                region=row.region,
                credit_code=row.credit_code,
                owed_from=row.owed_from,
                owed_to=row.owed_to,
            )
            found[row.id] = (entry, bool(row.sample))
    return found


def facts(
    connection: Connection,
    *,
    years: Collection[int] | None = None,
    publishers: Collection[str] | None = None,
    codes: Collection[str] | None = None,
    report_id: str | None = None,
) -> Iterator[FactRow]:
    """Facts of current reports, or of one report of any kind, in the order of publisher, year and code."""
    query = sa.select(_FACT, _REPORT.c.publisher_id, _REPORT.c.year).join(_REPORT, _REPORT.c.id == _FACT.c.report_id)
    query = query.where(_REPORT.c.is_current) if report_id is None else query.where(_REPORT.c.id == report_id)
    if years is not None:
        query = query.where(_REPORT.c.year.in_(sorted(set(years))))
    if codes is not None:
        query = query.where(_FACT.c.code.in_(sorted(set(codes))))
    query = query.order_by(_REPORT.c.publisher_id, _REPORT.c.year, _FACT.c.code, _FACT.c.row_key)
    for part in _parts(publishers):
        limited = query if part is None else query.where(_REPORT.c.publisher_id.in_(part))
        for row in connection.execute(limited.execution_options(yield_per=5_000)):
            yield FactRow(
                report_id=row.report_id,
                publisher=row.publisher_id,
                year=row.year,
                code=row.code,
                row_key=row.row_key,
                value=row.value,
                unit=row.unit,
                state=row.state,
                raw=row.raw,
                remark=row.remark,
                label=row.label,
                certainty=row.certainty,
                reached_by=row.reached_by,
                place=row.place,
            )


def due(connection: Connection) -> list[Due]:
    """The documents that decisions wait for, by publisher and year, oldest version first."""
    waiting: dict[tuple[str, int], set[str | None]] = {}
    for decision in pending(connection):
        wanted = waiting.setdefault((decision.publisher_id, decision.year), set())
        wanted.add(decision.applies_to["document_sha256"])
    found: dict[tuple[str, int, str], Due] = {}
    for (publisher, year), documents in waiting.items():
        for row in versions_of(connection, publisher, year):
            if row.document_sha256 in documents or None in documents:
                key = (publisher, year, row.document_sha256)
                freed = None in documents
                found.setdefault(key, Due(*key, row.url, row.media_type, row.fetched_at, row.sample, freed))
        for sha in sorted(one for one in documents if one and (publisher, year, one) not in found):
            found.update(_fetched(connection, publisher, year, sha))
    return list(found.values())


def _fetched(
    connection: Connection, publisher: str, year: int, sha256: str
) -> Iterator[tuple[tuple[str, int, str], Due]]:
    """A document that was fetched and never loaded (a second reading), as it was had last."""
    query = (
        sa.select(_FETCH.c.url, _DOCUMENT.c.media_type, _FETCH.c.fetched_at, _PUBLISHER.c.sample)
        .join(_DOCUMENT, _DOCUMENT.c.sha256 == _FETCH.c.sha256)
        .join(_PUBLISHER, _PUBLISHER.c.id == _FETCH.c.publisher_id)
        .where(_FETCH.c.publisher_id == publisher, _FETCH.c.year == year, _FETCH.c.sha256 == sha256)
        .order_by(_FETCH.c.fetched_at.desc(), _FETCH.c.id)
        .limit(1)
    )
    for row in connection.execute(query):
        key = (publisher, year, sha256)
        yield key, Due(*key, row.url, row.media_type, row.fetched_at, row.sample)


def view(
    connection: Connection,
    wanted: View,
    *,
    years: Collection[int] | None = None,
    publishers: Collection[str] | None = None,
) -> Iterator[dict[str, Any]]:
    """The rows of a view in the order of its key, read as they are asked for."""
    body = wanted.select.subquery()
    query = sa.select(body)
    if years is not None:
        query = query.where(body.c.year.in_(sorted(set(years))))
    query = query.order_by(*(body.c[name].asc().nulls_first() for name in wanted.key))
    for part in _parts(publishers):
        limited = query if part is None else query.where(body.c.publisher_id.in_(part))
        for row in connection.execute(limited.execution_options(yield_per=5_000)):
            yield dict(row._mapping)  # noqa: SLF001


def diff(connection: Connection, before: str, after: str) -> list[Change]:
    """What changed from one report to another, cell by cell; for two versions of a report, or any two.

    Raises LoadError `load.unknown_report`.
    """
    one, other = _header(connection, before), _header(connection, after)
    changes = [
        Change("report", "", column, one[column], other[column]) for column in _HEADER if one[column] != other[column]
    ]
    for kind, (table, keys, columns) in _COMPARED.items():
        old, new = (_by_key(connection, table, keys, columns, report) for report in (before, after))
        for key in sorted(old.keys() | new.keys()):
            left, right = old.get(key), new.get(key)
            name = "/".join(part for part in key if part)
            changes.extend(
                Change(kind, name, column, left and left[column], right and right[column])
                for column in columns
                if (left and left[column]) != (right and right[column])
            )
    return changes


def _header(connection: Connection, report_id: str) -> Mapping[str, Any]:
    row = connection.execute(sa.select(_REPORT).where(_REPORT.c.id == report_id)).one_or_none()
    if row is None:
        raise LoadError("load.unknown_report", f"there is no report {report_id}")
    return dict(row._mapping)  # noqa: SLF001 (the documented way to read a row by name)


def _by_key(
    connection: Connection, table: sa.Table, keys: tuple[str, ...], columns: tuple[str, ...], report_id: str
) -> dict[tuple[str, ...], Mapping[str, Any]]:
    wanted = [table.c[name] for name in (*keys, *columns)]
    found = connection.execute(sa.select(*wanted).where(table.c.report_id == report_id))
    rows = (dict(row._mapping) for row in found)  # noqa: SLF001
    return {tuple(str(row[name]) for name in keys): row for row in rows}


def _parts(publishers: Collection[str] | None) -> list[list[str] | None]:
    return [None] if publishers is None else [list(part) for part in chunks(sorted(set(publishers)))]


def _report(row: sa.Row[Any]) -> ReportRow:
    return ReportRow(
        id=row.id,
        publisher=row.publisher_id,
        name=row.name,
        year=row.year,
        version=row.version,
        is_current=row.is_current,
        outcome=row.outcome,
        reason_code=row.reason_code,
        reason=row.reason,
        edition=row.edition,
        table_editions=row.table_editions,
        title=row.title,
        published_on=row.published_on,
        url=row.url,
        document_sha256=row.document_sha256,
        media_type=row.media_type,
        parser_version=row.parser_version,
        sample=row.sample,
        fetched_at=row.fetched_at,
        loaded_at=row.loaded_at,
        period=(row.period_start, row.period_end) if row.period_start and row.period_end else None,
        scope=row.scope,
        facts=row.facts,
        statistics=row.statistics,
        sections=row.sections,
        findings=row.findings,
    )
