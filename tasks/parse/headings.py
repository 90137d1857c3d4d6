"""Section headings of all editions: recognised by their words, whatever number they carry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from rapidfuzz.distance import Levenshtein

from schemas.forms import READABLE, form
from tasks.parse.labels import bare, fold

_NUMBERED = re.compile(r"^(?P<number>[一二三四五六七八九十]{1,3})\s*[、.．,，]\s*(?P<body>\S.*)$", re.DOTALL)
_PART = re.compile(r"^第(?P<number>[一二三四五六七八九十]{1,3})(?:部分|章)[\s、:：]*(?P<body>\S.*)$", re.DOTALL)
_DIGITS = {character: value for value, character in enumerate("一二三四五六七八九", 1)}
_OWN_YEAR = re.compile(r"^20\d\d年度?")  # 一、2022年度总体工作情况
_LEAST_NAME = 8  # characters of a heading without a number; 主动公开情况 alone is a part of section one
_MARKS = " \t\r\n\u3000\xa0*#"  # white space and Markdown around a heading
MAX_HEADING = 45  # folded characters; the longest heading seen has 35


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as found: section code (None: not one of a form), its number, and how many characters it takes."""

    code: str | None
    number: int | None
    text: str
    length: int


@cache
def known_headings() -> dict[str, str]:
    """Bare heading → section code, over all editions."""
    found: dict[str, str] = {}
    for edition in READABLE:
        for section in form(edition).sections:
            for heading in section.headings:
                found.setdefault(bare(heading), section.code)
    return found


@cache
def _opening() -> re.Pattern[str]:
    """A known heading at the start of a paragraph that goes on with the section's text."""
    longest_first = sorted(known_headings(), key=len, reverse=True)
    words = "|".join(_spaced(heading) for heading in longest_first if len(heading) >= 2)
    return re.compile(rf"^(?P<number>[一二三四五六七八九十])\s*[、.．]\s*(?:{words})(?P<end>情况)?\s*[。:：\n]?")


@cache
def _inside() -> re.Pattern[str]:
    """A known heading inside a paragraph whose line breaks were lost."""
    longest_first = sorted(known_headings(), key=len, reverse=True)
    words = "|".join(_spaced(heading) for heading in longest_first if len(heading) >= 2)
    return re.compile(rf"(?<=[。；;!？\s\d元无）)])(?P<number>[一二三四五六七八九])、(?:{words})")


def _spaced(heading: str) -> str:
    """A pattern for heading words with blanks and punctuation between any of them."""
    return r"[\s、，,]*".join(map(re.escape, heading))


def chinese_number(text: str) -> int | None:
    """一 … 九十九 as a number."""
    if not text:
        return None
    if "十" in text:
        tens, _, units = text.partition("十")
        return _DIGITS.get(tens, 1) * 10 + _DIGITS.get(units, 0)
    return _DIGITS.get(text) if len(text) == 1 else None


def section_code(words: str) -> str | None:
    """The section code of heading words (without number), allowing small damage; None when it is none we know."""
    printed = bare(words)
    known = known_headings()
    if printed in known:
        return known[printed]
    if len(printed) < 5:
        return None
    for heading, code in known.items():
        allowed = len(heading) // 6
        if allowed and Levenshtein.distance(printed, heading, score_cutoff=allowed) <= allowed:
            return code
    return None


def heading_of(text: str) -> Heading | None:
    """The heading that a paragraph is, or starts with; None for all other text.

    A numbered short line without a full stop is a heading even when no form knows it (narrative reports are
    free); a line without a number only when its words are those of a form.
    """
    lead = len(text) - len(text.lstrip(_MARKS))
    stripped = text[lead:].rstrip()
    first_line = stripped.split("\n", 1)[0].rstrip(_MARKS)
    match = _NUMBERED.match(first_line) or _PART.match(first_line)
    folded = fold(first_line)
    if match and len(folded) <= MAX_HEADING and "。" not in folded and not folded.endswith((";", ",", ":")):
        words = _OWN_YEAR.sub("", fold(match["body"]))
        code = section_code(words)
        if code or not re.search(r"[,;]|\d{2,}", words):
            return Heading(code, chinese_number(match["number"]), first_line, lead + len(first_line))
    named = match is None and len(bare(folded)) >= _LEAST_NAME and not folded.startswith(("表", "附表"))
    if named and len(folded) <= MAX_HEADING and bare(folded) in known_headings():
        return Heading(section_code(folded), None, first_line, lead + len(first_line))
    opening = _opening().match(stripped)
    if opening:
        words = opening.group().strip().rstrip("。:：")
        return Heading(
            section_code(words.split("、", 1)[-1]) or section_code(words),
            chinese_number(opening["number"]),
            words,
            lead + len(words),
        )
    return None


def headings_inside(text: str) -> list[tuple[int, Heading]]:
    """Known headings inside running text (offset, heading), for documents that lost their line breaks."""
    found = []
    for match in _inside().finditer(text):
        words = match.group()
        code = section_code(words.split("、", 1)[-1])
        found.append((match.start(), Heading(code, chinese_number(match["number"]), words, len(words))))
    return found
