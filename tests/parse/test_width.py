"""Compatibility folding with a short cut gives what the long way gives."""

from __future__ import annotations

import re
import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tasks.parse.width import nfkc, unspaced

MARKS = "，：；（）．％！？－／\u3000\xa0"
COMPOSING = "\u0301\u0338\u3099\u309a\u11a8"  # join with the character before them


def test_every_single_character_is_folded_as_by_the_standard() -> None:
    wrong = [code for code in range(sys.maxunicode + 1) if nfkc(chr(code)) != unicodedata.normalize("NFKC", chr(code))]
    assert not wrong


@given(st.text(st.sampled_from(MARKS + COMPOSING + "Aか가①ﬁ中年1Ａ％")))
def test_marks_fold_in_any_company(text: str) -> None:
    assert nfkc(text) == unicodedata.normalize("NFKC", text)


@given(st.text())
def test_white_space_is_what_patterns_take_for_it(text: str) -> None:
    assert unspaced(text) == re.sub(r"\s+", "", text)
