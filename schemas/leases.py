"""Leases of the lines at hosts: what a fetcher tells and asks, and what whoever keeps the leases answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Use:
    """How a line was used by the process that has it. Seconds; `day` is the day in China that `asked` counts."""

    delay: float
    since: float | None = None  # since the last request was answered; None: there was none
    day: str = ""
    asked: int = 0


@dataclass(frozen=True, slots=True)
class Grant:
    """The answer to who wants a line. When it is not `yours`, ask again after `wait` seconds.

    `use` is what the line has seen, whoever had it; `held` is how long nobody may ask there, `seconds` how long the
    line is yours without a further word.
    """

    yours: bool
    wait: float = 0.0
    seconds: float = 0.0
    held: float = 0.0
    use: Use | None = None


@dataclass(frozen=True, slots=True)
class Renewal:
    """Which lines are still yours, for how long, and which of them another process waits for."""

    kept: frozenset[str]
    wanted: frozenset[str]
    seconds: float
