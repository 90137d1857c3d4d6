"""Which code is running: a digest of the files that decide about something, so that nobody counts versions up."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


@cache
def code_version(places: tuple[str, ...], without: tuple[str, ...] = ()) -> str:
    """Release and a digest of code and data below `places`, files or folders from the root: `0.1.0+3f9a…`."""
    digest = hashlib.sha256()
    for file, inside in _files(places):
        if file.suffix in {".py", ".yaml", ".json"} and not inside.startswith(without):
            digest.update(inside.encode())
            digest.update(file.read_bytes())
    return f"{version('nianbao')}+{digest.hexdigest()[:12]}"


def _files(places: Iterable[str]) -> Iterable[tuple[Path, str]]:
    for name in places:
        place = _ROOT / name
        for file in [place] if place.is_file() else sorted(place.rglob("*")):
            yield file, file.relative_to(_ROOT).as_posix()
