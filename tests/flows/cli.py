"""Runs the command line as people do, stdout and stderr apart: in a process of its own, or inside this one."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from flows.cli import main


@dataclass(frozen=True)
class Done:
    """One finished command."""

    code: int
    out: str
    err: str


def in_process(*words: str) -> Done:
    """Run `nianbao` inside this process: the same program without the price of starting one."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.argv
    sys.argv = ["nianbao", *words]
    code = 0
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    finally:
        sys.argv = before
    return Done(code, out.getvalue(), err.getvalue())


def nianbao(*words: str, cwd: Path | None = None, **environ: str) -> Done:
    """Run `nianbao` with these words."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "NIANBAO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", *words],
        env={**plain, "PYTHONPATH": str(Path(__file__).parents[2]), "COLUMNS": "200", **environ},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)
