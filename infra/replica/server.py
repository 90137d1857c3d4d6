"""The replica sites on loopback addresses: `serve` in the foreground, `running` for tests, with a handle to control.

Every site has an address of its own (127.0.0.11 …) and all share one port and one process.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import uvicorn

from infra.replica.app import Application, Hit, State
from infra.replica.model import ReportTruth
from infra.replica.sites import FIVE, ReplicaSite, build
from infra.replica.sites.faults import SWITCHES
from infra.replica.sites.shapes import Column, Item

DEFAULT_PORT = 8765
_Result = TypeVar("_Result")


class _Quiet(uvicorn.Server):
    """A server that leaves signals to us: uvicorn's own handling expects to be alone in the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _socket(address: str, port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((address, port))
    except OSError:
        found.close()
        raise
    return found


def _sockets(addresses: Sequence[str], port: int) -> list[socket.socket]:
    """One socket per address on the same port; port 0 looks for one that is free on all of them."""
    for attempt in range(20):
        made: list[socket.socket] = []
        try:
            made.append(_socket(addresses[0], port))
            chosen = made[0].getsockname()[1]
            made += [_socket(address, chosen) for address in addresses[1:]]
        except OSError:
            for one in made:
                one.close()
            if port or attempt == 19:
                raise
        else:
            return made
    raise OSError("no port is free on all replica addresses")  # pragma: no cover - the loop returns or raises


class Replicas:
    """The handle of a running set of sites. All methods may be called from any thread."""

    def __init__(self, sites: Sequence[ReplicaSite], port: int = 0) -> None:
        self._sites = {site.id: site for site in sites}
        self._state = State({site.address: site for site in sites})
        self._listening = {
            site.id: one for site, one in zip(sites, _sockets([s.address for s in sites], port), strict=True)
        }
        self.port: int = next(iter(self._listening.values())).getsockname()[1]
        self._servers: dict[str, tuple[_Quiet, asyncio.Task[None]]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    # -- life --------------------------------------------------------------------------------------------------

    async def _up(self, name: str) -> None:
        if name in self._servers:
            return
        if name not in self._listening:
            self._listening[name] = _socket(self._sites[name].address, self.port)
        config = uvicorn.Config(
            Application(self._state),
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",  # else it reports every answer cut on purpose; Application tells real errors
            access_log=False,
            server_header=False,
            headers=[("Server", "nginx")],
        )
        server = _Quiet(config)
        task = asyncio.get_running_loop().create_task(server.serve(sockets=[self._listening[name]]))
        self._servers[name] = (server, task)
        while not server.started and not task.done():
            await asyncio.sleep(0.005)
        if task.done():
            task.result()

    async def _down(self, name: str) -> None:
        if name not in self._servers:
            return
        server, task = self._servers.pop(name)
        self._listening.pop(name)  # the server closes it
        server.should_exit = server.force_exit = True
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        await task

    async def start(self) -> None:
        """Listens at every address; call it on the loop that shall serve."""
        self._loop = asyncio.get_running_loop()
        await asyncio.gather(*(self._up(name) for name in self._sites))

    async def stop(self) -> None:
        await asyncio.gather(*(self._down(name) for name in list(self._servers)))

    def _call(self, make: Callable[[], Coroutine[Any, Any, _Result]]) -> _Result:
        assert self._loop is not None, "the replicas are not running"
        return asyncio.run_coroutine_threadsafe(make(), self._loop).result(timeout=30)

    # -- addresses ---------------------------------------------------------------------------------------------

    @property
    def urls(self) -> dict[str, str]:
        """Base URL of each site, without a slash at the end."""
        return {name: f"http://{site.address}:{self.port}" for name, site in self._sites.items()}

    def site(self, name: str) -> ReplicaSite:
        return self._sites[name]

    def url_of(self, name: str, publisher: str, year: int) -> str:
        """Where a report stands; KeyError when the site has none."""
        site = self._sites[name]
        for column, item in site.placed():
            if item.key == (publisher, year):
                return self.urls[name] + site.address_of(item, column)
        raise KeyError(f"{name} has no report of {publisher} for {year}")

    # -- control -----------------------------------------------------------------------------------------------

    def set(self, name: str, quirk: str, value: object = True, *, on: str = "all") -> None:
        """Puts a switch on (see `SWITCHES`). `on`: all, list, detail, file or api."""
        if quirk not in SWITCHES:
            raise KeyError(f"no switch {quirk}; there are {', '.join(sorted(SWITCHES))}")
        site = self._sites[name]
        site.asked.clear()
        site.quirks[quirk] = (value, on)

    def unset(self, name: str, quirk: str | None = None) -> None:
        """Puts one switch of a site off, or all of them."""
        site = self._sites[name]
        if quirk is None:
            site.quirks.clear()
        else:
            site.quirks.pop(quirk, None)
        site.asked.clear()

    def publish(self, name: str, truth: ReportTruth, column: Column | None = None, **changes: Any) -> str:
        """A new report on the site; returns its URL. `changes` are fields of `Item` (format, day, title …)."""
        site = self._sites[name]
        column = column or site.column_for(truth)
        item = site.add(truth, column, **changes)
        return self.urls[name] + site.address_of(item, column)

    def replace(self, name: str, truth: ReportTruth) -> Item:
        """Re-issues a report at its address."""
        return self._sites[name].replace(truth)

    def withdraw(self, name: str, publisher: str, year: int) -> None:
        self._sites[name].withdraw(publisher, year)

    def down(self, name: str) -> None:
        """The site stops listening and drops its connections: clients meet a refused connection."""
        self._call(lambda: self._down(name))

    def up(self, name: str) -> None:
        self._call(lambda: self._up(name))

    def log(self, name: str | None = None) -> list[Hit]:
        """Requests in the order in which they were answered, of one site or of all."""
        return [hit for hit in self._state.log if name is None or hit.site == name]

    def forget(self) -> None:
        """Empties the log."""
        self._state.log.clear()


@contextmanager
def running(port: int = 0, sites: Sequence[ReplicaSite] | None = None) -> Iterator[Replicas]:
    """Replica sites in a thread of this process: the five (or the given ones) until the block ends."""
    replicas = Replicas(sites if sites is not None else build(FIVE), port)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="replicas", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(replicas.start(), loop).result(timeout=30)
        yield replicas
    finally:
        asyncio.run_coroutine_threadsafe(replicas.stop(), loop).result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=30)
        loop.close()


def serve(
    port: int = DEFAULT_PORT,
    sites: Sequence[ReplicaSite] | None = None,
    *,
    ready: Callable[[Replicas], None] | None = None,
) -> None:
    """Serves in the foreground until SIGINT or SIGTERM. `ready` is called once every address answers.

    Raises OSError when the port is taken on one of the addresses.
    """
    replicas = Replicas(sites if sites is not None else build(FIVE), port)

    async def main() -> None:
        done = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
                loop.add_signal_handler(number, done.set)
        await replicas.start()
        if ready is not None:
            ready(replicas)
        await done.wait()
        await replicas.stop()

    asyncio.run(main())
