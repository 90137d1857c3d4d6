"""Prove: at the end of a run decisions of people take effect, and reports are held against their neighbours."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from flows.plan import Owed
from flows.states import GOOD, UNCHANGED
from flows.summary import ReportLine, RunSummary, shown
from flows.work.checks import text_findings
from flows.work.effect import Effect, take_effect
from flows.work.hands import Hands
from schemas.ledger import LedgerRow, LedgerState
from tasks.load.crosscheck import CrossCheck

CONTRADICTED = "load.contradicted"


@dataclass(frozen=True, slots=True)
class Proved:
    """What came of people's decisions, and what the checks between reports found."""

    effects: tuple[Effect, ...]
    checked: CrossCheck


def prove(publishers: Collection[str], hands: Hands) -> Proved:
    """Apply decisions that wait, then check these publishers' reports against their other years and all bodies'
    reports against one another. Once per run: the checks look at the whole warehouse."""
    assert hands.warehouse is not None
    effects = take_effect(hands)
    concerned = {*publishers, *(effect.owed.publisher for effect in effects)}
    return Proved(effects, hands.warehouse.cross_check(concerned, run_id=hands.run_id, text_check=text_findings))


def retold(summary: RunSummary, found: Proved, hands: Hands) -> RunSummary:
    """The summary with what has come out since: flagged is what another report contradicts, settled what people
    decided."""
    assert hands.warehouse is not None
    owed = {Owed(line.publisher, line.year) for line in summary.lines}
    rows = hands.warehouse.ledger({one.year for one in owed}, {one.publisher for one in owed})
    known = {Owed(row.publisher, row.year): row for row in rows}
    effects = {effect.owed: effect for effect in found.effects}
    lines = tuple(_line(line, known, effects, found.checked.by_report) for line in summary.lines)
    return replace(summary, lines=lines, notes=(*summary.notes, *sentences(found)))


def _line(
    line: ReportLine, known: Mapping[Owed, LedgerRow], effects: Mapping[Owed, Effect], counts: Mapping[str, int]
) -> ReportLine:
    owed = Owed(line.publisher, line.year)
    row = known.get(owed)
    if row is None or not row.state.holds_report:
        return line
    decided = owed in effects and line.outcome in {*GOOD, LedgerState.QUARANTINED.value}
    if line.outcome == UNCHANGED and not decided:
        return line  # its findings were counted in the warehouse already
    if line.outcome not in GOOD and not decided:
        return line
    contradicted = row.reason_code == CONTRADICTED
    return replace(
        line,
        outcome=row.state.value,
        findings=(line.findings or 0) + counts.get(row.report_id or "", 0),
        reason_code=row.reason_code if contradicted else None,
        reason=row.reason if contradicted else None,
    )


def sentences(found: Proved) -> tuple[str, ...]:
    """The same in words; nothing to say is said by nothing."""
    said = []
    settled = [effect for effect in found.effects if effect.reason is None]
    if settled:
        said.append(f"Decisions took effect for {_reports(len(settled))}: {shown([_named(one) for one in settled])}.")
    expired = [decision for effect in found.effects for decision in effect.expired]
    if expired:
        said.append(f"Expired, because what they were about is no more: {shown(expired)}.")
    waiting = [effect for effect in found.effects if effect.reason is not None]
    if waiting:
        why = shown([f"{one.name} {one.owed.year} ({one.reason.code})" for one in waiting if one.reason])
        said.append(f"Decisions about {_reports(len(waiting))} still wait: {why}.")
    checked = found.checked
    if checked.new or checked.gone or checked.standing:
        counts = ", ".join(f"{number} {code}" for code, number in checked.by_check.items())
        told = f"Checks between reports: {checked.new} findings new, {checked.gone} gone, {checked.standing} standing"
        said.append(f"{told} ({counts})." if counts else f"{told}.")
    return tuple(said)


def _named(effect: Effect) -> str:
    return f"{effect.name} {effect.owed.year} ({effect.state.value})"


def _reports(number: int) -> str:
    return f"{number} report{'' if number == 1 else 's'}"
