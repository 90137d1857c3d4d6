"""Which figure is a part of which: 其中, 包括, brackets, colons, 含, and lists that add up.

A sentence is walked from left to right with a frame per open bracket. A marker opens an enumeration of the figures
that stand right before it; the figures that follow and measure the same thing are its parts. A list that has reached
its whole is complete: what follows is a second breakdown of the same whole if it reaches it again, else no part of it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count

from tasks.parse.statistics.found import Found
from tasks.parse.statistics.lexicon import Lexicon
from tasks.parse.statistics.phrases import clause_start
from tasks.parse.statistics.sums import BESIDE, INCLUDED_IN, LONGEST, PART_OF, Listing, Sums, join, total

_LOOK_AHEAD = 3  # sentences in which a list that began with 其中 may be finished
_WITHIN = re.compile(r"[中里内],")
_MANY = 12  # amounts said of one count; wholes that a sentence may leave to the next
_OPENING = 8  # a marker this near the start of a sentence speaks of the sentence before


@dataclass(slots=True)
class _Frame:
    """One level of brackets."""

    base: list[Found]  # the figures right before the bracket
    row: list[Found] = field(default_factory=list)  # figures that are no part of anything here
    item: list[Found] = field(default_factory=list)  # the last figure and what is said about it
    listing: Listing | None = None
    rest: tuple[Found, Found, list[Found]] | None = None  # behind 含: the subset, its whole, what follows


class Enumerations:
    """Finds wholes and parts, one sentence after the other of one region."""

    def __init__(self, text: str, words: Lexicon, groups: count[int]) -> None:
        self._text = text
        self._words = words
        self._groups = groups
        self._sums = Sums(text, words, groups)
        self._before: list[Found] = []  # what the sentence before stated, its wholes
        self._named: dict[str, Found] = {}  # the last figure of each name
        self._unfinished: tuple[Listing, Found, list[Found], int] | None = None

    def sentence(self, start: int, end: int, figures: Sequence[Found]) -> None:
        """Set parent, relation and group of the figures of one sentence."""
        frames = [_Frame(base=[])]
        opened: list[Listing] = []
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
                frame.listing = Listing(self._right_before(frame, at), PART_OF, next(self._groups))
            elif kind == "semicolon":
                frame.rest = None
        for frame in frames[1:]:
            self._close(frame)
        outer = frames[0]
        self._sums.judge(opened, outer.row)
        self._sums.second_breakdowns(opened)
        self._sums.proved_by_sum(outer.row, start)
        self._sums.total_behind(outer.row)
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
                frame.listing = Listing([figure], PART_OF, next(self._groups))
            return
        frame.item = [*frame.item[-_MANY:], figure] if figure.attribute else [figure]
        listing, number = frame.listing, id(whole)
        complete = listing.sums.get(number) == whole.amount(self._words)
        beside = bool(figure.quantity.value) or figure.key in BESIDE
        if complete and listing.relation == PART_OF and beside:
            listing.extra.setdefault(number, []).append(figure)
            return
        join(figure, whole, listing.relation, listing.group)
        listing.parts.setdefault(number, []).append(figure)
        listing.sums[number] = listing.sums.get(number, Decimal(0)) + figure.amount(self._words)
        if listing.relation == INCLUDED_IN and not nested:
            frame.listing, frame.rest = None, (figure, whole, [])

    def _collect(self, frame: _Frame, figure: Found) -> None:
        """共 32 条, 含指南 1 条, 制度 1 条 …: what follows 含 are parts if with it they add up to the whole."""
        assert frame.rest is not None
        first, whole, others = frame.rest
        if not whole.may_contain(figure, self._words) or len(others) >= LONGEST:
            frame.rest = None
            return
        others.append(figure)
        reached = first.amount(self._words) + total(others, self._words)
        if reached == whole.amount(self._words):
            group = next(self._groups)
            for part in (first, *others):
                join(part, whole, PART_OF, group)
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

    def _open(self, frame: _Frame, kind: str, at: int, start: int, *, nested: bool) -> Listing | None:
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
        frame.listing = Listing(list(wholes), relation, next(self._groups), opens_sentence=first)
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
        whole = Listing(frame.base, PART_OF, 0).whole_of(parts[0], self._words)
        if whole is None or not all(whole.may_contain(part, self._words) for part in parts):
            return
        group = next(self._groups)
        for part in parts:
            join(part, whole, PART_OF if len(parts) > 1 else INCLUDED_IN, group)

    def _finish_across_sentences(self, opened: Sequence[Listing], outer: _Frame) -> None:
        """A list that began a sentence with 其中 and lacks something may be finished, to the last item, by the next."""
        if self._unfinished is not None and not opened:
            listing, whole, waiting, left = self._unfinished
            missing = whole.amount(self._words) - listing.sums[id(whole)] - total(waiting, self._words)
            for figure in outer.row[:LONGEST]:
                if not whole.may_contain(figure, self._words):
                    continue
                waiting.append(figure)
                missing -= figure.amount(self._words)
                if not missing:
                    for part in waiting:
                        join(part, whole, PART_OF, listing.group)
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


def _is_bracketed(between: str) -> bool:
    """Whether nothing but a bracket stands between: 2505 条(含…)(其中…)."""
    return between.startswith("(") and between.endswith(")") and between.count("(") == between.count(")")
