"""The last resort for systems without a family of their own: lists by structure, reports by their titles."""

from __future__ import annotations

from schemas.discovery import Page, Turn
from tasks.discover.families.base import HtmlFamily, layout_unknown
from tasks.discover.titles import classify


class Generic(HtmlFamily):
    """Knows no system, so a first page must prove itself: by a report among its entries, or by sub-columns."""

    name = "generic"

    def turn(self, page: Page) -> Turn:
        turn = super().turn(page)
        first = page.request.purpose == "list"
        below = [request for request in turn.requests if request.purpose in ("column", "frame")]
        found = any(classify(item.title, in_report_column=True).is_report for item in turn.candidates)
        if first and turn.announced_total != 0 and not below and not found:
            raise layout_unknown(page.url, self.name, "no entry of the page is an annual report")
        return turn
