"""What is delivered to be loaded: the judgement on one document, and its rows as they are without decisions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from schemas.errors import LoadError
from schemas.report import Judgement, Outcome
from tasks.load.apply import Judge
from tasks.load.ledger import Unit
from tasks.load.rows import ReportRows, rows_of


@dataclass(frozen=True, slots=True)
class Source:
    """Where a judgement came from."""

    document_sha: str
    url: str
    media_type: str | None
    parser_version: str
    run_id: str | None
    fetched_at: datetime
    sample: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """The judgement on one document of a publisher's report for a year; `judge` is needed where people decided."""

    publisher: str
    year: int
    source: Source
    judgement: Judgement
    judge: Judge | None = None

    @property
    def unit(self) -> Unit:
        """What is locked while it is loaded."""
        return self.publisher, self.year


Prepared = tuple[Delivery, ReportRows | LoadError]
"""A delivery with its rows, as they are without decisions, or why it cannot be stored."""


def prepare(deliveries: Iterable[Delivery]) -> list[Prepared]:
    """Do what needs no database: the most of the work, and better done while nobody waits for a lock.

    The errors are `load.year_mismatch` when an unquarantined report says another year, and what `rows_of` raises.
    """
    return [(delivery, _rows(delivery)) for delivery in deliveries]


def _rows(delivery: Delivery) -> ReportRows | LoadError:
    judgement, source = delivery.judgement, delivery.source
    printed = judgement.report.year if judgement.report else None
    if judgement.outcome is not Outcome.QUARANTINED and printed != delivery.year:
        said = f"loaded for {delivery.year}, but the report says {printed}"
        return LoadError("load.year_mismatch", said, where=source.url)
    try:
        return rows_of(judgement, document_sha=source.document_sha)
    except LoadError as error:
        return error
