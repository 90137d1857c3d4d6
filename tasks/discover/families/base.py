"""What a family is, and what all families that read HTML lists share."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from bs4 import Tag

from schemas.discovery import Candidate, Page, PageRequest, Turn
from schemas.errors import DiscoverError
from schemas.site import Entry
from tasks.discover import controls, folders, pagers, rows
from tasks.discover.html import Document
from tasks.discover.links import is_article, is_attachment, join, key
from tasks.discover.titles import classify
from tasks.discover.unopened import in_scripts, titles_without_address, unopened

_FULL_PAGE = 10  # a list with fewer entries has hardly a second page
SOFT = (("soft", "yes"),)  # a look that may turn out to be none of ours: not understanding it is no failure
ONE_OF = (("soft", "one"),)  # one of several that are asked together: it is a failure when none of them is understood


class Family(Protocol):
    """Turns the answers of one CMS into requests and list entries. Stateless: what it must remember travels in
    `PageRequest.state`. Raises DiscoverError (`discover.layout_unknown`, `discover.needs_browser`) rather than give
    nothing for a page it does not understand.

    `Turn.candidates` are entries as listed, reports or not: the first `entries_seen` are the list's own rows, the
    rest (files beside a row, report links elsewhere on the page) only adds finds and proves nothing.
    """

    name: str

    def start(self, entry: Entry, years: Collection[int]) -> tuple[PageRequest, ...]: ...

    def turn(self, page: Page) -> Turn: ...


class HtmlFamily:
    """A CMS whose columns are HTML lists. Families override what is theirs: mostly where page 2 is."""

    name = "html"

    def start(self, entry: Entry, years: Collection[int]) -> tuple[PageRequest, ...]:  # noqa: ARG002 - Family
        """The first requests for one entry of the registry."""
        return (PageRequest(entry.url, purpose="list"),)

    def turn(self, page: Page) -> Turn:
        document = Document(page)
        if page.request.purpose == "list" and is_article(page.url) and (whole := article_itself(document)):
            return Turn(candidates=(whole, *strays(document, ())), entries_seen=1)
        found = self.rows(document)
        down = self.down(document) if document.is_first else ()
        found = found.without({key(request.url) for request in down})
        if document.is_first and not any(classify(row.title).is_report for row in found.rows):
            down += tuple(PageRequest(url, purpose="column", state=SOFT) for url in document.frames())
        if not found.rows and document.is_first:
            if (whole := article_itself(document)) is not None:
                return Turn(candidates=(whole,), entries_seen=1)
            if not down:
                return nothing_listed(document, self.name)
        told = self.announced(document)
        following = self.following(document, told) if found.rows or not document.is_first else ()
        return Turn(
            candidates=(*found.candidates, *strays(document, found.rows)),
            requests=(*(remember(request, sig=found.signature) for request in following), *down),
            announced_total=told.records,
            announced_pages=told.pages,
            entries_seen=len(found.rows),
            problems=unopened(document, more_follow=bool(following or down)),
        )

    def rows(self, document: Document) -> Found:
        """The list's entries on this page."""
        return html_rows(document, document.state.get("sig"))

    def down(self, document: Document) -> tuple[PageRequest, ...]:
        """Requests for the sub-columns of a column."""
        return tuple(PageRequest(url, purpose="column") for url in folders.folders(document))

    def announced(self, document: Document) -> pagers.Announced:
        """Totals the page states."""
        return pagers.announced(document)

    def following(self, document: Document, told: pagers.Announced) -> tuple[PageRequest, ...]:
        """The request for the next page, none on the last: the link 下一页, the form that it posts, else the usual
        conventions for its name."""
        number = int(document.state.get("page", "1"))
        url = controls.next_link(document, number + 1)
        if url:
            return (next_page(url, number + 1),)
        if told.pages is not None and told.pages <= number:
            return ()
        call = controls.post_back(document, number + 1) if "__doPostBack" in document.text else None
        if call:
            return (posted(document, number + 1, *call),)
        control = True if told.pages is not None else self._control(document, number)
        if control is None:
            return ()
        request = by_pattern(document, number + 1, self.patterns(document))
        # A bare nextPage() may stand on the last page as well: then a short list may end here.
        return (request if control else remember(request, optional="yes", size=str(_FULL_PAGE)),)

    def _control(self, document: Document, number: int) -> bool | None:
        """Whether something other than a link says that more pages follow: a script's 下一页, or a 尾页 elsewhere."""
        control = controls.next_control(document, number + 1)
        last = controls.last_link(document) if control is None else None
        return True if last and key(last) != key(document.url) else control

    def patterns(self, document: Document) -> tuple[pagers.Pattern, ...]:
        """Conventions for the addresses of further pages, most likely first."""
        return pagers.script_patterns(document)


class Found:
    """The rows of one page as candidates, and where on the page the list stands."""

    def __init__(self, rows_: Iterable[rows.Row], found_at: str, signature: str = "") -> None:
        self.rows = tuple(rows_)
        self.signature = signature
        main = [row.candidate(found_at) for row in self.rows]
        files = [
            Candidate(file, row.title, None, row.date, found_at, "attachment")
            for row in self.rows
            for file in row.files
        ]
        self.candidates = (*main, *files)
        self.found_at = found_at

    def without(self, folders_below: set[str]) -> Found:
        """These rows less undated links that are walked as sub-columns: `2023年政府信息公开年报` may be a folder."""
        kept = [row for row in self.rows if row.date or key(row.url) not in folders_below]
        return self if len(kept) == len(self.rows) else Found(kept, self.found_at, self.signature)


def html_rows(document: Document, signature: str | None = None) -> Found:
    """The main list of an HTML page or fragment, found by structure."""
    group = rows.main_list(document, signature)
    return Found(group.rows, document.url, group.signature) if group else Found((), document.url)


def next_page(url: str, number: int, **state: str) -> PageRequest:
    """A GET for page `number` of the same list."""
    return PageRequest(url, purpose="page", state=(("page", str(number)), *sorted(state.items())))


def posted(document: Document, number: int, target: str, argument: str) -> PageRequest:
    """The page's form with its hidden fields, as ASP.NET's __doPostBack(target, argument) sends it."""
    fields = {
        str(tag["name"]): str(tag.get("value") or "")
        for tag in document.soup.find_all("input", attrs={"type": "hidden", "name": True})
    }
    fields |= {"__EVENTTARGET": target, "__EVENTARGUMENT": argument}
    form = document.soup.find("form")
    action = form.get("action") if isinstance(form, Tag) else None
    url = join(document.base, action if isinstance(action, str) else None) or document.url
    return PageRequest(
        url,
        method="POST",
        form=tuple(fields.items()),
        headers=(("Referer", document.url),),
        purpose="page",
        state=(("page", str(number)),),
    )


def by_pattern(document: Document, number: int, choices: tuple[pagers.Pattern, ...]) -> PageRequest:
    """A GET for page `number` by the convention that fitted before, else by the choices in their order."""
    if "pattern" in document.state:
        choices = (pagers.Pattern(document.state["pattern"], int(document.state["shift"])),)
    made = [
        next_page(url, number, pattern=choice.template, shift=str(choice.shift))
        for choice in choices
        if (url := choice.page(document.base, number))
    ]
    return replace(made[0], alternatives=tuple(made[1:]))


def from_script(column: str) -> tuple[tuple[str, str], ...]:
    """Headers that the column's own script would send; some services answer 404 without them."""
    return (("Referer", column), ("X-Requested-With", "XMLHttpRequest"))


def remember(request: PageRequest, **more: str) -> PageRequest:
    """The request with these marks in its state and in that of its alternatives, where they are not yet set."""
    state = dict(request.state)
    kept = tuple((name, value) for name, value in more.items() if value and name not in state)
    others = tuple(remember(other, **more) for other in request.alternatives)
    return replace(request, state=request.state + kept, alternatives=others)


def carried(state: Mapping[str, str], *names: str) -> dict[str, str]:
    """The marks of a state that the next request needs again."""
    return {name: state[name] for name in names if name in state}


def strays(document: Document, listed: Iterable[rows.Row]) -> tuple[Candidate, ...]:
    """Report links that stand outside the list: in a banner, a year bar, an attachment box."""
    have = {key(row.url) for row in listed} | {key(document.url)}
    found = []
    for link in document.links:
        verdict = classify(link.title)
        if not verdict.is_report or key(link.url) in have:
            continue
        if verdict.year is None or not (is_article(link.url) or is_attachment(link.url)):
            continue  # a label of a column, not a report
        have.add(key(link.url))
        kind = "attachment" if is_attachment(link.url) else "page"
        found.append(Candidate(link.url, link.title, None, link.date, document.url, kind))
    return tuple(found)


def article_itself(document: Document) -> Candidate | None:
    """The page as a candidate when the entry of the registry points at a report itself."""
    title = next((title for title in document.titles if classify(title).is_report and classify(title).year), None)
    return Candidate(document.url, title, None, None, document.url, "page") if title else None


def nothing_listed(document: Document, family: str) -> Turn:
    """A first page without list: frames are entered, a stated emptiness is believed, anything else is raised."""
    frames = document.frames()
    if frames:
        return Turn(requests=tuple(PageRequest(url, purpose="frame") for url in frames))
    if (target := document.static_jump()) and document.page.request.purpose != "frame":
        return Turn(requests=(PageRequest(target, purpose="frame"),))
    if document.says_empty:
        return Turn(announced_total=0, announced_pages=1)
    if document.needs_browser or in_scripts(document) or titles_without_address(document):
        raise DiscoverError(
            "discover.needs_browser",
            "the list is filled in by scripts, the page itself has no entries",
            where=document.url,
        )
    raise layout_unknown(document.url, family, "no list of entries was recognised")


def layout_unknown(url: str, family: str, what: str) -> DiscoverError:
    """The error of a page that a family does not understand."""
    return DiscoverError("discover.layout_unknown", f"{what} (family {family})", where=url)


def fragment(page: Page, markup: str) -> Document:
    """A piece of HTML from a JSON or XML answer, as a document at the page's address."""
    return Document(replace(page, text=markup))


def digits(text: object) -> int | None:
    """A count from JSON, where it may be a number or a string of digits."""
    found = re.fullmatch(r"\s*(\d+)\s*", str(text)) if text is not None else None
    return int(found[1]) if found else None
