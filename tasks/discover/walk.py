"""The walk through one site: every entry of the registry, into candidates and the proof that nothing was left out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from schemas.discovery import Discovery
from schemas.errors import DiscoverError, FetchTrouble
from schemas.site import Site
from tasks.discover.asking import Asker, Get, sentence
from tasks.discover.entry_walk import EntryWalk
from tasks.discover.select import Selection
from tasks.discover.turning import Turns


def discover(
    site: Site, years: Collection[int], get: Get, *, since: date | None = None, turns: Turns | None = None
) -> Discovery:
    """All candidates of a site for these report years, with the proof of completeness.

    `get` fetches one request and raises FetchTrouble; pages come decoded. `since` leaves out what was listed earlier,
    and the pages below it when the list is provably sorted: such a look is partial and says nothing about absence.
    `turns` remembers what pages gave that come again unchanged.
    Raises DiscoverError or FetchTrouble when not one entry of the site could be looked at. No years, nothing to do.
    """
    if not years:
        return Discovery(site.id, (), 0, 0)
    selection = Selection(site, frozenset(years), since)
    looks, errors, bounded = [], [], False
    for entry in site.entries:
        walk = EntryWalk(entry, Asker(site, entry, get, turns), frozenset(years), since, selection)
        try:
            looks.append(walk.run())
        except (DiscoverError, FetchTrouble) as error:
            errors.append(error)
            looks.append(replace(walk.look(), problems=(*walk.problems, (error.code, sentence(error)))))
        bounded |= walk.bounded
    if errors and len(errors) == len(looks):
        raise errors[0]
    problems = tuple(dict.fromkeys(problem for look in looks for problem in look.problems))
    too_few, too_many = _yields(site, selection.reports, bounded=bounded)
    totals = [look.announced_total for look in looks if look.announced_total is not None]
    return Discovery(
        site=site.id,
        candidates=selection.candidates(),
        pages=sum(look.pages for look in looks),
        entries=sum(look.entries for look in looks),
        announced_total=sum(totals) if totals else None,
        problems=problems + selection.problems() + too_few,
        looks=tuple(looks),
        foreign=selection.foreign(),
        doubts=selection.doubts(),
        warnings=too_many,
    )


def _yields(site: Site, reports: int, *, bounded: bool) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The count against what the registry expects: too few as a problem, too many as a warning.

    A look that was bounded by the years asked for did not see all reports, so it cannot tell that there are too few.
    """
    low, high = site.yields.min, site.yields.max
    few = low is not None and reports < low and not bounded
    many = high is not None and reports > high
    found = f"{reports} reports are listed"
    return (
        (("discover.yield_low", f"{found}, and the registry expects {low} at least"),) if few else (),
        (("discover.yield_high", f"{found}, and the registry expects {high} at most"),) if many else (),
    )
