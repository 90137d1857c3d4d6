"""Run by Alembic: applies the scripts to the connection it was given, inside that connection's transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy.engine import Connection

from schemas.tables import metadata
from schemas.tables.types import ExactDecimal, UtcTime

FORM_TYPES = "from schemas.tables.types import ExactDecimal, UtcTime, json_data, plain_text"


def _render(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write the warehouse's own types by their short names in generated scripts."""
    if kind != "type":
        return False
    autogen.imports.add(FORM_TYPES)
    if isinstance(item, ExactDecimal):
        return "ExactDecimal()"
    if isinstance(item, UtcTime):
        return "UtcTime()"
    variant = getattr(item, "_variant_mapping", {}).get("postgresql")
    if variant is None:
        return False
    return "json_data()" if type(variant).__name__ == "JSONB" else "plain_text()"


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=_render,
        render_as_batch=connection.dialect.name == "sqlite",  # SQLite alters a table by copying it
        transactional_ddl=True,  # also on SQLite: the warehouse begins its transactions itself
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


_run(context.config.attributes["connection"])
