"""News → what is wrong, and which alerts the news disproves. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from schemas.alert_routes import Absence, AlertRoutes
from schemas.alerts import AlertKind, AlertRow, ReportNews, Resolution, RunNews, RunOutcome, Sighting, SiteNews, Waiting
from schemas.ledger import LedgerState
from schemas.reasons import reason_code
from schemas.report import Severity

CHINA = ZoneInfo("Asia/Shanghai")
"""The law's days, and those of the people who read alerts."""

LATE = "alert.late"
UNSEEN = "alert.unseen"
RUN_FAILED = "alert.run_failed"
MANY_QUARANTINED = "alert.many_quarantined"
UNDELIVERED = "alert.undelivered"
FEWER = "alert.fewer"
UNEXPLAINED = "alert.unexplained"

_DOCUMENT_HAD = frozenset({"read", "parse", "validate"})  # areas of codes that speak of a document at hand
_THERE = frozenset(
    {
        LedgerState.LOCATED,
        LedgerState.FETCHED,
        LedgerState.READ,
        LedgerState.VALIDATED,
        LedgerState.LOADED,
        LedgerState.FLAGGED,
        LedgerState.QUARANTINED,
        LedgerState.NEEDS_OCR,
        LedgerState.GONE,
    }
)
_NAMED = 10  # sites that one message names
_FOLLOWS = frozenset({"fetch.host_stopped", "harvest.site_failed"})
"""What befalls reports only because their site is in trouble."""


@dataclass(frozen=True, slots=True)
class Observation:
    """The troubles a run saw, by key, and what it looked at otherwise."""

    sightings: Mapping[str, Sighting]
    whole_sites: frozenset[str]  # looked at to the end
    reports: Mapping[tuple[str, int], ReportNews]
    troubles: Mapping[tuple[str, int], str]  # code of the trouble that a report has now
    subjects: frozenset[tuple[AlertKind, str]]  # kinds of runs and parts of the ledger that something is known of

    def disproves(self, alert: AlertRow) -> tuple[Resolution, str | None] | None:
        """How an open alert that was not seen ends by this, with the code that takes its place; None when it does not.

        Could not look is not the same as looked and found nothing: it leaves an alert as it is.
        """
        if alert.kind is AlertKind.SITE:
            return (Resolution.RECOVERED, None) if alert.subject in self.whole_sites else None
        if alert.kind is AlertKind.REPORT:
            place = (alert.subject, alert.year or 0)
            report = self.reports.get(place)
            return _disproved(alert, report, self.troubles.get(place)) if report else None
        known = alert.kind is AlertKind.RECEIVER or (alert.kind, alert.subject) in self.subjects
        return (Resolution.RECOVERED, None) if known else None


def observe(news: RunNews, waiting: Iterable[Waiting], routes: AlertRoutes, now: datetime) -> Observation:
    """What a run saw. `waiting` are the receivers that could not be told; `now` decides which reports are late."""
    today = now.astimezone(CHINA).date()
    told_by_site = {site.site: {problem.code for problem in site.problems} for site in news.sites if site.problems}
    sightings = [
        *_of_the_run(news),
        *_of_the_ledger(news, routes),
        *(sighting for site in news.sites for sighting in _of_a_site(site)),
        *(one for report in news.reports if (one := _of_a_report(report, told_by_site, routes.absence, today))),
        *_of_receivers(waiting),
    ]
    known = set()
    if news.outcome in (RunOutcome.COMPLETED, RunOutcome.INCOMPLETE):
        known.add((AlertKind.RUN, news.kind))
    if news.quarantined is not None:
        known.add((AlertKind.LEDGER, "quarantine"))
    if news.fewer is not None:
        known.add((AlertKind.LEDGER, "yield"))
    return Observation(
        {sighting.key: sighting for sighting in sightings},
        frozenset(site.site for site in news.sites if site.complete),
        {(report.publisher, report.year): report for report in news.reports},
        {(one.subject, one.year or 0): one.code for one in sightings if one.kind is AlertKind.REPORT},
        frozenset(known),
    )


def key_of(kind: AlertKind, subject: str, code: str, year: int | None = None) -> str:
    """The key under which the same trouble is known in every run: no time in it."""
    return "/".join([kind.value, subject, *([str(year)] if year is not None else []), code])


def late_since(report: ReportNews, absence: Absence, today: date) -> date | None:
    """The deadline that this report has missed, if it has and the routes file wants to hear of it."""
    missed = report.year >= absence.from_year and today > report.deadline + timedelta(days=absence.grace_days)
    return report.deadline if missed else None


def _of_the_run(news: RunNews) -> Iterator[Sighting]:
    if news.outcome in (RunOutcome.FAILED, RunOutcome.CRASHED):
        message = news.sentence or f"The run {news.outcome.value}."
        yield _sighting(AlertKind.RUN, news.kind, news.name, RUN_FAILED, message, url=news.ui_url)


def _of_the_ledger(news: RunNews, routes: AlertRoutes) -> Iterator[Sighting]:
    if news.quarantined is not None and news.quarantined > routes.quarantined_above:
        fresh = sum(
            report.after is LedgerState.QUARANTINED and report.before is not LedgerState.QUARANTINED
            for report in news.reports
        )
        message = f"{news.quarantined} reports wait in quarantine, {fresh} of them new in this run."
        name = "reports in quarantine"
        yield _sighting(AlertKind.LEDGER, "quarantine", name, MANY_QUARANTINED, message, url=news.ui_url)
    if news.fewer:
        more = f" and {len(news.fewer) - _NAMED} more" if len(news.fewer) > _NAMED else ""
        message = f"{len(news.fewer)}: {', '.join(news.fewer[:_NAMED])}{more}."
        yield _sighting(AlertKind.LEDGER, "yield", "sites that list less", FEWER, message, url=news.ui_url)


def _of_a_site(site: SiteNews) -> Iterator[Sighting]:
    for problem in site.problems:
        yield _sighting(
            AlertKind.SITE, site.site, site.name, problem.code, problem.message, region=site.region, url=site.url
        )


def _of_a_report(
    report: ReportNews, told_by_site: Mapping[str, set[str]], absence: Absence, today: date
) -> Sighting | None:
    if report.after.holds_report:
        return None
    deadline = late_since(report, absence, today)
    if report.after is LedgerState.NOT_PUBLISHED or report.after.progress is not None:
        if deadline is None:
            return None
        late = report.after is LedgerState.NOT_PUBLISHED
        days = (today - deadline).days
        message = f"due {deadline.isoformat()}, {days} day{'' if days == 1 else 's'} ago"
        return _about(report, LATE if late else UNSEEN, message, deadline)
    if report.reason_code is None:
        return _about(report, UNEXPLAINED, f"ended as {report.after.value} without a reason", deadline)
    told = told_by_site.get(report.site or "", set())
    if report.reason_code in told or (told and report.reason_code in _FOLLOWS):
        return None  # one alert for the site, not one for each of its reports
    return _about(report, report.reason_code, report.reason or "", deadline)


def _about(report: ReportNews, code: str, message: str, deadline: date | None) -> Sighting:
    return _sighting(
        AlertKind.REPORT,
        report.publisher,
        f"{report.name} {report.year}",
        code,
        message,
        year=report.year,
        region=report.region,
        url=report.url,
        deadline=deadline,
        severity=report.severity if code == report.reason_code else None,
    )


def _of_receivers(waiting: Iterable[Waiting]) -> Iterator[Sighting]:
    for one in waiting:
        since = one.since.astimezone(CHINA)
        message = f"{one.messages} waiting since {since:%Y-%m-%d %H:%M}: {one.code}: {one.message}"
        yield _sighting(AlertKind.RECEIVER, one.receiver, one.receiver, UNDELIVERED, message)


def _sighting(
    kind: AlertKind,
    subject: str,
    name: str,
    code: str,
    message: str,
    *,
    year: int | None = None,
    region: str | None = None,
    url: str | None = None,
    deadline: date | None = None,
    severity: Severity | None = None,
) -> Sighting:
    entry = reason_code(code)
    weight = severity or (Severity(entry.severity) if entry else Severity.ERROR)
    key = key_of(kind, subject, code, year)
    return Sighting(key, kind, subject, name, code, weight, message, year, region, url, deadline)


def _disproved(alert: AlertRow, report: ReportNews, now_has: str | None) -> tuple[Resolution, str | None] | None:
    """What the ledger's word on a report means for an alert about it that was not seen this time."""
    settled = report.after.progress is None
    if alert.code == LATE:
        area = (report.reason_code or "").split(".", 1)[0]
        there = report.after in _THERE or area in _DOCUMENT_HAD
        gone = there or report.after is LedgerState.NOT_PUBLISHED  # the deadline was corrected, or grace was given
    else:
        gone = settled
    if not gone:
        return None
    if now_has is not None:
        return Resolution.REPLACED, now_has
    if report.after.holds_report or report.after is LedgerState.NOT_PUBLISHED:
        return Resolution.RECOVERED, None
    return Resolution.REPLACED, report.reason_code  # told by the alert of its site
