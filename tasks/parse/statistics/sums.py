"""Wholes and parts that the numbers prove: lists that add up, to the figure before them or to one behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import count

from tasks.parse.statistics.found import Found
from tasks.parse.statistics.lexicon import Lexicon

PART_OF, INCLUDED_IN = "part_of", "included_in"
LONGEST = 60  # parts of a list without marker
# Figures that stand beside a total, even where the numbers happen to add up.
BESIDE = frozenset(("applications_answered", "applications_carried_in", "applications_carried_out"))


@dataclass(slots=True)
class Listing:
    """An open enumeration: its wholes (a count, and the amounts that go with it) and the sum of the parts of each."""

    wholes: list[Found]
    relation: str
    group: int
    opens_sentence: bool = False
    sums: dict[int, Decimal] = field(default_factory=dict)
    parts: dict[int, list[Found]] = field(default_factory=dict)
    extra: dict[int, list[Found]] = field(default_factory=dict)

    def whole_of(self, part: Found, words: Lexicon) -> Found | None:
        """The nearest whole that measures what `part` measures, in the same unit rather than in a related one."""
        fitting = [whole for whole in self.wholes if whole.may_contain(part, words)]
        exact = [whole for whole in fitting if plain_unit(whole, words) == plain_unit(part, words)]
        return exact[-1] if exact else fitting[-1] if fitting else None


class Sums:
    """What the sums of one sentence say, after its markers have been read."""

    def __init__(self, text: str, words: Lexicon, groups: count[int]) -> None:
        self._text = text
        self._words = words
        self._groups = groups

    def judge(self, opened: Sequence[Listing], row: Sequence[Found]) -> None:
        """Parts that do not add up to their whole, but to another figure before them, are parts of that one.

        Where one of them is greater than its whole and no figure before is the sum, the whole has no figure of its own
        (收到 46 件, 上年结转 2 件, 其中 …: 48 in all), or the parts are fewer than those of an earlier, greater one.
        """
        for listing in opened:
            if listing.relation != PART_OF:
                continue
            for number, parts in listing.parts.items():
                whole = next(whole for whole in listing.wholes if id(whole) == number)
                reached = total(parts, self._words)
                if reached == whole.amount(self._words):
                    continue
                stated = [*listing.wholes, *(f for f in row if f.quantity.start < parts[0].quantity.start)]
                others = [other for other in stated if other.may_contain(parts[0], self._words)]
                exact = [other for other in others if other.amount(self._words) == reached]
                if exact and len(parts) > 1:
                    _move(parts, exact[-1], listing)
                elif any(part.amount(self._words) > whole.amount(self._words) for part in parts):
                    greater = [other for other in others if other.amount(self._words) > reached]
                    _move(parts, greater[-1] if greater else None, listing)

    def second_breakdowns(self, opened: Sequence[Listing]) -> None:
        """What follows a complete list is a second breakdown of the whole only if it reaches the whole again."""
        for listing in opened:
            for number, figures in listing.extra.items():
                whole = next(whole for whole in listing.wholes if id(whole) == number)
                if len(figures) > 1 and total(figures, self._words) == whole.amount(self._words):
                    group = next(self._groups)
                    for figure in figures:
                        join(figure, whole, PART_OF, group)

    def proved_by_sum(self, row: Sequence[Found], start: int) -> None:
        """A total and the figures after it that add up to it, without a marker: 75 件, 涉及自然人 72 件, 企业 3 件."""
        for place, whole in enumerate(row):
            if whole.quantity.value <= 0 or whole.parent is not None:
                continue
            parts: list[Found] = []
            reached, goal = Decimal(0), whole.amount(self._words)
            for part in row[place + 1 : place + 1 + LONGEST]:
                if part.parent or part.key in BESIDE or not whole.may_contain(part, self._words):
                    break
                parts.append(part)
                reached += part.amount(self._words)
                if reached >= goal:
                    break
            if len(parts) < 2 or reached != goal:
                continue
            lead = self._text[max(start, whole.left) : whole.quantity.start]
            between = self._text[whole.quantity.end : parts[0].quantity.start]
            if self._words["markers.total"].search(lead) or self._words["markers.proved_only"].search(between):
                group = next(self._groups)
                for part in parts:
                    join(part, whole, PART_OF, group)

    def total_behind(self, row: Sequence[Found]) -> None:
        """公告 56 篇, 公示 12 篇, 通知 9 篇, 合计 77 篇: the total stands behind what it is the sum of."""
        for place, whole in enumerate(row):
            said = self._words["markers.total_behind"].fullmatch(self._text, whole.left, whole.quantity.start)
            if said is None or whole.name.text or whole.parent is not None:
                continue
            reached, parts = Decimal(0), []
            for part in reversed(row[max(0, place - LONGEST) : place]):
                if part.parent is not None or not whole.may_contain(part, self._words):
                    break
                parts.append(part)
                reached += part.amount(self._words)
            if len(parts) > 1 and reached == whole.amount(self._words):
                whole.name, whole.subject = replace(whole.name, text=said["total"], alone=False), None
                group = next(self._groups)
                for part in parts:
                    join(part, whole, PART_OF, group)


def join(part: Found, whole: Found, relation: str, group: int) -> None:
    part.parent, part.relation, part.group = whole, relation, group


def _move(parts: Sequence[Found], whole: Found | None, listing: Listing) -> None:
    for part in parts:
        if whole is None:
            part.parent, part.relation, part.group = None, None, None
        else:
            join(part, whole, PART_OF, listing.group)


def plain_unit(figure: Found, words: Lexicon) -> str:
    return words.magnitude(figure.quantity.unit)[1]


def total(figures: Sequence[Found], words: Lexicon) -> Decimal:
    return sum((figure.amount(words) for figure in figures), Decimal(0))
