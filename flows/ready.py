"""Which of the steps that could be taken is taken next.

Politeness gives each domain one line: of two steps that ask hosts of one domain, one only waits. So steps that need no
site go first, then those whose domain nobody is asking, units under way before new ones, the largest domains first:
what is left at the end of a run is never one long line.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from typing import Generic, TypeVar

from flows.plan import Unit
from schemas.site import Site
from tasks.fetch.address import registrable, split_entry

Step = TypeVar("Step")


def line_of(site: Site) -> str:
    """The domain in whose line requests to a site wait."""
    return registrable(split_entry(site.host)[0])


class Ready(Generic[Step]):
    """Steps by the line that they need; None for a step that asks nobody."""

    def __init__(self, units: Iterable[Unit]) -> None:
        weights: Counter[str] = Counter()
        for unit in units:
            for site in unit.sites:
                weights[line_of(site)] += len(unit.owed)
        self._order = {line: place for place, (line, _) in enumerate(weights.most_common())}
        self._new: dict[str, deque[Step]] = {}  # the largest domain first, once sorted
        self._sorted = True
        self._begun: deque[tuple[str, Step]] = deque()
        self._own: deque[Step] = deque()
        self._asking: Counter[str] = Counter()

    def __bool__(self) -> bool:
        return bool(self._own or self._begun or self._new)

    def begin(self, line: str, step: Step) -> None:
        """A step that a unit begins with."""
        if line not in self._new:
            self._new[line] = deque()
            self._sorted = False
        self._new[line].append(step)

    def go_on(self, line: str | None, step: Step) -> None:
        """A further step of a unit under way."""
        if line is None:
            self._own.append(step)
        else:
            self._begun.append((line, step))

    def take(self) -> tuple[str | None, Step]:
        """The next step, and the line that it needs. Raises IndexError when there is none."""
        if self._own:
            return None, self._own.popleft()
        line, step = self._take()
        self._asking[line] += 1
        return line, step

    def done(self, line: str | None) -> None:
        """A step that needed this line has ended."""
        if line is not None:
            self._asking[line] -= 1

    def _take(self) -> tuple[str, Step]:
        for place, (line, step) in enumerate(self._begun):
            if not self._asking[line]:
                del self._begun[place]
                return line, step
        if not self._sorted:
            self._new = dict(sorted(self._new.items(), key=lambda item: self._order.get(item[0], len(self._order))))
            self._sorted = True
        free = next((line for line in self._new if not self._asking[line]), None)
        if free is None and self._begun:
            return self._begun.popleft()
        line = free if free is not None else next(iter(self._new))
        step = self._new[line].popleft()
        if not self._new[line]:
            del self._new[line]
        return line, step
