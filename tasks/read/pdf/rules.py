"""Tables of horizontal rules alone: which rules belong together, and where prose parts two tables of one width."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from tasks.read.pdf.aligned import is_row, segments_of
from tasks.read.pdf.arrange import TextLine, lines_of
from tasks.read.pdf.lattice import merged
from tasks.read.pdf.runs import Run
from tasks.read.pdf.shapes import Line

_HEADING = re.compile(r"[一二三四五六七八九十]{1,2}、.*(?:情况|事项|问题|概述|附表)")
_LEAST_LINES = 3  # horizontal rules of a whole table without vertical ones
_SHORTEST_RULE = 40.0  # points
_FARTHEST = 150.0  # points between two horizontal rules of one table
_SAME_END = 4.0  # points


def half_ruled(across: Sequence[Line], runs: Sequence[Run]) -> list[tuple[list[Line], list[Run]]]:
    """Tables of horizontal rules alone: their rules and the runs between the first and the last."""
    found: list[tuple[list[Line], list[Run]]] = []
    for stack in _stacks([rule for rule in merged(across) if rule.end - rule.start > _SHORTEST_RULE]):
        for rules in _parted_by_prose(stack, runs):
            inside = _between(rules[0], rules[-1], rules, runs)
            lines = lines_of(inside)
            # A page break may leave one row of numbers, or the header alone.
            if any(map(is_row, lines)) or (len(rules) >= _LEAST_LINES and any(len(segments_of(x)) > 2 for x in lines)):
                found.append((rules, inside))
    return found


def _between(top: Line, bottom: Line, rules: Sequence[Line], runs: Sequence[Run]) -> list[Run]:
    left, right = min(rule.start for rule in rules) - 3, max(rule.end for rule in rules) + 3
    return [run for run in runs if top.at < run.middle < bottom.at and left < (run.x0 + run.x1) / 2 < right]


def _stacks(rules: Sequence[Line]) -> list[list[Line]]:
    """Rules that lie below each other within one width: whole ones, and shorter ones beside cells that span rows."""
    stacks: list[list[Line]] = []
    for rule in sorted(rules, key=lambda rule: rule.at):
        for stack in stacks:
            left, right = min(other.start for other in stack), max(other.end for other in stack)
            inside = left - _SAME_END <= rule.start and rule.end <= right + _SAME_END
            around = rule.start - _SAME_END <= left and right <= rule.end + _SAME_END
            if (inside or around) and rule.at - stack[-1].at < _FARTHEST:
                stack.append(rule)
                break
        else:
            stacks.append([rule])
    return [stack for stack in stacks if len(stack) > 1]


def _parted_by_prose(stack: Sequence[Line], runs: Sequence[Run]) -> list[list[Line]]:
    """A stack of rules, cut where a heading or a sentence stands between two tables of the same width."""
    parts: list[list[Line]] = [[stack[0]]]
    for upper, lower in pairwise(stack):
        lines = lines_of(_between(upper, lower, [upper, lower], runs))
        if any(map(_is_prose, lines)):
            parts.append([])
        parts[-1].append(lower)
    return [part for part in parts if len({round(rule.at) for rule in part}) > 1]


def _is_prose(line: TextLine) -> bool:
    """A sentence, or the heading of a section (not of a row: 一、本年新收…数量)."""
    return "。" in line.text or any(_HEADING.match(segment.text) for segment in segments_of(line))
