"""SiteServer: `/channels/<id>.html`, then `/channels/<id>_2.html`; only some pages are static."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tasks.discover import pagers
from tasks.discover.families.base import HtmlFamily
from tasks.discover.html import Document


class SiteServer(HtmlFamily):
    """Channel pages by number; what lies beyond the static pages ends as a broken chain, not as an end."""

    name = "siteserver"

    def patterns(self, document: Document) -> tuple[pagers.Pattern, ...]:
        stem = re.sub(r"_\d+$", "", urlsplit(document.url).path.rsplit("/", 1)[1].rpartition(".")[0]) or "index"
        return (pagers.Pattern(f"{stem}_{{n}}.html"), *pagers.script_patterns(document))
