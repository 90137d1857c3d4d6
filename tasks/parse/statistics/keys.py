"""Canonical keys: which figure is the one that a check compares with a table (收到申请, 行政复议, 信息处理费 …)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from tasks.parse.statistics.found import Found
from tasks.parse.statistics.lexicon import Key, Lexicon

_WHOLES_ONLY = frozenset(
    ("applications_received", "applications_handled", "applications_answered", "published", "attribute_total")
)
_BEFORE = 80  # characters before a sentence that may say what it is about
_ATTRIBUTES = "attribute_total"


class Sentence:
    """One sentence with its section and what stands shortly before it; asked once per pattern what it holds."""

    def __init__(self, text: str, start: int, end: int, section: str) -> None:
        self.text = text[start:end]
        self.start = start
        self._window = text[max(0, start - _BEFORE) : end]
        self._section = section
        self._known: dict[tuple[re.Pattern[str], bool], bool] = {}

    def allows(self, key: Key, words: Lexicon) -> bool:
        """Whether a figure of this sentence may have the key."""
        if key.sentence is not None and not self._holds(key.sentence, near=False):
            return False
        return key.context is None or self._section in words.key_sections or self._holds(key.context, near=True)

    def _holds(self, pattern: re.Pattern[str], *, near: bool) -> bool:
        if (pattern, near) not in self._known:
            self._known[pattern, near] = bool(pattern.search(self._window if near else self.text))
        return self._known[pattern, near]


def key_of(figure: Found, sentence: Sentence, words: Lexicon) -> str | None:
    """The key of a figure from its own clause and, where the key asks for it, a word of its sentence."""
    if figure.suffix:
        return figure.key
    if figure.attribute is not None and figure.attribute.key is not None:
        return figure.attribute.key
    if figure.quantity.unit in ("%", "‰"):
        return None
    topical = f"{figure.topic}|{figure.statement}"
    for key in words.keys:
        statement = topical if key.topical else figure.statement
        if key.units is not None and figure.quantity.unit not in key.units:
            continue
        if not key.pattern.search(statement) or (key.excluded and key.excluded.search(statement)):
            continue
        if sentence.allows(key, words):
            return key.key
    return None


def settle(figures: list[Found], words: Lexicon) -> None:
    """After wholes and parts are known: a part is no total, and how a part of the cases ended has a key of its own.

    A part is a total still where the whole is another measure: what was published of all information made, or what is
    of this year in a cumulative figure.
    """
    for figure in figures:
        parent = figure.parent
        if parent is None:
            continue
        own_total = parent.key == _ATTRIBUTES or (parent.period is None) != (figure.period is None)
        if figure.key in _WHOLES_ONLY and not own_total:
            figure.key = None
        for whole, parts in words.part_keys.items():
            if parent.key == whole:
                ended = (key for key, pattern in parts if pattern.search(figure.name.text))
                figure.key = next(ended, None)


def outcomes(sentence: Sentence, figures: Sequence[Found], words: Lexicon, characters: set[str]) -> None:
    """`均予以公开`: what the sentence says of all of them, kept with the keyed figures right before it."""
    starts = [figure.quantity.start for figure in figures]
    for word, pattern in words.outcomes:
        if not pattern.may_match(characters):
            continue
        for match in pattern.pattern.finditer(sentence.text):
            for place in range(bisect_right(starts, sentence.start + match.start()) - 1, -1, -1):
                figure = figures[place]
                if figure.key in words.outcome_keys:
                    if figure.outcome is not None:
                        break
                    figure.outcome = word
                elif not figure.is_rate and figure.parent is None:
                    break
