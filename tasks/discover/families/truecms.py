"""The jpage look-alike "truecms" (如皋, 南通): windows from `messageController/getMessage.do` as JSONP.

The answer wraps the same kind of datastore: `cb({"result": "<xml…>"})`. It wants the list page as Referer, and the
largest `perpage` it answers differs from site to site, so smaller ones are tried when one is refused.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlencode

from schemas.discovery import Page, PageRequest, Turn
from tasks.discover.families.base import Found, HtmlFamily, from_script, layout_unknown
from tasks.discover.families.datastore import Datastore, datastores
from tasks.discover.html import Document
from tasks.discover.links import join

_PROXY = re.compile(r"""proxyUrl\s*[:=]\s*['"]([^'"]+)['"]|['"]([^'"]*messageController/getMessage\.do)""")
_COLUMN = re.compile(r"""columnId\s*[:=]\s*['"]?([\w-]+)""")
_ESCAPED = re.compile(r"\\u[0-9a-fA-F]{4}")
_SIZES = (50, 20, 15, 10)


class TrueCms(HtmlFamily):
    """Windows `startrecord`–`endrecord` of one column."""

    name = "truecms"

    def turn(self, page: Page) -> Turn:
        document = Document(page)
        if "proxy" in document.state:
            return self._window(document)
        proxy, column = _PROXY.search(page.text), _COLUMN.search(page.text)
        if not proxy or not column:
            return super().turn(page)
        told = {"proxy": join(document.base, proxy[1] or proxy[2]) or "", "id": column[1], "column": document.url}
        return Turn(requests=(_ask(told, 0, _SIZES, "frame"),))

    def _window(self, document: Document) -> Turn:
        stores = _unwrapped(document)
        if stores is None:
            raise layout_unknown(document.url, self.name, "the answer holds no datastore")
        rows = tuple(row for store in stores for row in store.rows)
        total = next((store.total for store in stores if store.total is not None), None)
        got = int(document.state["got"]) + len(rows)
        more = bool(rows) and (total is None or got < total)
        size = int(document.state["size"])
        optional = () if total is not None else (("optional", "yes"),)
        request = _ask(document.state, got, (size,), "page")
        return Turn(
            candidates=Found(rows, document.state["column"]).candidates,
            requests=(replace(request, state=request.state + optional),) if more else (),
            announced_total=total,
            entries_seen=len(rows),
        )


def _ask(told: dict[str, str], got: int, sizes: tuple[int, ...], purpose: str) -> PageRequest:
    made = []
    for size in sizes:
        query = {
            "startrecord": str(got + 1),
            "endrecord": str(got + size),
            "perpage": str(size),
            "columnId": told["id"],
            "callback": "cb",
        }
        state = (
            ("proxy", told["proxy"]),
            ("id", told["id"]),
            ("column", told["column"]),
            ("got", str(got)),
            ("size", str(size)),
        )
        url = f"{told['proxy']}{'&' if '?' in told['proxy'] else '?'}{urlencode(query)}"
        made.append(PageRequest(url, headers=from_script(told["column"]), purpose=purpose, state=state))
    return replace(made[0], alternatives=tuple(made[1:]))


def _unwrapped(document: Document) -> list[Datastore] | None:
    answer = document.json
    markup = answer.get("result") if isinstance(answer, dict) else document.text
    if not isinstance(markup, str) or (answer is None and _ESCAPED.search(markup)):
        return None  # JSON that cannot be read: its titles are written in escapes, and would pass for others
    found = datastores(replace(document.page, text=markup), document.state["column"])
    if not found and "<record>" in markup:
        found = datastores(replace(document.page, text=f"<datastore>{markup}</datastore>"), document.state["column"])
    return found or None
