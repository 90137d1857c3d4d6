"""Epoint, first generation: ASP.NET pages under `/TPFront/`, `MoreInfo.aspx?CategoryNum=`.

The pager posts the page back to itself with `__VIEWSTATE`; some sites also take `?Paging=N` or, so spelt, `?pageing=N`.
"""

from __future__ import annotations

from tasks.discover import pagers
from tasks.discover.families.aspnet import AspNet
from tasks.discover.html import Document


class EpointWebForms(AspNet):
    """Categories as `CategoryNum`; the words n/m beside the pager say how many pages there are."""

    name = "epoint_webforms"

    def patterns(self, document: Document) -> tuple[pagers.Pattern, ...]:
        marks = ("Paging", "pageing") if "pageing" not in document.text else ("pageing", "Paging")
        asked = tuple(
            pagers.Pattern(pagers.with_query(document.url, **{mark: "{n}"}).replace("%7Bn%7D", "{n}")) for mark in marks
        )
        return (*asked, *pagers.script_patterns(document))
