"""Annexes printed in panels side by side (指标 单位 数 | 指标 单位 数), to save a page: one below the other again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from tasks.parse.labels import bare
from tasks.parse.lines import Line
from tasks.parse.tables.annex_columns import NAMES

_HEADING_LINES = 6


def unfolded(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines with the panels of their grid one below the other; the same lines where there is only one.

    Panels are told by a heading row that repeats itself: the same name of the first column, as many headings each.
    """
    for at, line in enumerate(lines[:_HEADING_LINES]):
        starts = _starts(line)
        if len(starts) > 1:
            below = [each for each in lines[at:] if each.item == line.item]
            after = [each for each in lines[at:] if each.item != line.item]
            panels = [_panel(each, start, end) for start, end in pairwise((*starts, 10**6)) for each in below]
            return [*lines[:at], *(each for each in panels if any(slot.filled for slot in each.slots)), *after]
    return lines


def _starts(line: Line) -> list[int]:
    """The grid columns in which the panels of a heading row begin."""
    words = [bare(slot.folded) for slot in line.slots]
    name = next((word for word in words if word in NAMES), None)
    places = [at for at, word in enumerate(words) if word == name]
    if not line.from_grid or name is None or len(places) < 2 or places[0] != 0:
        return []
    panels = [words[start:end] for start, end in pairwise((*places, len(words)))]
    return [line.slots[place].column for place in places] if all(panel == panels[0] for panel in panels) else []


def _panel(line: Line, start: int, end: int) -> Line:
    slots = tuple(slot for slot in line.slots if start <= slot.column < end)
    return replace(line, slots=slots, text="".join(slot.folded for slot in slots))
