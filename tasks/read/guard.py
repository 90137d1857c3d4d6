"""Work on documents of strangers in child processes, bounded in time and memory, so that none can take down a run.

A child that is too slow is killed, one that asks for too much memory gets none, one that crashes is replaced; the
caller sees a ReadError `read.limit.time`, `.memory` or `.crash`, and everything else goes on. A pool that breaks or
stands still is replaced as a whole, and nobody waits for a pool that was closed. Bounds
that are cheap to check in place (pages, cells, unpacked size, nesting) are checked by the readers themselves.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from schemas.errors import ReadError

Params = ParamSpec("Params")
Result = TypeVar("Result")

_MEBIBYTE = 1024 * 1024
_RECYCLE = 400  # documents after which a child is replaced, in case a library leaks
_LOOK = 0.5  # seconds between looks at whether the pool is still there
_GRACE = 30.0  # seconds beyond a document's limit after which a pool without any result is taken for stuck
_ENDING = 10.0  # seconds that the end of a pool is waited for


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one call: seconds of wall time, and mebibytes of address space of the child."""

    seconds: float = 120.0
    mebibytes: int = 3072

    def __post_init__(self) -> None:
        if self.seconds <= 0 or self.mebibytes < 256:
            raise ValueError("a child needs some time, and 256 MiB to load its libraries")


class _Lost(Exception):
    """The pool broke, was closed or stands still: nothing is known of the document that was waiting."""


class GuardedPool:
    """Child processes that run picklable functions within limits. May be used from several threads at once."""

    def __init__(self, workers: int = 1, limits: Limits | None = None, *, grace: float = _GRACE) -> None:
        self.limits = limits or Limits()
        self._workers = workers
        self._grace = grace
        self._lock = threading.Lock()
        self._closed = False
        self._progress = time.monotonic()  # when any document was last done with
        self._pool = self._new_pool()

    def run(self, function: Callable[Params, Result], /, *args: Params.args, **kwargs: Params.kwargs) -> Result:
        """The function's result. Its own exceptions come through; broken limits raise ReadError (`read.limit.*`).

        A document whose pool broke under it is tried once more in a new pool: another one may have broken it.
        """
        for last in (False, True):
            pool = self._pool
            try:
                result: Result = self._wait(pool, self._schedule(pool, function, args, kwargs))
            except _Lost as error:
                if self._closed:
                    raise ReadError("read.limit.crash", "reading was ended before the document was read") from error
                self._replace(pool)
                if last:
                    message = "the reading processes broke twice while the document was read"
                    raise ReadError("read.limit.crash", message) from error
            else:
                return result
        raise AssertionError

    def close(self) -> None:
        """Ends the children at once. Whoever still waits for a document gets `read.limit.crash`."""
        with self._lock:
            self._closed = True
            pool = self._pool
        _end(pool)

    def _new_pool(self) -> ProcessPool:
        # A spawned child starts small: a forked one would count its parent's memory as its own.
        return ProcessPool(
            max_workers=self._workers,
            max_tasks=_RECYCLE,
            initializer=_bound,
            initargs=(self.limits.mebibytes,),
            context=multiprocessing.get_context("spawn"),
        )

    def _replace(self, broken: ProcessPool) -> None:
        """A new pool in place of the broken one; the first of those who were waiting for it makes it."""
        with self._lock:
            if self._closed or self._pool is not broken:
                return
            self._pool = self._new_pool()
            self._progress = time.monotonic()
        _end(broken)

    def _schedule(
        self, pool: ProcessPool, function: Callable[..., Result], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Future[Result]:
        try:
            future: Future[Result] = pool.schedule(_called, args=(function, args, kwargs), timeout=self.limits.seconds)
        except RuntimeError as error:  # pebble's word for a pool that was closed or has broken
            raise _Lost from error
        return future

    def _wait(self, pool: ProcessPool, future: Future[Result]) -> Result:
        began = time.monotonic()
        while True:
            try:
                result = future.result(timeout=_LOOK)
            except (TimeoutError, FutureTimeout) as error:
                if future.done():
                    self._progress = time.monotonic()
                    message = f"the document took longer than {self.limits.seconds:g} s and was given up"
                    raise ReadError("read.limit.time", message) from error
                still = time.monotonic() - max(began, self._progress)
                if self._closed or pool is not self._pool or still > self.limits.seconds + self._grace:
                    raise _Lost from error
            except ProcessExpired as error:
                self._progress = time.monotonic()
                message = f"the process that read the document died (exit code {error.exitcode})"
                raise ReadError("read.limit.crash", message) from error
            except (BrokenProcessPool, CancelledError) as error:
                raise _Lost from error
            except BaseException:
                self._progress = time.monotonic()  # the function's own exception
                raise
            else:
                self._progress = time.monotonic()
                return result

    def __enter__(self) -> GuardedPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _end(pool: ProcessPool) -> None:
    """Ends a pool without waiting for ever for one that stands still."""
    with suppress(RuntimeError, TimeoutError, FutureTimeout):
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join(timeout=_ENDING)


def _bound(mebibytes: int) -> None:
    """Runs first in a child: its bounds, and an orderly end, so that it can end a converter that it started."""
    resource.setrlimit(resource.RLIMIT_AS, (mebibytes * _MEBIBYTE, mebibytes * _MEBIBYTE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _called(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    try:
        return function(*args, **kwargs)
    except SystemExit as stop:
        # Asked to end (see `_leave`): what the function had started is ended by now, and waiting helps nobody.
        os._exit(stop.code if isinstance(stop.code, int) else 1)
    except MemoryError:
        # From None: the traceback may hold what filled the memory, and it has to travel to the parent.
        raise ReadError("read.limit.memory", "the document needs more memory than one document may have") from None
    except RecursionError:
        raise ReadError("read.limit.nesting", "the document nests deeper than its reader can follow") from None
    except Exception as error:
        if _travels(error):
            raise
        # From None: what cannot travel to the parent would break the whole pool there.
        raise ReadError("read.limit.crash", f"{type(error).__name__}: {error}"[:500]) from None


def _travels(error: Exception) -> bool:
    """Whether an exception survives the way to the parent process."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    except Exception:  # noqa: BLE001 - whatever a foreign exception's constructor does
        return False
    return True
