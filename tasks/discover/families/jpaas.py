"""Hanweb jpaas (`jpaas-publish-server`): the column page names its list units, an API gives their HTML.

The answer is `{"data": {"html": …}}`. Pages are asked either by plain `pageNo` and `pageSize` or only inside
`paramJson`; a server that ignores one of the two repeats page 1, which the walker notices.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from schemas.discovery import Page, PageRequest, Turn
from tasks.discover import pagers
from tasks.discover.families.base import (
    SOFT,
    HtmlFamily,
    digits,
    fragment,
    from_script,
    html_rows,
    layout_unknown,
    strays,
)
from tasks.discover.html import Document
from tasks.discover.links import join

_API = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_PAIR = re.compile(r"""['"]([\w.]+)['"]\s*:\s*(?:'([^']*)'|"([^"]*)"|([^,'"{}\s]+))""")
_SIZE = 15


class Jpaas(HtmlFamily):
    """One chain per list unit of the column page."""

    name = "jpaas"

    def turn(self, page: Page) -> Turn:
        document = Document(page)
        if "unit" in document.state:
            return self._unit(document)
        units = _units(document)
        if not units:
            return super().turn(page)
        lists = [
            unit for unit in units if re.search(r"列表|分页|list", unit[1].get("tagId", ""), re.IGNORECASE)
        ] or units
        soft = SOFT if len(lists) > 1 else ()
        asked = tuple(_ask(url, params, document.url, 1, "column", None, soft) for url, params in lists)
        return Turn(requests=(*asked, *self.down(document)))

    def _unit(self, document: Document) -> Turn:
        answer = document.json
        data = answer.get("data") if isinstance(answer, dict) else None
        markup = data.get("html") if isinstance(data, dict) else None
        if not isinstance(markup, str):
            raise layout_unknown(document.url, self.name, "the answer of the publish server has no data.html")
        inner = fragment(replace(document.page, url=document.state["column"]), markup)
        found = html_rows(inner, document.state.get("sig"))
        told = pagers.announced(inner)
        total = (
            told.records if told.records is not None else digits(data.get("total") if isinstance(data, dict) else None)
        )
        number = int(document.state["page"])
        if not found.rows and number == 1 and not inner.says_empty and inner.visible:
            raise layout_unknown(document.url, self.name, "no list was recognised in the unit's html")
        more = bool(found.rows) and (told.pages is None or number < told.pages)
        params = dict(parse_qsl(document.state["unit"], keep_blank_values=True))
        known = told.pages is not None or total is not None
        marks = (("sig", found.signature), *(() if known else (("optional", "yes"),)))
        following = _ask(
            document.state["api"],
            params,
            document.state["column"],
            number + 1,
            "page",
            document.state.get("mode"),
            marks,
        )
        return Turn(
            candidates=(*found.candidates, *strays(inner, found.rows)),
            requests=(following,) if more else (),
            announced_total=0 if not found.rows and number == 1 else total,
            announced_pages=told.pages,
            entries_seen=len(found.rows),
        )


def _units(document: Document) -> list[tuple[str, dict[str, str]]]:
    found = []
    for tag in document.soup.find_all(attrs={"querydata": True}):
        params = {
            m[1]: next((p for p in m.groups()[1:] if p is not None), "") for m in _PAIR.finditer(str(tag["querydata"]))
        }
        source = tag.get("url")
        url = join(document.base, source if isinstance(source, str) else None) or join(document.base, _API)
        if params and url:
            found.append((url, {"parseType": "bulidstatic", **params}))  # the vendor's own spelling
    return found


def _ask(
    url: str,
    params: dict[str, str],
    column: str,
    number: int,
    purpose: str,
    mode: str | None,
    marks: tuple[tuple[str, str], ...],
) -> PageRequest:
    """Page `number` of a unit, in both manners of paging unless one is known to work."""
    state = (("unit", urlencode(params)), ("api", url), ("column", column), ("page", str(number)), *marks)
    in_json = json.dumps({"pageNo": number, "pageSize": str(_SIZE)}, separators=(",", ":"))
    plain = {**params, "pageNo": str(number), "pageSize": str(_SIZE)}
    wrapped = {**params, "paramJson": in_json}
    both = {"plain": plain, "json": wrapped}
    glue = "&" if "?" in url else "?"
    made = [
        PageRequest(f"{url}{glue}{urlencode(query)}", headers=from_script(column), purpose=purpose,
                    state=(*state, ("mode", name)) if number > 1 else state)
        for name, query in both.items()
        if mode in (None, name)
    ]  # fmt: skip
    return replace(made[0], alternatives=tuple(made[1:]) if number > 1 else ())
