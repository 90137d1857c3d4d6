"""The statutory forms as data, one YAML file per edition, and their loader. The codes in them are the project's codes.

A fact code is `t2.{row}.{column}`, `t3.{row}.{column}`, `t4.{column}`, `stat.{row}` or `local.{row}.{column}`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from schemas.plain_yaml import plain_yaml
from schemas.report import Edition

READABLE = (Edition.FORM_2021, Edition.FORM_2019, Edition.STAT_2014, Edition.STAT_LOCAL, Edition.NARRATIVE)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a form; `unit` may be `per row`. `labels` are the heading and its known variants."""

    code: str
    labels: tuple[str, ...]
    unit: str | None
    type: str
    total: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a form: `value` and `total` rows carry numbers, `group` rows only head the rows below them."""

    code: str
    labels: tuple[str, ...]
    kind: str
    parent: str | None = None
    number: str | None = None
    unit: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a table with columns of its own; table 2 has one for each 项 of article 20."""

    code: str
    caption: str | None
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A statutory table. All but table 2 have exactly one block."""

    code: str
    section: str
    title: str | None
    layout: str  # blocks, matrix, single_row, list
    unit: str | None
    blocks: tuple[Block, ...]

    def codes(self) -> list[str]:
        """All fact codes of the table in the order of the form."""
        if self.layout == "single_row":
            return [f"{self.code}.{column.code}" for column in self.blocks[0].columns]
        if self.code == "stat":
            return [f"stat.{row.code}" for row in self.blocks[0].rows if row.kind != "group"]
        return [
            f"{self.code}.{row.code}.{column.code}"
            for block in self.blocks
            for row in block.rows
            if row.kind != "group"
            for column in block.columns
        ]


@dataclass(frozen=True, slots=True)
class SectionForm:
    """A section the edition prescribes and the headings it is known by, without their numbers."""

    code: str
    number: str | None
    headings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """One edition: fingerprints per table (pattern, weight), sections and tables."""

    edition: Edition
    name: str
    fingerprints: dict[str, tuple[tuple[re.Pattern[str], int], ...]]
    sections: tuple[SectionForm, ...]
    tables: dict[str, Table]


def _column(data: dict[str, Any]) -> Column:
    return Column(
        code=data["code"],
        labels=tuple(data["labels"]),
        unit=data.get("unit"),
        type=data.get("type") or "integer",
        total=data.get("total", False),
        optional=data.get("optional", False),
    )


def _row(data: dict[str, Any]) -> Row:
    return Row(
        code=data["code"],
        labels=tuple(data["labels"]),
        kind=data["kind"],
        parent=data.get("parent"),
        number=data.get("number"),
        unit=data.get("unit"),
        type=data.get("type"),
    )


def _table(data: dict[str, Any]) -> Table:
    parts = data.get("blocks") or [data]
    blocks = tuple(
        Block(
            code=part["code"],
            caption=part.get("caption"),
            columns=tuple(_column(column) for column in part.get("columns", [])),
            rows=tuple(_row(row) for row in part.get("rows", [])),
        )
        for part in parts
    )
    return Table(data["code"], data["section"], data.get("title"), data["layout"], data.get("unit"), blocks)


@cache
def form(edition: Edition) -> Form:
    """The form of an edition. Raises KeyError for `mixed`, which is not a form of its own."""
    if edition not in READABLE:
        raise KeyError(f"{edition} is not a form")
    source = resources.files(__package__).joinpath(f"{edition.value}.yaml").read_text("utf-8")
    data = plain_yaml(source)
    return Form(
        edition=edition,
        name=data["name"],
        fingerprints={
            table: tuple((re.compile(mark["pattern"]), int(mark["weight"])) for mark in marks)
            for table, marks in data["recognise"].items()
        },
        sections=tuple(
            SectionForm(section["code"], section.get("number"), tuple(section["headings"]))
            for section in data["sections"]
        ),
        tables={table["code"]: _table(table) for table in data["tables"]},
    )
