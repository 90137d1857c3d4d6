"""What a backfill has left to do, by the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from flows.left import in_words, left, windows
from flows.parameters import What
from flows.plan import Owed, plan
from schemas.ledger import LedgerRow, LedgerState
from tests.flows.makers import publisher, site

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def row(state: LedgerState, code: str | None = None, year: int = 2021) -> LedgerRow:
    return LedgerRow("a", "甲", year, state, code, None, NOW, 0, None, date(2022, 1, 31))


def kept(state: LedgerState, code: str | None, what: What) -> bool:
    return bool(left(plan([site("s", publisher("a"))], [2021]), [row(state, code)], what))


@pytest.mark.parametrize(
    ("state", "code", "by_left", "by_missing"),
    [
        (LedgerState.EXPECTED, None, True, True),
        (LedgerState.FETCHED, None, True, True),  # a run died on the way
        (LedgerState.FAILED, "fetch.network", True, True),
        (LedgerState.FAILED, "no.such_code", False, True),  # nobody knows it: a person has to look
        (LedgerState.NOT_PUBLISHED, "harvest.not_published", False, True),
        (LedgerState.QUARANTINED, "read.damaged", False, True),
        (LedgerState.LOADED, None, False, False),
        (LedgerState.FLAGGED, None, False, False),
    ],
)
def test_what_is_left_and_what_is_missing(
    state: LedgerState, code: str | None, by_left: bool, by_missing: bool
) -> None:
    assert kept(state, code, What.LEFT) is by_left
    assert kept(state, code, What.MISSING) is by_missing
    assert kept(state, code, What.ALL)


def test_a_report_that_the_ledger_does_not_know_is_left_and_only_that_year_is_worked_on() -> None:
    (unit,) = left(plan([site("s", publisher("a"))], [2020, 2021]), [row(LedgerState.LOADED)])
    assert unit.owed == (Owed("a", 2020),)


def test_windows_are_bounded_and_leave_nobody_out() -> None:
    units = plan([site(f"s{number}", publisher(f"p{number}")) for number in range(7)], [2021])
    found = list(windows(units, 3))
    assert [(first, len(group)) for first, group in found] == [(1, 3), (4, 3), (7, 1)]
    assert [unit for _, group in found for unit in group] == list(units)


def test_it_is_said_in_words() -> None:
    units = plan([site("s", publisher("a")), site("t", publisher("b"))], [2020, 2021])
    assert in_words(units) == "4 reports of 2 sites are left; the same again goes on with them."
    assert in_words(()) == "Nothing is left."
