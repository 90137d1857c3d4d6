"""Processes that outlive the command that started them, and how one recognises them again: server and worker."""

from __future__ import annotations

import fcntl
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from schemas.errors import SettingsError

STOP_TIMEOUT = 15.0


@dataclass(frozen=True, slots=True)
class Remembered:
    """A detached process. `created` is its start time: a pid alone may have been given away again."""

    pid: int
    created: float
    api_url: str  # of the Prefect server it is, or works for
    log: str

    def process(self) -> psutil.Process | None:
        """The process, or None when it is gone (also when another program has its number now)."""
        with suppress(psutil.Error):
            process = psutil.Process(self.pid)
            if abs(process.create_time() - self.created) < 1 and lives(process):
                return process
        return None


def spawn(command: Sequence[str], *, environ: Mapping[str, str], folder: Path, log: Path) -> psutil.Process:
    """Start a process that outlives this command and its Ctrl-C; what it says goes to the end of `log`."""
    with log.open("ab") as sink:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and fixed arguments
            list(command),
            env=dict(environ),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return psutil.Process(child.pid)


def lives(process: psutil.Process) -> bool:
    """Whether it still runs; a zombie does not."""
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def end(process: psutil.Process, *, timeout: float = STOP_TIMEOUT) -> None:
    """Ask a process and its children to end, and kill those that do not."""
    family = [process]
    with suppress(psutil.NoSuchProcess):
        family += process.children(recursive=True)
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.terminate()
    _, alive = psutil.wait_procs(family, timeout=timeout)
    for member in alive:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    psutil.wait_procs(alive, timeout=timeout)


def remember(file: Path, remembered: Remembered) -> None:
    """Write down which process it is, all at once."""
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(remembered), indent=2) + "\n", "utf-8")
    fresh.replace(file)


def recall(file: Path) -> Remembered | None:
    """Which process it was; None when nothing is written down, or damaged by a full disk."""
    try:
        return Remembered(**json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def tail(log: Path, lines: int = 3) -> str:
    """The last lines of a log, for a message."""
    with suppress(OSError):
        return " | ".join(log.read_text("utf-8", "replace").strip().splitlines()[-lines:]) or "its log is empty"
    return "its log cannot be read"


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """One starter or stopper at a time; the lock goes with the process that holds it.

    Raises SettingsError `settings.data_folder` when the folder cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = file.open("w")
    except OSError as error:
        raise SettingsError(
            "settings.data_folder", f"It cannot be written: {error}.", where=str(file.parent)
        ) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
