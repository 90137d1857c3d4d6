"""Plain data as text: the one form of JSON that the warehouse writes, digests of it, and text that can be stored."""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import Any

__all__ = ["digest", "digest_of", "json_text", "loosely", "quoted", "said", "short_key", "storable"]

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LONG_KEY = 120
_SHORT_TEXTS = 8_000  # that are kept at hand: reports say the same few thousand words and figures again and again
_STRICT = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_LOOSE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def json_text(value: Any) -> str:
    """JSON in the one form the warehouse writes: sorted, compact, Chinese as it is."""
    return _STRICT.encode(value)


def loosely(value: Any) -> str:
    """The same with decimals and dates as their text: what digests are made of."""
    return _LOOSE.encode(value)


def digest(value: Any) -> str:
    """SHA-256 of plain data; decimals and dates as their text."""
    return digest_of(loosely(value))


def digest_of(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def storable(text: str) -> str:
    """Text that both databases take: NUL and lone surrogates become U+FFFD, one for one, so that offsets hold."""
    if text.isascii() and "\0" not in text:  # most paths and figures
        return text
    return _UNSTORABLE.sub("\ufffd", text)


@lru_cache(_SHORT_TEXTS)
def said(text: str | None) -> tuple[str | None, str]:
    """A short text as it is stored, and that as JSON."""
    if text is None:
        return None, "null"
    kept = storable(text)
    return kept, quoted(kept)


def short_key(key: str) -> str:
    """Keys stay readable but never too long for an index."""
    if len(key) <= _LONG_KEY:
        return key
    return f"{key[: _LONG_KEY - 17]}~{digest_of(key)[:16]}"
