"""苏迪 WebPlus (mostly schools): `list.htm`, `list2.htm`, articles `/c12a345/page.htm`."""

from __future__ import annotations

from tasks.discover import pagers
from tasks.discover.families.base import HtmlFamily
from tasks.discover.html import Document


class WebPlus(HtmlFamily):
    """Lists in static pages; the number stands directly behind the name."""

    name = "webplus"

    def patterns(self, document: Document) -> tuple[pagers.Pattern, ...]:
        return (pagers.Pattern("list{n}.htm"), *pagers.script_patterns(document))
