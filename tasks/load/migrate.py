"""Bring the warehouse's schema up to date: all of it or nothing, one process at a time, on both databases."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy.engine import Connection, Engine

from infra.migrations import HEAD, configuration, scripts
from schemas.errors import LoadError
from tasks.load.engine import reading, writing
from tasks.load.views import create_views, drop_views, views_hold

_ADVISORY_LOCK = 7_163_405_221
"""Any number that no one else takes; PostgreSQL lets one migrating process in at a time."""


def migrate(engine: Engine, target: str = HEAD, *, further: Path | None = None) -> str:
    """Run the missing migrations and make the views, in one transaction. Returns the revision that holds afterwards.

    Raises LoadError `load.schema_newer` for a warehouse written by a later version, and `load.migration_failed`
    when a script fails; then everything is as it was before. `further` is a folder with more scripts.
    """
    where = engine.url.render_as_string(hide_password=True)
    with writing(engine, foreign_keys=False) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
        before = revision(connection)
        known = _revisions(further)
        if before is not None and before not in known:
            raise LoadError("load.schema_newer", f"the warehouse has schema {before}", where=where)
        latest = target == HEAD
        try:
            if before != known[0] or not views_hold(connection):
                drop_views(connection)
                command.upgrade(configuration(connection, further=further), target)
                _check_references(connection)
                if latest:
                    create_views(connection)
        except (sa.exc.SQLAlchemyError, CommandError, LookupError, ValueError) as error:
            raise LoadError("load.migration_failed", str(error).splitlines()[0], where=where) from error
        return revision(connection) or ""


def is_up_to_date(engine: Engine) -> bool:
    """Whether the schema is that of this version; an empty database is none."""
    with reading(engine) as connection:
        return revision(connection) == _revisions(None)[0]


def revision(connection: Connection) -> str | None:
    """The schema's revision, or None for an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def _revisions(further: Path | None) -> tuple[str, ...]:
    """All revisions that the scripts lead to, the latest first."""
    return tuple(script.revision for script in scripts(further=further).walk_revisions())


def _check_references(connection: Connection) -> None:
    """SQLite alters a table by copying it with references off: prove that none was broken."""
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise ValueError(f"{len(broken)} references broken, first in {broken[0][0]}")
