"""Work on documents of strangers in child processes, bounded in time and memory, so that none can take down a run.

A child that is too slow is killed, one that asks for too much memory gets none, one that crashes is replaced; the
caller sees a ReadError `read.limit.time`, `.memory` or `.crash`, and everything else goes on. Bounds
that are cheap to check in place (pages, cells, unpacked size, nesting) are checked by the readers themselves.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from schemas.errors import ReadError

Params = ParamSpec("Params")
Result = TypeVar("Result")

_MEBIBYTE = 1024 * 1024
_RECYCLE = 400  # documents after which a child is replaced, in case a library leaks


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one call: seconds of wall time, and mebibytes of address space of the child."""

    seconds: float = 120.0
    mebibytes: int = 3072

    def __post_init__(self) -> None:
        if self.seconds <= 0 or self.mebibytes < 256:
            raise ValueError("a child needs some time, and 256 MiB to load its libraries")


class GuardedPool:
    """Child processes that run picklable functions within limits. May be used from several threads at once."""

    def __init__(self, workers: int = 1, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        # A spawned child starts small: a forked one would count its parent's memory as its own.
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=_RECYCLE,
            initializer=_bound,
            initargs=(self.limits.mebibytes,),
            context=multiprocessing.get_context("spawn"),
        )

    def run(self, function: Callable[Params, Result], /, *args: Params.args, **kwargs: Params.kwargs) -> Result:
        """The function's result. Its own exceptions come through; broken limits raise ReadError (`read.limit.*`)."""
        future = self._pool.schedule(_called, args=(function, args, kwargs), timeout=self.limits.seconds)
        try:
            result: Result = future.result()
        except (TimeoutError, FutureTimeout) as error:
            message = f"the document took longer than {self.limits.seconds:g} s and was given up"
            raise ReadError("read.limit.time", message) from error
        except ProcessExpired as error:
            message = f"the process that read the document died (exit code {error.exitcode})"
            raise ReadError("read.limit.crash", message) from error
        return result

    def close(self) -> None:
        """Ends the children at once."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def __enter__(self) -> GuardedPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


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
