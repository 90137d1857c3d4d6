"""All views by name: their select, and what each of their columns means."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import sqlalchemy as sa

from schemas.errors import LoadError
from schemas.plain_yaml import plain_yaml
from schemas.tables.types import ExactDecimal, UtcTime
from tasks.load.cells import form_cells, labels
from tasks.load.views import figures, narrative, sources
from tasks.load.views.figures import Plain


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """A column with its labels; `type` is decimal, integer, boolean, date, time, json or text."""

    name: str
    zh: str
    en: str
    type: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A view: name, what it is for, its select in a fixed order of columns, and the columns that order its rows."""

    name: str
    zh: str
    en: str
    select: sa.Select[Any]
    columns: tuple[ViewColumn, ...]
    key: tuple[str, ...]
    plain: Plain | None = None  # what it is made of, if it shows rows as they are stored


@cache
def views() -> dict[str, View]:
    """Every view by name, in the order of views.yaml."""
    source = resources.files("schemas.tables").joinpath("views.yaml").read_text("utf-8")
    words: dict[str, Any] = plain_yaml(source)
    made = {**figures.selects(), **narrative.selects(), **sources.selects()}
    return {name: _view(name, *made[name], words) for name in words["views"]}


def _view(name: str, made: sa.Select[Any] | Plain, key: tuple[str, ...], words: dict[str, Any]) -> View:
    plain = made if isinstance(made, Plain) else None
    select = made.select() if isinstance(made, Plain) else made
    said = words["views"][name]
    return View(name, said["zh"], said["en"], select, _columns(name, select, words), key, plain)


def view_named(name: str) -> View:
    """The view with that name. Raises LoadError `load.unknown_view`."""
    found = views().get(name)
    if found is None:
        raise LoadError("load.unknown_view", f"{name}; there are {', '.join(views())}")
    return found


def _columns(view: str, select: sa.Select[Any], words: dict[str, Any]) -> tuple[ViewColumn, ...]:
    wide = _cell_words(view)
    columns = []
    for column in select.selected_columns:
        name = str(column.name)
        said = wide.get(name) or words["columns"][name]
        columns.append(ViewColumn(name, said["zh"], said["en"], _type(column.type), said.get("unit")))
    return tuple(columns)


def _cell_words(view: str) -> dict[str, dict[str, Any]]:
    """Labels of the columns that are cells of a form, or canonical names of figures."""
    if view == "requests_by_year":
        return {row: {**said, "unit": "件"} for row, said in labels()["t3"]["rows"].items()}
    if view == "narrative_statistics_wide":
        return {key: narrative.key_words(key) for key in narrative.names()}
    table = {"reviews_and_lawsuits": "t4", "regulations": "t2"}.get(view)
    return {
        figures.column_name(cell): {"zh": cell["label_zh"], "en": cell["label_en"], "unit": cell["unit"]}
        for cell in form_cells()
        if cell["table_code"] == table
    }


def _type(kind: Any) -> str:
    if isinstance(kind, ExactDecimal):
        return "decimal"
    if isinstance(kind, UtcTime):
        return "time"
    for base, name in ((sa.Boolean, "boolean"), (sa.Integer, "integer"), (sa.Date, "date"), (sa.JSON, "json")):
        if isinstance(kind, base):
            return name
    return "text"
