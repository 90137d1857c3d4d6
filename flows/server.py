"""The Prefect server that a run reports to: the one configured, else a local standing one of our own.

Prefect's ephemeral mode loses task-run records, so a command that finds no server starts a real one as a process of
its own, tuned for many short tasks, and leaves it running for the UI. This module does not import Prefect: settings
are environment variables that must be set before Prefect is imported.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import psutil

from flows.detached import Remembered, end, lives, locked, recall, remember, spawn, tail
from schemas.errors import NianbaoError

HOST = "127.0.0.1"
DEFAULT_PORT = 4200
HEARTBEAT = 30  # seconds between a run's signs of life; the smallest that Prefect takes
PATIENCE = 20.0  # seconds that a busy server may take to answer; one that is not there refuses at once
START_TIMEOUT = 180.0  # seconds; a fresh home takes 15 to 30 on two idle cores

# A user's own variables win over these.
_TUNING = {
    # One row at a time the server keeps up with 20 task runs a second; in batches with five times as many.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "1",
    # The newer UI makes the browser ask an address outside for its analytics settings; the older asks nobody.
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
}
_PRIVATE = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}


class ServerError(NianbaoError):
    """The Prefect server cannot be had: `server.*`."""

    recoverable = True


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers. `pid` and `log` are None when it is not ours."""

    api_url: str
    ui_url: str
    ours: bool
    pid: int | None = None
    log: str | None = None
    started: bool = False  # by this very call


def home(data: Path) -> Path:
    """The folder with the local server's database, log and memory."""
    return data / "prefect"


def answers(api_url: str, *, timeout: float = 3.0) -> bool:
    """True when a healthy Prefect API stands at `api_url`. Never goes through a proxy."""
    with suppress(URLError, OSError, ValueError), _no_proxy(f"{api_url.rstrip('/')}/health", timeout) as body:
        return body.strip() == b"true"
    return False


def current(data: Path, *, environ: Mapping[str, str] = os.environ, usual_port: int = DEFAULT_PORT) -> Server | None:
    """The server that a run would use now, without starting one: configured, ours, or one at the usual port.

    Raises ServerError `server.unreachable` when PREFECT_API_URL is set and nobody answers there: running against
    another server than the configured one would hide the runs from the person who looks for them.
    """
    configured = environ.get("PREFECT_API_URL")
    if configured:
        if not answers(configured, timeout=PATIENCE):
            raise ServerError(
                "server.unreachable", "PREFECT_API_URL is set, but no Prefect server answers there.", where=configured
            )
        return Server(configured, _ui_of(configured), ours=False)
    remembered = recall(_memory(data))
    if remembered is not None and remembered.process() is not None and answers(remembered.api_url):
        return Server(remembered.api_url, _ui_of(remembered.api_url), True, remembered.pid, remembered.log)
    usual = f"http://{HOST}:{usual_port}/api"
    return Server(usual, _ui_of(usual), ours=False) if answers(usual) else None


def ensure(
    data: Path,
    *,
    environ: Mapping[str, str] = os.environ,
    timeout: float = START_TIMEOUT,
    tell: Callable[[str], None] = lambda _: None,
) -> Server:
    """A server that answers: the current one, else a local one is started and left standing.

    `tell` hears one sentence when something takes a while. Raises ServerError with `server.unreachable`,
    `server.start_failed` or `server.start_timeout`.
    """
    found = current(data, environ=environ)
    return found or start(data, environ=environ, timeout=timeout, tell=tell)


def start(
    data: Path,
    *,
    port: int | None = None,
    environ: Mapping[str, str] = os.environ,
    timeout: float = START_TIMEOUT,
    tell: Callable[[str], None] = lambda _: None,
) -> Server:
    """Start our own server as a detached process, or find it running. Port 4200, or a free one when that is taken."""
    folder = home(data)
    with locked(folder / "server.lock"):
        remembered = recall(_memory(data))
        process = remembered.process() if remembered else None
        if remembered and process:
            tell(f"A local Prefect server runs already (process {remembered.pid}).")
            _wait_until_it_answers(process, remembered.api_url, Path(remembered.log), timeout)
            return Server(remembered.api_url, _ui_of(remembered.api_url), True, remembered.pid, remembered.log)
        if remembered:
            tell(f"The last local Prefect server (process {remembered.pid}) is gone; starting a new one.")
        else:
            tell("Starting a local Prefect server; the first start takes about half a minute …")
        chosen = port or _free_port()
        api_url = f"http://{HOST}:{chosen}/api"
        log = folder / "server.log"
        process = _spawn(folder, chosen, api_url, log, environ)
        remember(_memory(data), Remembered(process.pid, process.create_time(), api_url, str(log)))
        _wait_until_it_answers(process, api_url, log, timeout)
        return Server(api_url, _ui_of(api_url), True, process.pid, str(log), started=True)


def stop(data: Path) -> int | None:
    """End our own server; a server of someone else is never touched. Returns its pid, None when there was none."""
    with locked(home(data) / "server.lock"):
        remembered = recall(_memory(data))
        process = remembered.process() if remembered else None
        if process is not None:
            end(process)
            if lives(process):
                raise ServerError("server.stop_failed", f"The server's process {process.pid} does not end.")
        _memory(data).unlink(missing_ok=True)
        return process.pid if process else None


def client_environment(server: Server, data: Path, *, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables a process needs before it imports Prefect, so that its runs go to `server`."""
    no_proxy = ",".join(filter(None, (environ.get("NO_PROXY") or environ.get("no_proxy"), HOST, "localhost")))
    return {
        **_PRIVATE,
        "PREFECT_API_URL": server.api_url,
        "PREFECT_HOME": environ.get("PREFECT_HOME") or str(home(data).resolve()),
        "PREFECT_LOGGING_LEVEL": environ.get("PREFECT_LOGGING_LEVEL", "INFO"),
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
    }


def _spawn(folder: Path, port: int, api_url: str, log: Path, environ: Mapping[str, str]) -> psutil.Process:
    inherited = {name: value for name, value in environ.items() if name not in {"PREFECT_API_URL", "PREFECT_PROFILE"}}
    addresses = {"PREFECT_SERVER_UI_API_URL": api_url, "PREFECT_UI_URL": _ui_of(api_url)}  # the latter for links
    own = {**_PRIVATE, "PREFECT_HOME": str(folder.resolve()), **addresses}
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
    return spawn(command, environ={**_TUNING, **inherited, **own}, folder=folder, log=log)


def _wait_until_it_answers(process: psutil.Process, api_url: str, log: Path, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if answers(api_url):
            return
        if not lives(process):
            raise ServerError("server.start_failed", f"The Prefect server ended at once: {tail(log)}", where=str(log))
        time.sleep(0.25)
    end(process)
    raise ServerError("server.start_timeout", f"No answer from {api_url} within {timeout:g} seconds.", where=str(log))


def _free_port() -> int:
    for port in (DEFAULT_PORT, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    raise ServerError("server.start_failed", "No port is free on 127.0.0.1.")


def _ui_of(api_url: str) -> str:
    return api_url.rstrip("/").removesuffix("/api")


def _memory(data: Path) -> Path:
    return home(data) / "server.json"


@contextmanager
def _no_proxy(url: str, timeout: float) -> Iterator[bytes]:
    with build_opener(ProxyHandler({})).open(url, timeout=timeout) as answer:
        yield answer.read(4096)
