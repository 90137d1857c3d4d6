"""The verdict on a report: who is to blame for each failing check, and whether the report may be loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from schemas.checks import checks
from schemas.reasons import reason_code
from schemas.report import (
    Certainty,
    Fact,
    Finding,
    Judgement,
    Outcome,
    Reason,
    Report,
    Severity,
    Verdict,
)
from tasks.validate.case import prepare
from tasks.validate.evaluate import Cells
from tasks.validate.reading import differences, header_doubts, table_doubts
from tasks.validate.results import CheckResult, State, plain
from tasks.validate.run import check_case, check_text

NOTHING_READ = "validate.nothing_read"
BLANK_TEMPLATE = "validate.blank_template"
DOUBTFUL_FIGURES = "validate.doubtful_figures"

_SURE = frozenset({Certainty.EXACT, Certainty.PROVED})


def judge(report: Report, *, second: Report | None = None, kind: str | None = None) -> Judgement:
    """Runs every report-scope check and decides whether the report is loaded, flagged or quarantined.

    `second` is another reading of the same report, compared cell by cell. `kind` is government or department
    where the registry knows it. Never raises for what a document holds.
    """
    case = prepare(report, kind=kind)
    found = [
        *header_doubts(report),
        *table_doubts(case),
        *(_from_doubt(doubt.code, doubt.message, doubt.cells) for doubt in report.doubts),
        *(differences(report, second) if second is not None else ()),
        *_unproved(report),
        *findings_of(check_case(case), report),
    ]
    return decide(report, tuple(dict.fromkeys(found)))  # a paragraph that stands twice says nothing twice


def decide(report: Report, findings: Sequence[Finding]) -> Judgement:
    """The judgement that these findings give; without those that a person dismissed, it may be another."""
    reason = _empty(report) or _quarantine(findings)
    if reason is not None:
        return Judgement(Outcome.QUARANTINED, reason, report, tuple(findings))
    flagged = any(about_figures(finding) and finding.severity is not Severity.INFO for finding in findings)
    flagged = flagged or any(finding.severity is Severity.ERROR for finding in findings)
    return Judgement(Outcome.FLAGGED if flagged else Outcome.LOADED, None, report, tuple(findings))


def findings_of(results: Iterable[CheckResult], report: Report) -> list[Finding]:
    """The failures as findings. The publisher is blamed only where every cell was read exactly or proved."""
    facts = {fact.code: fact for fact in report.facts}
    facts |= {f"{code}@{report.year}": fact for code, fact in facts.items()}  # as cross-year checks name them
    return [_finding(result, facts) for result in results if result.state is State.FAIL]


def text_findings(report: Report, others: Mapping[int, Cells]) -> list[Finding]:
    """What the text of a report says otherwise than its tables and those of other years (by calendar year)."""
    return findings_of(check_text(report, others), report)


def _finding(result: CheckResult, facts: dict[str, Fact]) -> Finding:
    doubtful = [code for code in result.cells if (fact := facts.get(code)) and fact.certainty not in _SURE]
    message, why = result.message, result.doubt
    if doubtful:
        why = f"not read with certainty: {', '.join(doubtful)}"
    return Finding(
        check=result.check,
        severity=result.severity,
        verdict=Verdict.READING if why else Verdict.PUBLISHER,
        message=f"{message} ({why})" if why else message,
        left=_text(result.left),
        right=_text(result.right),
        cells=result.cells,
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _from_doubt(code: str, message: str, cells: tuple[str, ...]) -> Finding:
    """A doubt of the parser. A code that no room lists is grave: nobody has said that it is harmless."""
    listed = reason_code(code)
    severity = Severity(listed.severity) if listed else Severity.ERROR
    return Finding(code, severity, Verdict.READING, message, cells=cells)


def _unproved(report: Report) -> Iterable[Finding]:
    """Cells that were inferred and that no equation proves: quarantined even where no check fails."""
    told = {cell for doubt in report.doubts for cell in doubt.cells}
    cells = tuple(fact.code for fact in report.facts if fact.certainty is Certainty.DOUBTFUL and fact.code not in told)
    if cells:
        shown = ", ".join(cells[:8]) + (f" and {len(cells) - 8} more" if len(cells) > 8 else "")
        message = f"{len(cells)} cells were inferred and nothing proves them: {shown}."
        yield Finding(DOUBTFUL_FIGURES, Severity.ERROR, Verdict.READING, message, cells=cells)


def about_figures(finding: Finding) -> bool:
    """True when a finding puts figures in doubt: checks of T, N, S, L, and doubts that name cells."""
    check = checks().get(finding.check)
    return check.about_figures if check is not None else bool(finding.cells)


_EMPTY = " \t\r\n\xa0\u3000\u200b\ufeff"


def _empty(report: Report) -> Reason | None:
    if not report.facts and not report.statistics and not report.sections:
        title = f" beyond the title “{report.title}”" if report.title else ""
        return Reason(NOTHING_READ, f"Nothing of a report was read{title}: no table, no section and no figure.")
    # Marks for nothing (/, 无, —) were put there by somebody who filled the form in; a template's cells are empty.
    if report.facts and all(fact.value is None and not fact.raw.strip(_EMPTY) for fact in report.facts):
        return Reason(
            BLANK_TEMPLATE,
            f"All {len(report.facts)} statutory cells are blank: this is an empty form, not a report of zeros.",
        )
    return None


def _quarantine(findings: Sequence[Finding]) -> Reason | None:
    """The reason code of the gravest doubt and a sentence that names it, with the number of the others."""
    held = [finding for finding in findings if _holds_back(finding)]
    if not held:
        return None
    first = held[0]
    code = DOUBTFUL_FIGURES if first.check in checks() else first.check
    name = f"{first.check}: " if first.check in checks() else ""
    more = f" And {len(held) - 1} more findings of this kind." if len(held) > 1 else ""
    return Reason(code, f"{name}{first.message}{more}")


def _holds_back(finding: Finding) -> bool:
    if finding.verdict is not Verdict.READING or finding.severity is Severity.INFO:
        return False
    return finding.severity is Severity.ERROR or about_figures(finding)
