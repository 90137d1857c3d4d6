"""A pattern that is told what it may begin with finds what it found before, and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.parse.statistics.lexicon import lexicon
from tasks.parse.statistics.opening import hastened

_AHEAD = re.compile(r"\(\?=\[.*?(?<!\\)\]\)\(\?:(?P<plain>.*)\)", re.DOTALL)
_WORDS = lexicon()
_PATTERNS = {
    **{f"key {key.key}": key.pattern for key in _WORDS.keys},
    **_WORDS.patterns,
    **dict(
        zip(
            ("figure", "bare", "marker", "terms"),
            (_WORDS.figure, _WORDS.bare, _WORDS.marker, _WORDS.terms),
            strict=True,
        )
    ),
}
_HASTENED = {name: plain["plain"] for name, found in _PATTERNS.items() if (plain := _AHEAD.fullmatch(found.pattern))}
_PIECES = (
    *"0123456789一二三十百万,;:。()、的了共为件条次人元%-~至到",
    *(
        "收到",
        "申请",
        "约",
        "不少于",
        "超过",
        "同比",
        "增长",
        "由",
        "较上年",
        "占",
        "其中",
        "包括",
        "没有",
        "行政复议",
        "结转",
    ),
    *("2022年", "上年度", "1.5", "8,850", "百分之", "余", "累计", "分别", "公开", "阅读量", "均为零", "预计", "下一步"),
)


@pytest.mark.parametrize("name", sorted(_HASTENED))
def test_the_matches_stay_the_same(name: str) -> None:
    plain, quick = re.compile(_HASTENED[name]), _PATTERNS[name]

    @settings(max_examples=20, deadline=None)
    @given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join))
    def same(text: str) -> None:
        assert [found.regs for found in quick.finditer(text)] == [found.regs for found in plain.finditer(text)]

    same()


@pytest.mark.parametrize(
    ("pattern", "first"),
    [
        ("(?:约|超过)?[0-9]+", "0123456789约超"),
        ("(?<!不)(?:包括|含)", "包含"),
        ("(?:a|b(?:c|d))?(?=[ef])[e-g]x", "abef"),
        ("(?:a|b)?(?=[cd])c?", "abcd"),
        ("(?:ab|(?:c|d)e){1,3}", "acd"),
        ("(?!x)[xy]", "xy"),
    ],
)
def test_what_a_match_may_begin_with_is_read_off_the_pattern(pattern: str, first: str) -> None:
    assert hastened(pattern).pattern == f"(?=[{first}])(?:{pattern})"


@pytest.mark.parametrize(
    "pattern", ["约[0-9]", "(?:a|b)", "a?", "(?:a?|b)", "(?:[^a]|b)c", ".?a", "(?i)(?:a?b)", r"(?:\w|a?)b", "^(?:a?b)"]
)
def test_a_pattern_that_begins_with_anything_or_is_fast_already_is_left_alone(pattern: str) -> None:
    assert hastened(pattern).pattern == pattern
