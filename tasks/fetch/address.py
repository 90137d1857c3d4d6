"""Addresses: one normal form, which registry host they belong to, and which network addresses are public."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests

from tasks.fetch.failures import fail

_DEFAULT_PORTS = {"http": 80, "https": 443}

# Second-level names under .cn that anybody may register below: categories and provinces
# (中国互联网络域名体系, MIIT 2018 no. 7; the list of provinces is that of its annex).
_CN_CATEGORIES = "ac|com|edu|gov|mil|net|org"
_CN_PROVINCES = "bj|sh|tj|cq|he|sx|nm|ln|jl|hl|js|zj|ah|fj|jx|sd|ha|hb|hn|gd|gx|hi|sc|gz|yn|xz|sn|gs|qh|nx|xj|tw|hk|mo"
_CN_SECOND_LEVEL = re.compile(rf"(?:{_CN_CATEGORIES}|{_CN_PROVINCES})\.cn")


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address: percent-encoded, host in lower case and ASCII, without fragment and trailing dots."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """What one robots.txt holds for: scheme, host and port (RFC 9309 §2.3)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def path(self) -> str:
        return urlsplit(self.url).path or "/"

    def at(self, path: str) -> Address:
        """The address of another path at the same origin."""
        parts = urlsplit(self.url)
        return parse(urlunsplit((parts.scheme, parts.netloc, path, "", "")))


@lru_cache(maxsize=1024)
def parse(url: str) -> Address:
    """Check and normalise an address as requests will send it. Raises `fetch.bad_url`."""
    if any(ord(letter) < 0x20 for letter in url.strip()):
        raise fail("fetch.bad_url", "the address holds control characters", url)
    prepared = requests.PreparedRequest()
    try:
        prepared.prepare_url(url.strip(), None)
        parts = urlsplit(prepared.url or "")
        port = parts.port
    except (requests.RequestException, ValueError) as error:
        raise fail("fetch.bad_url", f"not a valid address: {error}", url) from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise fail("fetch.bad_url", f"only http and https are fetched, not {parts.scheme or 'nothing'}", url)
    if parts.username is not None or parts.password is not None:
        raise fail("fetch.bad_url", "addresses with a user name or password are not fetched", url)
    # `./x` joined to a bare host gives `host./x` on some lists; the dot is dead weight for DNS and TLS alike.
    host = (parts.hostname or "").rstrip(".")
    if not host:
        raise fail("fetch.bad_url", "the address names no host", url)
    default = _DEFAULT_PORTS[parts.scheme]
    netloc = f"[{host}]" if ":" in host else host
    if port not in (None, default):
        netloc += f":{port}"
    return Address(
        url=urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, "")),
        scheme=parts.scheme,
        host=host,
        port=port or default,
    )


def join(base: Address, reference: str) -> Address:
    """Where a Location header or link leads from an address. Raises `fetch.bad_url`."""
    try:
        return parse(urljoin(base.url, reference.strip()))
    except ValueError as error:
        raise fail("fetch.bad_url", f"not a valid address: {error}", reference) from error


def matches(address: Address, entry: str) -> bool:
    """Whether an entry of the registry covers the address.

    `host` covers the two default ports and the same name with or without `www.`, `host:port` exactly that port,
    `*.domain` every name below the domain.
    """
    if entry.startswith("*."):
        return address.host.endswith(entry[1:].lower()) and address.port in _DEFAULT_PORTS.values()
    host, port = split_entry(entry)
    if port is not None:
        return (address.host, address.port) == (host, port)
    return address.port in _DEFAULT_PORTS.values() and _bare(address.host) == _bare(host)


@lru_cache(maxsize=8192)
def split_entry(entry: str) -> tuple[str, int | None]:
    """Host and port of a registry entry such as `a.gov.cn`, `a.gov.cn:8081` or `[::1]:80`."""
    parts = urlsplit(f"//{entry.lower()}")
    return (parts.hostname or "").rstrip("."), parts.port


def _bare(host: str) -> str:
    return host.removeprefix("www.")


def registrable(host: str) -> str:
    """The domain that one body registered: x.gov.cn of www.b.x.gov.cn. A network address is its own domain.

    Outside .cn the last two labels: too wide a guess there only makes us more polite.
    """
    if is_literal(host):
        return host
    labels = host.split(".")
    below_category = _CN_SECOND_LEVEL.fullmatch(".".join(labels[-2:])) is not None
    return ".".join(labels[-3 if below_category else -2 :])


def is_literal(host: str) -> bool:
    """Whether the host is written as a network address."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # NAT64, RFC 6052: carries an IPv4 address
_COMPATIBLE = ipaddress.IPv6Network("::/96")  # deprecated IPv4-compatible addresses, RFC 4291 §2.5.5.1


def is_public(ip: str) -> bool:
    """Whether a network address is on the public internet; IPv4 hidden in IPv6 is looked at for what it is."""
    address = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        hidden = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _TRANSLATED or address in _COMPATIBLE:
            hidden.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        inside = [one for one in hidden if one is not None]
        if inside:
            return all(is_public(str(one)) for one in inside)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
