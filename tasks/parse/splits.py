"""Digits that ran together: all ways to cut them into a given number of values, for the equations to judge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

MAX_SPLITS = 4000  # beyond this nothing useful can be proved
_PIECE = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d+)?")


def splits(digits: str, count: int) -> list[tuple[Decimal, ...]] | None:
    """All ways to read a run of digits as `count` numbers, none with a leading zero; blanks are certain borders.

    None when there are more than MAX_SPLITS. A signed or decimal number is cut only where its form allows.
    """
    found: list[tuple[Decimal, ...]] = []
    for reading in _readings(tuple(digits.split()), count):
        found.append(reading)
        if len(found) > MAX_SPLITS:
            return None
    return found


def _readings(pieces: tuple[str, ...], count: int) -> Iterator[tuple[Decimal, ...]]:
    if not pieces:
        if count == 0:
            yield ()
        return
    first, rest = pieces[0], pieces[1:]
    for taken in range(1, count - len(rest) + 1):
        for head in _cut(first, taken):
            for tail in _readings(rest, count - taken):
                yield head + tail


@cache
def _cut(digits: str, count: int) -> tuple[tuple[Decimal, ...], ...]:
    if count == 1:
        return ((Decimal(digits),),) if _PIECE.fullmatch(digits) else ()
    found: list[tuple[Decimal, ...]] = []
    for at in range(1, len(digits) - count + 2):
        if not _PIECE.fullmatch(digits[:at]):
            continue
        found.extend((Decimal(digits[:at]), *tail) for tail in _cut(digits[at:], count - 1))
        if len(found) > MAX_SPLITS:
            break
    return tuple(found)
