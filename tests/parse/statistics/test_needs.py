"""What a pattern needs is in every text that it matches: sieving never loses a figure."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.parse.statistics.lexicon import lexicon
from tasks.parse.statistics.needs import Sieved, needs, sieved, worth_trying

_WORDS = lexicon()
SIEVES = (*_WORDS.masks, *_WORDS.periods, *_WORDS.sieves.values(), *(sieve for _, sieve in _WORDS.outcomes))


@pytest.mark.parametrize("sieve", SIEVES, ids=lambda sieve: sieve.source[:24])
def test_a_text_that_matches_passes_its_sieve(sieve: Sieved) -> None:
    @settings(max_examples=40, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], deadline=None)
    @given(st.from_regex(re.compile(sieve.source)))
    def matching(text: str) -> None:
        assert sieve.may_match(set(text))
        assert sieve.pattern.search(text)

    matching()


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        ("《[^》]*》", ("《", "》")),
        ("a(?:b|c)?d{2,}", ("a", "d")),
        ("没有|未有|无", ("无没未",)),
        ("x(?=y)", ("x",)),
        ("[0-9]{1,2}月", ("月", "0123456789")),
        ("[^0-9]+", ()),
        ("(?i)k", ()),
        ("a*", ()),
    ],
)
def test_needs_are_read_off_the_pattern(pattern: str, needed: tuple[str, ...]) -> None:
    assert needs(pattern) == tuple(frozenset(characters) for characters in needed)


def test_only_patterns_that_may_match_are_tried() -> None:
    first, second = sieved("[0-9]+月"), sieved("每年")
    assert worth_trying((first, second), set("3月")) == [first.pattern]
    assert worth_trying((first, second), set("每月 3 次")) == [first.pattern]
    assert worth_trying((first, second), set()) == []
    assert not re.search(second.pattern, "每月 3 次")
