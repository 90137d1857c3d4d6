"""A limit on the whole exchange: socket timeouts only limit silences, and a server can drip for ever.

One thread watches all running exchanges of a client and shuts the socket of one that is over its time; the
reader then sees an end or an error, and `expired` tells why.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import socket
import threading
import time
from collections.abc import Iterator


class Watch:
    """One running exchange."""

    __slots__ = ("_lock", "_socket", "ended", "expired", "until")

    def __init__(self, until: float) -> None:
        self.until = until
        self.expired = False
        self.ended = False
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def remaining(self) -> float:
        """Seconds left; at least a sliver, since 0 would mean no timeout to a socket."""
        return max(self.until - time.monotonic(), 0.001)

    def attach(self, sock: socket.socket) -> None:
        """Watch this socket from now on, through a handle of our own: TLS takes the given one over."""
        handle = socket.socket(fileno=os.dup(sock.fileno()))
        with self._lock:
            if self._socket is not None:
                self._socket.close()
            self._socket = handle
            if self.expired:
                self._shut()

    def expire(self) -> None:
        """Over time: end the connection under the reader."""
        with self._lock:
            if not self.ended:
                self.expired = True
                self._shut()

    def end(self) -> None:
        """The exchange is over."""
        with self._lock:
            self.ended = True
            if self._socket is not None:
                self._socket.close()
                self._socket = None

    def _shut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


class Watchdog:
    """Watches the exchanges of one client. Its thread starts with the first and is a daemon."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Watch]] = []
        self._ticket = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    @contextlib.contextmanager
    def watch(self, seconds: float) -> Iterator[Watch]:
        """Give the block that many seconds for all it does with the sockets it attaches."""
        watch = Watch(time.monotonic() + seconds)
        with self._changed:
            heapq.heappush(self._heap, (watch.until, next(self._ticket), watch))
            if self._thread is None:
                self._closed = False
                self._thread = threading.Thread(target=self._run, name="fetch-deadlines", daemon=True)
                self._thread.start()
            elif self._heap[0][2] is watch:
                self._changed.notify()
        try:
            yield watch
        finally:
            watch.end()

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                while self._heap and self._heap[0][2].ended:
                    heapq.heappop(self._heap)
                if not self._heap:
                    self._changed.wait()
                    continue
                left = self._heap[0][0] - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                    continue
                _, _, watch = heapq.heappop(self._heap)
            watch.expire()
