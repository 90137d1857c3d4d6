"""Dates and periods as reports print them, damage included. No date is ever taken from an address or a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from tasks.parse.width import nfkc, unspaced

_CHINESE = str.maketrans("〇○零Ｏ一二三四五六七八九", "00001234567890"[:4] + "123456789")
_DAY = re.compile(
    r"(?P<year>(?:19|20)\d\d)\s*(?:年|[-/.])\s*(?P<month>1[0-2]|0?[1-9])\s*(?:月|[-/.])\s*(?P<day>3[01]|[12]\d|0?[1-9])(?!\d)\s*日?"
)
_MONTH = re.compile(r"(?P<year>(?:19|20)\d\d)\s*(?:年|[-/.])\s*(?P<month>1[0-2]|0?[1-9])\s*月?(?![\d月])")
_CHINESE_DATE = re.compile(
    r"(?P<year>[一二][〇○零九0-9一二三四五六七八]{3})年(?P<month>十[一二]?|[一二三四五六七八九])月(?:(?P<day>[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])日)?"
)
_FULL_PERIOD = re.compile(
    r"(?P<y1>(?:19|20)\d\d)\s*[年./-]\s*(?P<m1>\d{1,2})\s*[月./-]\s*(?P<d1>\d{1,2})\s*日?\s*起?\s*,?\s*(?:至|到|截[至止]|—|-|－|~|～)+\s*"
    r"(?:(?P<y2>(?:19|20)\d\d)\s*[年./-])?\s*(?P<m2>\d{1,2})\s*[月./-]\s*(?P<d2>\d{1,2})(?!\d)\s*日?"
)
# 年 and 月 lost in the page text (forms.md §10): 202211日起至20221231日止
_DAMAGED_PERIOD = re.compile(r"(?:自|从)?(?P<year>(?:19|20)\d\d)年?1?月?1月?1?日(?:起)?(?:至|到)(?P=year)?年?12月?31日")


@dataclass(frozen=True, slots=True)
class StatedDate:
    """An ISO 8601 date as precise as it was stated, with its precision: day, month or year."""

    iso: str
    precision: str

    @property
    def year(self) -> int:
        return int(self.iso[:4])


def stated_date(text: str) -> StatedDate | None:
    """The first date in a short text; None without one."""
    normal = nfkc(text)
    day = _DAY.search(normal)
    month = _MONTH.search(normal)
    if day and (month is None or day.start() <= month.start()):
        try:
            return StatedDate(date(int(day["year"]), int(day["month"]), int(day["day"])).isoformat(), "day")
        except ValueError:
            return None
    if month:
        return StatedDate(f"{month['year']}-{int(month['month']):02d}", "month")
    chinese = _CHINESE_DATE.search(unspaced(normal))
    return _chinese_date(chinese) if chinese else None


def _chinese_date(match: re.Match[str]) -> StatedDate | None:
    year = match["year"].translate(_CHINESE)
    if not re.fullmatch(r"(?:19|20)\d\d", year):
        return None
    month = chinese_units(match["month"])
    if match["day"] is None:
        return StatedDate(f"{year}-{month:02d}", "month")
    try:
        return StatedDate(date(int(year), month, chinese_units(match["day"])).isoformat(), "day")
    except ValueError:
        return None


def _in_digits(match: re.Match[str]) -> str:
    found = _chinese_date(match)
    if found is None or found.precision != "day":
        return match.group()
    year, month, day = found.iso.split("-")
    return f"{year}年{month}月{day}日"


def chinese_units(text: str) -> int:
    """一 … 三十一 as a number."""
    tens, mark, units = text.rpartition("十")
    digits = "一二三四五六七八九"
    if not mark:
        return digits.index(text) + 1
    return ((digits.index(tens) + 1) if tens else 1) * 10 + ((digits.index(units) + 1) if units else 0)


def chinese_year(text: str) -> int | None:
    """二〇二一 or 二○二一 as 2021."""
    digits = text.translate(_CHINESE)
    return int(digits) if re.fullmatch(r"(?:19|20)\d\d", digits) else None


def stated_period(text: str) -> tuple[date, date] | None:
    """The statistics period (统计期限) in a text: the first span of whole dates that covers more than a month."""
    normal = _CHINESE_DATE.sub(_in_digits, nfkc(text))
    for match in _FULL_PERIOD.finditer(normal):
        try:
            first = date(int(match["y1"]), int(match["m1"]), int(match["d1"]))
            last = date(int(match["y2"] or match["y1"]), int(match["m2"]), int(match["d2"]))
        except ValueError:
            continue
        if (last - first).days > 31:
            return first, last
    damaged = _DAMAGED_PERIOD.search(unspaced(normal))
    if damaged:
        year = int(damaged["year"])
        return date(year, 1, 1), date(year, 12, 31)
    return None


def period_year(period: tuple[date, date] | None) -> int | None:
    """The one year that a period lies in; None where it begins and ends in different years, which no report does."""
    return period[0].year if period and period[0].year == period[1].year else None
