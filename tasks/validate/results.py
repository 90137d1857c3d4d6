"""What a check says: its state, both sides, and the cells it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Final

from schemas.report import Severity
from schemas.shape import quick


class State(StrEnum):
    """How a check ended. Only FAIL becomes a finding."""

    PASS = "pass"  # noqa: S105 (not a password)
    FAIL = "fail"
    NOT_ASSESSABLE = "not_assessable"  # cells are missing or the text is not clear enough
    NOT_APPLICABLE = "not_applicable"  # the check belongs to another edition


class Unknown(Enum):
    """A cell that holds words instead of a number: neither blank nor zero."""

    WORDS = "words"


WORDS: Final = Unknown.WORDS

CellValue = Decimal | None | Unknown  # a number, blank, or words; a cell that was not found is not in the mapping


@quick
@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check (or one equation of it) evaluated.

    `left` and `right` are the two sides, `delta` is left - right, `tolerance` the difference that is allowed.
    `cells` are fact codes, with `@year` where several years are compared. `doubt` says why a failure may be our
    reading rather than the publisher's figures; None when nothing speaks for that.
    """

    check: str
    state: State
    severity: Severity
    left: Decimal | None = None
    right: Decimal | None = None
    delta: Decimal | None = None
    tolerance: Decimal | None = None
    cells: tuple[str, ...] = ()
    message: str = ""
    doubt: str | None = None
    derived: tuple[str, ...] = ()  # blank totals that were computed from their parts
    year: int | None = None  # the year the equation is anchored at, for cross-year checks


def plain(value: Decimal) -> str:
    """A decimal without exponent and without trailing zeros: 11561862563.21, 0, -18."""
    if value == value.to_integral_value():
        return format(value.quantize(Decimal(1)) if abs(value) < Decimal("1e27") else value.normalize(), "f")
    return format(value.normalize(), "f")
