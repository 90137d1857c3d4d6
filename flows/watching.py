"""Who is late, where the yield falls, who refuses us: from ledger, reports and what the sites list. Plain data."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from flows.plan import Owed, Unit
from flows.scouting import Scouted
from flows.states import is_refusal
from schemas.ledger import LedgerRow, LedgerState
from tasks.load.shapes import ReportRow

HABIT_YEARS = 2
"""Earlier reports with a day of publication that make a habit; one alone is chance."""

_LAST_WORDS = frozenset({LedgerState.LOADED, LedgerState.FLAGGED, LedgerState.GONE})


@dataclass(frozen=True, slots=True)
class Late:
    """A report that is not there. `by_law` are days since the legal deadline, `by_habit` since the publisher's usual
    day; None where it is not late by that measure, or there is no habit to measure by."""

    publisher: str
    name: str
    year: int
    state: str
    deadline: date
    by_law: int | None
    usual: date | None
    by_habit: int | None
    reason_code: str | None = None


@dataclass(frozen=True, slots=True)
class Yield:
    """What a site lists for a year, beside the year before. None: it was not counted, which is not zero."""

    site: str
    year: int
    listed: int | None
    listed_before: int | None
    held: int
    held_before: int
    complete: bool

    @property
    def less(self) -> bool:
        """Whether a site lists less than it did for the year before, by a look that came to its end."""
        if self.listed is None or not self.complete:
            return False
        return self.listed < max(self.listed_before or 0, self.held_before)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A site that says no: to the harvest (`reports` of the ledger are blocked) or to the scout."""

    site: str
    code: str
    message: str
    reports: int


@dataclass(frozen=True, slots=True)
class Watch:
    """What there is to be watched."""

    late: tuple[Late, ...]
    yields: tuple[Yield, ...]
    refusals: tuple[Refusal, ...]
    blind: tuple[tuple[str, str, str], ...]  # sites that could not be looked through otherwise: site, code, message
    scouted: bool

    def sentence(self) -> str:
        """The whole in one line."""
        law = sum(one.by_law is not None for one in self.late)
        habit = sum(one.by_law is None for one in self.late)
        less = sum(one.less for one in self.yields)
        told = f"{law} reports are late against the law, {habit} against their publisher's habit"
        sites = f"{less} sites list less than last year" if self.scouted else "the sites were not asked"
        refused = len({one.site for one in self.refusals})
        blind = f", {len({site for site, _, _ in self.blind})} could not be looked through" if self.blind else ""
        return f"{told}; {sites}, {refused} refuse us{blind}."


def late(rows: Iterable[LedgerRow], earlier: Iterable[ReportRow], today: date, *, grace_days: int) -> tuple[Late, ...]:
    """Reports that are not there and should be, the longest overdue first."""
    habits = usual_days(earlier)
    found = []
    for row in rows:
        if row.state in _LAST_WORDS:
            continue
        usual = usual_date(habits.get(row.publisher), row.year)
        by_law = (today - row.deadline).days if today > row.deadline else None
        by_habit = (today - usual).days if usual and today > usual + timedelta(days=grace_days) else None
        if by_law is not None or by_habit is not None:
            found.append(
                Late(
                    row.publisher,
                    row.name,
                    row.year,
                    row.state.value,
                    row.deadline,
                    by_law,
                    usual,
                    by_habit,
                    row.reason_code,
                )
            )
    return tuple(sorted(found, key=lambda one: (-(one.by_law or 0), -(one.by_habit or 0), one.publisher, one.year)))


def usual_days(earlier: Iterable[ReportRow]) -> dict[str, list[tuple[int, int]]]:
    """For each publisher: report year and day of publication, counted from 1 January of the year after it."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for report in earlier:
        day = _day(report.published_on)
        if day is not None and (offset := (day - date(report.year + 1, 1, 1)).days) >= 0:
            found[report.publisher].append((report.year, offset))
    return dict(found)


def usual_date(habit: Sequence[tuple[int, int]] | None, year: int) -> date | None:
    """The day on which a publisher usually has its report out: the median of its earlier ones; None without habit."""
    offsets = [offset for earlier, offset in habit or () if earlier < year and offset < 365]
    if len(offsets) < HABIT_YEARS:
        return None
    return date(year + 1, 1, 1) + timedelta(days=round(median(offsets)))


def yields(
    units: Iterable[Unit], scouted: Mapping[str, Scouted], held: Collection[Owed], years: Iterable[int]
) -> tuple[Yield, ...]:
    """Each site's yield for each year. Reports of publishers that share a site count there."""
    found = []
    for unit in units:
        for site in unit.sites:
            looked = scouted.get(site.id)
            publishers = {entry.id for entry in site.publishers}
            stored = Counter(owed.year for owed in held if owed.publisher in publishers)
            for year in years:
                listed = looked.by_year.get(str(year), 0) if looked else None
                before = looked.by_year.get(str(year - 1), 0) if looked else None
                complete = looked.complete if looked else False
                found.append(Yield(site.id, year, listed, before, stored[year], stored[year - 1], complete))
    return tuple(found)


def refusals(
    units: Iterable[Unit], rows: Iterable[LedgerRow], scouted: Mapping[str, Scouted]
) -> tuple[tuple[Refusal, ...], tuple[tuple[str, str, str], ...]]:
    """Sites that say no, and sites that could not be looked through for another reason."""
    blocked = [row for row in rows if row.state is LedgerState.BLOCKED]
    said: list[Refusal] = []
    blind: list[tuple[str, str, str]] = []
    for site in (site for unit in units for site in unit.sites):
        publishers = {entry.id for entry in site.publishers}
        own = [row for row in blocked if row.publisher in publishers]
        for code in sorted({row.reason_code or "" for row in own}):
            same = [row for row in own if (row.reason_code or "") == code]
            said.append(Refusal(site.id, code, same[0].reason or "", len(same)))
        for code, message in scouted[site.id].problems if site.id in scouted else ():
            if not is_refusal(code):
                blind.append((site.id, code, message))
            elif not any(one.site == site.id and one.code == code for one in said):
                said.append(Refusal(site.id, code, message, 0))
    return tuple(said), tuple(blind)


def _day(text: str | None) -> date | None:
    """A day of publication as reports print it: 2022-01-20, 2022年1月20日."""
    matched = re.search(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})", text or "")
    if matched is None:
        return None
    try:
        return date(*map(int, matched.groups()))
    except ValueError:
        return None
