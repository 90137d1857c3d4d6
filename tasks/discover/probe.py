"""Looking at a site that is not in the registry yet. No network: `get` is given.

`probe` finds the annual-report column from any page of the site: it follows the links whose words or addresses speak
most of annual reports, a dozen pages at most, and reads the column it ends at.
"""

from __future__ import annotations

import heapq
import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from schemas.discovery import Candidate, Discovery, PageRequest
from schemas.errors import DiscoverError, FetchTrouble
from schemas.site import Entry, PublisherEntry, Site
from tasks.discover import rows
from tasks.discover.asking import Get
from tasks.discover.folders import YEAR_LABEL, is_report_label
from tasks.discover.html import Document
from tasks.discover.links import host_of, is_article, is_attachment, key
from tasks.discover.publishers import canonical
from tasks.discover.sniff import sniff
from tasks.discover.text import collapse, fold
from tasks.discover.titles import FIRST_YEAR
from tasks.discover.walk import discover

MAX_PAGES = 15
MAX_DEPTH = 4
_MOST_BODIES = 60
_STRANGER = PublisherEntry(id="unknown", name="（尚未登记）")

# How much a link's words promise, best first; the first that fits counts.
_PROMISES: tuple[tuple[str, int], ...] = (
    (r"政府信息公开(?:工作)?(?:年报|年度报告)|信息公开年报|公开年报", 100),
    (r"信息公开(?:工作)?年度报告", 95),
    (r"^年报$|^年度报告$|年度报告$", 80),
    (r"法定主动公开", 45),
    (r"^政府信息公开$|政府信息公开(?:专栏|平台)?$", 50),
    (r"信息公开", 40),
    (r"政务公开|^公开$", 30),
)
_VIEWER = re.compile(
    r"xxgkAnnualReport\.jsp", re.IGNORECASE
)  # one page for all years, though each looks like an article
_EMPTY_PROMISES = re.compile(r"网站(?:工作)?年?度?报|法治|依申请|指南|制度|意见箱|预算|决算|解读|招标|采购")


@dataclass(frozen=True, slots=True)
class Probe:
    """What a probe found: the way to the column, its family, reports by year, and an entry to paste and correct."""

    asked: str
    way: tuple[tuple[str, str], ...]  # (address, words of the link that led there)
    column: str | None
    family: str | None
    by_year: dict[int | None, tuple[Candidate, ...]]
    bodies: dict[str, int]  # names in titles → how many reports
    problems: tuple[tuple[str, str], ...]
    entry: str | None  # YAML

    @property
    def found(self) -> bool:
        return self.column is not None and bool(self.by_year)


def probe(url: str, get: Get, *, today: date, name: str | None = None, allow_private: bool = False) -> Probe:
    """Look for the annual-report column from `url` on. Refusals and unknown layouts are told, not raised.

    `name` is the publisher that the proposed entry is to be about; without it, all that the column's titles name.
    """
    trail = _Trail(get)
    column, way, reason = trail.find(url)
    if column is None:
        return Probe(url, way, None, None, {}, {}, (reason,) if reason else (), None)
    try:
        found = discover(_site(column), range(FIRST_YEAR, today.year + 1), get)
    except (DiscoverError, FetchTrouble) as error:
        return Probe(url, way, column, None, {}, {}, ((error.code, str(error)),), None)
    everything = sorted((*found.candidates, *found.foreign), key=lambda item: (-(item.year or 0), item.title))
    years = sorted({item.year for item in everything}, key=lambda year: -(year or 0))
    by_year = {year: tuple(item for item in everything if item.year == year) for year in years}
    bodies = Counter(item.written or "" for item in everything)
    family = found.looks[0].family
    draft = _Draft(column, name, trail.name, family, bodies, found, allow_private)
    return Probe(url, way, column, family, by_year, dict(bodies.most_common()), found.problems, draft.text(today))


class _Trail:
    """Best-first search over a site's pages."""

    def __init__(self, get: Get) -> None:
        self.get = get
        self.name = ""

    def find(self, url: str) -> tuple[str | None, tuple[tuple[str, str], ...], tuple[str, str] | None]:
        """The column, the way to it, and why there is none."""
        # Best promise first; among equals the shortest path, so that a column comes before its own sub-columns.
        waiting: list[tuple[int, int, str, tuple[tuple[str, str], ...]]] = [(-100, 0, url, ((url, ""),))]
        seen: set[str] = set()
        reason: tuple[str, str] | None = None
        named: tuple[str, tuple[tuple[str, str], ...]] | None = None  # called so, though it shows no list itself
        longest: tuple[tuple[str, str], ...] = ((url, ""),)
        while waiting and len(seen) < MAX_PAGES:
            _, _, address, way = heapq.heappop(waiting)
            if key(address) in seen:
                continue
            seen.add(key(address))
            try:
                page = self.get(PageRequest(address, purpose="list"))
            except FetchTrouble as error:
                reason = reason or (error.code, str(error))
                continue
            document = Document(page)
            self.name = self.name or _site_name(document)
            longest = max(longest, way, key=len)
            if _is_column(document, way[-1][1]):
                return page.url, way, None
            if named is None and is_report_label(way[-1][1]):
                named = page.url, way
            if len(way) <= MAX_DEPTH:
                for promise, target, words in _leads(document):
                    depth = urlsplit(target).path.strip("/").count("/")
                    heapq.heappush(waiting, (-promise, depth, target, (*way, (target, words))))
        if named is not None:
            return *named, None  # a directory of agencies, each with a column of its own
        missing = ("discover.layout_unknown", f"no annual-report column was found from {url} within {len(seen)} pages")
        return None, longest, reason or missing


def _is_column(document: Document, words: str) -> bool:
    """A list with reports; or, behind a label of annual reports, what a family reads without rows in the page."""
    if _VIEWER.search(document.url) or sniff(document.page) == "gkmlpt":
        return True  # a viewer, or a directory that names its category itself
    group = rows.main_list(document)
    if group is not None and group.reports >= 2:
        return True
    labelled = is_report_label(words, document.url) or any(is_report_label(title) for title in document.titles)
    if not labelled:
        return False
    years = sum(1 for link in document.links if YEAR_LABEL.match(fold(link.title)))
    return bool(group and group.reports) or years >= 2 or sniff(document.page) != "generic"


def _leads(document: Document) -> list[tuple[int, str, str]]:
    """Links worth following, with what they promise."""
    found: dict[str, tuple[int, str, str]] = {}
    targets = [(link.url, link.title) for link in document.links] + [(frame, "") for frame in document.frames()]
    for url, words in targets:
        single = (is_article(url) and not _VIEWER.search(url)) or is_attachment(url)
        if host_of(url) != host_of(document.url) or single:
            continue
        label = fold(words)
        if _EMPTY_PROMISES.search(label) or len(label) > 24:
            continue
        promise = next((worth for pattern, worth in _PROMISES if re.search(pattern, label)), 0)
        if is_report_label("", url):
            promise = max(promise, 90)
        if not words and url in document.frames():
            promise = max(promise, 35)
        if promise and promise > found.get(key(url), (0, "", ""))[0]:
            found[key(url)] = (promise, url, words)
    return sorted(found.values(), reverse=True)


def _site_name(document: Document) -> str:
    named = document.meta("SiteName")
    if named:
        return named
    title = document.soup.title.get_text() if document.soup.title else ""
    parts = [part.strip() for part in re.split(r"[-_|—\s]+", title) if part.strip()]
    bodies = [part for part in parts if re.search(r"人民政府|委员会|局|中心|政府|网$", part)]
    return (bodies or parts or [urlsplit(document.url).netloc])[-1]


def _site(column: str) -> Site:
    host = host_of(column)
    return Site(id="probe", name=host, host=host, publishers=(_STRANGER,), entries=(Entry(url=column),))


@dataclass(frozen=True, slots=True)
class _Draft:
    """A registry entry as text, with what a person has to settle marked in comments."""

    column: str
    wanted: str | None
    site_name: str
    family: str | None
    bodies: Counter[str]
    found: Discovery
    allow_private: bool

    def text(self, today: date) -> str:
        host = host_of(self.column)
        ident = _slug(host)
        listed = self._names()
        lines = [
            f"# Proposed by `nianbao sites probe` on {today.isoformat()}; check names, ids and regions before use.",
            f"id: {ident}",
            f"name: {_quoted(self.site_name)}",
            f"host: {_quoted(host)}",
            f"family: {self.family or 'auto'}",
            "publishers:",
        ]
        for number, written in enumerate(listed, start=1):
            lines += [f"  - id: {ident}-{number} # choose a lasting id", f"    name: {_quoted(written)}"]
            if canonical(written).endswith("人民政府"):
                lines.append("    kind: government")
            lines.append('    # region: "000000" # GB/T 2260')
        lines += ["entries:", f"  - url: {_quoted(self.column)}"]
        if len(listed) == 1 and len([name for name in self.bodies if name]) <= 1:
            lines.append(f"    publisher: {ident}-1")
        years = {item.year for item in (*self.found.candidates, *self.found.foreign) if item.year}
        if years and len(listed) == 1 and not self.wanted:
            lines += ["yields:", f"  min: {len(years)} # years seen today: {min(years)}-{max(years)}"]
        if self.allow_private:
            lines.append("allow_private: true")
        lines += [f"# {code}: {collapse(sentence)}" for code, sentence in self.found.problems]
        lines.append(f"# verified_on: {today.isoformat()} # set it once a person has looked at the result")
        return "\n".join(lines) + "\n"

    def _names(self) -> list[str]:
        """The publishers of the entry: the one asked for, else all named by titles, most often first."""
        if self.wanted:
            return [self.wanted]
        known = [written for written, _ in self.bodies.most_common() if written]
        first = {canonical(written): written for written in reversed(known)}
        return list(first.values())[::-1][:_MOST_BODIES] or [self.site_name]


def _quoted(text: str) -> str:
    """A YAML scalar: names and addresses may hold marks that mean something in YAML."""
    return json.dumps(text, ensure_ascii=False) if re.search(r"[^\w./-]", text) or not text else text


def _slug(host: str) -> str:
    parts = [part for part in host.split(":")[0].split(".") if part not in ("www", "gov", "cn", "com", "org", "net")]
    text = re.sub(r"[^a-z0-9]+", "-", "-".join(reversed(parts)).lower()).strip("-")
    return text[:60] or "site"
