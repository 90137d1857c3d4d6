"""Epoint, second generation: static pages of the WebBuilder, `list.html` then `2.html`, `3.html`.

The sites of the exchange centres in 固原 and 中卫 follow the same grammar; their lists end in a row that is the pager,
and an error page is told by its title alone.
"""

from __future__ import annotations

from tasks.discover import pagers
from tasks.discover.families.base import HtmlFamily
from tasks.discover.html import Document


class EpointStatic(HtmlFamily):
    """Numbered pages in the folder of the first, whatever that one is called; `1/20` tells how many."""

    name = "epoint_static"

    def patterns(self, document: Document) -> tuple[pagers.Pattern, ...]:
        return (pagers.Pattern("{n}.html"), *pagers.script_patterns(document))
