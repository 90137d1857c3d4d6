"""Bytes of a page to text: BOM, strict UTF-8, what is declared, GB 18030; a guess is noted, never silent.

Government sites declare nothing, or wrongly: gb2312 for what is GBK, ISO-8859-1 because the server adds it to
everything. So what the bytes themselves prove goes before what is said about them, and of the gb* family the
largest is used (GB 18030 reads all that GB 2312 and GBK can hold).
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9._:-]{2,40})""", re.IGNORECASE)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{2,40})""", re.IGNORECASE)
# A little GBK can be valid UTF-8 by chance, but only as letters of two bytes each, never as Chinese.
_PROOF = re.compile("[\u0800-\U0010ffff]")
_HEAD = 4096  # where a declaration inside the page must stand
# Single-byte sets never fail to decode, so on a Chinese site they prove nothing: servers add them by default.
_SAYS_NOTHING = {"iso8859-1", "cp1252", "ascii", "latin-1", "iso8859-15"}
_NEARLY = 0.02  # share of broken characters up to which damaged UTF-8 is still UTF-8 (a summary cut inside one)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding that gave it, and a note when something had to be guessed or replaced."""

    text: str
    encoding: str
    note: str | None = None


def decode(data: bytes, content_type: str | None = None) -> Decoded:
    """The text of a page. Never raises: what cannot be decoded becomes U+FFFD, with a note."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _lenient(data[len(mark) :], encoding)
    text = _strict(data, "utf-8")
    if text is not None and (text.isascii() or _PROOF.search(text)):
        return Decoded(text, "utf-8")
    declared = declared_encoding(data, content_type)
    if text is not None and declared != "gb18030":
        return Decoded(text, "utf-8")
    if declared is not None and declared not in ("utf-8", *_SAYS_NOTHING):
        text = _strict(data, declared)
        if text is not None:
            return Decoded(text, declared)
    # Before GB 18030: it accepts most damaged UTF-8 too, and makes nonsense of it.
    damaged = data.decode("utf-8", "replace")
    if _is_nearly(damaged):
        return Decoded(damaged, "utf-8", "damaged UTF-8: broken characters replaced")
    text = _strict(data, "gb18030")
    if text is not None:
        note = None if declared is None else f"declared {declared}, is GB 18030"
        return Decoded(text, "gb18030", note)
    return _last_resort(data, declared)


def header_text(value: str) -> str:
    """The text of a header's value that may hold raw UTF-8 or GBK bytes, which HTTP hands on as Latin-1."""
    if value.isascii():
        return value
    try:
        return decode(value.encode("latin-1")).text
    except UnicodeEncodeError:
        return value


def declared_encoding(data: bytes, content_type: str | None) -> str | None:
    """The encoding named by the header or else by the page, as Python calls it; gb* is always gb18030."""
    found = _HEADER.search(content_type or "")
    names = [found.group(1)] if found else []
    names += [match.group(1).decode("ascii") for match in _META.finditer(data[:_HEAD])]
    for name in names:
        encoding = _known(name)
        if encoding is not None and encoding not in _SAYS_NOTHING:
            return encoding
    return next((encoding for encoding in map(_known, names) if encoding is not None), None)


def _known(name: str) -> str | None:
    if name.lower().replace("_", "").replace("-", "").startswith(("gb", "hzgb", "cp936", "xgbk")):
        return "gb18030"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _lenient(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    return Decoded(text, encoding, "broken characters replaced" if "\ufffd" in text else None)


def _is_nearly(text: str) -> bool:
    """Whether text decoded with replacements is right but for a few places."""
    broken = text.count("\ufffd")
    proper = sum(1 for letter in text if letter > "\x7f") - broken
    return broken <= max(2, proper * _NEARLY) and proper > broken


def _last_resort(data: bytes, declared: str | None) -> Decoded:
    """The reading with the fewest broken characters; Chinese encodings first when they tie."""
    tried = ["gb18030", "utf-8"] + ([declared] if declared in _SAYS_NOTHING else [])
    best = min(((data.decode(name, "replace"), name) for name in tried), key=lambda one: one[0].count("\ufffd"))
    said = f"declared {declared}" if declared else "no encoding declared"
    return Decoded(best[0], best[1], f"{said}; read as {best[1]} with broken characters replaced")
