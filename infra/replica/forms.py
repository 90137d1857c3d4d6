"""The statutory forms as the generator needs them: codes and first labels, from `schemas/forms`; nothing retyped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from schemas.report import Edition

FOLDER = Path(__file__).resolve().parents[2] / "schemas" / "forms"

NUMERALS = "一二三四五六七八九十"
# Two texts of the official tables that label no row or column (国办公开办函〔2021〕30号, annex, tables 2 and 3).
INFORMATION = "信息内容"
CORNER = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a form; `kind` is value, total or group (a group has no cells of its own)."""

    code: str
    label: str
    number: str | None
    parent: str | None
    kind: str
    unit: str | None = None
    integer: bool = True

    @property
    def printed(self) -> str:
        """The label with its list mark, as the official form prints it."""
        if not self.number:
            return self.label
        mark = f"{self.number}、" if self.number in "一二三四五六七八九十" else self.number
        return f"{mark}{self.label}"


@dataclass(frozen=True, slots=True)
class Column:
    code: str
    label: str
    labels: tuple[str, ...]
    unit: str | None
    kind: str  # integer, signed_integer, decimal, per row
    group: str | None = None
    total: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One part of table 2: a clause of art. 20 with its own columns."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class TableForm:
    code: str
    title: str | None
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    blocks: tuple[Block, ...]
    groups: dict[str, str]
    leaves: tuple[str, ...]

    def codes(self) -> tuple[str, ...]:
        """All fact codes of the table in printing order."""
        if self.blocks:
            return tuple(f"{self.code}.{r.code}.{c.code}" for b in self.blocks for r in b.rows for c in b.columns)
        if self.code == "t4":
            return tuple(f"t4.{column.code}" for column in self.columns)
        rows = [row for row in self.rows if row.kind != "group"]
        if self.code == "stat":
            return tuple(f"stat.{row.code}" for row in rows)
        return tuple(f"{self.code}.{row.code}.{column.code}" for row in rows for column in self.columns)


@dataclass(frozen=True, slots=True)
class Form:
    edition: Edition
    headings: dict[str, tuple[str, ...]]
    tables: dict[str, TableForm]


def _column(raw: dict[str, Any]) -> Column:
    labels = tuple(raw["labels"])
    return Column(
        raw["code"],
        labels[0],
        labels,
        raw.get("unit"),
        raw.get("type", "integer"),
        raw.get("group"),
        bool(raw.get("total")),
    )


def _row(raw: dict[str, Any]) -> Row:
    return Row(
        raw["code"],
        raw["labels"][0],
        raw.get("number"),
        raw.get("parent"),
        raw["kind"],
        raw.get("unit"),
        raw.get("type", "integer") == "integer",
    )


def _table(raw: dict[str, Any]) -> TableForm:
    blocks = tuple(
        Block(b["caption"], tuple(map(_column, b["columns"])), tuple(map(_row, b["rows"])))
        for b in raw.get("blocks", ())
    )
    return TableForm(
        raw["code"],
        raw.get("title"),
        tuple(map(_column, raw.get("columns", ()))),
        tuple(map(_row, raw.get("rows", ()))),
        blocks,
        {group["code"]: group["label"] for group in raw.get("header_groups", ())},
        tuple(raw.get("leaf_rows", ())),
    )


def _bare(heading: str) -> str:
    """A heading without its number."""
    return re.sub(r"^[一二三四五六七八九十]+、", "", heading)


@cache
def form(edition: Edition) -> Form:
    """The form of an edition, read once from its YAML."""
    raw = yaml.safe_load((FOLDER / f"{edition.value}.yaml").read_text("utf-8"))
    return Form(
        edition,
        {section["code"]: tuple(map(_bare, section["headings"])) for section in raw["sections"]},
        {table["code"]: _table(table) for table in raw.get("tables", ())},
    )


def table(edition: Edition, code: str) -> TableForm:
    """One table of an edition; raises KeyError when the edition has no such table."""
    return form(edition).tables[code]


T3_ADDENDS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other_org")
T4_GROUPS = ("review", "direct", "after")
T4_OUTCOMES = ("upheld", "corrected", "other", "pending")
