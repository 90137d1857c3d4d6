"""The Frictionless description of an export: datapackage.json."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tasks.load.views import View, ViewColumn

_TYPES: dict[str, dict[str, Any]] = {
    "decimal": {"type": "number", "bareNumber": True},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean", "trueValues": ["true"], "falseValues": ["false"]},
    "date": {"type": "date"},
    "time": {"type": "datetime", "format": "%Y-%m-%dT%H:%M:%S.%fZ"},
    "json": {"type": "any"},
    "text": {"type": "string"},
}


def data_package(views: Iterable[View], folder: Path, *, bom: bool) -> dict[str, Any]:
    """A tabular data package (specs.frictionlessdata.io) over the CSV files of an export."""
    return {
        "profile": "tabular-data-package",
        "name": "nianbao",
        "title": "政府信息公开工作年度报告 / Annual reports on government information disclosure",
        "resources": [_resource(view, folder, bom=bom) for view in views],
    }


def _resource(view: View, folder: Path, *, bom: bool) -> dict[str, Any]:
    path = folder / f"{view.name}.csv"
    return {
        "profile": "tabular-data-resource",
        "name": view.name.replace("_", "-"),
        "title": view.zh,
        "description": view.en,
        "path": path.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig" if bom else "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": {"fields": [_field(column) for column in view.columns], "missingValues": [""]},
    }


def _field(column: ViewColumn) -> dict[str, Any]:
    unit = {"unit": column.unit} if column.unit else {}
    return {"name": column.name, "title": column.zh, "description": column.en, **_TYPES[column.type], **unit}
