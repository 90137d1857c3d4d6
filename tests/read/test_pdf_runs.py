"""Characters become runs: what follows on one baseline, without what was printed twice or is not there."""

from __future__ import annotations

import pytest

from tasks.read.pdf.runs import HYPHEN, NOTHING, Gathered, gather


def gathered(
    text: str, xs: list[float], *, bases: list[float] | None = None, words: dict[int, int] | None = None
) -> Gathered:
    """Characters of 10 points, full-width ones as wide, others half as wide."""
    rights = [x + (10.0 if letter >= "\u2e80" else 5.0) for x, letter in zip(xs, text, strict=True)]
    return gather(text, xs, rights, bases or [100.0] * len(xs), [12.0] * len(xs), words or {})


def test_characters_that_follow_each_other_are_one_run() -> None:
    (run,), characters, unmapped = gathered("共12件", [0, 10, 15, 20])
    assert (run.text, run.x0, run.x1, run.base, run.xs, run.ends) == (
        "共12件",
        0,
        30,
        100,
        (0, 10, 15, 20),
        (10, 15, 20, 30),
    )
    assert (characters, unmapped) == (4, 0)


def test_a_gap_another_baseline_or_a_blank_ends_a_run() -> None:
    assert [run.text for run in gathered("1234", [0, 5, 13, 18]).runs] == ["12", "34"]
    assert [run.text for run in gathered("1234", [0, 5, 10, 15], bases=[100, 100, 102, 102]).runs] == ["12", "34"]
    runs, characters, _ = gathered("12\u300034", [0, 5, 10, 20, 25])
    assert [(run.text, run.blank) for run in runs] == [("12", True), ("34", False)]
    assert characters == 4


def test_bold_faked_by_a_second_printing_is_read_once() -> None:
    (run,), _, _ = gathered("1122件件", [0, 0.3, 5, 5.3, 10, 10.3])
    assert (run.text, run.xs, run.ends) == ("12件", (0, 5, 10), (5, 10, 20))


def test_what_is_left_out_leaves_no_trace_in_the_run() -> None:
    (run,), characters, _ = gathered(f"1{NOTHING}2\x013{HYPHEN}", [0, 900, 5, 900, 10, 15])
    assert (run.text, run.xs, run.x1, characters) == ("123-", (0, 5, 10, 15), 20, 4)


def test_a_run_ends_with_its_last_character_whatever_was_left_out_behind_it() -> None:
    runs = gathered(f"12{NOTHING}{NOTHING}34", [0, 5, 900, 900, 50, 55]).runs
    assert [(run.text, run.x1, len(run.xs)) for run in runs] == [("12", 10, 2), ("34", 60, 2)]


@pytest.mark.parametrize("words", [{}, {1: 5}])
def test_known_words_make_the_same_runs(words: dict[int, int]) -> None:
    xs = [0.0, 5.0, 15.0, 25.0, 35.0, 45.0, 55.0, 80.0]
    runs, characters, _ = gathered("1政府信息公2年", xs, words=words)
    assert [(run.text, run.x0, run.x1, run.xs) for run in runs] == [
        ("1政府信息公2", 0, 60, tuple(xs[:7])),
        ("年", 80, 90, (80.0,)),
    ]
    assert characters == 8


def test_characters_without_a_value_are_counted() -> None:
    assert gathered("甲\ufffd\ue001", [0, 10, 20])[1:] == (3, 2)
