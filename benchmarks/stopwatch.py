"""Best times and plain tables for the benchmarks."""

from __future__ import annotations

import time
from collections.abc import Callable


def best(work: Callable[[], object], rounds: int = 9) -> float:
    """The shortest processor time of several rounds, in milliseconds: other work on the machine does not count."""
    shortest = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        shortest = min(shortest, time.process_time() - start)
    return shortest * 1000


class Table:
    """Rows of names and figures, shown in columns."""

    def __init__(self, *head: str) -> None:
        self._rows: list[list[str]] = [list(head)]

    def row(self, *cells: object) -> None:
        """Adds a row; fractions are shown with one decimal."""
        self._rows.append([f"{cell:.1f}" if isinstance(cell, float) else str(cell) for cell in cells])

    def show(self) -> None:
        """Prints the table."""
        widths = [max(map(len, column)) for column in zip(*self._rows, strict=True)]
        for row in self._rows:
            cells = [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
            print("  ".join(cells))
