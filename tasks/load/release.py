"""Releases: dated snapshots of what was current, kept in the warehouse as lists of reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.errors import LoadError
from schemas.tables import Release, ReleaseReport, Report, table_of
from tasks.load.bulk import insert
from tasks.load.migrate import revision
from tasks.load.plain import digest

_RELEASE, _MEMBER, _REPORT = table_of(Release), table_of(ReleaseReport), table_of(Report)


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One release: its name, when it was frozen, and how many reports it holds."""

    id: str
    created_at: datetime
    schema_revision: str
    content_digest: str
    note: str | None
    reports: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What is current now against a release: reports that are new or judged anew, and reports that are no more."""

    changed: frozenset[str]
    removed: tuple[dict[str, Any], ...]  # publisher_id, year, report_id


def freeze(connection: Connection, name: str | None, note: str | None, now: datetime) -> ReleaseRow:
    """Keep what is current under a name, the date of today unless another is given.

    The same content under the same name is the same release. Raises LoadError `load.release_exists` otherwise.
    """
    name = name or now.date().isoformat()
    members = _current(connection)
    content = digest([[row["report_id"], row["outcome"], row["assessment_digest"]] for row in members])
    kept = connection.execute(sa.select(_RELEASE).where(_RELEASE.c.id == name)).one_or_none()
    if kept is not None and kept.content_digest != content:
        raise LoadError("load.release_exists", f"{name} was frozen on {kept.created_at:%Y-%m-%d} with other content")
    if kept is None:
        row = {
            "id": name,
            "created_at": now,
            "schema_revision": revision(connection) or "",
            "content_digest": content,
            "note": note,
        }
        connection.execute(sa.insert(_RELEASE).values(row))
        insert(connection, _MEMBER, [{"release_id": name, **member} for member in members])
    return next(release for release in releases(connection) if release.id == name)


def releases(connection: Connection) -> list[ReleaseRow]:
    """All releases, oldest first."""
    count = sa.select(sa.func.count()).where(_MEMBER.c.release_id == _RELEASE.c.id).scalar_subquery()
    query = sa.select(_RELEASE, count.label("reports")).order_by(_RELEASE.c.created_at, _RELEASE.c.id)
    return [
        ReleaseRow(row.id, row.created_at, row.schema_revision, row.content_digest, row.note, row.reports)
        for row in connection.execute(query)
    ]


def difference(connection: Connection, since: str) -> Difference:
    """What changed since a release. Raises LoadError `load.unknown_release`."""
    if connection.execute(sa.select(_RELEASE.c.id).where(_RELEASE.c.id == since)).one_or_none() is None:
        raise LoadError("load.unknown_release", f"there is no release {since}")
    query = (
        sa.select(_MEMBER, _REPORT.c.publisher_id, _REPORT.c.year)
        .join(_REPORT, _REPORT.c.id == _MEMBER.c.report_id)
        .where(_MEMBER.c.release_id == since)
        .order_by(_REPORT.c.publisher_id, _REPORT.c.year)
    )
    then = {row.report_id: row for row in connection.execute(query)}
    now = {row["report_id"]: row for row in _current(connection)}
    changed = {
        report_id
        for report_id, row in now.items()
        if report_id not in then or then[report_id].assessment_digest != row["assessment_digest"]
    }
    removed = tuple(
        {"publisher_id": row.publisher_id, "year": row.year, "report_id": report_id}
        for report_id, row in then.items()
        if report_id not in now
    )
    return Difference(frozenset(changed), removed)


def _current(connection: Connection) -> list[dict[str, Any]]:
    query = (
        sa.select(_REPORT.c.id.label("report_id"), _REPORT.c.outcome, _REPORT.c.assessment_digest)
        .where(_REPORT.c.is_current)
        .order_by(_REPORT.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
