"""Characters to runs: those that follow each other on one baseline, whichever reader found them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

HYPHEN = "\x02"  # pdfium's mark for a hyphen at a line's end
NOTHING = "\0"  # stands for a character that is to be left out

_SPACE = re.compile(r"(?! )\s")
_UNMAPPED = re.compile("[\ue000-\uf8ff\ufffd-\uffff]")


class Run(NamedTuple):
    """Characters that follow each other on one baseline. `xs` are their left edges, `ends` their right ones."""

    x0: float
    x1: float
    base: float  # baseline, from the top
    em: float  # size of a full-width character
    text: str
    xs: tuple[float, ...]
    ends: tuple[float, ...]
    blank: bool = False  # the text layer has a blank behind it

    @property
    def middle(self) -> float:
        """Height of the middle of the characters."""
        return self.base - 0.36 * self.em


class Gathered(NamedTuple):
    """The runs of a page. `unmapped` counts characters without a usable Unicode value."""

    runs: list[Run]
    characters: int
    unmapped: int


_made = partial(tuple.__new__, Run)  # a named tuple's own constructor costs thrice


def gather(
    characters: str | Iterable[str],
    lefts: Sequence[float],
    rights: Sequence[float],
    bases: Iterable[float],
    heights: Iterable[float],
    words: Mapping[int, int] = MappingProxyType({}),
) -> Gathered:
    """Joins characters to runs as they come: the same baseline, one directly behind the other.

    `lefts` and `rights` are their edges, `heights` those of their font boxes. A blank ends a run: whether it shows is
    told by the gap it leaves. Control characters are left out, unless they are blanks. `words` are the first and the
    last of wide characters that are known to follow each other.
    """
    letters = list(_SPACE.sub(" ", "".join(characters)))
    unmapped = len(_UNMAPPED.findall("".join(letters)))
    left_out = 0
    spans: list[tuple[int, int, float, float, bool]] = []
    first = last = -1  # of the run that is open; none is when `first` is negative
    base = em = end = start = slack = least = most = 0.0
    before = ""
    known = -1  # up to where characters are known to go on with the run
    for index, (letter, x0, x1, here, height) in enumerate(zip(letters, lefts, rights, bases, heights, strict=True)):
        if index <= known:
            if index == known:
                last, start, end, before = index, x0, x1, letter
            continue
        if letter <= " " and letter != HYPHEN:
            left_out += 1
            if letter == " " and first >= 0:
                spans.append((first, last + 1, base, em, True))
                first = -1
            continue
        width = x1 - x0
        if letter >= "\u2e80" and width > 0:
            size = width
        else:
            size = 0.8 * height
            if size < width:
                size = width
            elif size > 3.0 * width and width > 1.0:
                size = 3.0 * width
        if first >= 0:
            level = -slack < here - base < slack
            if letter == before and level and x0 - start < 0.2 * size:
                letters[index] = NOTHING  # bold faked by printing the character again, a hair beside itself
                continue
            if level and least < x0 - end < most:
                if size > em:
                    em = size
                    slack, least, most = 0.08 * em, -0.4 * em, 0.18 * em
                last, start, end, before = index, x0, x1, letter
                if letter >= "\u2e80":
                    known = words.get(index, index)
                continue
            spans.append((first, last + 1, base, em, False))
        first = last = index
        base, em, start, end, before = here, size, x0, x1, letter
        slack, least, most = 0.08 * em, -0.4 * em, 0.18 * em
        if letter >= "\u2e80":
            known = words.get(index, index)
    if first >= 0:
        spans.append((first, last + 1, base, em, False))
    runs = _runs("".join(letters), tuple(lefts), tuple(rights), spans)
    return Gathered(runs, len(letters) - left_out, unmapped)


def _runs(
    text: str, lefts: tuple[float, ...], rights: tuple[float, ...], spans: Iterable[tuple[int, int, float, float, bool]]
) -> list[Run]:
    runs: list[Run] = []
    for start, end, base, em, blank in spans:
        letters, xs, ends = text[start:end], lefts[start:end], rights[start:end]
        if not letters.isprintable():  # something was left out in between, or stands for something else
            kept = [index for index, letter in enumerate(letters) if letter > " " or letter == HYPHEN]
            letters = "".join([letters[index] for index in kept]).replace(HYPHEN, "-")
            xs, ends = tuple([xs[index] for index in kept]), tuple([ends[index] for index in kept])
        runs.append(_made((xs[0], ends[-1], base, em, letters, xs, ends, blank)))
    return runs
