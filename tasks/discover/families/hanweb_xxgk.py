"""Hanweb's 信息公开 module: the viewer `xxgkAnnualReport.jsp?area=&fbtime=` and the directory search.

The viewer shows one body's report of one report year (`fbtime` is the report year, not that of publication). It is
asked once per year owed; an answer without any words means that this year is not published.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import parse_qsl, urljoin, urlsplit

from schemas.discovery import Candidate, Page, PageRequest, Turn
from schemas.errors import DiscoverError
from schemas.site import Entry
from tasks.discover import pagers
from tasks.discover.dates import find_date
from tasks.discover.families.base import HtmlFamily, from_script, layout_unknown
from tasks.discover.html import Document
from tasks.discover.text import collapse, fold
from tasks.discover.titles import classify

VIEWER = "/module/xxgk/xxgkAnnualReport.jsp"
_SEARCH = "/module/xxgk/search.jsp"
# Parameters of the directory search, in the query and once more in the body.
_FIELDS = ("infotypeId", "jdid", "area", "divid", "vc_title", "vc_number", "sortfield", "currpage", "vc_filenumber",
           "vc_all", "texttype", "fbtime", "standardXxgk", "isAllList")  # fmt: skip
_MESSAGE = 60  # fewer letters than this without the words of a report are a notice, not a report


class HanwebXxgk(HtmlFamily):
    """One candidate per year from the viewer, or the rows of the directory."""

    name = "hanweb_xxgk"

    def start(self, entry: Entry, years: Collection[int]) -> tuple[PageRequest, ...]:
        area = entry.params.get("area") or dict(parse_qsl(urlsplit(entry.url).query)).get("area")
        if "xxgkannualreport" in entry.url.lower() or (area and "/module/xxgk/" not in entry.url):
            if not area:
                raise DiscoverError(
                    "discover.params_missing", "the viewer needs `area`, the code of the body", where=entry.url
                )
            viewer = entry.url if "xxgkannualreport" in entry.url.lower() else urljoin(entry.url, VIEWER)
            return tuple(
                PageRequest(
                    pagers.with_query(viewer, area=area, fbtime=str(year)),
                    purpose="viewer",
                    state=(("area", area), ("year", str(year))),
                )
                for year in sorted(set(years), reverse=True)
            )
        return super().start(entry, years)

    def turn(self, page: Page) -> Turn:
        document = Document(page)
        if page.request.purpose == "viewer":
            return self._viewer(document)
        if document.is_first and "frame" not in document.state and not self.rows(document).rows:
            return Turn(requests=(self._search(document, 1, "frame"),))
        return super().turn(page)

    def following(self, document: Document, told: pagers.Announced) -> tuple[PageRequest, ...]:
        number = int(document.state.get("page", "1"))
        if told.pages is None or number >= told.pages:
            return ()
        return (self._search(document, number + 1, "page"),)

    def _viewer(self, document: Document) -> Turn:
        words = document.visible
        if not words or (len(words) < _MESSAGE and document.says_empty):
            return Turn()
        title = _title(document)
        if not title and len(words) < _MESSAGE and "信息公开" not in words:
            raise layout_unknown(document.url, self.name, f"the viewer answers with a notice: {words[:40]}")
        said = classify(title).year if title else None
        year = said or int(document.state["year"])
        day = re.search(r"发布(?:时间|日期)[::]?(.{0,20})", document.visible)
        listed = find_date(day[1]) if day else None
        found = Candidate(document.url, title, year, listed, document.url, "viewer")
        return Turn(candidates=(found,), entries_seen=1)

    def _search(self, document: Document, number: int, purpose: str) -> PageRequest:
        known = {**dict(parse_qsl(urlsplit(document.url).query)), **document.state}
        known["area"] = known.get("area") or known.get("vc_xxgkarea") or _value(document, "area") or ""
        known["infotypeId"] = known.get("infotypeId") or known.get("number") or _value(document, "infotypeId") or ""
        known["divid"] = known.get("divid") or _value(document, "divid") or ""
        known["jdid"] = known.get("jdid") or known.get("jh") or _value(document, "jdid") or ""
        known["currpage"] = str(number)
        known.setdefault("sortfield", ",createdatetime:0,orderid:0")
        form = {name: known.get(name, "") for name in _FIELDS}
        state = {name: form[name] for name in ("area", "infotypeId", "divid", "jdid")}
        return PageRequest(
            pagers.with_query(urljoin(document.url, _SEARCH), **form),
            method="POST",
            form=tuple(form.items()),
            headers=from_script(document.url),
            purpose=purpose,
            state=(("page", str(number)), ("frame", "search"), *sorted(state.items())),
        )


def _title(document: Document) -> str:
    """The line of the bare page that is a report's title; some stored pages have none."""
    for line in list((document.soup.body or document.soup).stripped_strings)[:40]:
        text = collapse(line)
        if len(fold(text)) <= 80 and classify(text).is_report:
            return text
    return next((title for title in document.titles if classify(title).is_report), "")


def _value(document: Document, name: str) -> str | None:
    match = re.search(rf"""\b{name}\b['"]?\s*[:=]\s*['"]?([\w-]+)""", document.text)
    return match[1] if match else None
