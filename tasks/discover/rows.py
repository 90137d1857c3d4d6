"""The list on a page, found by its structure and not by its class names.

A list is a group of elements in the same place of the tree, each with one title link and usually one date. Sites cut
their lists into several `ul`s, wrap rows in tables or bare `div`s, add a second link for the file, or put date and
title into neighbouring elements; what stays is: same ancestors, one link, one date.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property

from bs4 import NavigableString, Tag

from schemas.discovery import Candidate
from tasks.discover.dates import find_date, strip_date
from tasks.discover.html import Document
from tasks.discover.links import Link, is_article, is_attachment, is_pager_label, is_vague, links
from tasks.discover.text import collapse, fold
from tasks.discover.titles import classify

_ROW_TAGS = frozenset({"li", "tr", "dd"})
_CONTAINERS = frozenset({"ul", "ol", "table", "tbody", "dl", "body", "html", "[document]", "form"})
_ROW_LINKS = 4  # title, category, and the file in one or two formats
_CLIMB = 5
_SOURCE_LABEL = re.compile(
    r"^[\[(]?(?:来源|信息来源|发布(?:机构|单位|部门)|公开(?:机构|单位|部门)|单位|部门|机构)[::]|[\])]$"
)
_BODY = re.compile(
    r"[\[(]?[一-龥()]{2,30}(?:局|委|委员会|办公室|中心|政府|厅|院|镇|乡|街道|办事处|管委会|署|站|支队|学校|公司|部)[\])]?"
)


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One entry of a list: its link, title, date, further files of the same row, and a body named beside the link."""

    url: str
    title: str
    date: str | None
    files: tuple[str, ...] = ()
    source: str | None = None

    def candidate(self, found_at: str) -> Candidate:
        kind = "attachment" if is_attachment(self.url) else "page"
        return Candidate(self.url, self.title, None, self.date, found_at, kind, written=self.source)


@dataclass(frozen=True, eq=False)
class Group:
    """Rows that stand in the same place of the tree. `signature` is that place, the same on all pages of a column."""

    signature: str
    rows: tuple[Row, ...]

    @cached_property
    def reports(self) -> int:
        """How many titles are annual reports; a bare label (政府信息公开年报) without year and date is none."""
        return sum(1 for row in self.rows if (found := classify(row.title)).is_report and (found.year or row.date))

    @cached_property
    def dated(self) -> int:
        return sum(1 for row in self.rows if row.date)

    @property
    def _bare_years(self) -> int:
        """How many titles are a report's in its own column only: `2021年`, `2021年年报`."""
        return sum(1 for row in self.rows if classify(row.title, in_report_column=True).is_report)

    @property
    def is_list(self) -> bool:
        size, letters = len(self.rows), sum(len(fold(row.title)) for row in self.rows)
        articles = sum(1 for row in self.rows if is_article(row.url) or is_attachment(row.url))
        if self.reports or (size >= 2 and articles == size and self._bare_years == size):
            return True
        if 2 * self.dated >= size and letters >= 6 * size:
            return True
        return size >= 2 and 5 * articles >= 3 * size and letters >= 8 * size

    @property
    def weight(self) -> tuple[bool, int, bool, int]:
        return self.reports > 0, self.reports, 2 * self.dated >= len(self.rows), len(self.rows)


def groups(document: Document) -> list[Group]:
    """All groups of rows on the page that look like lists, the most likely main list first."""
    found = _rows(document)
    lists = [group for group in found if group.is_list]
    return sorted(lists, key=lambda group: group.weight, reverse=True)


def main_list(document: Document, signature: str | None = None) -> Group | None:
    """The page's list. With the signature of the column's first page: that list again, or one that holds reports."""
    found = groups(document)
    if signature:
        same = [group for group in _rows(document) if group.signature == signature]
        return same[0] if same else next((group for group in found if group.reports), None)
    return found[0] if found else None


def single_row(element: Tag, base: str) -> Row | None:
    """The one entry inside an element that is known to hold one, e.g. a record of a data answer."""
    found = [link for link in links(element, base) if fold(link.title) or is_attachment(link.url)]
    return _row(element, found) if found else None


def _rows(document: Document) -> list[Group]:
    if "groups" not in document.kept:
        document.kept["groups"] = _grouped(document)
    found: list[Group] = document.kept["groups"]
    return found


def _grouped(document: Document) -> list[Group]:
    useful = [link for link in document.links if fold(link.title) or is_attachment(link.url)]
    weights = _links_below(useful)
    members: dict[int, list[Link]] = defaultdict(list)
    elements: dict[int, Tag] = {}
    for link in useful:
        element = _row_element(link.element, weights)
        members[id(element)].append(link)
        elements[id(element)] = element
    places: dict[str, list[tuple[Row, Tag]]] = defaultdict(list)
    for place, element in elements.items():
        row = _row(element, members[place])
        if row is not None:
            places[_signature(element)].append((row, element))
    return [Group(signature, _with_neighbour_dates(rows)) for signature, rows in places.items()]


def _with_neighbour_dates(rows: list[tuple[Row, Tag]]) -> tuple[Row, ...]:
    """Title and date in neighbouring elements: `<li><a>…</a></li><li>2022-01-28</li>`, `<dt>date</dt><dd>…</dd>`.

    Whether the date stands before or after its title is decided for the whole group: the side that serves more rows.
    """
    bare = [(row, element) for row, element in rows if row.date is None]
    after = {id(row): _date_beside(element, forward=True) for row, element in bare}
    before = {id(row): _date_beside(element, forward=False) for row, element in bare}
    side = after if sum(map(bool, after.values())) >= sum(map(bool, before.values())) else before
    return tuple(row if row.date else replace(row, date=side[id(row)]) for row, _ in rows)


def _links_below(found: list[Link]) -> dict[int, set[str]]:
    below: dict[int, set[str]] = defaultdict(set)
    for link in found:
        for parent in link.element.parents:
            below[id(parent)].add(link.url)
    return below


def _row_element(element: Tag, below: dict[int, set[str]]) -> Tag:
    """The element that is the row of this link: as large as it can be without taking in another row."""
    row = element
    for _ in range(_CLIMB):
        parent = row.parent
        if parent is None or row.name in _ROW_TAGS or parent.name in _CONTAINERS:
            return row
        count = len(below[id(parent)])
        if count == 1 or (count <= _ROW_LINKS and (parent.name in _ROW_TAGS or _repeats(parent, below))):
            row = parent
        else:
            return row
    return row


def _repeats(element: Tag, below: dict[int, set[str]]) -> bool:
    """A row of several links is one of a series of like elements, each with its own date or title."""
    if not find_date(_own_words(element)):
        return False
    like = list(element.find_next_siblings(element.name, limit=2))
    like += list(element.find_previous_siblings(element.name, limit=2))
    return any(below.get(id(sibling)) for sibling in like)


def _row(element: Tag, members: list[Link]) -> Row | None:
    files = [link for link in members if is_attachment(link.url)]
    pages = [link for link in members if not is_attachment(link.url)]
    best = max(pages or files, key=_worth)
    title = best.title
    if is_vague(title):
        words = strip_date(collapse(" ".join(_own_strings(element, with_links=False))))
        title = words if len(fold(words)) >= 4 else title
    day = find_date(_own_words(element)) or best.date or next((link.date for link in members if link.date), None)
    others = tuple(dict.fromkeys(link.url for link in files if link.url != best.url))
    if not fold(title) or is_pager_label(title):
        return None
    return Row(best.url, title, day, others, _source(element))


def _source(element: Tag) -> str | None:
    """The one body that the row names in a cell of its own (发布机构 column, 来源：…); None for none or several."""
    words = {_SOURCE_LABEL.sub("", fold(piece)) for piece in _own_strings(element, with_links=False)}
    found = [word for word in words if _BODY.fullmatch(word)]
    return found[0] if len(found) == 1 else None


def _worth(link: Link) -> tuple[bool, bool, int]:
    return classify(link.title).is_report, not is_vague(link.title), len(fold(link.title))


def _own_words(element: Tag) -> str:
    return " ".join(_own_strings(element, with_links=False))


def _own_strings(element: Tag, *, with_links: bool) -> list[str]:
    found = []
    for piece in element.find_all(string=True):
        if type(piece) is not NavigableString or not piece.strip():
            continue
        if not with_links and any(parent.name == "a" for parent in piece.parents if parent is not element):
            continue
        if element.name == "a" and not with_links:
            continue
        found.append(str(piece))
    return found


def _date_beside(element: Tag, *, forward: bool) -> str | None:
    for piece in element.next_siblings if forward else element.previous_siblings:
        if isinstance(piece, Tag):
            break
        if day := find_date(str(piece)):
            return day
    sibling = element.find_next_sibling() if forward else element.find_previous_sibling()
    if isinstance(sibling, Tag) and sibling.find("a") is None and sibling.name not in ("ul", "table", "script", "a"):
        words = collapse(sibling.get_text(" "))
        return find_date(words) if len(words) <= 40 else None
    return None


def _signature(row: Tag) -> str:
    steps = [row.name]
    for parent in row.parents:
        if parent.name in ("body", "html", "[document]"):
            break
        classes = parent.get("class") or []
        names = sorted(re.sub(r"\d+", "#", name) for name in (classes if isinstance(classes, list) else [str(classes)]))
        steps.append(".".join([parent.name, *names]))
    return ">".join(steps)
