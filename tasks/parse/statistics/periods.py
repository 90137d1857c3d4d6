"""The period that a sentence names for a figure, where it is not the year of the report."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from tasks.parse.statistics.lexicon import Lexicon
from tasks.parse.statistics.needs import worth_trying

_YEAR = re.compile(r"(20[0-9]{2})年度?")
_WHOLE_YEAR = re.compile(
    r"(20[0-9]{2})年(?:0?1月0?1[日号]?起?[-至到—~](?:\1年)?12月31[日号]?(?:止|期间)?|0?1月?[-至到—~]12月份?)"
)
_NEAR = ("每", "上年", "上一年", "去年")  # these speak of their own clause only
_CARRIED = "结转"


class Periods:
    """The period expressions of one sentence, found when a figure asks for them.

    What a figure gets is the last one before it, as printed.
    """

    def __init__(self, text: str, start: int, end: int, year: int | None, words: Lexicon, characters: set[str]) -> None:
        self._text = text
        self._start = start
        self._end = end
        self._year = year
        self._words = words
        self._characters = characters
        self._this_year = words["this_year"]

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        text, start, end = self._text, self._start, self._end
        not_after = self._words["period_not_after"]
        found = [
            (match.start(), -match.end(), rank)
            for rank, period in enumerate(worth_trying(self._words.periods, self._characters))
            for match in period.finditer(text, start, end)
        ]
        spans: list[tuple[int, int]] = []
        reached = start
        for first, negative, _ in sorted(found):
            last = -negative
            if last <= reached:
                continue  # inside a longer expression
            lead = text[max(start, first - 2) : first]
            reached = last
            if not_after.search(lead[-1:]) or _titled(lead) or text.startswith(_CARRIED, last):
                continue
            spans.append((first, last))
        return spans

    @cached_property
    def _starts(self) -> list[int]:
        return [first for first, _ in self._spans]

    def of(self, left: int, figure: int) -> str | None:
        """The period of the figure at `figure` whose clause begins at `left`; None means the year of the report."""
        for place in range(bisect_right(self._starts, figure) - 1, -1, -1):
            first, last = self._spans[place]
            if last > figure:
                continue
            named = self._text[first:last]
            if named.startswith(_NEAR) and first < left:
                continue
            plain = _YEAR.fullmatch(named) or _WHOLE_YEAR.fullmatch(named)
            if plain and int(plain[1]) == self._year:
                return None
            return None if self._this_year.search(self._text, last, figure) else named
        return None


def _titled(lead: str) -> bool:
    return "《" in lead or "“" in lead
