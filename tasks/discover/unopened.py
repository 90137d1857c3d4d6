"""What a page shows and only a script would open: report titles without an address, years without one.

Scripts are never run. Such a page may be read, but it must not pass for a list that was read to its end.
"""

from __future__ import annotations

import re

from bs4 import Tag

from tasks.discover.html import Document
from tasks.discover.links import join
from tasks.discover.text import fold
from tasks.discover.titles import classify

_YEAR = re.compile(r"^[(\[]?(20\d{2})年?度?[)\]]?$")
_LONGEST = 80  # letters of a title
_IN_SCRIPT = re.compile(r"信息公开(?:工作)?[^\"'<>\n]{0,8}(?:年度报告|年报)")


def unopened(document: Document, *, more_follow: bool) -> tuple[tuple[str, str], ...]:
    """Problems (reason code, sentence) of a page whose list was read. With `more_follow` further pages will be asked
    for, and years that are missing here may stand there."""
    found = []
    if titles := titles_without_address(document):
        found.append(f"{len(titles)} reports have no address, only a script opens them, e.g. “{titles[0]}”")
    closed = () if more_follow else _closed_years(document)
    if closed:
        found.append(f"the years {', '.join(map(str, closed))} are opened by a script")
    return tuple(("discover.scripted_entries", f"{what}: {document.url}") for what in found)


def titles_without_address(document: Document) -> tuple[str, ...]:
    """Titles of annual reports in links and clickable elements that lead nowhere, and that no other link has."""
    listed = {fold(link.title) for link in document.links}
    found: dict[str, str] = {}
    for element in document.soup.find_all(_clickable):
        words = element.get_text(" ", strip=True)
        title = fold(words)
        if not 8 <= len(title) <= _LONGEST or title in listed or _has_address(document, element):
            continue
        verdict = classify(words)
        if verdict.is_report and verdict.year is not None and not any(title in one or one in title for one in listed):
            found.setdefault(title, words)
    return tuple(found.values())


def in_scripts(document: Document) -> bool:
    """True when titles of annual reports stand in the page's scripts: a list that is written out by them."""
    return any(_IN_SCRIPT.search(tag.get_text()) for tag in document.soup.find_all("script", src=False))


def _closed_years(document: Document) -> tuple[int, ...]:
    """Years that the page offers as divisions without an address, when it has reports for fewer of them than not."""
    offered = set()
    for element in document.soup.find_all(["a", "li", "span", "button", "div", "option"]):
        label = _YEAR.match(fold(element.get_text())) if len(element.get_text()) <= 12 else None
        if label and _opens_by_script(document, element):
            offered.add(int(label[1]))
    if len(offered) < 2:
        return ()
    verdicts = (classify(link.title, in_report_column=True) for link in document.links)
    have = {verdict.year for verdict in verdicts if verdict.is_report}
    closed = offered - have
    return tuple(sorted(closed, reverse=True)) if len(closed) >= 2 and len(closed) > len(offered & have) else ()


def _opens_by_script(document: Document, element: Tag) -> bool:
    if element.name == "option":
        choice = element.find_parent("select")
        return choice is not None and choice.has_attr("onchange") and not _is_address(str(element.get("value") or ""))
    scripted = element.has_attr("onclick") or str(element.get("href") or "").lower().startswith("javascript:")
    return scripted and not _has_address(document, element)


def _is_address(value: str) -> bool:
    return "/" in value or "." in value or "?" in value


def _clickable(tag: Tag) -> bool:
    return tag.name == "a" or tag.has_attr("onclick")


def _has_address(document: Document, element: Tag) -> bool:
    """True when the element, or a link in it or around it, was understood as a link or has a plain address."""
    known = document.kept.setdefault("linked", {id(link.element) for link in document.links})
    around = [element, *element.find_all(_clickable), *element.find_parents(_clickable)]
    return any(id(one) in known or join(document.base, str(one.get("href") or "")) for one in around)
