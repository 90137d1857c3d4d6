"""Memory of a harvest by the number of documents: ten times as many must not take more.

The same functions as a harvest calls, in a process of its own (`benchmarks.harvesters loop`), on replica portals with
ten reports of each body; the reading processes have bounds of their own and are replaced as they go.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.measure import command
from benchmarks.portals import serving
from benchmarks.row import Row, Size, pick

_YEARS = 5


def memory(size: Size) -> Iterable[Row]:
    """The most memory of the harvesting process at ten times the documents, against that at one time."""
    hosts = pick(size, 1, 10, 100)
    few, wrong = _peak(hosts)
    many, also = _peak(10 * hosts if size != "tiny" else 2 * hosts)
    yield Row(
        "memory",
        f"most memory of a harvest of {many['reports']:,} documents",
        f"at {few['reports']:,} documents",
        many["memory"] / few["memory"],
        "all reports loaded in both",
        wrong or also,
        at_most=1.2,
        figures={
            "few_mb": few["memory"],
            "many_mb": many["memory"],
            "kb_per_document": round((many["memory"] - few["memory"]) * 1024 / (many["reports"] - few["reports"]), 2),
        },
    )


def _peak(hosts: int) -> tuple[dict[str, Any], str | None]:
    with tempfile.TemporaryDirectory() as name, serving(hosts, _YEARS, Path(name) / "sites") as portals:
        words = [sys.executable, "-m", "benchmarks.harvesters", "loop", str(portals.registry), f"{name}/data"]
        out, _ = command([*words, *map(str, portals.years)], timeout=7200)
        told: dict[str, Any] = json.loads(out.splitlines()[-1])
        told["reports"] = portals.reports
        good = sum(told["outcomes"].get(outcome, 0) for outcome in ("loaded", "flagged"))
        return told, None if good == portals.reports else f"{good} of {portals.reports} loaded: {told['outcomes']}"
