"""博达 VSB: pages run downwards, page 2 of 11 is `xxgknb/10.htm`, the last is `xxgknb/1.htm`."""

from __future__ import annotations

from schemas.discovery import PageRequest
from tasks.discover import controls, pagers
from tasks.discover.families.base import HtmlFamily, next_page
from tasks.discover.html import Document


class Vsb(HtmlFamily):
    """Only the link 下页 is followed, never computed. Missing on a page before the last, it is a broken chain."""

    name = "vsb"

    def following(self, document: Document, told: pagers.Announced) -> tuple[PageRequest, ...]:  # noqa: ARG002 - as HtmlFamily
        number = int(document.state.get("page", "1")) + 1
        url = controls.next_link(document, number)
        return (next_page(url, number),) if url else ()
