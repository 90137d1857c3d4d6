"""Assigning printed rows to rows of a form: by label, in order, the same however often it is asked."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

from tasks.parse.assign import FormRows, Target, _best_path

ROWS = FormRows(
    [Target("a", ("新收",)), Target("g", ("结果",), group=True), Target("b", ("予以公开",)), Target("c", ("其他",))]
)


def codes(*rows: tuple[str, ...], any_order: bool = False) -> list[str | None]:
    found = ROWS.assign(tuple((parts, False) for parts in rows), any_order).found
    return [None if placed is None else f"{placed[0].code} {placed[1]}" for placed in found]


def test_rows_are_found_by_their_labels_in_order() -> None:
    assert codes(("新收",), ("结果", "予以公开"), ("其他",)) == ["a label", "b label", "c label"]


def test_a_row_without_a_label_is_placed_where_one_row_is_open() -> None:
    assert codes(("新收",), ("甲乙丙",), ("其他",)) == ["a label", "b order", "c label"]
    assert codes(("新收",), ("甲乙丙",), ("丁戊己",), ("其他",)) == ["a label", None, None, "c label"]


def test_a_row_out_of_sequence_is_placed_only_where_any_order_is_allowed() -> None:
    assert codes(("其他",), ("新收",), any_order=True) == ["c label", "a label"]
    assert codes(("其他",), ("新收",)).count(None) == 1


def test_the_best_path_is_the_one_of_the_plain_recurrence() -> None:
    rng = random.Random(7)
    for _ in range(300):
        height, width = rng.randrange(8), rng.randrange(1, 8)
        match = [[rng.choice((0, 0, 0, 60, 70, 90, 100)) for _ in range(width)] for _ in range(height)]
        path, score = _best_path(match)
        assert score == sum(match[row][column] for row, column in path) == _plain(match)
        assert all(first[0] < second[0] and first[1] < second[1] for first, second in pairwise(path))


def _plain(match: Sequence[Sequence[int]]) -> int:
    best = [[0] * (len(match[0]) + 1 if match else 1) for _ in range(len(match) + 1)]
    for row, gains in enumerate(match):
        for column, gain in enumerate(gains):
            best[row + 1][column + 1] = max(best[row][column + 1], best[row + 1][column], best[row][column] + gain)
    return best[-1][-1]
