"""Before anything is sent: does the receiver's host lead where it may, and does it take connections?

A failure here is certain: nothing was sent, so trying again repeats nothing.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket

from requests.utils import get_environ_proxies, select_proxy

from schemas.alerts import Delivery, DeliveryState

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses behind a translator (RFC 6052)."""


def reach(host: str, port: int, *, allow_private: bool, timeout: float, url: str | None = None) -> Delivery | None:
    """None when the receiver can be asked; else why not.

    Looks the host's addresses up, refuses private ones unless they are allowed, and connects once without sending.
    With a proxy between (for `url`), only the proxy knows the way, so nothing is tried. The look-up and the sending
    are two steps; a name server that changes its mind between them is not defended against.
    """
    if url is not None and select_proxy(url, get_environ_proxies(url)):
        return None
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        said = getattr(error, "strerror", None) or type(error).__name__
        return Delivery(DeliveryState.UNREACHABLE, "alert.unreachable", f"the host's name is not known ({said})")
    if not allow_private and any(not _public(str(address[0])) for *_, address in found):
        return Delivery(
            DeliveryState.REFUSED, "alert.private_address", "the host leads to an address that is not public"
        )
    said = "no address"
    for family, kind, protocol, _, address in found:
        with contextlib.closing(socket.socket(family, kind, protocol)) as attempt:
            attempt.settimeout(timeout)
            try:
                attempt.connect(address)
            except OSError as error:
                said = error.strerror or type(error).__name__
            else:
                return None
    return Delivery(DeliveryState.UNREACHABLE, "alert.unreachable", f"no connection: {said}")


def _public(address: str) -> bool:
    try:
        number = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(number, "ipv4_mapped", None) or getattr(number, "sixtofour", None)
    if number in _NAT64:
        inner = ipaddress.ip_address(number.packed[-4:])
    return number.is_global and not number.is_multicast and (inner is None or inner.is_global)
