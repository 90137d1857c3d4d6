"""From a reason code to the ledger's state, and from states to the words of the summary."""

from __future__ import annotations

from schemas.ledger import LedgerState
from schemas.reasons import reason_code

UNCHANGED = "unchanged"
"""Outcome of a report whose documents are as they were: the ledger keeps saying loaded or flagged."""

GOOD = frozenset({LedgerState.LOADED.value, LedgerState.FLAGGED.value, UNCHANGED})
"""Outcomes after which nothing is owed any more."""

_REFUSALS = frozenset(
    {
        "fetch.challenge",
        "fetch.captcha",
        "fetch.forbidden",
        "fetch.rate_limited",
        "fetch.robots_disallowed",
        "fetch.needs_browser",
        "discover.needs_browser",
        "discover.captcha",
    }
)
"""Reasons with which a host says no; the kind of the refusal is the last part of the code."""


def is_refusal(code: str) -> bool:
    """Whether the reason is that a host says no."""
    return code in _REFUSALS


def state_of(code: str) -> LedgerState:
    """The state of a year that ended with this reason: blocked, layout_unknown, needs_ocr, not_published or failed."""
    if code == "discover.layout_unknown":
        return LedgerState.LAYOUT_UNKNOWN
    if code in {"read.needs_ocr", "parse.needs_ocr"}:
        return LedgerState.NEEDS_OCR
    if code == "harvest.not_published":
        return LedgerState.NOT_PUBLISHED
    if code in _REFUSALS:
        return LedgerState.BLOCKED
    return LedgerState.FAILED


def outcome_of(state: LedgerState, code: str | None) -> str:
    """The word of the summary: the state, with the kind of refusal for a blocked one (`blocked:captcha`)."""
    if state is LedgerState.BLOCKED and code:
        return f"blocked:{code.rsplit('.', 1)[-1]}"
    return state.value


def remedy(code: str | None) -> str | None:
    """What a person can do about it, from the reason's entry; None when nobody lists it."""
    found = reason_code(code) if code else None
    return found.remedy if found else None
