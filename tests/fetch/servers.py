"""Real servers on loopback addresses for the fetch tests: say what each path answers, look at what was asked."""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from schemas.site import Entry, Limits, PublisherEntry, Site, Tls

_LAST_OCTETS = itertools.count(1)


@dataclass(frozen=True)
class Reply:
    """One answer. `length` is announced instead of the true one; without `announce` only the hang-up ends the body."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str | None = "text/html; charset=utf-8"
    length: int | None = None
    announce: bool = True


@dataclass(frozen=True)
class Seen:
    """One request as the server got it."""

    at: float
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Raw:
    """A route that writes to the connection itself."""

    write: Callable[[Seen, BaseHTTPRequestHandler], None]


Route = Reply | Raw | Callable[[Seen], Reply] | list[Reply]


@dataclass
class Server:
    """A running server. Paths that are not in `routes` answer 404, robots.txt included unless set."""

    host: str
    port: int
    scheme: str
    routes: dict[str, Route] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://{self.host}:{self.port}{path}"

    @property
    def netloc(self) -> str:
        return f"{self.host}:{self.port}"

    def asked(self, path: str | None = None) -> list[Seen]:
        """The requests for a path, or all but those for robots.txt."""
        if path is None:
            return [one for one in self.seen if one.path != "/robots.txt"]
        return [one for one in self.seen if one.path == path]

    def site(self, **changes: Any) -> Site:
        """A registry entry for this server: loopback allowed, no delay."""
        return make_site(self.netloc, url=self.url("/"), **changes)


def make_site(host: str, *, url: str | None = None, **changes: Any) -> Site:
    """A registry entry with one publisher; no delay and private addresses allowed unless said otherwise."""
    values: dict[str, Any] = {
        "id": "test-site",
        "name": "甲市乙中心",
        "host": host,
        "publishers": (PublisherEntry(id="test-body", name="甲市乙中心"),),
        "entries": (Entry(url=url or f"http://{host}/"),),
        "limits": Limits(delay=0, jitter=0),
        "tls": Tls(),
        "allow_private": True,
    }
    return Site(**(values | changes))


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the tests."""


@contextlib.contextmanager
def serve(
    routes: Mapping[str, Route] | None = None, *, host: str | None = None, context: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """A server on a loopback address of its own."""
    address = host or f"127.77.{next(_LAST_OCTETS)}.1"
    server = Server(address, 0, "https" if context else "http", dict(routes or {}))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body go out in two writes; without this each answer takes 40 ms

        def setup(self) -> None:
            server.connections += 1
            super().setup()

        def log_message(self, *args: Any) -> None:
            """Silent."""

        def _answer(self) -> None:
            at = time.monotonic()
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else b""
            seen = Seen(at, self.command, self.path, dict(self.headers.items()), body)
            server.seen.append(seen)
            route = server.routes.get(self.path, server.routes.get(self.path.partition("?")[0]))
            if route is None:
                route = Reply("这里什么也没有".encode(), 404)
            if isinstance(route, Raw):
                self.close_connection = True
                route.write(seen, self)
                return
            if isinstance(route, list):  # one answer after the other, the last for ever
                route = route.pop(0) if len(route) > 1 else route[0]
            send(self, route if isinstance(route, Reply) else route(seen))

        do_GET = do_POST = _answer  # noqa: N815

    http = _Quiet((address, 0), Handler)
    if context is not None:
        http.socket = context.wrap_socket(http.socket, server_side=True, do_handshake_on_connect=False)
    server.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Write an answer."""
    handler.send_response(reply.status)
    if reply.content_type:
        handler.send_header("Content-Type", reply.content_type)
    for name, value in reply.headers:
        handler.send_header(name, value)
    if reply.announce:
        handler.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
    else:
        handler.send_header("Connection", "close")
        handler.close_connection = True
    handler.end_headers()
    handler.wfile.write(reply.body)
    if reply.length is not None:
        handler.close_connection = True


def free_port(host: str = "127.0.0.1") -> int:
    """A port nobody listens on."""
    with socket.socket() as sock:
        sock.bind((host, 0))
        return int(sock.getsockname()[1])


def article(title: str = "甲市乙中心2023年政府信息公开工作年度报告", text: str = "") -> bytes:
    """A plain article page that is long enough to be one."""
    body = text or "本年度主动公开政府信息若干条，收到的申请均已按时答复，没有行政复议和行政诉讼。" * 8
    return html(f"<h1>{title}</h1><p>{body}</p>", f"<title>{title}</title>").encode()


def html(body: str, head: str = "") -> str:
    """A page around a body."""
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


def redirect(location: str, status: int = 302, *cookies: str) -> Reply:
    """A redirect, perhaps with cookies."""
    return Reply(b"", status, (("Location", location), *(("Set-Cookie", cookie) for cookie in cookies)))
