"""Store: verdicts into the warehouse, and states into the ledger."""

from __future__ import annotations

from collections.abc import Iterable

from flows.pipeline import parser_version
from flows.plan import Owed, Unit
from flows.states import UNCHANGED, outcome_of, remedy, state_of
from flows.summary import ReportLine
from flows.work.decide import Understood
from flows.work.hands import Hands
from schemas.errors import LoadError
from schemas.ledger import LedgerState
from schemas.report import Reason
from tasks.load.shapes import LoadStatus


def reached(state: LedgerState, reports: Iterable[Owed], hands: Hands) -> None:
    """Say in the ledger how far these reports have come. A result that stands there is never hidden by it."""
    assert hands.warehouse is not None
    hands.warehouse.reach(reports, state, run_id=hands.run_id)


def store(unit: Unit, understood: Iterable[Understood], hands: Hands) -> tuple[ReportLine, ...]:
    """Load each verdict in a transaction of its own, and say in the ledger what became of the report; those that are as
    they were are confirmed together.

    A step that is tried again does not load again what it loaded: the second load would call itself unchanged.
    """
    assert hands.warehouse is not None
    results, lines = tuple(understood), []
    confirmed = [result.owed for result in results if result.unchanged is not None and result.owed not in hands.told]
    hands.warehouse.confirm_all(confirmed, run_id=hands.run_id)
    for result in results:
        if result.owed not in hands.told:
            hands.told[result.owed] = _store_one(unit, result, hands)
        lines.append(hands.told[result.owed])
    return tuple(lines)


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


def _store_one(unit: Unit, result: Understood, hands: Hands) -> ReportLine:
    assert hands.warehouse is not None
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
    if reason is not None and report is None and state_of(reason.code) is LedgerState.NEEDS_OCR:
        return missing(unit, owed, reason, held.url, hands)
    try:
        loaded = hands.warehouse.load(
            owed.publisher,
            owed.year,
            document_sha=held.sha256,
            url=held.url,
            media_type=result.examined.media_type,
            judgement=judgement,
            parser_version=parser_version(),
            run_id=hands.run_id,
            fetched_at=held.fetched_at,
            sample=unit.sample,
        )
    except LoadError as error:
        if error.recoverable:
            raise
        return missing(unit, owed, Reason(error.code, error.message), held.url, hands)
    outcome = UNCHANGED if loaded.status is LoadStatus.UNCHANGED and not loaded.touched else loaded.outcome
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
