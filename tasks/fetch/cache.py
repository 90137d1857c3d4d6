"""Remembers list pages between runs, so that a site can say 304 and nothing unchanged is sent twice."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tempfile
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from schemas.discovery import PageRequest
from schemas.errors import FetchTrouble
from tasks.fetch.archive import Archive

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KnownPage:
    """What is known of a page: where it came from in the end, its validators, and the hash of its body."""

    url: str
    sha256: str
    etag: str | None = None
    last_modified: str | None = None
    content_type: str | None = None


class ListCache(Protocol):
    """Keeps known pages by key, and their bodies. Safe to use from many threads."""

    def known(self, key: str) -> KnownPage | None:
        """What is known of a page, or None."""

    def body(self, page: KnownPage) -> bytes | None:
        """The body of a known page; None when it cannot be had any more (it is then fetched anew)."""

    def remember(self, key: str, page: KnownPage, body: bytes) -> None:
        """Keep a page."""


def cache_key(request: PageRequest) -> str | None:
    """The key of a page that can be asked for conditionally; None for anything but a plain GET."""
    return request.url if request.method == "GET" and not request.form and request.json is None else None


class FolderListCache:
    """One small JSON file per page in a local folder; the bodies are in the archive.

    Losing the folder costs traffic, never a result. Writes are atomic, so several processes may share it.
    """

    def __init__(self, folder: str | Path, archive: Archive) -> None:
        self._folder = Path(folder)
        self._archive = archive

    def known(self, key: str) -> KnownPage | None:
        try:
            return KnownPage(**json.loads(self._file(key).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def body(self, page: KnownPage) -> bytes | None:
        try:
            return self._archive.get(page.sha256)
        except FetchTrouble:
            return None

    def remember(self, key: str, page: KnownPage, body: bytes) -> None:
        try:
            self._archive.put(body)
        except FetchTrouble as trouble:
            _log.warning("%s is not remembered: %s", key, trouble)
            return
        file = self._file(key)
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, written = tempfile.mkstemp(dir=file.parent, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                json.dump(asdict(page), out, ensure_ascii=False)
            Path(written).replace(file)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(written).unlink()
            raise

    def _file(self, key: str) -> Path:
        name = sha256(key.encode()).hexdigest()
        return self._folder / name[:2] / f"{name}.json"
