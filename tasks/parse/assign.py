"""Which printed row is which row of a form, as far as labels and order tell.

Both the printed rows and the form's rows are in order, so the best assignment is found by dynamic programming over
monotone assignments. It depends on the labels alone, and a form's labels are the same in every report that is printed
well: an assignment once found is remembered.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from tasks.parse.labels import EXACT, PREFIX, closeness

SUBTOTALS = frozenset({"合计", "小计", "总计"})
_REMEMBERED = 512  # assignments of each form

# A printed row as the assignment sees it: its label parts (bare), and whether label and numbers are cells of one row.
Sign = tuple[tuple[str, ...], bool]


@dataclass(frozen=True, slots=True)
class Target:
    """A row of the form to be found."""

    code: str
    labels: tuple[str, ...]  # bare
    group: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """For each printed row its target and how it was found (label, near-label, order), or None; and the score."""

    found: tuple[tuple[Target, str] | None, ...]
    score: int


class FormRows:
    """The rows of a form in order, and the assignments found so far."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self.targets = tuple(targets)
        self.labels = frozenset(label for target in self.targets for label in target.labels)
        self._exact: dict[str, list[int]] = {}
        for label in self.labels:
            self._exact[label] = [EXACT if label in target.labels else 0 for target in self.targets]
        self.assign = lru_cache(maxsize=_REMEMBERED)(self._assign)
        self._matches = lru_cache(maxsize=_REMEMBERED * 4)(self._closest)

    def _assign(self, rows: tuple[Sign, ...], any_order: bool) -> Assignment:
        match = [self._matches(parts) for parts, _ in rows]
        chosen, score = _best_path(match)
        taken: dict[int, int] = dict(chosen)  # printed index → target index
        for at, closeness_of in enumerate(match):
            exact = [column for column, quality in enumerate(closeness_of) if quality == EXACT]
            free = at not in taken and len(exact) == 1 and exact[0] not in taken.values()
            if free and (any_order or rows[at][1]):
                taken[at] = exact[0]
        if not any_order:
            self._place_by_order(rows, match, taken)
        found: list[tuple[Target, str] | None] = []
        for at in range(len(rows)):
            place = taken.get(at)
            if place is None:
                found.append(None)
                continue
            quality = match[at][place]
            how = "order" if quality == 0 else ("label" if quality > PREFIX else "near-label")
            found.append((self.targets[place], how))
        return Assignment(tuple(found), score)

    def _closest(self, parts: tuple[str, ...]) -> Sequence[int]:
        """The closeness of a row to every target. A label that is exactly one of the form's needs no second look."""
        exact = self._exact.get(parts[-1]) if parts else None
        return exact if exact is not None else [_closest(parts, target) for target in self.targets]

    def _place_by_order(self, rows: Sequence[Sign], match: list[Sequence[int]], taken: dict[int, int]) -> None:
        """Fills the gaps between labelled rows where the count of unlabelled rows fits exactly."""
        anchors = [(-1, -1), *sorted(taken.items()), (len(rows), len(self.targets))]
        for (row_before, target_before), (row_after, target_after) in pairwise(anchors):
            nameless = [
                at
                for at in range(row_before + 1, row_after)
                if not any(match[at]) and not (rows[at][0] and rows[at][0][-1] in SUBTOTALS)
            ]
            between = range(target_before + 1, target_after)
            open_rows = [at for at in between if not self.targets[at].group and at not in taken.values()]
            if nameless and len(nameless) == len(open_rows):
                taken.update(zip(nameless, open_rows, strict=True))


def _closest(parts: tuple[str, ...], target: Target) -> int:
    """The best closeness of a row's label to a form row, its own (last) part first."""
    best = 0
    # A group's label before a row's own is no sign that the row is the group's subtotal.
    for at in range(len(parts) - 1 if target.group and parts else 0, len(parts)):
        printed = "".join(parts[at:])
        for label in target.labels:
            best = max(best, closeness(printed, label))
        if best == EXACT:
            return best
    return best


def _best_path(match: Sequence[Sequence[int]]) -> tuple[list[tuple[int, int]], int]:
    """The monotone assignment with the highest sum of closeness."""
    height = len(match)
    width = len(match[0]) if match else 0
    line = [0] * (width + 1)  # never falls from left to right
    best = [line]
    for gains in match:
        before, line = line, line.copy()
        for column, gain in enumerate(gains):
            if gain and (reached := before[column] + gain) > line[column + 1]:
                end = bisect_left(line, reached, column + 1)
                line[column + 1 : end] = [reached] * (end - column - 1)
        best.append(line)
    path: list[tuple[int, int]] = []
    row, column = height, width
    while row and column:
        here = best[row][column]
        if here == best[row - 1][column]:
            row -= 1
        elif here == best[row][column - 1]:
            column -= 1
        else:
            row, column = row - 1, column - 1
            path.append((row, column))
    return path[::-1], best[height][width] if match else 0
