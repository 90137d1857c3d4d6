"""Which figure is a part of which: 其中, 包括, brackets, colons, 含, and lists that add up.

A sentence is walked from left to right with a frame per open bracket. A marker opens an enumeration of the figures
that stand right before it; the figures that follow and measure the same thing are its parts. A list that has reached
its whole is complete: what follows is a second breakdown of the same whole if it reaches it again, else no part of it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import count

from tasks.parse.statistics.found import Found
from tasks.parse.statistics.lexicon import Lexicon
from tasks.parse.statistics.phrases import clause_start

PART_OF, INCLUDED_IN = "part_of", "included_in"
_LOOK_AHEAD = 3  # sentences in which a list that began with 其中 may be finished
_WITHIN = re.compile(r"[中里内],")
_MANY = 12  # amounts said of one count; wholes that a sentence may leave to the next
_LONGEST = 60  # parts of a list without marker
# Figures that stand beside a total, even where the numbers happen to add up.
_BESIDE = frozenset(("applications_answered", "applications_carried_in", "applications_carried_out"))
_OPENING = 8  # a marker this near the start of a sentence speaks of the sentence before


@dataclass(slots=True)
class _List:
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
        exact = [whole for whole in fitting if _plain(whole, words) == _plain(part, words)]
        return exact[-1] if exact else fitting[-1] if fitting else None


@dataclass(slots=True)
class _Frame:
    """One level of brackets."""

    base: list[Found]  # the figures right before the bracket
    row: list[Found] = field(default_factory=list)  # figures that are no part of anything here
    item: list[Found] = field(default_factory=list)  # the last figure and what is said about it
    listing: _List | None = None
    rest: tuple[Found, Found, list[Found]] | None = None  # behind 含: the subset, its whole, what follows


class Enumerations:
    """Finds wholes and parts, one sentence after the other of one region."""

    def __init__(self, text: str, words: Lexicon, groups: count[int]) -> None:
        self._text = text
        self._words = words
        self._groups = groups
        self._before: list[Found] = []  # what the sentence before stated, its wholes
        self._named: dict[str, Found] = {}  # the last figure of each name
        self._unfinished: tuple[_List, Found, list[Found], int] | None = None

    def sentence(self, start: int, end: int, figures: Sequence[Found]) -> None:
        """Set parent, relation and group of the figures of one sentence."""
        frames = [_Frame(base=[])]
        opened: list[_List] = []
        for at, kind, figure in self._tokens(start, end, figures):
            frame = frames[-1]
            if figure is not None:
                self._place(frame, figure, nested=len(frames) > 1)
            elif kind == "open":
                frames.append(_Frame(base=self._right_before(frame, at)))
            elif kind == "close":
                self._close(frame)
                if len(frames) > 1:
                    frames.pop()
            elif kind in (PART_OF, INCLUDED_IN, "within"):
                found = self._open(frame, kind, at, start, nested=len(frames) > 1)
                if found is not None:
                    opened.append(found)
            elif kind == "ends":
                frame.listing, frame.rest, frame.item, frame.base = None, None, [], []
            elif kind == "colon" and frame.listing is None and self._right_before(frame, at):
                frame.listing = _List(self._right_before(frame, at), PART_OF, next(self._groups))
            elif kind == "semicolon":
                frame.rest = None
        for frame in frames[1:]:
            self._close(frame)
        outer = frames[0]
        self._judge(opened, outer)
        self._second_breakdowns(opened)
        self._proved_by_sum(outer.row, start)
        self._total_behind(outer.row)
        self._finish_across_sentences(opened, outer)
        wholes = outer.row or [figure for figure in figures if figure.parent is None]
        self._before = wholes[-_MANY:]

    def _tokens(self, start: int, end: int, figures: Sequence[Found]) -> list[tuple[int, str, Found | None]]:
        """Figures and markers in reading order; markers inside a title or a name of a figure's unit do not count."""
        tokens: list[tuple[int, str, Found | None]] = [(f.quantity.start, "figure", f) for f in figures if not f.none]
        after_part = self._words["markers.not_after_part"]
        starts = [figure.quantity.start for figure in figures]
        for match in self._words.marker.finditer(self._text, start, end):
            kind = match.lastgroup or ""
            before = bisect_right(starts, match.start()) - 1
            if before >= 0 and match.start() < figures[before].quantity.end:
                continue  # the bracket of 人(次)
            if kind == PART_OF and after_part.search(self._text, match.end(), min(end, match.end() + 40)):
                continue
            tokens.append((match.start(), kind, None))
        tokens.extend((match.start(), "within", None) for match in _WITHIN.finditer(self._text, start, end))
        return sorted(tokens, key=lambda token: token[0])

    def _place(self, frame: _Frame, figure: Found, *, nested: bool) -> None:
        """A figure is a part of the open enumeration, or stands for itself."""
        if figure.is_rate:
            return
        if figure.name.text:
            self._named[figure.name.text] = figure
        whole = frame.listing.whole_of(figure, self._words) if frame.listing else None
        if frame.listing is None or whole is None:
            if frame.rest is not None:
                self._collect(frame, figure)
            if not figure.attribute and figure.name.text:
                frame.item = []
            frame.row.append(figure)
            frame.item = [*frame.item[-_MANY:], figure]
            if self._among(figure):
                frame.listing = _List([figure], PART_OF, next(self._groups))
            return
        frame.item = [*frame.item[-_MANY:], figure] if figure.attribute else [figure]
        listing, number = frame.listing, id(whole)
        complete = listing.sums.get(number) == whole.amount(self._words)
        beside = bool(figure.quantity.value) or figure.key in _BESIDE
        if complete and listing.relation == PART_OF and beside:
            listing.extra.setdefault(number, []).append(figure)
            return
        self._join(figure, whole, listing.relation, listing.group)
        listing.parts.setdefault(number, []).append(figure)
        listing.sums[number] = listing.sums.get(number, Decimal(0)) + figure.amount(self._words)
        if listing.relation == INCLUDED_IN and not nested:
            frame.listing, frame.rest = None, (figure, whole, [])

    def _join(self, part: Found, whole: Found, relation: str, group: int) -> None:
        part.parent, part.relation, part.group = whole, relation, group

    def _collect(self, frame: _Frame, figure: Found) -> None:
        """共 32 条, 含指南 1 条, 制度 1 条 …: what follows 含 are parts if with it they add up to the whole."""
        assert frame.rest is not None
        first, whole, others = frame.rest
        if not whole.may_contain(figure, self._words) or len(others) >= _LONGEST:
            frame.rest = None
            return
        others.append(figure)
        reached = first.amount(self._words) + _total(others, self._words)
        if reached == whole.amount(self._words):
            group = next(self._groups)
            for part in (first, *others):
                self._join(part, whole, PART_OF, group)
        if reached >= whole.amount(self._words):
            frame.rest = None

    def _among(self, figure: Found) -> bool:
        """在主动公开的 51 条政府信息中, … — the figure is the whole of what follows."""
        return bool(self._words["markers.among"].search(self._text[figure.quantity.end : figure.name.end + 2]))

    def _right_before(self, frame: _Frame, at: int) -> list[Found]:
        """The figures that the bracket or colon at `at` explains: the last one and what is said about it."""
        if not frame.item:
            return []
        last = frame.item[-1]
        between = self._text[max(last.quantity.end, last.name.end) : at].rstrip(",")
        return list(frame.item) if not between or _is_bracketed(between) else []

    def _open(self, frame: _Frame, kind: str, at: int, start: int, *, nested: bool) -> _List | None:
        """A marker: find its wholes and open the enumeration."""
        if self._text.startswith("分别", at) and (at == start or self._text[at - 1] not in ",;:("):
            return None  # A、B 分别为 …: names, not a whole
        named = self._named_before(at, start)
        first = at - start <= _OPENING and not frame.row and self._text.startswith("其中", at)
        if named is not None:
            wholes = [named]
        elif kind == "within":
            return None
        elif nested and not frame.row and frame.listing is None:
            wholes = frame.base
        elif frame.item:
            wholes = frame.item
        else:
            wholes = self._before if first else []
        if not wholes:
            return None
        relation = INCLUDED_IN if kind == INCLUDED_IN else PART_OF
        frame.listing = _List(list(wholes), relation, next(self._groups), opens_sentence=first)
        return frame.listing

    def _named_before(self, at: int, start: int) -> Found | None:
        """招标公告中, 工程类 …; 政务信息包括: …; 招标公告里含 … — the whole is named, its figure stands earlier."""
        left = clause_start(self._text, start, at)
        phrase = self._text[left:at].removeprefix("在").rstrip("里中内共主要,")
        return self._named.get(phrase) if phrase else None

    def _close(self, frame: _Frame) -> None:
        """At the end of a bracket without marker: two figures or more are parts, a single one is a subset."""
        parts = [figure for figure in frame.row if not figure.is_rate]
        if not frame.base or not parts or any(part.parent for part in parts):
            return
        whole = _List(frame.base, PART_OF, 0).whole_of(parts[0], self._words)
        if whole is None or not all(whole.may_contain(part, self._words) for part in parts):
            return
        group = next(self._groups)
        for part in parts:
            self._join(part, whole, PART_OF if len(parts) > 1 else INCLUDED_IN, group)

    def _judge(self, opened: Sequence[_List], outer: _Frame) -> None:
        """Parts that do not add up to their whole, but to another figure before them, are parts of that one.

        Where one of them is greater than its whole and no figure before is the sum, the whole has no figure of its own
        (收到 46 件, 上年结转 2 件, 其中 …: 48 in all), or the parts are fewer than those of an earlier, greater one.
        """
        for listing in opened:
            if listing.relation != PART_OF:
                continue
            for number, parts in listing.parts.items():
                whole = next(whole for whole in listing.wholes if id(whole) == number)
                reached = _total(parts, self._words)
                if reached == whole.amount(self._words):
                    continue
                stated = [*listing.wholes, *(f for f in outer.row if f.quantity.start < parts[0].quantity.start)]
                others = [other for other in stated if other.may_contain(parts[0], self._words)]
                exact = [other for other in others if other.amount(self._words) == reached]
                if exact and len(parts) > 1:
                    self._move(parts, exact[-1], listing)
                elif any(part.amount(self._words) > whole.amount(self._words) for part in parts):
                    greater = [other for other in others if other.amount(self._words) > reached]
                    self._move(parts, greater[-1] if greater else None, listing)

    def _move(self, parts: Sequence[Found], whole: Found | None, listing: _List) -> None:
        for part in parts:
            if whole is None:
                part.parent, part.relation, part.group = None, None, None
            else:
                self._join(part, whole, PART_OF, listing.group)

    def _second_breakdowns(self, opened: Sequence[_List]) -> None:
        """What follows a complete list is a second breakdown of the whole only if it reaches the whole again."""
        for listing in opened:
            for number, figures in listing.extra.items():
                whole = next(whole for whole in listing.wholes if id(whole) == number)
                if len(figures) > 1 and _total(figures, self._words) == whole.amount(self._words):
                    group = next(self._groups)
                    for figure in figures:
                        self._join(figure, whole, PART_OF, group)

    def _proved_by_sum(self, row: Sequence[Found], start: int) -> None:
        """A total and the figures after it that add up to it, without a marker: 75 件, 涉及自然人 72 件, 企业 3 件."""
        for place, whole in enumerate(row):
            if whole.quantity.value <= 0 or whole.parent is not None:
                continue
            parts: list[Found] = []
            reached, goal = Decimal(0), whole.amount(self._words)
            for part in row[place + 1 : place + 1 + _LONGEST]:
                if part.parent or part.key in _BESIDE or not whole.may_contain(part, self._words):
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
                    self._join(part, whole, PART_OF, group)

    def _total_behind(self, row: Sequence[Found]) -> None:
        """公告 56 篇, 公示 12 篇, 通知 9 篇, 合计 77 篇: the total stands behind what it is the sum of."""
        for place, whole in enumerate(row):
            said = self._words["markers.total_behind"].fullmatch(self._text, whole.left, whole.quantity.start)
            if said is None or whole.name.text or whole.parent is not None:
                continue
            reached, parts = Decimal(0), []
            for part in reversed(row[max(0, place - _LONGEST) : place]):
                if part.parent is not None or not whole.may_contain(part, self._words):
                    break
                parts.append(part)
                reached += part.amount(self._words)
            if len(parts) > 1 and reached == whole.amount(self._words):
                whole.name, whole.subject = replace(whole.name, text=said["total"], alone=False), None
                group = next(self._groups)
                for part in parts:
                    self._join(part, whole, PART_OF, group)

    def _finish_across_sentences(self, opened: Sequence[_List], outer: _Frame) -> None:
        """A list that began a sentence with 其中 and lacks something may be finished, to the last item, by the next."""
        if self._unfinished is not None and not opened:
            listing, whole, waiting, left = self._unfinished
            missing = whole.amount(self._words) - listing.sums[id(whole)] - _total(waiting, self._words)
            for figure in outer.row[:_LONGEST]:
                if not whole.may_contain(figure, self._words):
                    continue
                waiting.append(figure)
                missing -= figure.amount(self._words)
                if not missing:
                    for part in waiting:
                        self._join(part, whole, PART_OF, listing.group)
                    self._unfinished = None
                    return
            self._unfinished = (listing, whole, waiting, left - 1) if left > 1 else None
            return
        self._unfinished = None
        for listing in opened:
            if listing.opens_sentence and listing.relation == PART_OF and len(listing.sums) == 1:
                (number, reached) = next(iter(listing.sums.items()))
                whole = next(whole for whole in listing.wholes if id(whole) == number)
                if reached < whole.amount(self._words):
                    self._unfinished = (listing, whole, [], _LOOK_AHEAD)


def _plain(figure: Found, words: Lexicon) -> str:
    return words.magnitude(figure.quantity.unit)[1]


def _total(figures: Sequence[Found], words: Lexicon) -> Decimal:
    return sum((figure.amount(words) for figure in figures), Decimal(0))


def _is_bracketed(between: str) -> bool:
    """Whether nothing but a bracket stands between: 2505 条(含…)(其中…)."""
    return between.startswith("(") and between.endswith(")") and between.count("(") == between.count(")")
