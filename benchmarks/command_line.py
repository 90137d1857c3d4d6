"""The time until help stands on the screen: nobody waits for libraries that the answer does not need."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks.measure import Cost, command
from benchmarks.row import Row, Size, pick

_BARE = '''
import typer

app = typer.Typer(name="bare", help="A program.", add_completion=False)


@app.command("one")
def one(name: str = typer.Option("a", help="A name.")) -> None:
    """Do one thing."""


@app.command("two")
def two(name: str = typer.Option("a", help="A name.")) -> None:
    """Do another thing."""


app()
'''
_VERBS = ("harvest", "parse", "ledger", "coverage", "sites")


def help_text(size: Size) -> Iterable[Row]:
    """`nianbao --help` against a Typer program that does nothing."""
    rounds = pick(size, 1, 7, 15)
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(_BARE, "utf-8")
        own = [sys.executable, "-c", "from flows.cli import main; main()", "--help"]
        ours, theirs = Cost(9e9, 9e9, 9e9), Cost(9e9, 9e9, 9e9)
        for _ in range(rounds):
            text, cost = command(own)
            ours = _better(ours, cost)
            theirs = _better(theirs, command([sys.executable, str(bare), "--help"])[1])
    missing = [verb for verb in _VERBS if f" {verb} " not in text]
    yield Row(
        "help",
        "nianbao --help (processor time)",
        "bare Typer program --help",
        ours.children / theirs.children,
        "the help names the verbs",
        f"the help does not name {', '.join(missing)}" if missing else None,
        at_most=2.0,
        figures={
            "ours_ms": round(ours.children * 1000),
            "peer_ms": round(theirs.children * 1000),
            "wall_ratio": round(ours.wall / theirs.wall, 2),
        },
    )


def _better(one: Cost, other: Cost) -> Cost:
    return Cost(min(one.wall, other.wall), 0.0, min(one.children, other.children))
