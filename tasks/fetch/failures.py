"""Turns what went wrong on the way (sockets, TLS, HTTP) into a FetchTrouble with one of our codes."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator

from requests import exceptions as requests_errors
from urllib3 import exceptions as urllib3_errors

from schemas.errors import FetchTrouble
from schemas.reasons import reason_code


def fail(code: str, message: str, where: str | None = None, *, recoverable: bool | None = None) -> FetchTrouble:
    """A FetchTrouble of that code; recoverable as the code's entry says unless this case is known to differ."""
    if recoverable is None:
        entry = reason_code(code)
        recoverable = entry.recoverable if entry else False
    return FetchTrouble(code, message, where=where, recoverable=recoverable)


class NotPublicError(Exception):
    """All addresses that a name leads to are private, loopback, link-local or otherwise not public."""


class NoContactError(Exception):
    """A public host would be asked by someone who cannot be reached."""


_LEGACY_TLS = ("UNSAFE_LEGACY_RENEGOTIATION", "DH_KEY_TOO_SMALL", "BAD_ECPOINT", "UNSUPPORTED_PROTOCOL", "EE_KEY_TOO")


def from_exception(error: BaseException, where: str) -> FetchTrouble:
    """The trouble behind an exception of requests, urllib3, ssl or socket: the innermost cause decides."""
    chain = list(_causes(error))
    for name in (_refused, _tls, _dns, _truncated, _timeout, _network):
        for cause in chain:
            found = name(cause)
            if found is not None:
                # A name that does not exist will not exist in a few seconds either; a busy resolver may answer.
                unknown = isinstance(cause, socket.gaierror) and cause.errno != socket.EAI_AGAIN
                return fail(*found, where, recoverable=False if unknown else None)
    return fail("fetch.bad_answer", f"the answer cannot be understood: {_brief(chain[-1])}", where)


def _refused(cause: BaseException) -> tuple[str, str] | None:
    if isinstance(cause, NotPublicError):
        return "fetch.private_address", str(cause)
    if isinstance(cause, NoContactError):
        return "fetch.no_contact", str(cause)
    if isinstance(cause, requests_errors.InvalidURL | urllib3_errors.LocationParseError):
        return "fetch.bad_url", f"not a valid address: {_brief(cause)}"
    return None


def _tls(cause: BaseException) -> tuple[str, str] | None:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return "fetch.tls", f"certificate not verified: {cause.verify_message or _brief(cause)}"
    if isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "fetch.network", "the connection ended during the TLS handshake"
    if isinstance(cause, ssl.SSLError):
        reason = cause.reason or _brief(cause)
        if any(mark in reason.upper() for mark in _LEGACY_TLS):
            return "fetch.tls", f"the server knows only outdated encryption: {reason}"
        return "fetch.tls", f"no encrypted connection: {reason}"
    return None


def _dns(cause: BaseException) -> tuple[str, str] | None:
    if isinstance(cause, socket.gaierror | urllib3_errors.NameResolutionError):
        return "fetch.dns", f"the name cannot be resolved: {_brief(cause)}"
    return None


def _truncated(cause: BaseException) -> tuple[str, str] | None:
    if isinstance(
        cause, http.client.IncompleteRead | urllib3_errors.IncompleteRead | urllib3_errors.InvalidChunkLength
    ):
        return "fetch.truncated", f"the body ended early: {_brief(cause)}"
    # urllib3 has no type of its own for a chunked body that just stops.
    if type(cause) is urllib3_errors.ProtocolError and "prematurely" in str(cause):
        return "fetch.truncated", "the chunked body ended early"
    return None


def _timeout(cause: BaseException) -> tuple[str, str] | None:
    if isinstance(cause, urllib3_errors.ConnectTimeoutError) and not isinstance(
        cause, urllib3_errors.NewConnectionError
    ):
        return "fetch.timeout", "no connection in time"
    if isinstance(cause, TimeoutError | urllib3_errors.ReadTimeoutError):
        return "fetch.timeout", "no answer in time"
    return None


def _network(cause: BaseException) -> tuple[str, str] | None:
    if isinstance(cause, http.client.RemoteDisconnected):
        return "fetch.network", "the server closed the connection without an answer"
    if isinstance(cause, OSError) and not isinstance(cause, requests_errors.RequestException):
        return "fetch.network", f"the connection failed: {_brief(cause)}"
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and everything it was made from, outermost first."""
    seen: set[int] = set()
    open_ones = [error]
    while open_ones:
        cause = open_ones.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inner = [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
        open_ones += [one for one in inner if isinstance(one, BaseException)]


def _brief(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else text[:157] + "..."
