"""UCAP / 开普云: six-argument `createPageHTML("page_div", total, current, "list", "shtml", records)` counted from 1,
or a JSON list behind `…?_isAgg=true&_isJson=true`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlencode

from schemas.discovery import Page, PageRequest, Turn
from tasks.discover import pagers
from tasks.discover.families.base import Found, digits, from_script, layout_unknown
from tasks.discover.families.jsonlist import at, rows_of
from tasks.discover.families.trs import Trs
from tasks.discover.html import Document
from tasks.discover.links import join

_SEARCH = re.compile(r"""['"]([^'"\s]*/search(?:List)?/[0-9a-f]{32})""", re.IGNORECASE)
_CHANNEL = re.compile(r"""\bchannel_?id['"]?\s*[:=]\s*['"]([0-9a-f]{32})""", re.IGNORECASE)
_SIZE = 18


class Ucap(Trs):
    """Static pages `list_2.shtml`; without rows in the page, the channel's JSON."""

    name = "ucap"

    def turn(self, page: Page) -> Turn:
        document = Document(page)
        if "api" in document.state:
            return self._answer(document)
        if document.is_first and not self.rows(document).rows:
            found = [join(document.base, match) for match in _SEARCH.findall(page.text)]
            channel = document.state.get("channel") or (m[1] if (m := _CHANNEL.search(page.text)) else None)
            if channel:
                found += [
                    join(document.base, f"{door}/{channel}") for door in ("/common/search", "/search", "/searchList")
                ]
            doors = tuple(dict.fromkeys(url.split("?")[0] for url in found if url))
            if doors:
                return Turn(requests=(_ask(doors, document.url, 1, "frame"), *self.down(document)))
        return super().turn(page)

    def patterns(self, document: Document) -> tuple[pagers.Pattern, ...]:
        made = super().patterns(document)
        call = pagers.script_call(document.text)
        from_one = call is not None and call.leading_word
        # with a DOM id in front the script counts from 1, and so do the file names
        return tuple(sorted(made, key=lambda pattern: pattern.shift != (0 if from_one else -1)))

    def _answer(self, document: Document) -> Turn:
        data = at(document.json, "data")
        results = at(data, "results")
        if not isinstance(results, list):
            raise layout_unknown(document.url, self.name, "the answer has no data.results")
        rows = rows_of(
            results,
            document.state["column"],
            title=("title", "docTitle"),
            url=("url", "docPubUrl"),
            day=("publishedTimeStr", "publishedTime", "date"),
        )
        if len(rows) < len(results):
            raise layout_unknown(document.url, self.name, "entries of the answer lack title or url")
        total, size = digits(at(data, "total")), digits(at(data, "rows")) or _SIZE
        number = int(document.state["page"])
        more = bool(rows) and (total is None or number * size < total)
        following = _ask((document.state["api"],), document.state["column"], number + 1, "page")
        if total is None:
            following = replace(following, state=(*following.state, ("optional", "yes")))
        return Turn(
            candidates=Found(rows, document.state["column"]).candidates,
            requests=(following,) if more else (),
            announced_total=total,
            entries_seen=len(rows),
        )


def _ask(doors: tuple[str, ...], column: str, number: int, purpose: str) -> PageRequest:
    query = {
        "_isAgg": "true",
        "_isJson": "true",
        "_pageSize": str(_SIZE),
        "_template": "index",
        "_rangeTimeGte": "",
        "_channelName": "",
        "page": str(number),
    }
    made = [
        PageRequest(
            f"{door}?{urlencode(query)}",
            headers=from_script(column),
            purpose=purpose,
            state=(("api", door), ("column", column), ("page", str(number))),
        )
        for door in doors
    ]
    return replace(made[0], alternatives=tuple(made[1:]))
