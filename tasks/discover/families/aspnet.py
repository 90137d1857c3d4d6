"""Bespoke ASP.NET lists: a pager that posts back, or `page=` in the query."""

from __future__ import annotations

from tasks.discover import pagers
from tasks.discover.families.base import HtmlFamily
from tasks.discover.html import Document


class AspNet(HtmlFamily):
    """下一页 as a link, as `__doPostBack('target','argument')` with the page's hidden fields, or by query."""

    name = "aspnet"

    def patterns(self, document: Document) -> tuple[pagers.Pattern, ...]:
        asked = tuple(
            pagers.Pattern(pagers.with_query(document.url, **{name: "{n}"}).replace("%7Bn%7D", "{n}"))
            for name in pagers.QUERY_NAMES
        )
        return (*asked, *pagers.script_patterns(document))
