"""What was measured before: a line of JSON per run, with machine and versions, so that ratios can be compared."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.documents import evidence
from benchmarks.row import Row, Size

HISTORY = Path(__file__).with_name("history.jsonl")
TOLERANCE = 0.2
"""Ratios of single runs on a busy machine differ by this much without any change."""

_PACKAGES = ("prefect", "pypdfium2", "lxml", "pdfplumber", "pandas", "scrapy", "duckdb", "sqlalchemy", "dask")


def entry(rows: Sequence[Row], size: Size) -> dict[str, Any]:
    """This run as a line of the history."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "size": size,
        "commit": _commit(),
        "machine": machine(),
        "load": round(os.getloadavg()[0], 1),
        "evidence": evidence() is not None,
        "versions": {"python": platform.python_version(), **_versions()},
        "rows": {
            row.name: {"ratio": round(row.ratio, 3), "target": row.target, "met": row.met, "figures": row.figures}
            for row in rows
        },
    }


def machine() -> dict[str, Any]:
    """What the ratios were measured on."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor()
    return {"system": platform.system(), "processor": model, "cores": os.cpu_count()}


def append(line: dict[str, Any], file: Path = HISTORY) -> None:
    """Write one more line."""
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")


def before(name: str, size: Size, file: Path = HISTORY) -> float | None:
    """The ratio that a row had last, at the same size."""
    if not file.exists():
        return None
    for text in reversed(file.read_text("utf-8").splitlines()):
        line = json.loads(text)
        if line["size"] == size and name in line["rows"]:
            return float(line["rows"][name]["ratio"])
    return None


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _commit() -> str | None:
    root = Path(__file__).resolve().parent.parent
    words = ["git", "-C", str(root), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None
