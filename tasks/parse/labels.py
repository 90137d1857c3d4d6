"""Comparing what is printed with the labels of a form: folding, list marks, closeness."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from tasks.parse.width import nfkc, unspaced

# (一) 一、 1. 1、 1) (1) 其中: and any run of them, before a label
_ENUMERATOR = re.compile(
    r"^(?:其中[:,]?|\([一二三四五六七八九十\d]{1,3}\)|[一二三四五六七八九十]{1,3}[、.]|\d{1,2}[.、)](?!\d))+"
)
_NO_LETTERS = re.compile(r"[\W_]+")

EXACT, SUFFIX, PREFIX, FUZZY = 100, 90, 70, 60


def folded(text: str) -> str:
    """NFKC without white space, Markdown stars and pipes; quotes unified; 政务信息公开 written 政府信息公开."""
    text = unspaced(nfkc(text)).replace("*", "").replace("|", "").replace("\u200b", "").replace("\ufeff", "")
    if text.isascii():
        return text
    text = text.replace("“", '"').replace("”", '"').replace("‘", "'").replace("’", "'").replace("钩", "勾")
    return text.replace("政务信息", "政府信息")


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """`folded`, remembered: for cells, labels and headings, whose words are those of every report."""
    return folded(text)


@lru_cache(maxsize=8192)
def bare(text: str) -> str:
    """A folded label without list marks and punctuation: what is compared."""
    return _NO_LETTERS.sub("", _ENUMERATOR.sub("", folded(text)))


@lru_cache(maxsize=8192)
def closeness(printed: str, label: str) -> int:
    """How well a printed text (bare) carries a form label (bare): 0 (not), or EXACT, SUFFIX, PREFIX, FUZZY.

    SUFFIX: other words stand before the label (a group label on the same line). PREFIX: the label goes on
    elsewhere (wrapped), or notes were added behind it. FUZZY: at most one edit in five characters.
    """
    if not printed or not label:
        return 0
    if printed == label:
        return EXACT
    if len(label) >= 4 and printed.endswith(label):
        return SUFFIX
    if len(label) >= 4 and printed.startswith(label):
        return PREFIX
    if len(printed) >= 4 and len(printed) * 2 >= len(label) and label.startswith(printed):
        return PREFIX
    if len(label) >= 5:
        allowed = max(1, len(label) // 5)
        if Levenshtein.distance(printed, label, score_cutoff=allowed) <= allowed:
            return FUZZY
        tail = printed[-len(label) :]
        if len(tail) == len(label) and Levenshtein.distance(tail, label, score_cutoff=1) <= 1:
            return FUZZY
    return 0
