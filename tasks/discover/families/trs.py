"""TRS WCM / HyCloud (拓尔思): static columns with createPageHTML pagers, year and unit-type folders."""

from __future__ import annotations

from tasks.discover.families.base import HtmlFamily


class Trs(HtmlFamily):
    """`createPageHTML(total, current, "index", "html")`: on TRS itself `index_1.html` is page 2, elsewhere page 1.

    Both are asked for and judged by their overlap with page 1; the base does this for every static pager, because
    sites change systems and the walk must not end at page 1 when the registry names the former one.
    """

    name = "trs"
