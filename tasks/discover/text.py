"""Folding of the short texts that sites write: titles, labels, dates. One normal form for comparison."""

from __future__ import annotations

import html
import re
import unicodedata

_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]\w*);", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
_NUMERALS = {
    char: digit
    for digit, chars in enumerate(("〇○零◯ΟОoO", "一", "二", "三", "四", "五", "六", "七", "八", "九"))
    for char in chars
}
_CHINESE_YEAR = re.compile(r"(?:二|2)[〇○零◯ΟОoO0][〇○零◯ΟОoO0-9一二三四五六七八九]{2}(?=年|度)")
_TENS = re.compile(r"^(?:([一二三四五六七八九])?(十))?([一二三四五六七八九])?$")


def unescape(text: str) -> str:
    """Entities that are closed by a semicolon, and only those: `&currentPage=2` is a parameter and no `&curren`."""
    return _ENTITY.sub(lambda match: html.unescape(match.group()), text) if "&" in text else text


def fold(text: str) -> str:
    """NFKC without markup, invisible characters and white space; years in Chinese numerals become digits.

    `二○二一年` and `二O二一年` give `2021年`. Full-width brackets, colons and digits become half-width ones.
    """
    plain = unescape(_TAG.sub("", text)) if "<" in text or "&" in text else text
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", plain))
    plain = re.sub(r"\s+", "", plain)
    return _CHINESE_YEAR.sub(lambda match: "".join(_digit(char) for char in match.group()), plain)


def collapse(text: str) -> str:
    """Readable form: markup and invisible characters out, runs of white space to one blank."""
    plain = unescape(_TAG.sub("", text)) if "<" in text or "&" in text else text
    return re.sub(r"\s+", " ", _INVISIBLE.sub("", plain).replace("\xa0", " ")).strip()


def small_numeral(text: str) -> int | None:
    """A Chinese numeral up to 99 (`二十八`, `十`, `三`), as days and months are written; None for anything else."""
    match = _TENS.match(text)
    if not text or match is None:
        return None
    tens, ten, ones = match.groups()
    return (_value(tens) if tens else 1 if ten else 0) * 10 + (_value(ones) if ones else 0)


def _value(char: str) -> int:
    return _NUMERALS[char]


def _digit(char: str) -> str:
    return char if char in "0123456789" else str(_NUMERALS[char])
