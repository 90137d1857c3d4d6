"""Effect: documents that people decided about are read and loaded again from the archive, so that a decision counts now
and need not wait for a new publication. No network."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from flows.plan import Owed
from flows.work.decide import Understood
from flows.work.hands import Hands, Held
from flows.work.reread import Archived, read_again, with_documents
from flows.work.store import delivery, holds_a_verdict
from schemas.errors import LoadError
from schemas.ledger import LedgerState
from schemas.report import Reason
from schemas.site import PublisherEntry
from tasks.fetch.expect import file_name
from tasks.load import Due, ReportRow, Warehouse

_AT_ONCE = 20  # reports whose documents are held in memory
_INSTANT = timedelta(microseconds=1)

_Waiting = Mapping[Owed, Sequence[Due]]


@dataclass(frozen=True, slots=True)
class Effect:
    """What came of the decisions about one report. `reason` says why some still wait; None when none does."""

    owed: Owed
    name: str
    state: LedgerState  # of the report now
    expired: tuple[str, ...] = ()  # decisions that hold no longer: what they were about is no more
    reason: Reason | None = None


def take_effect(hands: Hands, only: Collection[Owed] | None = None) -> tuple[Effect, ...]:
    """Load what decisions wait for (about these reports, or about all), by publisher and year."""
    assert hands.warehouse is not None
    known: dict[str, tuple[PublisherEntry, bool]] = {}
    expired: dict[Owed, tuple[str, ...]] = {}
    reasons: dict[Owed, Reason | None] = {}
    # First as the last look found them, with second readings; then earlier documents, each for itself.
    for choose_documents in (_looked_at, _one_by_one):
        waiting = _waiting(hands.warehouse, only)
        known |= hands.warehouse.publishers({owed.publisher for owed in waiting})
        work = choose_documents({owed: known[owed.publisher][0] for owed in waiting}, waiting, hands.warehouse)
        for start in range(0, len(work), _AT_ONCE):
            batch = work[start : start + _AT_ONCE]
            for report, result in zip(batch, read_again(batch, hands), strict=True):
                owed, (entry, sample) = result.owed, known[result.owed.publisher]
                freed = any(one.freed for one in waiting[owed])
                ended, reasons[owed] = _loaded(_at_its_time(result, report) if freed else result, entry, hands, sample)
                expired[owed] = expired.get(owed, ()) + ended
    left = _waiting(hands.warehouse, only)
    states = {Owed(row.publisher, row.year): row.state for row in hands.warehouse.ledger(publishers=known)}
    unread = Reason("review.not_in_effect", "The document it is about is not at hand.")
    return tuple(
        Effect(
            owed,
            known[owed.publisher][0].name,
            states[owed],
            expired.get(owed, ()),
            (reasons.get(owed) or unread) if owed in left else None,
        )
        for owed in sorted(reasons.keys() | left.keys())
    )


def _waiting(warehouse: Warehouse, only: Collection[Owed] | None) -> dict[Owed, list[Due]]:
    found: dict[Owed, list[Due]] = {}
    for due in warehouse.due():
        owed = Owed(due.publisher, due.year)
        if only is None or owed in only:
            found.setdefault(owed, []).append(due)
    return found


def _looked_at(entries: Mapping[Owed, PublisherEntry], _: _Waiting, warehouse: Warehouse) -> list[Archived]:
    return with_documents(entries, {owed: row for owed in entries for row in _own(owed, warehouse)}, warehouse)


def _own(owed: Owed, warehouse: Warehouse) -> list[ReportRow]:
    """The version that is the report by itself: the chosen one, else the one had last."""
    versions = warehouse.versions(*owed)
    chosen = warehouse.choices().get(owed)
    mine = [row for row in versions if row.document_sha256 == chosen] or versions
    return sorted(mine, key=lambda row: row.fetched_at)[-1:]


def _one_by_one(entries: Mapping[Owed, PublisherEntry], waiting: _Waiting, warehouse: Warehouse) -> list[Archived]:
    chosen = warehouse.choices()
    return [
        Archived(owed, entries[owed], (_held(one),), chosen.get(owed)) for owed, due in waiting.items() for one in due
    ]


def _held(due: Due) -> Held:
    return Held(due.url, due.document_sha256, due.media_type, file_name(due.url, {}), due.fetched_at)


def _at_its_time(result: Understood, report: Archived) -> Understood:
    """A choice was taken back: of the documents of one look the preferred one counts as had last, as in a harvest."""
    if result.document is None:
        return result
    held, last = result.document.held, max(one.fetched_at for one in report.documents)
    if held.fetched_at < last:
        held = replace(held, fetched_at=last + _INSTANT)
    return replace(result, document=replace(result.document, held=held))


def _loaded(
    result: Understood, entry: PublisherEntry, hands: Hands, sample: bool
) -> tuple[tuple[str, ...], Reason | None]:
    """Load a verdict. Gives the decisions that have expired, and what kept it from being loaded."""
    assert hands.warehouse is not None
    if not holds_a_verdict(result):
        return (), result.reason if result.examined is None else result.examined.judgement.reason
    (done,) = hands.warehouse.load_all([delivery(result, entry, hands, sample=sample)])
    return ((), Reason(done.code, done.message)) if isinstance(done, LoadError) else (done.expired, None)
