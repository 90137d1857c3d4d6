"""Receivers that are real but for the vendor's name: HTTP and SMTP servers on loopback that keep what they get."""

from __future__ import annotations

import contextlib
import email
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message as Mail
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

OK = {"wecom": (200, b'{"errcode":0,"errmsg":"ok"}'), "dingtalk": (200, b'{"errcode":0,"errmsg":"ok"}')}
OK |= {"feishu": (200, b'{"code":0,"msg":"success","data":{}}'), "slack": (200, b"ok"), "webhook": (204, b"")}


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class HttpReceiver:
    """A server that answers as it is told; `answers` are used up one after the other, the last one stays."""

    port: int
    scheme: str
    answers: list[tuple[int, bytes]]
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the tests."""


@contextlib.contextmanager
def http_receiver(
    *answers: tuple[int, bytes],
    port: int = 0,
    context: ssl.SSLContext | None = None,
    slowly: Callable[[Callable[[bytes], None]], None] | None = None,
) -> Iterator[HttpReceiver]:
    """A receiver on loopback. `slowly` writes the answer itself, byte by byte, as badly as it likes."""
    receiver = HttpReceiver(0, "https" if context else "http", list(answers) or [(200, b"ok")])

    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            receiver.connections += 1
            super().setup()

        def log_message(self, *args: Any) -> None:
            """Silent."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query))
            receiver.seen.append(Seen(self.command, parts.path, query, dict(self.headers.items()), body))
            if slowly is not None:
                slowly(self.wfile.write)
                return
            status, answer = receiver.answers[0] if len(receiver.answers) == 1 else receiver.answers.pop(0)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(answer)

    server = _Quiet(("127.0.0.1", port), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class MailServer:
    """An SMTP server. `refuses` holds addresses it does not take, `login` the only account it lets in."""

    port: int = 0
    mails: list[tuple[str, list[str], Mail]] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    reply: str = "250 OK"
    login: tuple[str, str] | None = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refuses:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.reply.startswith("250"):
            mail = email.message_from_bytes(envelope.content)
            self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), mail))
        return self.reply

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == self.login
        return AuthResult(success=good, handled=False)


@contextlib.contextmanager
def mail_server(*, context: ssl.SSLContext | None = None, login: tuple[str, str] | None = None) -> Iterator[MailServer]:
    """An SMTP server on loopback; with a context it wants STARTTLS."""
    server = MailServer(login=login)
    options: dict[str, Any] = {"tls_context": context, "require_starttls": context is not None}
    if login:
        options |= {
            "authenticator": server.authenticate,
            "auth_required": True,
            "auth_require_tls": context is not None,
        }
    controller = _Anywhere(server, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        server.port = controller.bound
        yield server
    finally:
        controller.stop()


class _Anywhere(Controller):
    """A controller on a port that the system chooses."""

    @property
    def bound(self) -> int:
        assert self.server is not None
        return int(self.server.sockets[0].getsockname()[1])

    def _trigger_server(self) -> None:
        self.port = self.bound
        super()._trigger_server()


def trickle(write: Callable[[bytes], None]) -> None:
    """A head, and then a byte now and then for as long as anybody listens."""
    with contextlib.suppress(OSError):
        write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            write(b".")
            time.sleep(0.05)


def silence(write: Callable[[bytes], None]) -> None:
    """Nothing, for longer than anybody waits here."""
    time.sleep(1.5)
