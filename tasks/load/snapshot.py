"""Everything that two harvests of the same documents must agree on: all rows, without times and runs."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from schemas.tables import Alert, AlertMessage, AlertNews, Fetch, HostLease, LedgerHistory, Run, metadata, table_of
from tasks.load.engine import reading

DIARIES = frozenset(
    table_of(model).name for model in (Alert, AlertMessage, AlertNews, Fetch, HostLease, LedgerHistory, Run)
)
"""Tables that tell what happened; a run that was killed and repeated happened otherwise."""


def snapshot(engine: Engine, *, everything: bool = False) -> dict[str, list[dict[str, object]]]:
    """Rows by table in the order of their keys, for comparing warehouses.

    `everything` takes in the diaries, and the columns that are marked volatile.
    """
    found: dict[str, list[dict[str, object]]] = {}
    with reading(engine) as connection:
        for table in metadata.sorted_tables:
            if table.name in DIARIES and not everything:
                continue
            columns = [column for column in table.columns if everything or not column.info.get("volatile")]
            query = sa.select(*columns).order_by(*table.primary_key.columns)
            found[table.name] = [dict(row) for row in connection.execute(query).mappings()]
    return found
