"""Runs the benchmarks one after another, each in a process of its own; prints the table, writes JSON, keeps history.

    python -m benchmarks.run [NAME …] [--size default] [--json FILE] [--no-history]

Ends with 1 when the output of a benchmark was wrong or it broke off. A missed target does not fail the run: it stands
in the table.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from rich.console import Console
from rich.table import Table

from benchmarks import history
from benchmarks.catalogue import BENCHMARKS
from benchmarks.row import Row, Size

RESULTS = Path(__file__).with_name("results.json")
_LONGEST = 7200  # seconds for one benchmark


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure against peers and limits.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--size", choices=get_args(Size), default="default")
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the rows are written")
    parser.add_argument("--no-history", action="store_true", help="do not add a line to the history")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    rows: list[Row] = []
    broken: dict[str, str] = {}
    try:
        measure(options.names or list(BENCHMARKS), options.size, rows, broken)
    except KeyboardInterrupt:  # what was measured until then counts
        print("ended early", file=sys.stderr)
    Console(width=170 if not sys.stdout.isatty() else None).print(table(rows, options.size))
    for name, error in broken.items():
        print(f"{name} broke off: {error}", file=sys.stderr)
    line = history.entry(rows, options.size)
    full = {**line, "rows": [row.as_dict() for row in rows]}
    options.json.write_text(json.dumps(full, ensure_ascii=False, indent=2) + "\n", "utf-8")
    if rows and not options.no_history:
        history.append(line)
    return 1 if broken or any(row.wrong for row in rows) else 0


def measure(names: Sequence[str], size: Size, rows: list[Row], broken: dict[str, str]) -> None:
    """Add the rows of these benchmarks as they come, and why some broke off."""
    for name in names:
        begun = time.monotonic()
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "benchmarks.one", name, size],
            capture_output=True, text=True, timeout=_LONGEST, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            rows += [Row.of(row) for row in json.loads(done.stdout.splitlines()[-1])]
        else:
            said = done.stderr.strip().splitlines()
            broken[name] = f"ended with {done.returncode}: {said[-1] if said else 'no word'}"
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr)


def table(rows: Sequence[Row], size: Size) -> Table:
    """The rows as people read them, with what they were the time before."""
    shown = Table(title=f"Benchmarks, size {size}: ratios, the best of several rounds", title_justify="left")
    for head in ("what", "held against", "ratio", "target", "met", "before", "checked"):
        shown.add_column(head, justify="right" if head in {"ratio", "before"} else "left", overflow="fold")
    for row in rows:
        last = history.before(row.name, size)
        regressed = last is not None and row.worse_than(last, history.TOLERANCE)
        told = "" if last is None else f"{last:.2f}{' REGRESSION' if regressed else ''}"
        met = "WRONG" if row.wrong else ("yes" if row.met else "no") if row.target else ""
        shown.add_row(row.what, row.peer, f"{row.ratio:.2f}", row.target, met, told, row.wrong or row.checked)
    return shown


if __name__ == "__main__":
    sys.exit(main())
