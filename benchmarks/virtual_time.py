"""Time that jumps: many real threads run real scheduler code, and whenever all of them wait, the clock goes on to the
next moment at which one has something to do. Hours pass in seconds, with every pause in its place."""

from __future__ import annotations

import heapq
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any


class VirtualTime:
    """A `tasks.fetch.Clock`. A thread that takes part is announced with `begin` before it starts, and calls `end`."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._elapsed = 0.0
        self._running = 0
        self._order = 0
        self._sleepers: list[tuple[float, int, threading.Event]] = []
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The present moment."""
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """Seconds since the start."""
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        """Return when that much of this time has passed."""
        woken = threading.Event()
        with self._lock:
            self._order += 1
            heapq.heappush(self._sleepers, (self._elapsed + max(0.0, seconds), self._order, woken))
            self._running -= 1
            self._go_on()
        woken.wait()

    def begin(self) -> None:
        """One more thread has something to do: it is about to start, or what it waited for has come."""
        with self._lock:
            self._running += 1

    def end(self) -> None:
        """This thread is done, or waits for another one."""
        with self._lock:
            self._running -= 1
            self._go_on()

    def _go_on(self) -> None:
        if self._running == 0 and self._sleepers:
            self._elapsed, _, woken = heapq.heappop(self._sleepers)
            self._running += 1
            woken.set()


class Slots:
    """A resource that so many threads may hold at a time, first come first served; counts how long it was held."""

    def __init__(self, clock: VirtualTime, count: int = 1) -> None:
        self._clock = clock
        self._free = count
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()
        self._local = threading.local()
        self.count = count
        self.held = 0.0  # seconds, over all holders

    def __enter__(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                self._local.since = self._clock.monotonic()
                return
            turn = threading.Event()
            self._waiting.append(turn)
            self._clock.end()
        turn.wait()
        self._local.since = self._clock.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self.held += self._clock.monotonic() - self._local.since
            if self._waiting:
                self._clock.begin()
                self._waiting.popleft().set()
            else:
                self._free += 1


class VirtualQueue:
    """What `queue.SimpleQueue` is to threads of this time; one thread takes out."""

    def __init__(self, clock: VirtualTime) -> None:
        self._clock = clock
        self._items: deque[Any] = deque()
        self._waiting: threading.Event | None = None
        self._lock = threading.Lock()

    def put(self, item: Any) -> None:
        """Add an item and wake who waits for it."""
        with self._lock:
            self._items.append(item)
            if self._waiting is not None:
                self._clock.begin()
                self._waiting.set()
                self._waiting = None

    def get(self) -> Any:
        """The oldest item, when there is one."""
        with self._lock:
            if self._items:
                return self._items.popleft()
            woken = self._waiting = threading.Event()
            self._clock.end()
        woken.wait()
        with self._lock:
            return self._items.popleft()


class Future:
    """A function running in a thread of its own in this time; looks like Prefect's futures to those who wait."""

    def __init__(self, clock: VirtualTime, function: Callable[[], Any]) -> None:
        self._clock = clock
        self._function = function
        self._lock = threading.Lock()
        self._done: list[Callable[[Future], None]] = []
        self._finished = False
        self._result: Any = None
        clock.begin()
        threading.Thread(target=self._run, daemon=True).start()

    def add_done_callback(self, function: Callable[[Future], None]) -> None:
        """Call it when the result is there, at once if it is."""
        with self._lock:
            if not self._finished:
                self._done.append(function)
                return
        function(self)

    def result(self, *, raise_on_failure: bool = True) -> Any:
        """The result, or the exception as a value unless it shall be raised."""
        if raise_on_failure and isinstance(self._result, BaseException):
            raise self._result
        return self._result

    def _run(self) -> None:
        try:
            self._result = self._function()
        except BaseException as error:  # noqa: BLE001 - as Prefect's futures: an error is a result
            self._result = error
        with self._lock:
            self._finished = True
            waiting = self._done
        for function in waiting:
            function(self)
        self._clock.end()
