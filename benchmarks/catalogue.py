"""The benchmarks by name; each is imported only when it runs, in a process of its own."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from benchmarks.row import Benchmark

BENCHMARKS: dict[str, str] = {
    "pdf": "benchmarks.reading:pdf",
    "html": "benchmarks.reading:html",
    "help": "benchmarks.command_line:help_text",
    "plan": "benchmarks.planning:planning",
    "load": "benchmarks.loading:loading",
    "harvest": "benchmarks.harvesting:harvests",
    "fetch": "benchmarks.fetching:against_scrapy",
    "pace": "benchmarks.fetching:pace",
    "memory": "benchmarks.memory:memory",
    "reparse": "benchmarks.reparsing:two_workers",
    "analysis": "benchmarks.analysis:against_duckdb",
}


def benchmark(name: str) -> Benchmark:
    """The benchmark with that name. Raises KeyError for another."""
    module, function = BENCHMARKS[name].split(":")
    return cast("Benchmark", getattr(import_module(module), function))
