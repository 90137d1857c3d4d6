"""Runs of text to lines: what stands on one baseline, from left to right, with blanks only where blanks are meant."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tasks.read.pdf.runs import Run

_SAME_LINE = 0.45  # em: baselines nearer than this are one line (a superscript, another font)
_STRAY = 0.95  # em: how far a lone point or comma may sit off its line
_POINTS = frozenset(".．,，·。、")
_LETTER_GAP = 0.16  # em between Latin letters or digits that makes a blank
_WIDE_GAP = 0.8  # em beside a full-width character; less is justification or spacing between scripts


@dataclass(slots=True)
class TextLine:
    """A line of text with its box: left, baseline, right, and the size of its characters."""

    text: str
    x0: float
    x1: float
    base: float
    em: float
    runs: tuple[Run, ...]
    parts: list[TextLine] | None = None  # its segments, once somebody asked for them

    @property
    def top(self) -> float:
        return self.base - 0.88 * self.em

    @property
    def bottom(self) -> float:
        return self.base + 0.12 * self.em


def lines_of(runs: Iterable[Run]) -> list[TextLine]:
    """Lines from the top down."""
    runs = list(runs)
    if len(runs) == 1:
        return [text_line(runs)]
    return [text_line(members) for members in clusters(runs)]


def clusters(runs: Iterable[Run]) -> list[list[Run]]:
    """Runs by line, each line from left to right. A point off its baseline joins the digits that it stands between."""
    ordered = sorted(runs, key=lambda run: run.base)
    groups: list[list[Run]] = []
    base = em = 0.0
    strays: list[Run] = []
    for run in ordered:
        if len(run.text) == 1 and run.text in _POINTS:
            strays.append(run)
            continue
        if groups and run.base - base <= _SAME_LINE * min(em, run.em):
            groups[-1].append(run)
            if len(run.text) > 2:
                base, em = run.base, max(em, run.em)
        else:
            groups.append([run])
            base, em = run.base, run.em
    for stray in strays:
        _join_stray(groups, stray)
    groups.sort(key=lambda group: group[0].base)
    for group in groups:
        group.sort(key=lambda run: run.x0)
    return groups


def _join_stray(groups: list[list[Run]], stray: Run) -> None:
    """Puts a lone point into the line where it closes a gap or follows a character; else it is a line itself."""
    best: list[Run] | None = None
    nearest = 0.0
    for group in groups:
        em = max(run.em for run in group)
        distance = abs(stray.base - group[0].base)
        if distance > _STRAY * em:
            continue
        if not any(run.x0 - 0.7 * em <= stray.x0 <= run.x1 + 0.7 * em for run in group):
            continue
        if best is None or distance < nearest:
            best, nearest = group, distance
    if best is None:
        groups.append([stray])
    else:
        best.append(stray)


def text_line(runs: Sequence[Run]) -> TextLine:
    """One line of the runs, which stand from left to right."""
    first = runs[0]
    if len(runs) == 1:
        return TextLine(first.text, first.x0, first.x1, first.base, first.em, (first,))
    runs = _once(runs)
    parts = [first.text]
    for left, right in pairwise(runs):
        if _blank_between(left, right):
            parts.append(" ")
        parts.append(right.text)
    main = max(runs, key=lambda run: len(run.text))
    text = "".join(parts)
    return TextLine(text, first.x0, max(run.x1 for run in runs), main.base, max(run.em for run in runs), tuple(runs))


def _once(runs: Sequence[Run]) -> list[Run]:
    """Runs without those printed twice at one place (bold faked by a second printing)."""
    kept: list[Run] = []
    for run in runs:
        if kept and run.text == kept[-1].text and run.x0 - kept[-1].x0 < 0.2 * run.em:
            continue
        kept.append(run)
    return kept


def _blank_between(left: Run, right: Run) -> bool:
    em = max(left.em, right.em)
    gap = right.x0 - left.x1
    last, first = left.text[-1], right.text[0]
    wide = last >= "\u2e80" or first >= "\u2e80"
    if wide:
        both = last >= "\u2e80" and first >= "\u2e80"
        # Justified lines spread wide characters; a blank of the text layer between them is one only if it shows.
        return gap > _WIDE_GAP * em or (left.blank and not both and gap > 0.1 * em)
    if last in _POINTS or first in _POINTS:
        return gap > 0.6 * em
    return gap > _LETTER_GAP * em or (left.blank and gap > 0.05 * em)


def split_at(run: Run, edges: Sequence[float]) -> list[Run]:
    """A run cut where ruling lines part it: a character belongs to the side that holds its middle."""
    parts: list[Run] = []
    start = 0
    column = _column(run, 0, edges)
    for index in range(1, len(run.text)):
        here = _column(run, index, edges)
        if here != column:
            parts.append(part(run, start, index))
            start, column = index, here
    parts.append(part(run, start, len(run.text)))
    return parts


def _column(run: Run, index: int, edges: Sequence[float]) -> int:
    return bisect_left(edges, (run.xs[index] + run.ends[index]) / 2)


def part(run: Run, start: int, end: int) -> Run:
    """The characters from `start` up to `end` of a run."""
    if len(run.xs) != len(run.text):
        return run
    return Run(
        run.xs[start],
        run.ends[end - 1],
        run.base,
        run.em,
        run.text[start:end],
        run.xs[start:end],
        run.ends[start:end],
        run.blank and end == len(run.text),
    )
