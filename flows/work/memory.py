"""What was worked out about bytes that come again unchanged: kept in small files beside the archive.

Everything here can be worked out anew: losing the folder costs time, never a result. Each answer is kept with the
whole question (hash of the bytes and all that bears on them) and the version of the code that gave it, and is taken
only when both are the same.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

Answer = TypeVar("Answer")

log = logging.getLogger("nianbao.harvest")


class Memory(Generic[Answer]):
    """Answers of one kind, a frozen dataclass of plain data. Threads and processes may share the folder."""

    def __init__(self, folder: Path | None, kind: type[Answer], version: str) -> None:
        """Without a folder nothing is kept."""
        self._folder = folder
        self._version = version
        self._adapter: TypeAdapter[Answer] = TypeAdapter(kind)

    def get(self, *question: Any) -> Answer | None:
        """The answer to a question of plain data, or None."""
        if self._folder is None:
            return None
        head = self._head(question)
        try:
            asked, _, answer = self._file(self._folder, question).read_bytes().partition(b"\n")
            return self._adapter.validate_json(answer) if asked == head else None
        except (OSError, ValueError):
            return None

    def put(self, answer: Answer, *question: Any) -> None:
        """Keep the answer to a question. What cannot be written is not kept."""
        if self._folder is None:
            return
        file = self._file(self._folder, question)
        try:
            _write(file, self._head(question) + b"\n" + self._adapter.dump_json(answer))
        except (OSError, ValueError) as error:
            log.warning("%s is not kept: %s", file, error)

    def _head(self, question: tuple[Any, ...]) -> bytes:
        return json.dumps([self._version, *question], separators=(",", ":")).encode()

    def _file(self, folder: Path, question: tuple[Any, ...]) -> Path:
        name = sha256(json.dumps(question).encode()).hexdigest()
        return folder / name[:2] / f"{name}.json"


def _write(file: Path, content: bytes) -> None:
    """All of it or nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, written = tempfile.mkstemp(dir=file.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        Path(written).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(written).unlink()
        raise
