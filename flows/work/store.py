"""Store: verdicts into the warehouse, and states into the ledger."""

from __future__ import annotations

from collections.abc import Iterable

from flows.pipeline import parser_version
from flows.plan import Owed, Unit
from flows.states import GOOD, UNCHANGED, outcome_of, remedy, state_of
from flows.summary import NEW_VERSION, ReportLine
from flows.work.checks import Checks
from flows.work.decide import Understood
from flows.work.hands import Hands
from schemas.errors import LoadError
from schemas.ledger import LedgerState
from schemas.report import Reason
from schemas.site import PublisherEntry
from tasks.load import Delivery, LoadResult, LoadStatus, Source


def reached(state: LedgerState, reports: Iterable[Owed], hands: Hands) -> None:
    """Say in the ledger how far these reports have come. A result that stands there is never hidden by it."""
    assert hands.warehouse is not None
    hands.warehouse.reach(reports, state, run_id=hands.run_id)


def store(unit: Unit, understood: Iterable[Understood], hands: Hands) -> tuple[ReportLine, ...]:
    """Load the verdicts, a few dozen in a transaction, and say in the ledger what became of each report; those that are
    as they were are confirmed together.

    A step that is tried again does not load again what it loaded: the second load would call itself unchanged.
    """
    assert hands.warehouse is not None
    results, entries = tuple(understood), {entry.id: entry for entry in unit.publishers}
    left = list({result.owed: result for result in reversed(results) if result.owed not in hands.told}.values())[::-1]
    confirmed = [result.owed for result in left if result.unchanged is not None]
    hands.warehouse.confirm_all(confirmed, run_id=hands.run_id)
    loaded = hands.warehouse.load_series(
        delivery(result, entries[result.owed.publisher], hands, sample=unit.sample)
        for result in left
        if holds_a_verdict(result)
    )
    for result in left:
        hands.told[result.owed] = _told(unit, result, next(loaded) if holds_a_verdict(result) else None, hands)
    return tuple(hands.told[result.owed] for result in results)


def missing(unit: Unit, owed: Owed, reason: Reason, url: str | None, hands: Hands) -> ReportLine:
    """Mark a report that could not be had, and its line in the summary."""
    state = _gone_or(state_of(reason.code), owed, reason, hands)
    if hands.warehouse is not None:
        hands.warehouse.mark(owed.publisher, owed.year, state, reason, remedy(reason.code), hands.run_id)
    return line(unit, owed, outcome_of(state, reason.code), reason=reason, url=url)


def _gone_or(state: LedgerState, owed: Owed, reason: Reason, hands: Hands) -> LedgerState:
    """`gone` for a report that the warehouse holds and whose source says that it is no more."""
    if reason.code not in {"fetch.not_found", "fetch.gone"} or hands.warehouse is None:
        return state
    held = hands.warehouse.current_reports([owed.year], [owed.publisher])
    return LedgerState.GONE if held else state


def holds_a_verdict(result: Understood) -> bool:
    """Whether there is something to load: a document that was read, unless it needs OCR or is as it was."""
    if result.unchanged is not None or result.document is None or result.examined is None:
        return False
    judgement = result.examined.judgement
    if judgement.reason is None or judgement.report is not None:
        return True
    return state_of(judgement.reason.code) is not LedgerState.NEEDS_OCR


def delivery(result: Understood, entry: PublisherEntry, hands: Hands, *, sample: bool) -> Delivery:
    """The verdict on a document as the warehouse takes it, with the checks that people's decisions need."""
    assert result.document is not None
    assert result.examined is not None
    held, media = result.document.held, result.examined.media_type
    version = parser_version()
    source = Source(held.sha256, held.url, media, version, hands.run_id, held.fetched_at, sample)
    return Delivery(*result.owed, source, result.examined.judgement, Checks(entry.kind.value))


def _told(unit: Unit, result: Understood, loaded: LoadResult | LoadError | None, hands: Hands) -> ReportLine:
    """The line of a report, once it is loaded if there was a verdict; what was not loaded is marked."""
    owed = result.owed
    if result.unchanged is not None:
        row = result.unchanged
        return line(
            unit,
            owed,
            UNCHANGED,
            edition=row.edition,
            facts=row.facts,
            statistics=row.statistics,
            findings=row.findings,
            url=row.url,
        )
    if result.document is None or result.examined is None:
        return missing(unit, owed, result.reason or Reason("harvest.not_found", "Nothing found."), result.url, hands)
    held, judgement = result.document.held, result.examined.judgement
    reason, report = judgement.reason, judgement.report
    if loaded is None:
        assert reason is not None  # it needs OCR
        return missing(unit, owed, reason, held.url, hands)
    if isinstance(loaded, LoadError):
        return missing(unit, owed, Reason(loaded.code, loaded.message), held.url, hands)
    outcome = UNCHANGED if loaded.status is LoadStatus.UNCHANGED and not loaded.touched else loaded.outcome
    if loaded.outcome in GOOD:  # a person may have decided what was in doubt
        reason = _new_version(loaded, hands)
    return line(
        unit,
        owed,
        outcome,
        edition=report.edition.value if report else None,
        facts=len(report.facts) if report else None,
        statistics=len(report.statistics) if report else None,
        findings=len(judgement.findings),
        reason=reason,
        url=held.url,
    )


def _new_version(loaded: LoadResult, hands: Hands) -> Reason | None:
    """Another version has taken the place of the current one: why, and in how many places it differs."""
    assert hands.warehouse is not None
    if loaded.previous_id is None or loaded.current_id is None:
        return None
    rows = {row.id: row for row in hands.warehouse.reports([loaded.previous_id, loaded.current_id])}
    before, after = rows[loaded.previous_id], rows[loaded.current_id]
    figures = [one for one in hands.warehouse.diff(before.id, after.id) if (one.kind, one.column) == ("fact", "value")]
    if before.document_sha256 == after.document_sha256:
        how = "the same document is read otherwise or was corrected"
    elif before.url == after.url:
        how = "the file at the same address was replaced"
    else:
        how = "another document was published"
    told = f"Version {after.version} took the place of version {before.version}: {how}; {len(figures)} figures differ."
    return Reason(NEW_VERSION, told)


def line(
    unit: Unit,
    owed: Owed,
    outcome: str,
    *,
    edition: str | None = None,
    facts: int | None = None,
    statistics: int | None = None,
    findings: int | None = None,
    reason: Reason | None = None,
    url: str | None = None,
) -> ReportLine:
    """A line of the summary."""
    name = next(entry.name for entry in unit.publishers if entry.id == owed.publisher)
    return ReportLine(
        publisher=owed.publisher,
        name=name,
        year=owed.year,
        site=unit.name,
        outcome=outcome,
        edition=edition,
        facts=facts,
        statistics=statistics,
        findings=findings,
        reason_code=reason.code if reason else None,
        reason=reason.message if reason else None,
        url=url,
    )
