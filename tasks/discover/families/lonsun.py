"""Lonsun 龙讯 (安徽 and others): `/public/column/<organ>?type=4&catId=`, lists from `/site/label/8888`.

The label service cuts titles to `length`; the attribute keeps them whole. `pageCount:N` stands in the page's script.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from schemas.discovery import Page, PageRequest, Turn
from tasks.discover import controls, pagers
from tasks.discover.families.base import HtmlFamily, remember
from tasks.discover.html import Document
from tasks.discover.links import join

_ORGAN = re.compile(r"/public/column/(\d+)")
_FILE = re.compile(r"""\bfile['"]?\s*[:=]\s*['"](/xxgk/[\w/]+)""")
_KEPT = ("organ", "cat", "site", "kind", "label", "file", "column")
_SIZE = 15


class Lonsun(HtmlFamily):
    """The column page's own rows are page 1; further pages, or all of them, come from the label service."""

    name = "lonsun"

    def turn(self, page: Page) -> Turn:
        document = Document(page)
        if document.is_first and "label" not in document.state and not self.rows(document).rows:
            told = _told(document)
            if told["organ"] or told["cat"]:
                return Turn(requests=(_ask(told, 1, "frame"),))
        return super().turn(page)

    def following(self, document: Document, told: pagers.Announced) -> tuple[PageRequest, ...]:
        number = int(document.state.get("page", "1"))
        known = {name: document.state[name] for name in _KEPT if name in document.state} or _told(document)
        link = None if "label" in document.state else controls.next_link(document)
        if link or not (known.get("organ") or known.get("cat")):
            return super().following(document, told)
        if told.pages is not None:
            return (_ask(known, number + 1, "page"),) if number < told.pages else ()
        return (remember(_ask(known, number + 1, "page"), optional="yes"),)


def _told(document: Document) -> dict[str, str]:
    query = {name.lower(): value for name, value in parse_qsl(urlsplit(document.url).query)}
    organ = _ORGAN.search(document.url) or re.search(r"""\borganId['"]?\s*[:=]\s*['"]?(\d+)""", document.text)
    category = query.get("catid") or _value(document, "catId")
    file = _FILE.search(document.text)
    prefix = urlsplit(document.url).path.split("/public/")[0] if "/public/" in document.url else ""
    return {
        "organ": organ[1] if organ else "",
        "cat": category or "",
        "site": document.meta("SiteId") or _value(document, "siteId") or "",
        "kind": query.get("type", "4"),
        "label": f"{prefix}/site/label/8888",
        "file": file[1] if file else "/xxgk/publicInfoList_newest2020",
        "column": document.url,
    }


def _ask(told: dict[str, str], number: int, purpose: str) -> PageRequest:
    query = {
        "IsAjax": "1",
        "dataType": "html",
        "labelName": "publicInfoList",
        "siteId": told.get("site", ""),
        "pageSize": str(_SIZE),
        "pageIndex": str(number),
        "action": "list",
        "isDate": "true",
        "dateFormat": "yyyy-MM-dd",
        "length": "80",
        "organId": told.get("organ", ""),
        "type": told.get("kind", "4"),
        "catId": told.get("cat", ""),
        "file": told["file"],
        "result": "暂无相关信息",
    }
    url = join(told["column"], told["label"]) or told["label"]
    state = tuple((name, told[name]) for name in _KEPT if told.get(name))
    return PageRequest(
        f"{url}?{urlencode(query)}",
        headers=(("Referer", told["column"]), ("X-Requested-With", "XMLHttpRequest")),
        purpose=purpose,
        state=(*state, ("page", str(number))),
    )


def _value(document: Document, name: str) -> str | None:
    match = re.search(rf"""\b{name}\b['"]?\s*[:=]\s*['"]?(\d+)""", document.text, re.IGNORECASE)
    return match[1] if match else None
