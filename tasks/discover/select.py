"""From list entries to candidates: which titles are reports, of which year and body, each address once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from schemas.discovery import Candidate, Turn
from schemas.site import Entry, PublisherEntry, Site
from tasks.discover.links import host_of, is_article, is_attachment, key
from tasks.discover.publishers import attribute
from tasks.discover.titles import TitleVerdict, classify

_TRUSTED = ".gov.cn"


@dataclass
class Selection:
    """Collects over all pages of a site."""

    site: Site
    years: frozenset[int]
    since: date | None
    _found: dict[str, Candidate] = field(default_factory=dict)
    _foreign: dict[str, Candidate] = field(default_factory=dict)
    _near: dict[tuple[str, int | None], Candidate] = field(default_factory=dict)
    _away: dict[str, str | None] = field(default_factory=dict)  # address → publisher
    _seen: set[tuple[str, object]] = field(default_factory=set)

    def take(self, turn: Turn, entry: Entry, rows: set[int]) -> int:
        """Judge the entries of one page. Returns how many are annual reports, of any body and year."""
        reports = 0
        sources = {item.written for item in turn.candidates if id(item) in rows and item.written}
        for item in turn.candidates:
            in_list = id(item) in rows
            verdict = self._verdict(item, in_list)
            if not verdict.is_report and item.kind != "viewer":
                continue
            reports += in_list
            self._count(item, verdict, entry)
            self._sort(item, verdict, entry, shared=len(sources) > 1)
        return reports

    @property
    def reports(self) -> int:
        """How many different reports of the site's bodies were seen, of any year: copies of one count once."""
        return len(self._seen)

    def candidates(self) -> tuple[Candidate, ...]:
        """What was asked for, in the order it was found."""
        return tuple(self._found.values())

    def foreign(self) -> tuple[Candidate, ...]:
        """Reports of other bodies."""
        return tuple(self._foreign.values())

    def problems(self) -> tuple[tuple[str, str], ...]:
        """Names that almost fit, where the body has no report of that year; reports on hosts that are not trusted."""
        found = [
            (
                "discover.publisher_unmatched",
                f"“{item.title}” names {item.written}: close to {name}, but none of its names",
            )
            for (name, _), item in self._unmatched()
        ]
        away = [
            ("discover.foreign_host", f"a report stands on a host that is not this site's: {url}") for url in self._away
        ]
        return tuple(dict.fromkeys(found + away))

    def doubts(self) -> tuple[tuple[str, str], ...]:
        """Bodies of which a report was seen and left out: its absence from the candidates proves nothing."""
        names = {body.name: body.id for body in self.site.publishers}
        near = [(names[name], "discover.publisher_unmatched") for (name, _), _ in self._unmatched()]
        away = [(publisher, "discover.foreign_host") for publisher in self._away.values() if publisher]
        return tuple(dict.fromkeys(near + away))

    def _unmatched(self) -> list[tuple[tuple[str, int | None], Candidate]]:
        have = {(item.publisher, item.year) for item in self._found.values()}
        names = {body.name: body.id for body in self.site.publishers}
        return [(place, item) for place, item in self._near.items() if (names[place[0]], place[1]) not in have]

    def _count(self, item: Candidate, verdict: TitleVerdict, entry: Entry) -> None:
        standing = attribute(verdict.publisher or item.written, self.site.publishers, entry.publisher)
        if standing.publisher is not None or standing.standing == "unnamed":
            self._seen.add((standing.publisher or "", item.year or verdict.year or key(item.url)))

    def _verdict(self, item: Candidate, in_list: bool) -> TitleVerdict:
        # A bare year or 年报 counts only inside the list, and only when its link is that of an article or file.
        points = is_article(item.url) or is_attachment(item.url) or item.listed_on is not None
        verdict = classify(item.title, in_report_column=in_list and points)
        if verdict.is_report and verdict.year is None and not points:
            return replace(verdict, is_report=False, why_not="column_label", precision="none")
        return verdict

    def _name(self, item: Candidate, verdict: TitleVerdict, entry: Entry, *, shared: bool) -> str | None:
        """The body as the title names it, else as its row does.

        A column with a publisher of its own may name one poster beside all entries; only when its rows name several
        bodies, or another one of the registry, do they outrank the column.
        """
        if verdict.publisher or not item.written or item.kind == "viewer":
            return verdict.publisher
        beside = attribute(item.written, self.site.publishers, None).publisher
        if entry.publisher is None or shared or (beside is not None and beside != entry.publisher):
            return item.written
        return None

    def _sort(self, item: Candidate, verdict: TitleVerdict, entry: Entry, *, shared: bool) -> None:
        year = item.year or verdict.year
        if year is not None and year not in self.years:
            return
        if self.since and item.listed_on and item.listed_on < self.since.isoformat():
            return
        name = self._name(item, verdict, entry, shared=shared)
        standing = attribute(name, self.site.publishers, entry.publisher)
        publisher = standing.publisher
        if item.kind == "viewer":  # the address names the body; a drifted name in the title does not matter
            publisher = entry.publisher or self._by_area(item.url) or publisher
        made = replace(
            item,
            year=year,
            publisher=publisher,
            precision=verdict.precision if verdict.is_report else "guess",
            version=verdict.version,
            written=name,
        )
        if publisher is None and standing.standing in ("foreign", "near") and item.kind != "viewer":
            self._foreign.setdefault(key(item.url), made)
            if standing.near and self._is_owed(standing.near, year):
                self._near.setdefault((standing.near, year), made)
            return
        if publisher is not None and year is not None and not self._body(publisher).owes(year):
            return
        host = host_of(item.url)
        own = {host_of(f"//{name}") for name in self.site.hosts} | {host_of(entry.url)}
        if host not in own and not host.split(":")[0].endswith(_TRUSTED):
            self._away[item.url] = publisher
            return
        place = key(item.url)
        known = self._found.get(place)
        if known is None or _better(made, known):
            self._found[place] = made

    def _by_area(self, url: str) -> str | None:
        return next((body.id for body in self.site.publishers if body.credit_code and body.credit_code in url), None)

    def _body(self, ident: str) -> PublisherEntry:
        return next(body for body in self.site.publishers if body.id == ident)

    def _is_owed(self, name: str, year: int | None) -> bool:
        body = next(body for body in self.site.publishers if body.name == name)
        return year is None or body.owes(year)


def _better(new: Candidate, known: Candidate) -> bool:
    """A full title outranks a cut one, a dated entry an undated one; else the first stays."""
    rank = {"certain": 0, "likely": 1, "guess": 2, "none": 3}
    return (rank[new.precision], new.listed_on is None) < (rank[known.precision], known.listed_on is None)
