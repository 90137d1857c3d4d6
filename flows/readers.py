"""Many documents through the pipeline, each in a child process with limits, answers in the order of the questions."""

from __future__ import annotations

import os
import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from flows.pipeline import Examined, Links, examine, look_into, quarantined
from schemas.errors import NianbaoError
from schemas.report import Reason
from tasks.parse import Hint
from tasks.read import GuardedPool, Limits


@dataclass(frozen=True, slots=True)
class Job:
    """A document to examine: its bytes and what is known of it."""

    data: bytes
    name: str | None = None
    declared: str | None = None
    url: str | None = None
    hint: Hint | None = None
    kind: str | None = None
    more: tuple[bytes, ...] = ()  # further pages of a split article


class Readers:
    """Reading processes. May be used from several threads at once; a document that breaks its limits is quarantined."""

    def __init__(self, processes: int | None = None, limits: Limits | None = None) -> None:
        self._processes = processes or max(1, os.cpu_count() or 1)
        self._pool = GuardedPool(self._processes, limits)

    def examine(self, jobs: Iterable[Job]) -> Iterator[Examined]:
        """One verdict for each job, in order. Takes only a few jobs ahead, so that their bytes do not pile up."""
        with ThreadPoolExecutor(self._processes) as threads:
            waiting: deque[Future[Examined]] = deque()
            for job in jobs:
                waiting.append(threads.submit(self._one, job))
                if len(waiting) > 2 * self._processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def look_into(self, data: bytes, *, declared: str | None = None, url: str | None = None) -> Links:
        """What a page leads to. A page that breaks its limits leads nowhere; it is quarantined when it is read."""
        try:
            return self._pool.run(look_into, data, declared=declared, url=url)
        except NianbaoError:
            return Links(sound=False)

    def close(self) -> None:
        """End the processes."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _one(self, job: Job) -> Examined:
        try:
            return self._pool.run(
                examine,
                job.data,
                name=job.name,
                declared=job.declared,
                url=job.url,
                hint=job.hint,
                kind=job.kind,
                more=job.more,
            )
        except NianbaoError as error:  # time, memory, a crash of the process
            return quarantined(job.data, Reason(error.code, error.message))
        except Exception as error:  # noqa: BLE001 - nothing that a document does may end the run
            reason = Reason("pipeline.crash", f"{type(error).__name__}: {error}")
            return quarantined(job.data, reason, traceback.format_exc())


def examine_files(files: Iterable[Path], *, processes: int | None = None) -> Iterator[tuple[Path, Examined]]:
    """One verdict for each file, in order. A file that the system does not hand out is quarantined too."""
    unread: dict[Path, Examined] = {}

    def jobs() -> Iterator[Job]:
        for file in wanted:
            yield Job(unread_or(file), name=file.name)

    def unread_or(file: Path) -> bytes:
        try:
            return file.read_bytes()
        except OSError as error:
            unread[file] = quarantined(None, Reason("pipeline.unreadable_file", f"{error}"))
            return b""

    wanted = list(files)
    with Readers(processes) as readers:
        for file, examined in zip(wanted, readers.examine(jobs()), strict=True):
            yield file, unread.get(file, examined)
