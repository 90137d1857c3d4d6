"""Processor and wall time of a piece of work, of this process or of children; the best of several rounds."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Cost:
    """Seconds. `cpu` is of all threads of this process, `children` of its ended children."""

    wall: float = 0.0
    cpu: float = 0.0
    children: float = 0.0

    @property
    def total(self) -> float:
        """Processor seconds of the process and of its children."""
        return self.cpu + self.children


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def measured() -> Iterator[Cost]:
    """What the body costs; the figures are there when it has ended."""
    cost = Cost()
    wall, cpu, children = time.perf_counter(), time.process_time(), _children()
    try:
        yield cost
    finally:
        cost.wall = time.perf_counter() - wall
        cost.cpu = time.process_time() - cpu
        cost.children = _children() - children


def side_by_side(works: Sequence[Callable[[], object]], rounds: int) -> list[Cost]:
    """The best processor and wall time of each piece of work. They take turns, so that a busy machine is so to all."""
    best = [Cost(float("inf"), float("inf"), float("inf")) for _ in works]
    for _ in range(rounds):
        for place, work in enumerate(works):
            with measured() as cost:
                work()
            kept = best[place]
            kept.wall = min(kept.wall, cost.wall)
            kept.cpu = min(kept.cpu, cost.cpu)
            kept.children = min(kept.children, cost.children)
    return best


def command(words: Sequence[str], environ: Mapping[str, str] | None = None, timeout: float = 600) -> tuple[str, Cost]:
    """What a command prints, and what it costs. Raises CalledProcessError with its error output when it fails."""
    with measured() as cost:
        done = subprocess.run(  # noqa: S603 - our own programs
            list(words), env={**os.environ, **(environ or {})}, capture_output=True, text=True, timeout=timeout,
            check=False,
        )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout, cost


def peak_memory() -> float:
    """The most memory that this process had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
