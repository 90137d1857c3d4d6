"""A limit on the whole exchange: socket timeouts only limit silences, and a server can drip for ever.

One thread watches all running exchanges of a client and shuts the socket of one that is over its time; the
reader then sees an end or an error, and `expired` tells why.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections import OrderedDict
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
    """Watches the exchanges of one client, which all have the same time. Its thread starts with the first."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._running: OrderedDict[Watch, None] = OrderedDict()  # the first is due first: all have the same time
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def watch(self) -> Iterator[Watch]:
        """Give the block its time for all it does with the sockets that it attaches."""
        watch = Watch(time.monotonic() + self._seconds)
        with self._changed:
            self._running[watch] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="fetch-deadlines", daemon=True)
                self._thread.start()
            elif len(self._running) == 1:
                self._changed.notify()
        try:
            yield watch
        finally:
            watch.end()
            with self._changed:
                self._running.pop(watch, None)

    def end_all(self) -> None:
        """All running exchanges are over their time now."""
        with self._changed:
            running = list(self._running)
        for watch in running:
            watch.expire()

    def close(self) -> None:
        """End the thread; the next exchange starts another."""
        with self._changed:
            thread, self._thread = self._thread, None
            self._changed.notify()
        if thread is not None:
            thread.join(timeout=5)

    def _run(self) -> None:
        me = threading.current_thread()
        while True:
            with self._changed:
                if self._thread is not me:
                    return
                first = next(iter(self._running), None)
                left = None if first is None else first.until - time.monotonic()
                if first is None or (left is not None and left > 0):
                    self._changed.wait(left)
                    continue
                del self._running[first]
            first.expire()
