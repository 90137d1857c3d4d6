"""What a check over many reports finds, and the settings of those that are no equation of the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from schemas.plain_yaml import plain_yaml
from schemas.report import Severity, Verdict


@dataclass(frozen=True, slots=True)
class CrossFinding:
    """A finding about one report against another. `key` tells it apart from the others of its report."""

    report_id: str
    other_report_id: str
    key: str
    check: str
    severity: Severity
    verdict: Verdict
    scope: str  # cross_year or cross_body
    message: str
    left: str | None = None
    right: str | None = None
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WarehouseCheck:
    """A check of `schemas/tables/warehouse_checks.yaml`; `settings` are its own numbers and lists."""

    code: str
    title: str
    severity: Severity
    scope: str
    statement: str
    ground: str
    settings: Mapping[str, Any]


@cache
def warehouse_checks() -> dict[str, WarehouseCheck]:
    """These checks by code."""
    source = resources.files("schemas.tables").joinpath("warehouse_checks.yaml").read_text("utf-8")
    found = {}
    for code, said in plain_yaml(source)["checks"].items():
        named = {name: said.pop(name) for name in ("title", "scope", "statement", "ground")}
        found[code] = WarehouseCheck(code, severity=Severity(said.pop("severity")), settings=said, **named)
    return found
