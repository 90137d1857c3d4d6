"""Reads the body of an answer: within a size, unpacked within the same size, and whole."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from urllib3.response import BaseHTTPResponse

from tasks.fetch.failures import fail

_CHUNK = 65_536
_GZIP_MAGIC = b"\x1f\x8b\x08"
_LAYERS = 3  # proxies pack again what is packed already; more than that is an attack
_ARCHIVE_TYPES = ("application/gzip", "application/x-gzip", "application/x-tar", "application/x-compressed")
_ARCHIVE_NAMES = (".gz", ".tgz", ".svgz")


@dataclass(frozen=True, slots=True)
class Body:
    """Unpacked content, and how many bytes came over the wire. `whole` is False when the rest was left unread."""

    content: bytes
    received: int
    notes: tuple[str, ...] = ()
    whole: bool = True


def read_body(raw: BaseHTTPResponse, headers: Mapping[str, str], url: str, limit: int, *, cut: bool = False) -> Body:
    """All of the body, at most `limit` bytes packed and unpacked.

    With `cut` a longer body is cut at the limit instead of refused (robots.txt). Raises `fetch.too_large`,
    `fetch.undecodable` and `fetch.truncated`; troubles of the connection come through as they are.
    """
    announced = headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit and not cut:
        raise fail("fetch.too_large", f"{int(announced):,} bytes announced, {limit:,} allowed", url)
    packed = bytearray()
    for chunk in raw.stream(_CHUNK, decode_content=False):
        packed += chunk
        if len(packed) > limit:
            if not cut:
                raise fail("fetch.too_large", f"more than the {limit:,} bytes allowed", url)
            break
    notes: list[str] = []
    if not announced and "chunked" not in headers.get("transfer-encoding", "").lower():
        notes.append("length not announced")
    received = len(packed)
    content = _unpack(bytes(packed), headers, url, limit, notes, cut=cut)
    return Body(content[:limit] if cut else content, received, tuple(notes), whole=received <= limit)


def _unpack(data: bytes, headers: Mapping[str, str], url: str, limit: int, notes: list[str], *, cut: bool) -> bytes:
    layers = [layer for layer in headers.get("content-encoding", "").lower().replace(" ", "").split(",") if layer]
    if len(layers) > _LAYERS:
        raise fail("fetch.undecodable", f"packed {len(layers)} times over", url)
    for layer in reversed(layers):
        if layer in ("identity", "none", "utf-8"):  # the last two are mistakes that servers make
            continue
        if layer in ("gzip", "x-gzip"):
            if data and not data.startswith(_GZIP_MAGIC):
                notes.append("declared gzip, is not")
            elif data:
                data = _inflate(data, zlib.MAX_WBITS | 16, url, limit, cut=cut)
        elif layer == "deflate":
            data = _deflated(data, url, limit, cut=cut)
        else:
            raise fail("fetch.undecodable", f"packed as {layer}, which was not asked for", url)
    if not layers and data.startswith(_GZIP_MAGIC) and not _is_archive(headers, url):
        notes.append("undeclared gzip")
        data = _inflate(data, zlib.MAX_WBITS | 16, url, limit, cut=cut)
    return data


def _is_archive(headers: Mapping[str, str], url: str) -> bool:
    declared = headers.get("content-type", "").lower()
    return declared.startswith(_ARCHIVE_TYPES) or urlsplit(url).path.lower().endswith(_ARCHIVE_NAMES)


def _deflated(data: bytes, url: str, limit: int, *, cut: bool) -> bytes:
    # "deflate" means zlib (RFC 9110 §8.4.1.2), but many servers send it bare.
    zlib_header = len(data) >= 2 and data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
    return _inflate(data, zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS, url, limit, cut=cut) if data else data


def _inflate(data: bytes, window: int, url: str, limit: int, *, cut: bool) -> bytes:
    """Unpack, member after member; what follows the last member and is none (padding) is dropped."""
    found = bytearray()
    rest = data
    while rest:
        unpacker = zlib.decompressobj(window)
        pending = rest
        try:
            while pending and not unpacker.eof:
                found += unpacker.decompress(pending, limit + 1 - len(found))
                pending = unpacker.unconsumed_tail
                if len(found) > limit:
                    if cut:
                        return bytes(found)
                    raise fail("fetch.too_large", f"unpacks to more than the {limit:,} bytes allowed", url)
        except zlib.error as error:
            raise fail("fetch.undecodable", f"packed data damaged: {error}", url) from error
        if not unpacker.eof:
            if cut:
                return bytes(found)
            raise fail("fetch.truncated", "the packed data ends early", url)
        rest = unpacker.unused_data
        if window > 0 and not rest.startswith(_GZIP_MAGIC):
            break
        if window <= 0:
            break
    return bytes(found)
