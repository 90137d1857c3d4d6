"""JEECMS-style portals: `index_2.jhtml` or `.htm`, counted from 1; `index_1` is page 1 again."""

from __future__ import annotations

from urllib.parse import urlsplit

from tasks.discover import pagers
from tasks.discover.families.base import HtmlFamily
from tasks.discover.html import Document

_EXTENSIONS = ("jhtml", "htm", "html")


class Jeecms(HtmlFamily):
    """Numbered front pages of a channel; articles are `/<channel>/<id>.jhtml`, the link sometimes in `onclick`."""

    name = "jeecms"

    def patterns(self, document: Document) -> tuple[pagers.Pattern, ...]:
        own = urlsplit(document.url).path.rpartition(".")[2]
        extension = own if own in _EXTENSIONS else "jhtml" if ".jhtml" in document.text else "htm"
        return (pagers.Pattern(f"index_{{n}}.{extension}"), *pagers.patterns(document.url, "index", extension))
