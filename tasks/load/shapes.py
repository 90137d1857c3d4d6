"""What the warehouse hands out: results of a load, reports, facts, versions and what changed between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class LoadStatus(StrEnum):
    """What a load did to the figures that count for a publisher and year."""

    NEW = "new"  # there were none before
    CHANGED = "changed"  # another version, or another verdict on the same one
    UNCHANGED = "unchanged"  # as before
    QUARANTINED = "quarantined"  # kept for review; nothing of it is current


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What became of one document. `touched` is False when not one row was written."""

    status: LoadStatus
    report_id: str
    version: int
    outcome: str
    touched: bool
    current_id: str | None  # the report that is current now
    previous_id: str | None = None  # the report that was current before, if another
    expired: tuple[str, ...] = ()  # decisions of people that hold no longer


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A stored report with the way to its source."""

    id: str
    publisher: str
    name: str
    year: int
    version: int
    is_current: bool
    outcome: str
    reason_code: str | None
    reason: str | None
    edition: str | None
    table_editions: dict[str, str]
    title: str | None
    published_on: str | None
    url: str
    document_sha256: str
    media_type: str | None
    parser_version: str
    sample: bool
    fetched_at: datetime
    loaded_at: datetime
    period: tuple[date, date] | None = None
    scope: str | None = None
    facts: int = 0  # numbers of rows
    statistics: int = 0
    sections: int = 0
    findings: int = 0


@dataclass(frozen=True, slots=True)
class FactRow:
    """A stored fact of a report."""

    report_id: str
    publisher: str
    year: int
    code: str
    row_key: str
    value: Decimal | None
    unit: str | None
    state: str
    raw: str
    remark: str | None
    label: str | None
    certainty: str
    reached_by: str
    place: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A stored finding; `key` names it among the findings of its report."""

    report_id: str
    key: str
    check: str
    severity: str
    verdict: str
    message: str
    left: str | None
    right: str | None
    cells: tuple[str, ...]
    scope: str
    dismissed_by: str | None
    other_report_id: str | None

    @property
    def in_doubt(self) -> bool:
        """True for a doubt about our reading that nobody has dismissed."""
        return self.verdict == "reading" and self.dismissed_by is None


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions of a report; a side is None where the row is missing."""

    kind: str  # report, fact, statistic, section
    key: str
    column: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of a flow."""

    id: str
    kind: str
    state: str
    parameters: dict[str, Any]
    started_at: datetime
    heartbeat_at: datetime
    finished_at: datetime | None
    message: str | None
    summary: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Due:
    """A document that is to be read and loaded again, so that a decision about its report takes effect."""

    publisher: str
    year: int
    document_sha256: str
    url: str
    media_type: str | None
    fetched_at: datetime
    sample: bool
    freed: bool = False  # a choice was taken back: whichever document would be the report by itself is it again
