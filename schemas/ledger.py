"""The ledger's words: what may be said of one publisher and one year, and when the law wants the report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from schemas.site import BodyKind


class LedgerState(StrEnum):
    """How far a report that is owed has come, or why it has not. Only one of them holds at a time."""

    EXPECTED = "expected"
    LOCATED = "located"
    FETCHED = "fetched"
    READ = "read"
    VALIDATED = "validated"
    LOADED = "loaded"
    FLAGGED = "flagged"  # loaded; the publisher's own figures disagree
    QUARANTINED = "quarantined"  # we are not sure that we read it right: nothing of it is current
    NOT_PUBLISHED = "not_published"  # looked, the column is there, the year is not
    BLOCKED = "blocked"  # the kind of refusal is the reason code
    GONE = "gone"  # withdrawn at its source
    LAYOUT_UNKNOWN = "layout_unknown"
    NEEDS_OCR = "needs_ocr"
    FAILED = "failed"

    @property
    def progress(self) -> int | None:
        """Rank on the way from expected to validated; None for the states that end a way."""
        return _WAY.index(self) if self in _WAY else None

    @property
    def holds_report(self) -> bool:
        """True when figures of this year are current in the warehouse."""
        return self in (LedgerState.LOADED, LedgerState.FLAGGED)


_WAY = (
    LedgerState.EXPECTED,
    LedgerState.LOCATED,
    LedgerState.FETCHED,
    LedgerState.READ,
    LedgerState.VALIDATED,
)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One publisher and year as the ledger has it. `since` is when state or reason last changed (UTC)."""

    publisher: str
    name: str
    year: int
    state: LedgerState
    reason_code: str | None
    reason: str | None
    since: datetime
    attempts: int  # how often this year went into a state of trouble
    next_action: str | None
    deadline: date
    report_id: str | None = None  # the report that the state speaks of
    review_report_id: str | None = None  # a quarantined reading that waits beside a current report
    run_id: str | None = None  # the run that last changed the row


def legal_deadline(kind: BodyKind, year: int) -> date:
    """The last day on which the report for `year` may be published.

    条例 (2019) art. 49: departments by 31 January, governments by 31 March of the next year, first for 2019;
    条例 (2008) art. 31: 31 March for every organ.
    """
    if kind is BodyKind.DEPARTMENT and year >= 2019:
        return date(year + 1, 1, 31)
    return date(year + 1, 3, 31)
