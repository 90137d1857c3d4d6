"""Looking at a site that is not in the registry yet, and counting what a known one offers. No network: `get` is given.

`probe` finds the annual-report column from any page of the site: it follows the links whose words or addresses speak
most of annual reports, a dozen pages at most, and reads the column it ends at. `scout` counts without downloading.
"""

from __future__ import annotations

import heapq
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
from tasks.discover.text import fold
from tasks.discover.titles import FIRST_YEAR
from tasks.discover.walk import discover

MAX_PAGES = 15
MAX_DEPTH = 4
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


@dataclass(frozen=True, slots=True)
class Scout:
    """What a known site offers now: reports per publisher and year, and whether the look was complete."""

    site: str
    counts: dict[tuple[str | None, int | None], int]
    foreign: int
    complete: bool
    problems: tuple[tuple[str, str], ...]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def probe(url: str, get: Get, *, today: date) -> Probe:
    """Look for the annual-report column from `url` on. Refusals and unknown layouts are told, not raised."""
    trail = _Trail(get)
    column, way, reason = trail.find(url)
    if column is None:
        return Probe(url, way, None, None, {}, {}, (reason,) if reason else (), None)
    site = _site(column, (_STRANGER,))
    try:
        found = discover(site, range(FIRST_YEAR, today.year + 1), get)
    except (DiscoverError, FetchTrouble) as error:
        return Probe(url, way, column, None, {}, {}, ((error.code, str(error)),), None)
    everything = sorted((*found.candidates, *found.foreign), key=lambda item: (-(item.year or 0), item.title))
    years = sorted({item.year for item in everything}, key=lambda year: -(year or 0))
    by_year = {year: tuple(item for item in everything if item.year == year) for year in years}
    bodies = Counter(item.written or "" for item in everything)
    family = found.looks[0].family
    text = _entry(column, trail.name, family, bodies, found, today)
    return Probe(url, way, column, family, by_year, dict(bodies.most_common()), found.problems, text)


def scout(site: Site, get: Get, *, today: date) -> Scout:
    """Count the reports of all years that a site lists now. Raises as `discover` does."""
    found = discover(site, range(FIRST_YEAR, today.year + 1), get)
    copies = {(item.publisher, item.year, key(item.url)) for item in found.candidates}
    counts = Counter((publisher, year) for publisher, year, _ in copies)
    return Scout(site.id, dict(counts), len(found.foreign), found.complete, found.problems)


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
            if len(way) <= MAX_DEPTH:
                for promise, target, words in _leads(document):
                    depth = urlsplit(target).path.strip("/").count("/")
                    heapq.heappush(waiting, (-promise, depth, target, (*way, (target, words))))
        missing = ("discover.layout_unknown", f"no annual-report column was found from {url} within {len(seen)} pages")
        return None, longest, reason or missing


def _is_column(document: Document, words: str) -> bool:
    """A list with reports; or, behind a label of annual reports, what a family reads without rows in the page."""
    if "xxgkannualreport" in document.url.lower() or sniff(document.page) == "gkmlpt":
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
        if host_of(url) != host_of(document.url) or is_article(url) or is_attachment(url):
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


def _site(column: str, publishers: tuple[PublisherEntry, ...]) -> Site:
    host = host_of(column)
    return Site(
        id="probe", name=host, host=host, publishers=publishers, entries=(Entry(url=column),), allow_private=True
    )


def _entry(column: str, name: str, family: str | None, bodies: Counter[str], found: Discovery, today: date) -> str:
    """A registry entry as text, with what a person has to settle marked in comments."""
    host = host_of(column)
    ident = _slug(host)
    known = [written for written, _ in bodies.most_common() if written]
    first = {canonical(written): written for written in reversed(known)}
    listed = list(first.values())[::-1][:20] or [name]
    lines = [
        f"# Proposed by `nianbao sites probe` on {today.isoformat()}; check names, ids and regions before use.",
        f"id: {ident}",
        f"name: {name}",
        f"host: {host}",
        f"family: {family or 'auto'}",
        "publishers:",
    ]
    for number, written in enumerate(listed, start=1):
        lines += [f"  - id: {ident}-{number} # choose a lasting id", f"    name: {written}"]
        if canonical(written).endswith("人民政府"):
            lines.append("    kind: government")
        lines.append('    # region: "000000" # GB/T 2260')
    lines += ["entries:", f"  - url: {column}"]
    if len(listed) == 1:
        lines.append(f"    publisher: {ident}-1")
    years = {item.year for item in (*found.candidates, *found.foreign) if item.year}
    if years:
        lines += ["yields:", f"  min: {len(years)} # years seen today: {min(years)}-{max(years)}"]
    if found.problems:
        lines += [f"# {code}: {sentence}" for code, sentence in found.problems]
    lines.append(f"# verified_on: {today.isoformat()} # set it once a person has looked at the result")
    return "\n".join(lines) + "\n"


def _slug(host: str) -> str:
    parts = [part for part in host.split(":")[0].split(".") if part not in ("www", "gov", "cn", "com", "org", "net")]
    text = re.sub(r"[^a-z0-9]+", "-", "-".join(reversed(parts)).lower()).strip("-")
    return text[:60] or "site"
