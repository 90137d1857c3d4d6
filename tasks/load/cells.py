"""The cells of all statutory forms, each with its Chinese and English label, in the order of the forms."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from schemas.forms import READABLE, Block, Row, Table, form
from schemas.plain_yaml import plain_yaml

Labels = dict[str, Any]


@cache
def labels() -> Labels:
    """The labels of `schemas/tables/labels.yaml`: tables, and per table its rows and columns."""
    source = resources.files("schemas.tables").joinpath("labels.yaml").read_text("utf-8")
    found: Labels = plain_yaml(source)
    return found


@cache
def form_cells() -> tuple[dict[str, Any], ...]:
    """One row for each cell that some edition has, as the table `form_cell` stores them."""
    found: dict[str, dict[str, Any]] = {}
    for edition in READABLE:
        for table in form(edition).tables.values():
            for cell in _cells(table):
                kept = found.setdefault(cell["code"], cell)
                kept["editions"].append(edition.value)
    order = list(labels()["tables"])
    rows = sorted(found.values(), key=lambda cell: order.index(cell["table_code"]))
    return tuple({**cell, "position": position} for position, cell in enumerate(rows))


def _cells(table: Table) -> list[dict[str, Any]]:
    if table.layout == "single_row":
        return [_cell(table, None, column.code, column.unit) for column in table.blocks[0].columns]
    return [
        cell
        for block in table.blocks
        for row in block.rows
        if row.kind != "group"
        for cell in _row_cells(table, block, row)
    ]


def _row_cells(table: Table, block: Block, row: Row) -> list[dict[str, Any]]:
    if table.code == "stat":
        return [_cell(table, row.code, None, row.unit)]
    return [
        _cell(table, row.code, column.code, row.unit if column.unit in (None, "per row") else column.unit)
        for column in block.columns
    ]


def _cell(table: Table, row: str | None, column: str | None, unit: str | None) -> dict[str, Any]:
    words = labels()[table.code]
    in_row = words["rows"][row] if row else {}
    in_column = words["columns"][column] if column else {}
    return {
        "code": ".".join(part for part in (table.code, row, column) if part),
        "table_code": table.code,
        "row_code": row,
        "column_code": column,
        "label_zh": " · ".join(part["zh"] for part in (in_row, in_column) if part),
        "label_en": ", ".join(part["en"] for part in (in_row, in_column) if part),
        "row_zh": in_row.get("zh"),
        "row_en": in_row.get("en"),
        "column_zh": in_column.get("zh"),
        "column_en": in_column.get("en"),
        "unit": unit,
        "editions": [],
    }
