"""Decisions applied to a fresh judgement: cells overridden, findings dismissed, a doubted reading accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Protocol

from schemas.errors import LoadError
from schemas.report import Certainty, Fact, FactState, Finding, Judgement, Outcome, Report, Verdict
from schemas.tables import DecisionKind
from tasks.load.decisions import Decision, said_of
from tasks.load.facts import known_codes
from tasks.load.plain import storable
from tasks.load.rows import finding_rows


class Judge(Protocol):
    """What validation offers (the package `tasks.validate`): needed only where decisions are applied."""

    def judge(self, report: Report) -> Judgement:
        """Run all checks on a report."""

    def decide(self, report: Report, findings: Sequence[Finding]) -> Judgement:
        """The judgement that these findings give."""


@dataclass
class Applied:
    """A judgement with decisions applied, which of them did what, and which hold no longer (with the reason)."""

    judgement: Judgement
    overridden: dict[tuple[str, str], tuple[str, Decimal | None]] = field(default_factory=dict)  # cell: who, value read
    dismissed: dict[str, str] = field(default_factory=dict)  # finding: who
    expired: list[tuple[Decision, str]] = field(default_factory=list)


def apply(judgement: Judgement, active: Sequence[Decision], judge: Judge | None) -> Applied:
    """Apply overrides and dismissals. Raises LoadError `load.no_judge` when something applies and no judge is there."""
    done = Applied(judgement)
    if judgement.report is None:
        return done
    _override(done, [one for one in active if one.kind is DecisionKind.OVERRIDE], judge)
    _dismiss(done, [one for one in active if one.kind is DecisionKind.DISMISS], judge)
    return done


def accepted(judgement: Judgement, judge: Judge | None) -> Judgement:
    """A quarantined judgement that a person accepts: what it would be without the doubts about our reading."""
    assert judgement.report is not None
    printed = [finding for finding in judgement.findings if finding.verdict is Verdict.PUBLISHER]
    decided = _needed(judge).decide(judgement.report, printed)
    outcome = Outcome.LOADED if decided.outcome is Outcome.QUARANTINED else decided.outcome
    return replace(judgement, outcome=outcome, reason=None)


def _override(done: Applied, decisions: Sequence[Decision], judge: Judge | None) -> None:
    report = done.judgement.report
    assert report is not None
    facts = {_cell(fact): fact for fact in report.facts}
    changed: dict[tuple[str, str], Fact] = {}
    for decision in decisions:
        code, _, row_key = decision.target.partition("|")
        fact = facts.get((code, row_key))
        if fact is None:
            done.expired.append((decision, "the cell is no more"))
        elif not _as_decided(fact, decision):
            done.expired.append((decision, f"the cell reads {fact.raw!r} now"))
        else:
            changed[code, row_key] = _overridden(fact, decision)
            done.overridden[code, row_key] = (decision.id, fact.value)
    if not changed:
        return
    settled = {code for code, _ in changed}
    fixed = replace(
        report,
        facts=tuple(changed.get(_cell(fact), fact) for fact in report.facts),
        doubts=tuple(doubt for doubt in report.doubts if not doubt.cells or not set(doubt.cells) <= settled),
    )
    judge = _needed(judge)
    given, own = done.judgement, judge.judge(report)
    said = set(own.findings)
    # What was found beside the report's own checks: a second reading that differs, until the cell is decided.
    beside = [one for one in given.findings if one not in said and not (one.cells and set(one.cells) <= settled)]
    fresh = judge.judge(fixed)
    decided = judge.decide(fixed, (*beside, *fresh.findings)) if beside else fresh
    outside = _held_from_outside(given, judge.decide(report, given.findings))
    done.judgement = _kept_back(decided, given) if outside else decided


def _dismiss(done: Applied, decisions: Sequence[Decision], judge: Judge | None) -> None:
    rows = {row["key"]: (row, finding) for row, finding in _keyed(done.judgement.findings)}
    for decision in decisions:
        found = rows.get(decision.target)
        if found is None:
            continue  # it may come back; a decision about nothing does no harm
        if said_of(found[0]).items() <= decision.applies_to.items():
            done.dismissed[decision.target] = decision.id
        else:
            done.expired.append((decision, "the finding has other figures now"))
    if not done.dismissed:
        return
    judge = _needed(judge)
    report, before = done.judgement.report, done.judgement
    assert report is not None
    left = [finding for key, (_, finding) in rows.items() if key not in done.dismissed]
    if _held_from_outside(before, judge.decide(report, before.findings)):
        return
    decided = judge.decide(report, left)
    done.judgement = replace(decided, findings=before.findings)


def _keyed(findings: Sequence[Finding]) -> list[tuple[dict[str, object], Finding]]:
    return list(zip(finding_rows(findings), findings, strict=True))


def _held_from_outside(given: Judgement, own: Judgement) -> bool:
    """True when the report was quarantined for a reason that its own findings do not give (another body's report)."""
    return given.outcome is Outcome.QUARANTINED and own.outcome is not Outcome.QUARANTINED


def _kept_back(judgement: Judgement, given: Judgement) -> Judgement:
    return replace(judgement, outcome=Outcome.QUARANTINED, reason=given.reason)


def _needed(judge: Judge | None) -> Judge:
    if judge is None:
        raise LoadError("load.no_judge", "decisions apply to this report, and nothing was given to judge it anew")
    return judge


def _cell(fact: Fact) -> tuple[str, str]:
    return fact.code, "" if fact.code in known_codes() else storable(fact.label or "")


def _as_decided(fact: Fact, decision: Decision) -> bool:
    """Whether the source cell says what it said when the decision was taken."""
    read = decision.applies_to["value"]
    same = fact.value is None if read is None else fact.value is not None and fact.value == Decimal(read)
    return same and storable(fact.raw) == decision.applies_to["raw"]


def _overridden(fact: Fact, decision: Decision) -> Fact:
    unit, source = fact.unit, fact.unit_source
    if decision.unit:
        unit, source = decision.unit, "decision"
    elif source == "inferred" and decision.value != fact.value:  # it was inferred from the figure that does not hold
        unit, source = "unknown", "none"
    return replace(
        fact,
        value=decision.value,
        unit=unit,
        unit_source=source,
        state=FactState.BLANK if decision.value is None else FactState.NUMBER,
        certainty=Certainty.EXACT,
        reached_by="decision",
    )
