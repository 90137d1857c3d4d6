"""Where on the page the report stands: the element that holds most of its marks and least of the page's furniture.

Pages carry several elements that look like a body (two editors' wrappers, an abstract, a neighbour article); the class
names of a CMS are no proof. What proves it is the report itself: its six section headings, its statutory tables, its
opening sentence. Every element that holds some of them is scored, and navigation words count against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from lxml import etree

from schemas.plain_yaml import plain_yaml
from tasks.read.html.page import text_of

_BOXES = frozenset(
    {"body", "div", "td", "section", "article", "main", "form", "center", "ucapcontent", "span", "font", "tbody"}
    | {"table", "tr", "fieldset", "dd", "li", "blockquote"}
)
_DIGITS = re.compile(r"\d+")
_SHORTEST = 120  # characters of a body that could be a report
_WHOLE = 7  # topics of a report that is complete


@dataclass(frozen=True, slots=True)
class _Marks:
    topics: tuple[tuple[str, ...], ...]
    navigation: tuple[str, ...]
    wrappers: tuple[str, ...]


@cache
def _marks() -> _Marks:
    found = plain_yaml(resources.files(__package__).joinpath("marks.yaml").read_text(encoding="utf-8"))
    return _Marks(tuple(map(tuple, found["topics"])), tuple(found["navigation"]), tuple(found["wrappers"]))


@dataclass(frozen=True, slots=True)
class _Score:
    topics: int
    tables: int
    navigation: int
    links: int

    @property
    def value(self) -> int:
        # Links weigh less than one topic together: lists of other reports stand beside the body, few links in it.
        return 10 * self.topics + 8 * min(self.tables, 4) - 5 * self.navigation - min(self.links, 9)


def choose(body: etree._Element, text: str) -> etree._Element:
    """The element that holds the report, or `body` when the page shows no mark of one and no known wrapper.

    `text` is all text of `body`.
    """
    here = _marks_in(text)
    best, best_score = body, _score(body, text, here)
    if not best_score.topics:
        return _known_wrapper(body)
    if not here.navigation and not best_score.links:
        return _first_copy(best)
    level = [(body, best_score)]
    while level:
        below: list[tuple[etree._Element, _Score]] = []
        for parent, score in level:
            for child in parent:
                if child.tag not in _BOXES and not _is_custom(child):
                    continue
                text = text_of(child)
                if len(text) < _SHORTEST:
                    continue
                found = _score(child, text, here)
                # A child without most of the marks cannot win, and what is below it has no more than it has.
                if found.topics * 2 < score.topics or found.topics < 2:
                    continue
                below.append((child, found))
                # On a tie the outer element keeps the opening sentences that stand beside the inner one.
                if found.value > best_score.value:
                    best, best_score = child, found
        level = below
    return _first_copy(best)


def _marks_in(text: str) -> _Marks:
    """Those marks that the page has at all; no part of it has others."""
    every = _marks()
    present = [tuple([word for word in words if word in text]) for words in every.topics]
    navigation = tuple([word for word in every.navigation if word in text])
    return _Marks(tuple([words for words in present if words]), navigation, every.wrappers)


def _first_copy(element: etree._Element) -> etree._Element:
    """The first of two copies of a report side by side (one is for printing); else the element itself.

    Two reports that differ in a figure are no copies: both stay, and the parser says that there are two.
    """
    level = element
    while True:
        whole = [child for child in level if child.tag in _BOXES and _is_whole(child)]
        if not whole:
            return element
        if len(whole) > 1:
            copies = {tuple(_DIGITS.findall(text_of(child))) for child in whole}
            return whole[0] if len(copies) == 1 else element
        level = whole[0]


def _is_whole(element: etree._Element) -> bool:
    text = text_of(element)
    return len(text) > _WHOLE and topics(text) >= _WHOLE  # no two subjects begin with the same character


def topics(text: str) -> int:
    """How many of a report's subjects a text touches, 0 to 9."""
    return _touched(text, _marks().topics)


def _touched(text: str, subjects: Iterable[Iterable[str]]) -> int:
    found = 0
    for words in subjects:
        for word in words:
            if word in text:
                found += 1
                break
    return found


def _is_custom(element: etree._Element) -> bool:
    tag = element.tag
    return isinstance(tag, str) and ("-" in tag or ":" in tag or tag.startswith("ucap"))


def _score(element: etree._Element, text: str, marks: _Marks) -> _Score:
    found = _touched(text, marks.topics)
    navigation = len([word for word in marks.navigation if word in text])
    tables = links = 0
    if found:
        tables = len(list(element.iterdescendants("table")))
        links = len(list(element.iterdescendants("a")))
    return _Score(found, tables, navigation, links)


def _known_wrapper(body: etree._Element) -> etree._Element:
    best, longest = body, 0
    for element in body.iterdescendants("div", "td", "section", "article", "ucapcontent"):
        names = f"{element.get('id') or ''} {element.get('class') or ''}".lower().split()
        if element.tag == "ucapcontent" or any(name.startswith(_marks().wrappers) for name in names):
            length = len(text_of(element).strip())
            if length > longest:
                best, longest = element, length
    return best
