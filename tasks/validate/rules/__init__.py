"""Checks whose relation is code: one named function each, grouped by what they look at.

Importing this package registers all of them in `RULES` by the code of their check.
"""

from tasks.validate.rules import (
    annexes,
    calendar,
    fees,
    makeup,
    ratios,
    repeats,
    statements,
    sums,
    table2,
    table3,
    units,
    wording,
)
from tasks.validate.rules.base import RULES

__all__ = [
    "RULES",
    "annexes",
    "calendar",
    "fees",
    "makeup",
    "ratios",
    "repeats",
    "statements",
    "sums",
    "table2",
    "table3",
    "units",
    "wording",
]
