"""How far a run has come, for whoever wants to hear it: the terminal's bar, the UI's progress artifact."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from flows.summary import RunSummary


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the work done: `done` of `total` steps of the whole run, and the sentence to show."""

    done: int
    total: int
    sentence: str

    @property
    def percent(self) -> float:
        return 100.0 * self.done / self.total if self.total else 100.0


class Listener(Protocol):
    """Hears the runs of this process, in the thread of the flow."""

    def step(self, step: Step) -> None:
        """A step was done."""

    def ended(self, summary: RunSummary) -> None:
        """The run is over, well or not."""


_listeners: list[Listener] = []


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Let `listener` hear the runs of this process while the body runs."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


class Progress:
    """Counts the steps of one run."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0

    def advance(self, sentence: str, steps: int = 1) -> Step:
        """Count `steps` more, tell the listeners, and give back where the run stands."""
        self._done = min(self._done + steps, self._total)
        step = Step(self._done, self._total, sentence)
        for listener in tuple(_listeners):
            listener.step(step)
        return step


def tell_end(summary: RunSummary) -> None:
    """Tell the listeners how the run ended."""
    for listener in tuple(_listeners):
        listener.ended(summary)
