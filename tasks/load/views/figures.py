"""Views of the statutory tables: table 3 by applicant, tables 2 and 4 by report, annexes by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from schemas.tables import Fact, FormCell, Publisher, Report, table_of
from tasks.load.cells import form_cells, labels

FACT, CELL = table_of(Fact), table_of(FormCell)
REPORT, PUBLISHER = table_of(Report), table_of(Publisher)


@dataclass(frozen=True, slots=True)
class Plain:
    """A view of rows of current reports as they stand in one table, with columns of their report and of their cell.

    An export reads the table alone, and puts the columns of reports and cells beside it.
    """

    columns: tuple[Any, ...]
    table: sa.Table
    cells: bool = False
    where: Any = None

    def select(self) -> sa.Select[Any]:
        """The view."""
        select = current(self.columns, self.table)
        if self.cells:
            select = select.outerjoin(CELL, CELL.c.code == self.table.c.code)
        return select if self.where is None else select.where(self.where)


Selects = dict[str, tuple[sa.Select[Any] | Plain, tuple[str, ...]]]

OF_REPORT = (
    REPORT.c.publisher_id,
    PUBLISHER.c.name.label("publisher"),
    REPORT.c.year,
    REPORT.c.scope,
    REPORT.c.sample,
)
"""Columns that every view of figures starts with."""

_TIDY = (
    FACT.c.code,
    FACT.c.row_code,
    CELL.c.row_zh,
    CELL.c.row_en,
    FACT.c.column_code,
    CELL.c.column_zh,
    CELL.c.column_en,
    FACT.c.label,
    FACT.c.value,
    FACT.c.unit,
    FACT.c.state,
    FACT.c.remark,
    FACT.c.report_id,
)


def selects() -> Selects:
    """The select of each view, and the columns that order its rows."""
    found: Selects = {"requests_by_year": (_requests(), ("publisher_id", "year", "applicant"))}
    for name, table in (("reviews_and_lawsuits", "t4"), ("regulations", "t2")):
        found[name] = (_wide(table), ("publisher_id", "year"))
    for name, tables in (
        ("requests_by_year_tidy", ["t3"]),
        ("reviews_and_lawsuits_tidy", ["t4"]),
        ("regulations_tidy", ["t2"]),
        ("annex_indicators", ["stat", "local"]),
    ):
        found[name] = (_tidy(tables), ("publisher_id", "year", "code"))
    return found


def current(columns: tuple[Any, ...], table: sa.Table) -> sa.Select[Any]:
    """A select over rows of current reports."""
    return (
        sa.select(*columns)
        .select_from(table)
        .join(REPORT, REPORT.c.id == table.c.report_id)
        .join(PUBLISHER, PUBLISHER.c.id == REPORT.c.publisher_id)
        .where(REPORT.c.is_current)
    )


def column_name(cell: dict[str, Any]) -> str:
    """What a cell's column is called in a wide view: `rules_issued`, `review_total`."""
    return "_".join(part for part in (cell["row_code"], cell["column_code"]) if part)


def _requests() -> sa.Select[Any]:
    """One row for each kind of applicant, one column for each line of table 3."""
    words = labels()["t3"]["columns"]
    columns = [_value_of(FACT.c.row_code, row).label(row) for row in labels()["t3"]["rows"]]
    chosen = (
        *OF_REPORT,
        FACT.c.column_code.label("applicant"),
        _by_code(words, "zh").label("applicant_zh"),
        _by_code(words, "en").label("applicant_en"),
        sa.func.max(FACT.c.unit).label("unit"),
        *columns,
        FACT.c.report_id,
    )
    return current(chosen, FACT).where(FACT.c.table_code == "t3").group_by(*_grouped(), FACT.c.column_code)


def _wide(table: str) -> sa.Select[Any]:
    cells = [cell for cell in form_cells() if cell["table_code"] == table]
    columns = [_value_of(FACT.c.code, cell["code"]).label(column_name(cell)) for cell in cells]
    chosen = (*OF_REPORT, *columns, FACT.c.report_id)
    return current(chosen, FACT).where(FACT.c.table_code == table).group_by(*_grouped())


def _tidy(tables: list[str]) -> Plain:
    return Plain((*OF_REPORT, *_TIDY), FACT, cells=True, where=FACT.c.table_code.in_(tables))


def _grouped() -> tuple[Any, ...]:
    return (
        REPORT.c.publisher_id,
        PUBLISHER.c.name,
        REPORT.c.year,
        REPORT.c.scope,
        REPORT.c.sample,
        FACT.c.report_id,
    )


def _value_of(column: Any, code: str) -> Any:
    """The one value with that code within a group; there is never a second (key of `fact`)."""
    return sa.func.max(sa.case((column == code, FACT.c.value)), type_=FACT.c.value.type)


def _by_code(words: dict[str, Any], language: str) -> Any:
    return sa.case({code: said[language] for code, said in words.items()}, value=FACT.c.column_code)
