"""Dates as lists and addresses write them. Lenient in form, strict in value: only real calendar days count."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from tasks.discover.text import fold, small_numeral

_YMD = re.compile(r"(?<!\d)((?:19|20)\d{2})(?:年|[-/.－—_])(\d{1,2})(?:月|[-/.－—_])(\d{1,2})(?!\d)日?")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})([01]\d)([0-3]\d)(?!\d)")
_DAY_LAST = re.compile(r"(?<!\d)((?:19|20)\d{2})[-/.年](\d{1,2})月?\|(\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})日?[-/.|]?((?:19|20)\d{2})(?:年|[-/.])(\d{1,2})月?(?!\d|[-/.月日]\d)")
_MONTH_DAY_YEAR = re.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.|]?((?:19|20)\d{2})(?!\d)")
_SHORT = re.compile(r"(?<![\d-])(\d{2})-(\d{1,2})-(\d{1,2})(?![\d-])")
_CHINESE = re.compile(r"(20\d{2})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日")
_DATE_WORDS = (
    r"[\[(（【]?\s*(?:19|20)?\d{2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?"
    r"(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?\s*[\])）】]?"
)
_TRAILING = re.compile(rf"\s*{_DATE_WORDS}\s*$")
_LEADING = re.compile(rf"^\s*{_DATE_WORDS}\s*(?=\S*\D)")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?")

# Dates in addresses, most precise first. Several dialects carry none at all.
_IN_URL: tuple[re.Pattern[str], ...] = (
    re.compile(r"/t((?:19|20)\d{2})(\d{2})(\d{2})_\d+"),  # TRS
    re.compile(r"/art/((?:19|20)\d{2})/(\d{1,2})/(\d{1,2})/"),  # Hanweb jcms, not zero-padded
    re.compile(r"/((?:19|20)\d{2})[-/](\d{1,2})[-/](\d{1,2})/"),
    re.compile(r"/((?:19|20)\d{2})-(\d{2})/(\d{2})/"),
    re.compile(r"/((?:19|20)\d{2})(\d{2})/(\d{2})/"),
    re.compile(r"/((?:19|20)\d{2})([01]\d)([0-3]\d)/"),
    re.compile(r"/[PW]0((?:19|20)\d{2})([01]\d)([0-3]\d)\d{6,}"),  # TRS attachment: stamp of the file
    re.compile(r"/((?:19|20)\d{2})([01]\d)([0-3]\d)\d{4,9}/"),  # /web/…/<time stamp>/
    re.compile(r"/((?:19|20)\d{2})([01]\d)/"),  # UCAP and many: month only
    re.compile(r"/((?:19|20)\d{2})[-/]([01]?\d)/"),
    re.compile(r"/art/((?:19|20)\d{2})/"),  # Hanweb jpaas: year only
)


@dataclass(frozen=True, slots=True)
class UrlDate:
    """When an address says its page was made. It is the CMS's time, never the report year."""

    iso: str  # 2022-01-28, 2022-01 or 2022
    precision: Literal["day", "month", "year"]


def find_date(text: str) -> str | None:
    """The first full date in a row's text as ISO, or None. Knows 2022-01-28, 2022/1/28, 2022年1月28日,
    `[22-01-28]`, `28 2022-01` (day in its own box), 二〇二二年一月二十八日, 20220128; a line break inside is no matter.
    """
    plain = _joined(text)
    for pattern, order in (
        (_YMD, (0, 1, 2)),
        (_CHINESE, (0, 1, 2)),
        (_COMPACT, (0, 1, 2)),
        (_DAY_LAST, (0, 1, 2)),
        (_DAY_FIRST, (1, 2, 0)),
        (_MONTH_DAY_YEAR, (2, 0, 1)),
        (_SHORT, (0, 1, 2)),
    ):
        for match in pattern.finditer(plain):
            parts = match.groups()
            found = iso_date(*(parts[place] for place in order))
            if found:
                return found
    return None


def iso_date(year: str, month: str, day: str) -> str | None:
    """ISO form of a day that exists and lies between 1990 and 2099; months and days may be Chinese numerals."""
    numbers = [int(part) if part.isdecimal() else small_numeral(part) for part in (year, month, day)]
    if any(number is None for number in numbers):
        return None
    y, m, d = (int(number or 0) for number in numbers)
    y += 2000 if y < 100 else 0
    try:
        return date(y, m, d).isoformat() if 1990 <= y <= 2099 else None
    except ValueError:
        return None


def url_date(url: str) -> UrlDate | None:
    """The date inside an address in any of the known dialects, at the precision it has; None when it has none."""
    path = url.split("#", 1)[0].split("?", 1)[0]
    for pattern in _IN_URL:
        match = pattern.search(path)
        if not match:
            continue
        parts = match.groups()
        if len(parts) == 3:
            day = iso_date(*parts)
            if day:
                return UrlDate(day, "day")
        elif len(parts) == 2 and 1 <= int(parts[1]) <= 12 and int(parts[0]) >= 1990:
            return UrlDate(f"{parts[0]}-{int(parts[1]):02d}", "month")
        elif len(parts) == 1:
            return UrlDate(parts[0], "year")
    return None


def strip_date(text: str) -> str:
    """The text without a date at its end or its beginning: a title whose link also holds the date."""
    return _LEADING.sub("", _TRAILING.sub("", text))


def _joined(text: str) -> str:
    # White space goes, except between digits, where it parts two boxes: `28 2022-01` must not become 282022.
    plain = _CLOCK.sub(" ", text.replace("：", ":")) if ":" in text or "：" in text else text
    plain = re.sub(r"\s*([-/.年月－—_])\s*", r"\1", plain)
    return fold(re.sub(r"(?<=\d)\s+(?=\d)", "|", plain))
