"""One harvest at a time on one data folder. The lock goes with the process: a killed harvest leaves none behind."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import NianbaoError, SettingsError

_guard = threading.Lock()
_held: set[Path] = set()  # by this process, which a record lock does not keep out


@contextmanager
def data_folder(folder: Path) -> Iterator[Path]:
    """Hold the data folder while the body runs; it is created when it is not there.

    Raises NianbaoError `harvest.busy` when another harvest holds it, SettingsError `settings.data_folder` when it
    cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / "harvest.lock").open("a+")
    except OSError as error:
        raise SettingsError("settings.data_folder", f"It cannot be written: {error}.", where=str(folder)) from error
    place = folder.resolve()
    with handle:
        with _guard:
            if place in _held:
                raise _busy(folder, str(os.getpid()))
            try:
                # A record lock: unlike flock's it is not inherited by the reading processes, which may outlive us.
                fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                handle.seek(0)
                raise _busy(folder, handle.read().strip() or "unknown") from None
            _held.add(place)
        try:
            handle.truncate(0)
            handle.write(str(os.getpid()))
            handle.flush()
            yield folder
        finally:
            with _guard:
                _held.discard(place)


def _busy(folder: Path, holder: str) -> NianbaoError:
    message = f"Another harvest (process {holder}) works on this folder."
    return NianbaoError("harvest.busy", message, where=str(folder), recoverable=True)
