"""Opens connections for requests: to network addresses that passed the check only, with verified TLS."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import certifi
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from schemas.site import Tls
from tasks.fetch.address import is_public
from tasks.fetch.deadline import Watch
from tasks.fetch.failures import NoContactError, NotPublicError, fail

Resolve = Callable[[str, int, int], list[tuple[int, str]]]
"""Host, port, address family → (family, network address) in order of preference. Raises socket.gaierror."""

_POOLS = 256  # hosts with an open connection at a time; the one unused for longest is closed first
_LEGACY_SERVER_CONNECT = 0x4  # SSL_OP_LEGACY_SERVER_CONNECT; the ssl module names it only from Python 3.12


def system_resolve(host: str, port: int, family: int) -> list[tuple[int, str]]:
    """Ask the system's resolver."""
    answers = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    return [(int(found), str(address[0])) for found, _, _, _, address in answers]


class Current(threading.local):
    """The exchange that this thread is in; connections report to it what they use."""

    watch: Watch | None = None
    peer: str | None = None
    sent: bool = False


class Dialler:
    """Connects to public addresses only (unless private ones are allowed), and to those only with a contact set.

    The name is resolved, the addresses are checked, and the socket is opened to the very address that passed, so a
    name that changes its address in between (DNS rebinding) gains nothing. Host header, SNI and certificate check
    stay those of the name.
    """

    def __init__(
        self, resolve: Resolve, family: int, current: Current, *, allow_private: bool, allow_public: bool
    ) -> None:
        self._resolve = resolve
        self._family = family
        self._current = current
        self._allow_private = allow_private
        self._allow_public = allow_public

    def connect(self, host: str, port: int, timeout: float) -> socket.socket:
        """A connected socket. Raises NotPublicError, NoContactError, socket.gaierror or another OSError."""
        found = self._resolve(host.strip("[]"), port, self._family)
        allowed = [one for one in found if self._allow_private or is_public(one[1])]
        if not allowed:
            raise NotPublicError(f"{host} leads to {', '.join(sorted({ip for _, ip in found})) or 'no address'}")
        if not self._allow_public and any(is_public(ip) for _, ip in allowed):
            raise NoContactError(f"{host} is a public host, and the settings name no contact")
        failure: OSError = OSError("no address tried")
        for family, ip in allowed:
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                self._report(sock, None)
                watch = self._current.watch
                sock.settimeout(timeout if watch is None else min(timeout, watch.remaining()))
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.connect((ip, port))
            except OSError as error:
                sock.close()
                failure = error
            else:
                self._current.peer = ip
                return sock
        raise failure

    def reuse(self, sock: socket.socket | None) -> None:
        """A kept connection is used again; its address was checked when it was opened."""
        if sock is not None:
            self._report(sock, str(sock.getpeername()[0]))

    def sent(self) -> None:
        """Something was written: the connection, TLS included, did come about."""
        self._current.sent = True

    def _report(self, sock: socket.socket, peer: str | None) -> None:
        self._current.peer = peer
        if self._current.watch is not None:
            self._current.watch.attach(sock)


class GuardedAdapter(HTTPAdapter):
    """requests' adapter over guarded connections, with one prepared TLS context that always verifies."""

    def __init__(self, dialler: Dialler, context: ssl.SSLContext) -> None:
        self._dialler = dialler
        self._context = context
        super().__init__(pool_connections=_POOLS, pool_maxsize=4)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = _guarded_pools(self._dialler)

    def build_connection_pool_key_attributes(
        self,
        request: requests.PreparedRequest,
        verify: Any,  # noqa: ARG002
        cert: Any = None,
    ) -> Any:
        """The pool's key, with our context instead of what `verify` says: nobody can switch verification off."""
        host, _ = super().build_connection_pool_key_attributes(request, True, cert)
        secure = host["scheme"] == "https"
        return host, {"ssl_context": self._context, "cert_reqs": "CERT_REQUIRED"} if secure else {}

    def cert_verify(self, conn: Any, url: str, verify: bool | str | None, cert: Any) -> None:  # noqa: ARG002
        # The certificates are in the context; requests would load its whole bundle for each connection.
        conn.cert_reqs = "CERT_REQUIRED"


def _guarded_pools(dialler: Dialler) -> dict[str, type[HTTPConnectionPool]]:
    """urllib3's connection pools, whose connections dial through the dialler."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return dialler.connect(self._dns_host, self.port, _seconds(self.timeout))

        def request(self, *args: Any, **kwargs: Any) -> None:
            dialler.reuse(self.sock)
            super().request(*args, **kwargs)
            dialler.sent()

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return dialler.connect(self._dns_host, self.port, _seconds(self.timeout))

        def request(self, *args: Any, **kwargs: Any) -> None:
            dialler.reuse(self.sock)
            super().request(*args, **kwargs)
            dialler.sent()

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _seconds(timeout: object) -> float:
    assert isinstance(timeout, int | float)  # the wire always sets one
    return float(timeout)


def tls_context(tls: Tls, folder: Path | None, where: str) -> ssl.SSLContext:
    """A context that verifies against the public authorities, plus the exceptions the registry makes for a host.

    A bundle adds certificates (a missing intermediate, a root of the publisher's own) and takes none away. Raises
    `fetch.tls` when the bundle cannot be read.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    if tls.ca_bundle is not None:
        path = Path(tls.ca_bundle)
        path = path if folder is None or path.is_absolute() else folder / path
        try:
            context.load_verify_locations(cafile=str(path))
        except (OSError, ssl.SSLError) as error:
            raise fail("fetch.tls", f"the registry's tls.ca_bundle cannot be read: {path}: {error}", where) from error
    if tls.legacy_renegotiation:
        # Old servers: no secure renegotiation (RFC 5746) and 1024-bit DH. The certificate is verified as ever.
        context.options |= _LEGACY_SERVER_CONNECT
        context.set_ciphers("DEFAULT:@SECLEVEL=1")
    return context
