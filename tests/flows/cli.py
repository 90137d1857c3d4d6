"""Runs the command line as people do: a process of its own, stdout and stderr apart."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Done:
    """One finished command."""

    code: int
    out: str
    err: str


def nianbao(*words: str, cwd: Path | None = None, **environ: str) -> Done:
    """Run `nianbao` with these words."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "NIANBAO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", *words],
        env={**plain, "PYTHONPATH": str(Path(__file__).parents[2]), "COLUMNS": "200", **environ},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)
