"""The archive of documents: content-addressed, append-only, verified on read; a local folder or an S3 store."""

from __future__ import annotations

import contextlib
import os
import re
import time
import uuid
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl

import fsspec

from schemas.errors import FetchTrouble
from tasks.fetch.failures import fail

_SHA256 = re.compile(r"[0-9a-f]{64}")
_STALE = 24 * 3600  # seconds after which a half-written file belongs to nobody any more
_INCOMING = ".incoming"


class _Store(Protocol):
    def size(self, name: str) -> int | None:
        """Bytes of an object, None when there is none."""

    def write(self, name: str, content: bytes) -> None:
        """Store an object that may have come into being meanwhile; all of it or nothing."""

    def read(self, name: str) -> bytes | None:
        """An object's bytes, None when there is none."""


class Archive:
    """Documents by SHA-256 at `ab/cd/<sha256>` under a folder (`./data/archive`) or `s3://bucket/prefix`.

    An S3-compatible store is named by its endpoint: `s3://bucket/prefix?endpoint_url=https://store.example.org`; keys
    come from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), never from the address. Safe to use from many
    threads and processes.
    """

    def __init__(self, url: str | Path) -> None:
        self.url = str(url)
        address, _, query = self.url.partition("?") if "://" in self.url else (self.url, "", "")
        options = dict(parse_qsl(query))
        with _reachable(self.url):
            # Listings are never cached: another process may have put what this one looks for.
            system, root = fsspec.core.url_to_fs(address, use_listings_cache=False, **options)
        local = "file" in (system.protocol if isinstance(system.protocol, tuple) else (system.protocol,))
        self._store: _Store = _Folder(Path(root)) if local else _Remote(system, root)

    def put(self, content: bytes) -> str:
        """Keep the bytes and return their hash. Putting the same bytes again changes nothing.

        Raises `fetch.archive_corrupt` when something else is filed under the hash, `fetch.archive_unreachable` when the
        store cannot be written.
        """
        digest = sha256(content).hexdigest()
        name = _name(digest)
        with _reachable(self.url):
            size = self._store.size(name)
            if size is None:
                self._store.write(name, content)
            elif size != len(content):
                raise fail("fetch.archive_corrupt", f"{size} bytes where {len(content)} belong", f"{self.url} {digest}")
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes with that hash, verified. Raises `fetch.archive_missing`, `fetch.archive_corrupt`."""
        where = f"{self.url} {digest}"
        if not _SHA256.fullmatch(digest):
            raise fail("fetch.archive_missing", "not a SHA-256 hash", where)
        with _reachable(self.url):
            content = self._store.read(_name(digest))
        if content is None:
            raise fail("fetch.archive_missing", "no document with this hash", where)
        if sha256(content).hexdigest() != digest:
            raise fail("fetch.archive_corrupt", "the bytes do not have the hash they are filed under", where)
        return content

    def has(self, digest: str) -> bool:
        """Whether a document with that hash is kept (not whether it is sound)."""
        with _reachable(self.url):
            return _SHA256.fullmatch(digest) is not None and self._store.size(_name(digest)) is not None


def _name(digest: str) -> str:
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


@contextlib.contextmanager
def _reachable(url: str) -> Iterator[None]:
    """Whatever a store raises becomes one of our codes."""
    try:
        yield
    except FetchTrouble:
        raise
    except Exception as error:  # each store brings its own
        raise fail("fetch.archive_unreachable", f"{type(error).__name__}: {error}", url) from error


class _Folder:
    """A local folder. A file appears under its name only when all of it is on the disk."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._swept = False

    def size(self, name: str) -> int | None:
        try:
            return (self._root / name).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, name: str) -> bytes | None:
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes) -> None:
        final = self._root / name
        incoming = self._root / _INCOMING
        incoming.mkdir(parents=True, exist_ok=True)
        self._sweep(incoming)
        final.parent.mkdir(parents=True, exist_ok=True)
        part = incoming / uuid.uuid4().hex
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            _publish(part, final)
        finally:
            part.unlink(missing_ok=True)

    def _sweep(self, incoming: Path) -> None:
        """Clear away, once, what killed processes left half-written; it was never a document."""
        if self._swept:
            return
        self._swept = True
        for part in incoming.iterdir():
            with contextlib.suppress(OSError):
                if time.time() - part.stat().st_mtime > _STALE:
                    part.unlink()


def _publish(part: Path, final: Path) -> None:
    """Give the finished file its name, unless somebody else just did: same hash, same bytes."""
    try:
        os.link(part, final)
    except FileExistsError:
        return
    except OSError:
        # A file system without hard links: a rename is as atomic, and replaces like by like at worst.
        part.replace(final)
    directory = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


class _Remote:
    """Any store that fsspec knows where an object appears as a whole (S3 and compatible)."""

    def __init__(self, system: Any, root: str) -> None:
        self._system = system
        self._root = root.rstrip("/")

    def size(self, name: str) -> int | None:
        try:
            return int(self._system.info(f"{self._root}/{name}")["size"])
        except FileNotFoundError:
            return None

    def read(self, name: str) -> bytes | None:
        try:
            return bytes(self._system.cat_file(f"{self._root}/{name}"))
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes) -> None:
        # "create" asks the store to refuse when the object exists by now (If-None-Match: *); it then is this very one.
        with contextlib.suppress(FileExistsError):
            self._system.pipe_file(f"{self._root}/{name}", content, mode="create")
