"""One exchange with a server through requests, within limits of time and size."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException

import requests
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar
from urllib3.exceptions import HTTPError

from schemas.errors import FetchTrouble
from schemas.settings import FetchSettings
from schemas.site import Tls
from tasks.fetch.body import Body, read_body
from tasks.fetch.deadline import Watchdog
from tasks.fetch.dial import Current, Dialler, GuardedAdapter, Resolve, tls_context
from tasks.fetch.ending import ENDED
from tasks.fetch.failures import NoContactError, NotPublicError, fail, from_exception

_FAMILIES = {"any": socket.AF_UNSPEC, "ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}
_BROKEN = (
    requests.RequestException,
    HTTPError,
    HTTPException,
    OSError,
    ValueError,
    NotPublicError,
    NoContactError,
)
_ERROR_BODY = 256 * 1024  # of an error or redirect page: enough to recognise what it says


@dataclass(frozen=True, slots=True)
class Call:
    """What to send, and how much may come back. With `cut`, more than the limit is cut off instead of refused."""

    request: requests.PreparedRequest
    jar: RequestsCookieJar
    tls: Tls
    allow_private: bool
    limit: int
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent. Header names are in lower case; `cookies` are the names it set."""

    status: int
    headers: dict[str, str]
    cookies: tuple[str, ...]
    body: bytes
    received: int
    peer: str | None
    notes: tuple[str, ...]


Answered = Callable[[int, dict[str, str]], None]


class Wire:
    """The connections of a client, kept and shared by all threads."""

    def __init__(self, settings: FetchSettings, resolve: Resolve) -> None:
        self._settings = settings
        self._resolve = resolve
        self._timeouts = (settings.connect_timeout, settings.read_timeout)
        self._watchdog = Watchdog(settings.total_timeout)
        self._current = Current()
        self._adapters: dict[tuple[Tls, bool], GuardedAdapter] = {}
        self._lock = threading.Lock()
        self._ended = False

    @property
    def sent(self) -> bool:
        """Whether this thread's last exchange got as far as sending its request."""
        return self._current.sent

    @property
    def peer(self) -> str | None:
        """The network address that this thread's last exchange was connected to; None when it never was."""
        return self._current.peer

    def exchange(self, call: Call, answered: Answered) -> Answer:
        """Send the request and read the answer; cookies that the server sets go into the jar.

        `answered` is told status and headers as soon as the head of the answer has come. Raises FetchTrouble.
        """
        url = str(call.request.url)
        self._current.peer, self._current.sent = None, False
        adapter = self._adapter(call, url)
        with self._watchdog.watch() as watch:
            self._current.watch = watch
            if self._ended:
                watch.expire()
            try:
                answer = self._send(adapter, call, answered)
            except _BROKEN as error:
                trouble = self._too_slow(url) if watch.expired else from_exception(error, url)
                raise trouble from error
            finally:
                self._current.watch = None
            # A body without announced length just seems to end when its time is over.
            if watch.expired:
                raise self._too_slow(url)
            return answer

    def end(self) -> None:
        """Give up all exchanges, those to come too: they raise `fetch.ended`."""
        self._ended = True
        self._watchdog.end_all()

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            adapters, self._adapters = list(self._adapters.values()), {}
        for adapter in adapters:
            adapter.close()
        self._watchdog.close()

    def _send(self, adapter: GuardedAdapter, call: Call, answered: Answered) -> Answer:
        response = adapter.send(call.request, stream=True, timeout=self._timeouts)
        raw = response.raw
        try:
            headers = _plain(raw.headers)
            answered(response.status_code, headers)
            extract_cookies_to_jar(call.jar, call.request, raw)  # type: ignore[no-untyped-call]
            body = self._body(response, headers, call)
        except BaseException:
            raw.close()
            raise
        if body.whole:
            raw.release_conn()
        else:
            raw.close()
        return Answer(
            status=response.status_code,
            headers=headers,
            cookies=_cookie_names(raw.headers.getlist("set-cookie")),
            body=body.content,
            received=body.received,
            peer=self._current.peer,
            notes=body.notes,
        )

    def _body(self, response: requests.Response, headers: Mapping[str, str], call: Call) -> Body:
        url = str(call.request.url)
        if response.status_code < 300:
            return read_body(response.raw, headers, url, call.limit, cut=call.cut)
        try:
            return read_body(response.raw, headers, url, _ERROR_BODY, cut=True)
        except (FetchTrouble, HTTPError, OSError) as error:
            # What the status says is worth more than a damaged error page.
            return Body(b"", 0, (f"body of the {response.status_code} not read: {type(error).__name__}",), whole=False)

    def _adapter(self, call: Call, url: str) -> GuardedAdapter:
        key = (call.tls, call.allow_private)
        adapter = self._adapters.get(key)
        if adapter is None:
            with self._lock:
                adapter = self._adapters.get(key)
                if adapter is None:
                    family = _FAMILIES[self._settings.address_family]
                    dialler = Dialler(
                        self._resolve,
                        family,
                        self._current,
                        allow_private=call.allow_private,
                        allow_public=self._settings.contact is not None,
                    )
                    adapter = GuardedAdapter(dialler, tls_context(call.tls, self._settings.ca_folder, url))
                    self._adapters[key] = adapter
        return adapter

    def _too_slow(self, url: str) -> FetchTrouble:
        if self._ended:
            return fail(ENDED, "the run was ended while the answer was waited for", url)
        return fail("fetch.timeout", f"not finished within {self._settings.total_timeout:g} s", url)


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers with names in lower case; of cookies only the names, since values may identify a session."""
    found = {name.lower(): value for name, value in headers.items()}
    if "set-cookie" in found:
        found["set-cookie"] = ", ".join(_cookie_names(headers.getlist("set-cookie")))  # type: ignore[attr-defined]
    return found


def _cookie_names(lines: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.partition("=")[0].strip() for line in lines))
