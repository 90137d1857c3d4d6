"""A report that nobody found: not published, or could not look?"""

from __future__ import annotations

import pytest

from flows.plan import Owed, Unit, plan
from flows.states import outcome_of, state_of
from flows.work.settle import reason_of, why_missing
from schemas.discovery import Discovery, Look
from schemas.errors import FetchTrouble
from schemas.ledger import LedgerState
from schemas.reasons import reason_codes
from tests.flows.makers import publisher, site

A, B = Owed("a", 2021), Owed("b", 2021)


def unit() -> Unit:
    return plan([site("s", publisher("a"), publisher("b"))], [2021])[0]


def looked(*looks: Look, problems: tuple[tuple[str, str], ...] = ()) -> dict[str, Discovery]:
    every = problems + tuple(problem for look in looks for problem in look.problems)
    return {"s": Discovery("s", (), 2, 40, problems=every, looks=looks)}


def test_only_a_complete_look_says_not_published() -> None:
    complete = looked(Look("http://e", None, entries=40))
    assert why_missing(A, unit(), complete).code == "harvest.not_published"
    broken = looked(Look("http://e", None, problems=(("fetch.timeout", "no answer"),)))
    assert why_missing(A, unit(), broken).code == "fetch.timeout"


def test_a_look_at_recent_entries_only_says_nothing_about_absence() -> None:
    assert why_missing(A, unit(), looked(Look("http://e", None, partial=True))).code == "harvest.not_found"


def test_the_broken_column_of_one_publisher_does_not_touch_another() -> None:
    looks = looked(
        Look("http://a", "a", problems=(("discover.chain_broken", "page 2 repeats page 1"),)),
        Look("http://b", "b", entries=3),
    )
    assert why_missing(A, unit(), looks).code == "discover.chain_broken"
    assert why_missing(B, unit(), looks).code == "harvest.not_published"


def test_a_name_that_almost_fits_is_told_instead_of_not_published() -> None:
    near = ("discover.publisher_unmatched", "names 某中心: close to a, but none of its names")
    looks = looked(Look("http://e", None, entries=3), problems=(near,))
    assert why_missing(A, unit(), looks).code == "discover.publisher_unmatched"


def test_a_site_that_gives_less_than_it_must_says_nothing_about_absence() -> None:
    low = ("discover.yield_low", "3 reports are listed, and the registry expects 40 at least")
    looks = looked(Look("http://a", "a", entries=3), Look("http://b", "b", entries=3), problems=(low,))
    assert why_missing(A, unit(), looks).code == "discover.yield_low"
    assert looks["s"].usable == ()


def test_a_site_that_broke_off_was_not_looked_at() -> None:
    assert why_missing(A, unit(), {}).code == "harvest.site_failed"


def test_an_error_keeps_its_code_and_an_unforeseen_one_gets_one() -> None:
    assert reason_of(FetchTrouble("fetch.dns", "no such host")).code == "fetch.dns"
    unforeseen = reason_of(ZeroDivisionError("by zero"))
    assert unforeseen.code == "harvest.site_failed"
    assert "ZeroDivisionError: by zero" in unforeseen.message


@pytest.mark.parametrize(
    ("code", "state", "outcome"),
    [
        ("fetch.captcha", LedgerState.BLOCKED, "blocked:captcha"),
        ("fetch.robots_disallowed", LedgerState.BLOCKED, "blocked:robots_disallowed"),
        ("discover.layout_unknown", LedgerState.LAYOUT_UNKNOWN, "layout_unknown"),
        ("read.needs_ocr", LedgerState.NEEDS_OCR, "needs_ocr"),
        ("harvest.not_published", LedgerState.NOT_PUBLISHED, "not_published"),
        ("fetch.timeout", LedgerState.FAILED, "failed"),
        ("harvest.not_found", LedgerState.FAILED, "failed"),
    ],
)
def test_each_reason_has_its_state(code: str, state: LedgerState, outcome: str) -> None:
    assert code in reason_codes()
    assert state_of(code) is state
    assert outcome_of(state, code) == outcome
