"""Who owes what: the registry and the years asked for become units of work, each with its sites and its reports."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from schemas.errors import SettingsError
from schemas.site import PublisherEntry, Site


class Owed(NamedTuple):
    """One report that is owed: publisher id and report year. Also the key of its ledger row."""

    publisher: str
    year: int


@dataclass(frozen=True, slots=True)
class Unit:
    """Sites that are worked on together, and the reports owed there.

    Nearly always one site. Sites that share a publisher form one unit, because only after all of them were looked
    through may one say that a report is not published, and which of two copies is read first.
    """

    sites: tuple[Site, ...]
    publishers: tuple[PublisherEntry, ...]
    owed: tuple[Owed, ...]

    @property
    def name(self) -> str:
        return "+".join(site.id for site in self.sites)

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(sorted({owed.year for owed in self.owed}))

    @property
    def sample(self) -> bool:
        return all(site.sample for site in self.sites)


def plan(sites: Iterable[Site], years: Collection[int], chosen: Collection[str] = ()) -> tuple[Unit, ...]:
    """The units that owe a report for one of `years`. `chosen` names sites or publishers; none means all.

    Raises SettingsError `settings.unknown_site` for a name that is neither.
    """
    known = tuple(sites)
    names = {site.id for site in known} | {entry.id for site in known for entry in site.publishers}
    if unknown := sorted(set(chosen) - names):
        raise SettingsError("settings.unknown_site", f"Neither a site nor a publisher: {', '.join(unknown)}.")
    units = []
    for group in _groups(known):
        entries = {entry.id: entry for site in group for entry in site.publishers}
        wanted = {
            entry.id
            for site in group
            for entry in site.publishers
            if not chosen or site.id in chosen or entry.id in chosen
        }
        owed = sorted(Owed(name, year) for name in wanted for year in set(years) if entries[name].owes(year))
        if owed:
            units.append(Unit(group, tuple(entries[name] for name in sorted(entries)), tuple(owed)))
    return tuple(units)


def _groups(sites: tuple[Site, ...]) -> list[tuple[Site, ...]]:
    """The sites, joined where they share a publisher; in the order of the first site of each group."""
    group_of: dict[str, list[Site]] = {}
    groups: list[list[Site]] = []
    for site in sites:
        joined = [site]
        for entry in site.publishers:
            if (other := group_of.get(entry.id)) is not None and other is not joined:
                joined = [*other, *(member for member in joined if member not in other)]
                groups = [group for group in groups if group is not other]
                for name, group in group_of.items():
                    if group is other:
                        group_of[name] = joined
        groups.append(joined)
        for member in joined:
            for entry in member.publishers:
                group_of[entry.id] = joined
    return [tuple(group) for group in groups]
