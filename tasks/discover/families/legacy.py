"""One-off older systems: `/html/<site>/articles/YYYYMM/N.html`, `*.action?messagekey=`."""

from __future__ import annotations

from tasks.discover.families.base import HtmlFamily


class Legacy(HtmlFamily):
    """Read by structure. The entry may be a report's own page, when the old column is gone and the page still is."""

    name = "legacy"
