"""Bespoke ASP.NET lists: a pager that posts back, or `page=` in the query."""

from __future__ import annotations

from bs4 import Tag

from schemas.discovery import PageRequest
from tasks.discover import pagers
from tasks.discover.families.base import HtmlFamily, by_pattern, next_page
from tasks.discover.html import Document
from tasks.discover.links import join


class AspNet(HtmlFamily):
    """下一页 as a link, as `__doPostBack('target','argument')` with the page's hidden fields, or by query."""

    name = "aspnet"

    def following(self, document: Document, told: pagers.Announced) -> tuple[PageRequest, ...]:
        number = int(document.state.get("page", "1"))
        url = pagers.next_link(document)
        if url:
            return (next_page(url, number + 1),)
        last = told.pages is not None and number >= told.pages
        call = pagers.post_back(document, number + 1)
        if call and not last:
            return (self._post(document, number + 1, *call),)
        if told.pages is None or last:
            return ()
        return (by_pattern(document, number + 1, self.patterns(document)),)

    def patterns(self, document: Document) -> tuple[pagers.Pattern, ...]:
        asked = tuple(
            pagers.Pattern(pagers.with_query(document.url, **{name: "{n}"}).replace("%7Bn%7D", "{n}"))
            for name in pagers.QUERY_NAMES
        )
        return (*asked, *pagers.script_patterns(document))

    def _post(self, document: Document, number: int, target: str, argument: str) -> PageRequest:
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
