"""Bytes to text, for pages whose declared encoding is missing or wrong.

Order: byte order mark → strict UTF-8 → the declared encoding (every gb* read as GB18030) → GB18030. Strict UTF-8 comes
before the declaration, because text in GBK is practically never valid UTF-8, while declarations are often wrong.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATION = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_COMMON = "，。、的一（）"
_LATIN = {"iso8859-1", "latin-1", "ascii", "cp1252"}  # what servers announce when they do not know


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding it was in, and how that is known: bom, utf-8, declared or guess."""

    text: str
    encoding: str
    source: str
    damaged: bool = False


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """The text of `data` without its byte order mark; `declared` is a Content-Type header or a bare charset name."""
    for mark, marked in _MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(marked, errors="replace")
            return Decoded(text, marked, "bom", "\ufffd" in text)
    try:
        return Decoded(data.decode("utf-8"), "utf-8", "utf-8")
    except UnicodeDecodeError:
        pass
    for stated in (_from_header(declared), _from_content(data)):
        encoding = _known(stated)
        if encoding is not None:
            try:
                return Decoded(data.decode(encoding), encoding, "declared")
            except UnicodeDecodeError:
                continue
    return _guess(data)


def _guess(data: bytes) -> Decoded:
    wide = _wide(data)
    if wide:
        text = data.decode(wide, errors="replace")
        return Decoded(text, wide, "guess", "\ufffd" in text)
    try:
        return Decoded(data.decode("gb18030"), "gb18030", "guess")
    except UnicodeDecodeError:
        pass
    # Something is broken either way: the encoding that loses fewer characters is the likelier one.
    candidates = [(data.decode(name, errors="replace"), name) for name in ("utf-8", "gb18030")]
    text, name = min(candidates, key=lambda found: found[0].count("\ufffd"))
    return Decoded(text, name, "guess", damaged=True)


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: markup and digits leave zeros at every other place, Chinese reads as Chinese."""
    sample = data[:4096]
    sample = sample[: len(sample) // 2 * 2]
    if len(sample) < 16:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if even + odd >= len(sample) // 20:
        if odd > 4 * even:
            return "utf-16-le"
        return "utf-16-be" if even > 4 * odd else None
    # GB18030 text read as UTF-16 gives rare characters, hardly any of the punctuation that every report has.
    for name in ("utf-16-le", "utf-16-be"):
        text = sample.decode(name, errors="replace")
        if sum(text.count(mark) for mark in _COMMON) * 40 > len(text) and "\ufffd" not in text[:-1]:
            return name
    return None


def narrowed(data: bytes, most: int) -> bytes:
    """The start of a text, as UTF-8 when it is UTF-16 or UTF-32, so that one set of patterns serves for all."""
    for mark, encoding in _MARKS[1:]:
        if data.startswith(mark):
            return data[len(mark) : most].decode(encoding, errors="replace").encode("utf-8")
    encoding_found = None if _is_utf8(data[:most]) else _wide(data)
    return data[:most].decode(encoding_found, errors="replace").encode("utf-8") if encoding_found else data[:most]


def _is_utf8(sample: bytes) -> bool:
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(sample) - 4  # cut inside the last character
    return 0 not in sample


def _from_header(declared: str | None) -> str | None:
    if not declared:
        return None
    found = _HEADER.search(declared)
    if found:
        return found.group(1)
    return None if "/" in declared else declared.strip()


def _from_content(data: bytes) -> str | None:
    found = _DECLARATION.search(data[:8192])
    return found.group(1).decode("ascii") if found else None


def _known(name: str | None) -> str | None:
    if not name:
        return None
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        return None
    if encoding.startswith(("gb", "hz")) or encoding in {"cp936", "euc_cn"}:
        return "gb18030"
    return None if encoding in _LATIN or encoding.startswith(("utf-8", "utf_8")) else encoding
