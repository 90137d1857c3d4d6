"""Hanweb jcms "jpage" (大汉版通): a column holds the first group of records, a dataproxy gives the rest.

Two kinds of servers: those that give the window `startrecord`–`endrecord`, and those that obey only `page`. Both are
asked for in turn, and the walker keeps the first that brings new records. A server that hides its ids answers about 54
bytes without a record: that is a broken chain, never the end of the list.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from schemas.discovery import Page, PageRequest, Turn
from tasks.discover.families.base import Found, HtmlFamily, digits, from_script, remember
from tasks.discover.families.datastore import Datastore, datastores
from tasks.discover.html import Document
from tasks.discover.links import join
from tasks.discover.titles import classify

_JPAGE = re.compile(r"jpage\s*\(\s*\{(.*?)\}\s*\)", re.DOTALL)
_PARAMS = re.compile(r"(?:param_?\w*|p|ajaxParam|\w+)\s*[=:]\s*\{([^{}]*\bunitid\b[^{}]*)\}", re.IGNORECASE)
_PAIR = re.compile(r"""['"]?(\w+)['"]?\s*:\s*(?:'([^']*)'|"([^"]*)"|([^,'"{}\s]+))""")
_FORM = ("col", "appid", "webid", "path", "columnid", "sourceContentType", "unitid", "webname", "permissiontype")


class HanwebJpage(HtmlFamily):
    """Windows of groupSize × perPage records behind `dataproxy.jsp`."""

    name = "hanweb_jpage"

    def turn(self, page: Page) -> Turn:
        document = Document(page)
        if "proxy" in document.state:
            return self._window(document, self.stores(document))
        stores = self.stores(document)
        if not stores:
            return super().turn(page)  # some portals list /art/ links directly and have an empty dataproxy
        main = max(range(len(stores)), key=lambda place: _weight(stores[place]))
        store = stores[main]
        told = _settings(document, store)
        if not store.rows and len(stores) == 1:
            if told.total == 0 and "<record>" not in page.text:
                return Turn(announced_total=0)  # the component itself says so
            plain = super().turn(page) if document.says_empty or document.links else None
            if plain is not None and (plain.entries_seen or plain.announced_total == 0):
                return plain
        others = [stores[place] for place in range(len(stores)) if place != main and _weight(stores[place])[0]]
        found = Found(store.rows, document.url)
        more = [row.candidate(document.url) for other in others for row in other.rows]
        beside = [
            replace(request, purpose="column")
            for other in others
            for request in self._next(_settings(document, other), len(other.rows))
        ]
        return Turn(
            candidates=(*found.candidates, *more),
            requests=(*self._next(told, len(store.rows)), *beside, *self.down(document)),
            announced_total=told.total,
            entries_seen=len(store.rows),
        )

    def stores(self, document: Document) -> list[Datastore]:
        """The list components of an answer."""
        return datastores(document.page, document.state.get("column"))

    def _window(self, document: Document, stores: list[Datastore]) -> Turn:
        rows = tuple(row for store in stores for row in store.rows)
        total = next((store.total for store in stores if store.total is not None), None)
        state = document.state
        told = _Told.from_state(state, total)
        got = int(state["got"]) + len(rows)
        following = self._next(told, got, state.get("mode"), int(state.get("no", "0")) + 1) if rows else ()
        before = int(state["got"]) if document.is_first else 0  # a second component: its first group is counted there
        return Turn(
            candidates=Found(rows, state["column"]).candidates,
            requests=following,
            announced_total=None if told.total is None else told.total - before,
            entries_seen=len(rows),
        )

    def _next(self, told: _Told, got: int, mode: str | None = None, number: int = 0) -> tuple[PageRequest, ...]:
        if not told.proxy or not got or (told.total is not None and got >= told.total):
            return ()
        made = [request for request in self._requests(told, got, number) if mode in (None, dict(request.state)["mode"])]
        if not made:
            return ()
        request = replace(made[0], alternatives=tuple(made[1:]))
        return (request if told.total is not None else remember(request, optional="yes", size=str(told.window)),)

    def _requests(self, told: _Told, got: int, number: int) -> list[PageRequest]:
        window = {"startrecord": str(got + 1), "endrecord": str(got + told.window), "perpage": str(told.per_page)}
        form = {name: told.params[name] for name in _FORM if name in told.params}
        ids = {name: value for name, value in told.params.items() if name not in ("page", "perpage")}
        wide, narrow = number or 2, number or got // told.per_page + 1
        choices: tuple[tuple[str, str, dict[str, str], dict[str, str], int], ...] = (
            ("post", "POST", window, form, 0),
            ("get", "GET", {**window, **ids}, {}, 0),
            ("wide", "GET", {**ids, "page": str(wide), "perpage": str(told.window)}, {}, wide),
            ("page", "GET", {**ids, "page": str(narrow), "perpage": str(told.per_page)}, {}, narrow),
        )
        return [
            remember(
                PageRequest(
                    f"{told.proxy}?{urlencode(query)}",
                    method=method,
                    form=tuple(body.items()),
                    headers=from_script(told.column),
                    purpose="page",
                    state=(("mode", mode), ("no", str(no)), ("got", str(got))),
                ),
                **told.as_state(),
            )
            for mode, method, query, body, no in choices
        ]


class _Told:
    """What the column page says about one list component."""

    def __init__(
        self, column: str, proxy: str, params: dict[str, str], per_page: int, window: int, total: int | None
    ) -> None:
        self.column, self.proxy, self.params = column, proxy, params
        self.per_page, self.window, self.total = max(per_page, 1), max(window, 1), total

    def as_state(self) -> dict[str, str]:
        return {
            "column": self.column,
            "proxy": self.proxy,
            "ids": urlencode(self.params),
            "per": str(self.per_page),
            "window": str(self.window),
            "total": "" if self.total is None else str(self.total),
        }

    @classmethod
    def from_state(cls, state: dict[str, str], total: int | None) -> _Told:
        known = int(state["total"]) if state.get("total") else total
        ids = dict(parse_qsl(state["ids"], keep_blank_values=True))
        return cls(state["column"], state["proxy"], ids, int(state["per"]), int(state["window"]), known)


def _settings(document: Document, store: Datastore) -> _Told:
    calls = [match[1] for match in _JPAGE.finditer(document.text)]
    objects = [match[1] for match in _PARAMS.finditer(document.text)]
    mine = [text for text in calls if store.unit and store.unit in text] or calls
    ids = [text for text in objects if store.unit and store.unit in text] or objects
    call = _pairs(mine[0]) if mine else {}
    _, _, query = (store.next_group or "").partition("?")
    params = dict(parse_qsl(query.partition("#")[0], keep_blank_values=True))
    params = {**params, **(_pairs(ids[0]) if ids else {})}
    per_page = digits(call.get("perPage")) or 15  # a script may name a variable in their place
    groups = digits(call.get("groupSize")) or 0
    proxy = call.get("proxyUrl") or (store.next_group or "").split("?")[0]
    told = digits(call.get("totalRecord"))
    total = store.total if told is None else told
    window = per_page * groups if groups else max(len(store.rows), per_page)
    return _Told(document.url, join(document.url, proxy) or "", params, per_page, window, total)


def _pairs(text: str) -> dict[str, str]:
    return {
        match[1]: next((part for part in match.groups()[1:] if part is not None), "") for match in _PAIR.finditer(text)
    }


def _weight(store: Datastore) -> tuple[int, int]:
    return sum(1 for row in store.rows if classify(row.title).is_report), len(store.rows)
