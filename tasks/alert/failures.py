"""What a failed attempt means: surely not delivered and worth another try, refused, or not known."""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemas.alerts import Delivery, DeliveryState

_HTTP = re.compile(r"error=(\d{3})")
_SMTP = re.compile(r"\((\d{3}), ")
_NEVER_CONNECTED = re.compile(r"NewConnectionError|ConnectTimeout|NameResolution|Connection refused|ProxyError")
_NOT_TRUSTED = re.compile(
    r"CERTIFICATE_VERIFY_FAILED|SSLError|STARTTLS extension not supported|AUTH extension not supp"
)
_LATER = frozenset({408, 425, 429})
_LONGEST = 300


def failure_of(said: Sequence[str]) -> Delivery:
    """From what Apprise, requests or smtplib said of an attempt that failed. Secrets are not struck out yet."""
    text = " ".join(" ".join(said).split()) or "the message was not taken, and nothing was said"
    for pattern in (_HTTP, _SMTP):
        found = pattern.findall(text)
        if found:
            return by_status(int(found[-1]), text, mail=pattern is _SMTP)
    if _NEVER_CONNECTED.search(text):
        return unreachable(text)
    if _NOT_TRUSTED.search(text):
        return refused(text)
    return unsure(text)


def by_status(status: int, text: str, *, mail: bool = False) -> Delivery:
    """An HTTP status that is no success, or an SMTP reply code (4xx: later, 5xx: no; RFC 5321 §4.2.1)."""
    later = 400 <= status < 500 if mail else status in _LATER or status >= 500
    return unreachable(text) if later else refused(text)


def unreachable(text: str) -> Delivery:
    """Surely not delivered; trying again can help."""
    return Delivery(DeliveryState.UNREACHABLE, "alert.unreachable", text[:_LONGEST])


def refused(text: str) -> Delivery:
    """Surely not delivered; the receiver says no."""
    return Delivery(DeliveryState.REFUSED, "alert.refused", text[:_LONGEST])


def unsure(text: str) -> Delivery:
    """Delivered or not: nobody said."""
    return Delivery(DeliveryState.UNSURE, "alert.no_answer", text[:_LONGEST])
