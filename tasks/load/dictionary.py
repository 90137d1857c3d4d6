"""The data dictionary, written from models, views, forms and checks: `python -m tasks.load.dictionary FILE`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from schemas.checks import checks
from schemas.ledger import LedgerState
from schemas.tables import Table, metadata
from schemas.tables.types import ExactDecimal, UtcTime
from tasks.load.cells import form_cells, labels
from tasks.load.crosscheck import warehouse_checks
from tasks.load.views import views

_INTRO = """\
# Data dictionary 数据字典

Written from the models, the views, the statutory forms and the checks; a test asserts that it is up to date.

- **Missing is not zero.** A cell without a value is empty (NULL), whatever was printed in its place.
- Amounts are exact decimals: NUMERIC on PostgreSQL, their digits as text on SQLite, decimals in Parquet and DuckDB.
  To compute with them on SQLite, cast them (`CAST(value AS REAL)`) or use an export.
- Times are UTC. Codes of cells are `table.row.column`; table 4 has one row, so its codes are `t4.column`.
- Only current reports are in the views. Quarantined readings and earlier versions stand in the tables alone.
- `sample` marks data of the replica sites: invented, never to be mixed with real figures.
- From a question to a figure and back to its cell, page and address: `examples/three_figures.py` does it for three.
"""

_STATES = {
    LedgerState.EXPECTED: "owed, not looked for yet",
    LedgerState.LOCATED: "a link was found",
    LedgerState.FETCHED: "the document is in the archive",
    LedgerState.READ: "the document was read",
    LedgerState.VALIDATED: "its figures were checked",
    LedgerState.LOADED: "its figures are current",
    LedgerState.FLAGGED: "its figures are current; the publisher's own figures disagree with each other",
    LedgerState.QUARANTINED: "we are not sure that we read it right; nothing of it is current",
    LedgerState.NOT_PUBLISHED: "the column was read to its end, and the year is not there",
    LedgerState.BLOCKED: "the site refuses us; the reason says how",
    LedgerState.GONE: "withdrawn at its source; what was loaded stays",
    LedgerState.LAYOUT_UNKNOWN: "the site looks like nothing we know",
    LedgerState.NEEDS_OCR: "the document is an image",
    LedgerState.FAILED: "something else went wrong; the reason says what",
}


def data_dictionary() -> str:
    """The whole dictionary as Markdown."""
    parts = [_INTRO, *_views(), *_tables(), *_states(), *_cells(), *_keys(), *_checks()]
    return "\n".join(parts).rstrip() + "\n"


def _views() -> Iterable[str]:
    yield "## Views\n"
    for view in views().values():
        yield f"### {view.name}\n\n{view.zh}. {_sentence(view.en)}\n"
        rows = [(column.name, column.type, column.unit or "", column.zh, column.en) for column in view.columns]
        yield _table(("column", "type", "unit", "中文", "meaning"), rows)


def _tables() -> Iterable[str]:
    yield "## Tables\n"
    models = {model.__tablename__: model for model in _models(Table)}
    for table in metadata.sorted_tables:
        model = models[table.name]
        yield f"### {table.name}\n\n{' '.join((model.__doc__ or '').split())}\n"
        yield _table(("column", "type", "key", "meaning"), [_column(model, column) for column in table.columns])


def _models(base: type[Table]) -> Iterable[type[Table]]:
    for model in base.__subclasses__():
        yield model
        yield from _models(model)


def _column(model: type[Table], column: sa.Column[Any]) -> tuple[str, str, str, str]:
    roles = ["primary key"] if column.primary_key else []
    roles += [f"→ {key.target_fullname}" for key in column.foreign_keys]
    kind = _type(column.type) + (", may be empty" if column.nullable else "")
    return column.name, kind, "; ".join(roles), model.model_fields[column.name].description or ""


def _type(kind: Any) -> str:
    for base, name in (
        (ExactDecimal, "decimal"),
        (UtcTime, "time"),
        (sa.Boolean, "boolean"),
        (sa.Float, "seconds"),
        (sa.Integer, "integer"),
        (sa.Date, "date"),
        (sa.JSON, "JSON"),
    ):
        if isinstance(kind, base):
            return name
    return "text"


def _states() -> Iterable[str]:
    yield "## States of the ledger\n"
    yield _table(("state", "meaning"), [(state.value, said) for state, said in _STATES.items()])


def _cells() -> Iterable[str]:
    yield "## Cells of the statutory forms\n"
    for code, said in labels()["tables"].items():
        yield f"### {code}: {said['zh']}\n\n{_sentence(said['en'])}\n"
        rows = [
            (cell["code"], cell["label_zh"], cell["label_en"], cell["unit"] or "", ", ".join(cell["editions"]))
            for cell in form_cells()
            if cell["table_code"] == code
        ]
        yield _table(("code", "中文", "English", "unit", "editions"), rows)


def _keys() -> Iterable[str]:
    yield "## Canonical names of figures stated in the text\n"
    rows = [(key, said["zh"], said["en"]) for key, said in labels()["statistics"].items()]
    yield _table(("key", "中文", "English"), rows)


def _checks() -> Iterable[str]:
    yield "## Checks\n"
    rows = [
        (check.code, check.severity.value, check.scope.value, _sentence(check.statement), check.ground)
        for check in checks().values()
    ]
    rows += [
        (check.code, check.severity.value, check.scope, _sentence(check.statement), check.ground)
        for check in warehouse_checks().values()
    ]
    yield _table(("code", "severity", "scope", "what must hold", "ground"), rows)


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    shown = ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines]
    return "\n".join(shown) + "\n"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + ("" if words.endswith(".") else ".")


def main() -> int:
    """Write the dictionary to the file named as the only argument."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m tasks.load.dictionary FILE\n")
        return 2
    Path(sys.argv[1]).write_text(data_dictionary(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
