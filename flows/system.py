"""One command to a running system: server, pool, deployments, automations and one worker; and its end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flows import server, worker
from schemas.errors import NianbaoError

APPLY_TIMEOUT = 180.0


@dataclass(frozen=True, slots=True)
class System:
    """What runs now."""

    server: server.Server
    worker: worker.Worker
    applied: tuple[str, ...]  # pool, deployments and automations by name


def up(
    data: Path,
    *,
    schedules: bool = True,
    environ: Mapping[str, str] = os.environ,
    tell: Callable[[str], None] = lambda _: None,
) -> System:
    """Bring everything up that is not up, and everything up to date. Run again it changes nothing.

    Raises NianbaoError `server.*`, `system.not_applied`, `worker.start_failed`.
    """
    standing = server.ensure(data, environ=environ, tell=tell)
    tell("Bringing pool, deployments and automations to the server …")
    applied = apply(data, standing, schedules=schedules, environ=environ)
    pool = applied[0]
    return System(standing, worker.start(data, standing, pool, environ=environ, tell=tell), applied)


def down(data: Path) -> tuple[int | None, int | None]:
    """End the local worker, then the local server; those of somebody else are never touched. Gives their pids."""
    return worker.stop(data), server.stop(data)


def apply(
    data: Path, standing: server.Server, *, schedules: bool = True, environ: Mapping[str, str] = os.environ
) -> tuple[str, ...]:
    """Run `python -m deployments` against a server. Gives the names of what stands there: the pool is the first."""
    command = [sys.executable, "-m", "deployments", *([] if schedules else ["--no-schedules"])]
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        command,
        env={**environ, **server.client_environment(standing, data, environ=environ)},
        capture_output=True,
        text=True,
        timeout=APPLY_TIMEOUT,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise NianbaoError("system.not_applied", said[0], where=standing.api_url, recoverable=True)
    return tuple(line.removeprefix("= ") for line in done.stdout.splitlines() if line.startswith("= "))
