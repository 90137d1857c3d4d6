"""Settle: every report owed gets a last word, also one that nobody found and those of a site that broke off."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from flows.assign import Assignment
from flows.plan import Owed, Unit
from flows.summary import ReportLine
from flows.work.hands import Hands
from flows.work.store import line, missing
from schemas.discovery import YIELD_LOW, Discovery
from schemas.errors import NianbaoError
from schemas.report import Reason


def settle(unit: Unit, looks: Mapping[str, Discovery], found: Collection[Owed], hands: Hands) -> tuple[ReportLine, ...]:
    """Say of each report that no site listed why it is missing: not published, if every look was complete; else the
    first problem that kept us from looking."""
    return tuple(
        missing(unit, owed, why_missing(owed, unit, looks), None, hands) for owed in unit.owed if owed not in found
    )


def why_missing(owed: Owed, unit: Unit, looks: Mapping[str, Discovery]) -> Reason:
    """The reason for a report that is on none of the lists."""
    sites = [site for site in unit.sites if any(entry.id == owed.publisher for entry in site.publishers)]
    problems = [problem for site in sites if site.id in looks for problem in looks[site.id].problems]
    if all(site.id in looks and looks[site.id].complete_for(owed.publisher) for site in sites):
        unmatched = next((problem for problem in problems if problem[0] == "discover.publisher_unmatched"), None)
        if unmatched is None:
            entries = sum(looks[site.id].entries for site in sites)
            return Reason("harvest.not_published", f"The report columns were read to their end ({entries} entries).")
        return Reason(*unmatched)
    blocked = next((problem for problem in problems if problem[0] == YIELD_LOW), None)
    if blocked or problems:
        return Reason(*(blocked or problems[0]))
    if all(site.id in looks for site in sites):
        return Reason("harvest.not_found", "Only a part of the columns was read (listed since a certain day).")
    return Reason("harvest.site_failed", "The look at a site of this publisher broke off.")


def broken_off(unit: Unit, error: BaseException, hands: Hands) -> tuple[ReportLine, ...]:
    """The lines of a unit whose work broke off: what was stored before counts, the rest failed with the error."""
    reason = reason_of(error)
    return tuple(
        hands.told[owed] if owed in hands.told else missing(unit, owed, reason, None, hands) for owed in unit.owed
    )


def reason_of(error: BaseException) -> Reason:
    """The reason of an error: its own code, or `harvest.site_failed` for one that nobody foresaw."""
    if isinstance(error, NianbaoError):
        return Reason(error.code, error.message)
    return Reason("harvest.site_failed", f"{type(error).__name__}: {error}")


def listed(unit: Unit, looks: Mapping[str, Discovery], assignment: Assignment) -> tuple[ReportLine, ...]:
    """The lines of a dry run: what the sites list, and why the rest is not there. Nothing is written."""
    lines = []
    for owed in unit.owed:
        links = assignment.reports.get(owed, ())
        outcome, why = ("located", None) if links else ("not listed", why_missing(owed, unit, looks))
        lines.append(line(unit, owed, outcome, reason=why, url=links[0].url if links else None))
    return tuple(lines)
