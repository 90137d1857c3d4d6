"""Views, and the labels they show, are not migrated but built anew whenever their definition or the schema changes."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from schemas.tables import FormCell, table_of
from tasks.load.bulk import upsert
from tasks.load.cells import form_cells
from tasks.load.plain import digest
from tasks.load.views.catalogue import views

_MARK = "warehouse_views"
"""A view of one row that tells which definitions hold."""

RETIRED: tuple[str, ...] = ()
"""Names of views that earlier versions had."""


def views_hold(connection: Connection) -> bool:
    """True when the views in the database are those of this version."""
    if _MARK not in _present(connection):
        return False
    mark: sa.Select[tuple[str]] = sa.select(sa.column("digest", sa.Text())).select_from(sa.table(_MARK))
    return connection.execute(mark).scalar_one() == _digest(connection)


def drop_views(connection: Connection) -> None:
    """Take the views away, so that the tables below them can change."""
    present = _present(connection)
    for name in (*views(), *RETIRED, _MARK):
        if name in present:
            connection.exec_driver_sql(f"DROP VIEW {name}")


def create_views(connection: Connection) -> None:
    """Make all views, write the labels of the cells, and the mark that tells which they are."""
    upsert(connection, table_of(FormCell), form_cells())
    for name, sql in _definitions(connection.dialect.name).items():
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {sql}")
    connection.exec_driver_sql(f"CREATE VIEW {_MARK} AS SELECT '{_digest(connection)}' AS digest")


@cache
def _definitions(dialect: str) -> dict[str, str]:
    rules = postgresql.dialect() if dialect == "postgresql" else sqlite.dialect()  # type: ignore[no-untyped-call]
    return {
        name: str(view.select.compile(dialect=rules, compile_kwargs={"literal_binds": True}))
        for name, view in views().items()
    }


def _digest(connection: Connection) -> str:
    return digest([_definitions(connection.dialect.name), form_cells()])


def _present(connection: Connection) -> set[str]:
    return set(sa.inspect(connection).get_view_names())
