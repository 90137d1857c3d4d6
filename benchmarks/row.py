"""What a benchmark gives: rows of a ratio against a peer or limit, with its target and the check of its output."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Size = Literal["tiny", "default", "full"]
"""`tiny` is for the tests (is the output right?), `full` is the size that the target names."""


@dataclass(frozen=True, slots=True)
class Row:
    """One ratio. `at_most` or `at_least` is its target; `wrong` says what was wrong with the output, None if nothing.

    A ratio with wrong output never meets its target: no result may be reached by doing less.
    """

    name: str
    what: str
    peer: str
    ratio: float
    checked: str  # what was compared to know that the output is right
    wrong: str | None = None
    at_most: float | None = None
    at_least: float | None = None
    figures: dict[str, float | int | str] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether the target is reached, with the right output."""
        if self.wrong is not None:
            return False
        return (self.at_most is None or self.ratio <= self.at_most) and (
            self.at_least is None or self.ratio >= self.at_least
        )

    @property
    def target(self) -> str:
        """The target in a few signs; empty for a ratio that is only told."""
        if self.at_most is not None:
            return f"≤ {self.at_most:g}"
        return f"≥ {self.at_least:g}" if self.at_least is not None else ""

    def worse_than(self, other: float, tolerance: float) -> bool:
        """Whether the ratio moved away from its target by more than a share of what it was."""
        if self.at_least is not None:
            return self.ratio < other * (1 - tolerance)
        return self.ratio > other * (1 + tolerance)

    def as_dict(self) -> dict[str, Any]:
        """As plain data, with `met`."""
        return {**asdict(self), "met": self.met}

    @classmethod
    def of(cls, data: dict[str, Any]) -> Row:
        """From plain data."""
        return cls(**{name: value for name, value in data.items() if name != "met"})


Benchmark = Callable[[Size], Iterable[Row]]


def pick(size: Size, tiny: int, default: int, full: int) -> int:
    """The number that goes with a size."""
    return {"tiny": tiny, "default": default, "full": full}[size]
