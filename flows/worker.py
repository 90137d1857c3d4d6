"""The local worker: a detached process that takes the runs of the work pool. Imports no Prefect, as flows/server.py."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

import psutil

from flows.detached import Remembered, end, lives, locked, recall, remember, spawn, tail
from flows.server import HEARTBEAT, Server, client_environment, home
from schemas.errors import NianbaoError

START_TIMEOUT = 90.0  # seconds; importing Prefect on a busy machine takes its time
STOP_TIMEOUT = 40.0  # a run under way gets 30 seconds to end in order
NAME = "local"


@dataclass(frozen=True, slots=True)
class Worker:
    """The worker of this data folder."""

    pid: int
    log: str
    started: bool  # by this very call


def find(data: Path) -> Remembered | None:
    """The worker of this data folder, if it lives."""
    remembered = recall(_memory(data))
    return remembered if remembered is not None and remembered.process() is not None else None


def start(
    data: Path,
    server: Server,
    pool: str,
    *,
    limit: int | None = None,
    environ: Mapping[str, str] = os.environ,
    timeout: float = START_TIMEOUT,
    tell: Callable[[str], None] = lambda _: None,
) -> Worker:
    """Start the worker as a detached process, or find it running; one that works for another server is replaced.

    Returns when the server has heard of it. Raises NianbaoError `worker.start_failed`.
    """
    folder = home(data)
    with locked(folder / "worker.lock"):
        remembered = recall(_memory(data))
        process = remembered.process() if remembered else None
        if remembered and process and remembered.api_url == server.api_url:
            return Worker(remembered.pid, remembered.log, started=False)
        if process:
            tell("The local worker works for another server; it is replaced.")
            end(process, timeout=STOP_TIMEOUT)
        log = folder / "worker.log"
        name = f"{NAME}-{os.getpid()}"
        process = spawn(
            _command(pool, name, limit), environ=_environment(data, server, environ), folder=folder, log=log
        )
        remember(_memory(data), Remembered(process.pid, process.create_time(), server.api_url, str(log)))
        _wait_until_known(process, server.api_url, pool, name, log, timeout)
        return Worker(process.pid, str(log), started=True)


def stop(data: Path) -> int | None:
    """End the worker; runs under way end in order. Returns its pid, None when there was none."""
    with locked(home(data) / "worker.lock"):
        remembered = recall(_memory(data))
        process = remembered.process() if remembered else None
        if process is not None:
            end(process, timeout=STOP_TIMEOUT)
        _memory(data).unlink(missing_ok=True)
        return process.pid if process else None


def _command(pool: str, name: str, limit: int | None) -> list[str]:
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", pool, "--name", name, "--type", "process"]
    return [*command, "--limit", str(limit)] if limit else command


def _environment(data: Path, server: Server, environ: Mapping[str, str]) -> dict[str, str]:
    """What the worker and the runs it starts need: they work in folders of their own."""
    own = {
        **client_environment(server, data, environ=environ),
        "NIANBAO_DATA": str(data.resolve()),
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT),
        "PREFECT_WORKER_QUERY_SECONDS": environ.get("PREFECT_WORKER_QUERY_SECONDS", "5"),
    }
    for name in ("NIANBAO_REGISTRY", "NIANBAO_ALERTS"):
        if environ.get(name):
            own[name] = str(Path(environ[name]).resolve())
    return {**environ, **own}


def _wait_until_known(process: psutil.Process, api_url: str, pool: str, name: str, log: Path, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if not lives(process):
            break
        if name in _workers(api_url, pool):
            return
        time.sleep(0.5)
    end(process)
    raise NianbaoError("worker.start_failed", f"The worker did not come up: {tail(log)}", where=str(log))


def _workers(api_url: str, pool: str) -> set[str]:
    """Names of the workers of a pool that the server takes for alive."""
    headers = {"content-type": "application/json"}
    request = Request(f"{api_url}/work_pools/{pool}/workers/filter", b"{}", headers, method="POST")  # noqa: S310
    with suppress(URLError, OSError, ValueError), build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
        return {worker["name"] for worker in json.load(answer) if worker.get("status") == "ONLINE"}
    return set()


def _memory(data: Path) -> Path:
    return home(data) / "worker.json"
