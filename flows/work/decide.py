"""Decide: which of a report's documents is the report, whether it is the right one, and what a second reading says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flows.pipeline import Examined, reconcile
from flows.plan import Owed
from flows.work.gather import Document
from schemas.report import Judgement, Outcome, Reason, Report
from schemas.site import PublisherEntry
from tasks.discover.publishers import attribute
from tasks.discover.titles import classify
from tasks.load.shapes import ReportRow
from tasks.validate.frames import hold_back

Reading = tuple[Document, Examined]

_REPLACES = frozenset({"reissue", "correction"})  # versions of a copy that take the place of the others

NOT_THE_REPORT = frozenset({"read.empty_body", "read.script_only", "parse.no_report", "validate.nothing_read"})
"""What is found on a page that only introduces the file with the report."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What a report's documents came to: as it was (`unchanged`), a judgement on one document, or only a reason."""

    owed: Owed
    unchanged: ReportRow | None = None
    document: Document | None = None
    examined: Examined | None = None
    reason: Reason | None = None
    url: str | None = None


def decide(
    owed: Owed,
    entry: PublisherEntry,
    readings: Sequence[Reading],
    troubles: Sequence[tuple[str, Reason]] = (),
    *,
    chosen: str | None = None,
) -> Understood:
    """The verdict on one report from the readings of all its documents, in the order they are to be preferred.

    The document with the most statutory cells is the report: a page that only introduces a file must not stand for
    it, and a file that could not be read must not be hidden by a page with less. Of equals the one that was read
    without doubt, then the better place in the list. Another document with as many cells is a second reading. A
    re-issue (更正, 重新发布) that holds a report goes before what it replaces, and is not compared with it: that it
    differs is what it is for.

    Where a person chose a document (its hash), it is the report if it is there, and no other reading speaks against it.
    """
    if not readings:
        url, reason = troubles[0] if troubles else (None, Reason("harvest.not_found", "No document was found."))
        return Understood(owed, reason=reason, url=url)
    checked = [(document, _checked(examined, owed, entry)) for document, examined in readings]
    ranked = [one for one in checked if one[0].held.sha256 == chosen] or sorted(_latest(checked), key=_rank)
    document, best = ranked[0]
    if best.facts == 0 and troubles and document.held.sha256 != chosen:
        # Only text, and the file that could not be had may hold the tables: loading the text would hide them.
        url, reason = troubles[0]
        return Understood(owed, reason=reason, url=url)
    for _, second in ranked[1:]:
        if _is_second_reading(best, second):
            best = _compared(best, second, entry)
            break
    return Understood(owed, document=document, examined=best, url=document.held.url)


def _latest(readings: list[Reading]) -> list[Reading]:
    """The readings of the re-issue alone, when one of them holds a report and not just a note on what was wrong."""
    most = max(examined.facts for _, examined in readings)
    newer = [one for one in readings if _replaces(*one)]
    whole = any(examined.facts > 0 and 2 * examined.facts >= most for _, examined in newer)
    return newer if whole else readings


def _replaces(document: Document, examined: Examined) -> bool:
    """Whether the list calls it a re-issue, or its own title does: a document read again comes without its list."""
    report = examined.judgement.report
    if report is None:
        return False
    own = classify(report.title).version if report.title else None
    return document.version in _REPLACES or own in _REPLACES


def guarded(found: Sequence[Understood]) -> list[Understood]:
    """The results, with those held back whose rows would break a rule of the warehouse."""
    judged = [result.examined.judgement for result in found if result.examined is not None]
    verdicts = iter(hold_back(judged) if judged else ())
    return [
        result
        if result.examined is None
        else replace(result, examined=replace(result.examined, judgement=next(verdicts)))
        for result in found
    ]


def _rank(reading: Reading) -> tuple[int, bool, bool]:
    judgement = reading[1].judgement
    introduces = judgement.reason is not None and judgement.reason.code in NOT_THE_REPORT
    return (-reading[1].facts, introduces, judgement.outcome is Outcome.QUARANTINED)


def _is_second_reading(best: Examined, second: Examined) -> bool:
    quarantined = Outcome.QUARANTINED in (best.judgement.outcome, second.judgement.outcome)
    return not quarantined and 0 < best.facts == second.facts


def _compared(best: Examined, second: Examined, entry: PublisherEntry) -> Examined:
    assert best.judgement.report is not None
    assert second.judgement.report is not None
    return replace(best, judgement=reconcile(best.judgement.report, second.judgement.report, kind=entry.kind.value))


def _checked(examined: Examined, owed: Owed, entry: PublisherEntry) -> Examined:
    """The reading, quarantined when the document says that it is somebody else's report, or another year's."""
    judgement = examined.judgement
    if judgement.report is None or judgement.outcome is Outcome.QUARANTINED:
        return examined
    wrong = _wrong(judgement.report, owed, entry)
    if wrong is None:
        return examined
    reason = Reason("harvest.wrong_report", wrong)
    return replace(examined, judgement=Judgement(Outcome.QUARANTINED, reason, judgement.report, judgement.findings))


def _wrong(report: Report, owed: Owed, entry: PublisherEntry) -> str | None:
    stated = sorted({year for year in (report.title_year, report.period_year) if year is not None})
    if stated and owed.year not in stated:
        return f"It is listed as the report for {owed.year}, but says that it is for {' and '.join(map(str, stated))}."
    if report.year != owed.year:
        return f"It is listed as the report for {owed.year}, but says {report.year or 'no year'}."
    titled = classify(report.title).publisher if report.title else None
    for name in (titled, report.publisher):
        if name is not None and attribute(name, [entry], None).publisher != entry.id:
            return f"It is held for the report of {entry.name}, but names {name}."
    return None
