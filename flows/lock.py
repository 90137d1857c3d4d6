"""One run at a time on one data folder. The lock goes with the process: a killed run leaves none behind."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from schemas.errors import NianbaoError, SettingsError

LOOK_AGAIN = 1.0  # seconds between two tries of one who waits

_guard = threading.Lock()
_held: set[Path] = set()  # by this process, which a record lock does not keep out


@contextmanager
def data_folder(folder: Path, *, patience: float = 0.0, tell: Callable[[str], None] = lambda _: None) -> Iterator[Path]:
    """Hold the data folder while the body runs; it is created when it is not there.

    Waits up to `patience` seconds while another run holds it, and says so once. Who waits is first in line: a
    backfill that gives the folder back between two windows does not take it again before the one who waits.
    Raises NianbaoError `harvest.busy` when another run holds it, SettingsError `settings.data_folder` when it
    cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place = folder.resolve()
        lock = _in_turn(place, time.monotonic() + patience, tell)
    except OSError as error:
        raise SettingsError("settings.data_folder", f"It cannot be written: {error}.", where=str(folder)) from error
    with _given_back(lock, place / "harvest.lock"):
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield folder


def _in_turn(place: Path, until: float, tell: Callable[[str], None]) -> IO[str]:
    """The lock, taken by the first of those who wait for it."""
    file, queue = place / "harvest.lock", place / "harvest.queue"
    with _given_back(_wait_for(queue, until, tell, place), queue):
        return _wait_for(file, until, tell, place)


def _wait_for(file: Path, until: float, tell: Callable[[str], None], place: Path) -> IO[str]:
    said = False
    while (taken := _take(file)) is None:
        holder = _holder(place / "harvest.lock")
        if time.monotonic() >= until:
            message = f"Another run (process {holder}) works on this folder."
            raise NianbaoError("harvest.busy", message, where=str(place), recoverable=True)
        if not said:
            tell(f"Another run (process {holder}) works on this folder; waiting until it has done.")
            said = True
        time.sleep(LOOK_AGAIN)
    return taken


def _take(file: Path) -> IO[str] | None:
    """The file, locked for this thread of this process; None when another one has it."""
    with _guard:
        if file in _held:  # opening and closing it here would free the lock of the whole process
            return None
        handle = file.open("a+")
        try:
            # A record lock: unlike flock's it is not inherited by the reading processes, which may outlive us.
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            return None
        _held.add(file)
        return handle


@contextmanager
def _given_back(handle: IO[str], file: Path) -> Iterator[None]:
    try:
        yield
    finally:
        with _guard:
            _held.discard(file)
            handle.close()


def _holder(file: Path) -> str:
    with _guard:
        if file in _held:
            return str(os.getpid())
        return (file.read_text("utf-8").strip() if file.exists() else "") or "unknown"
