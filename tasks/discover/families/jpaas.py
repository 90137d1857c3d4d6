"""Hanweb jpaas (`jpaas-publish-server`): the column page names its list units, an API gives their HTML.

The answer is `{"data": {"html": …}}`. Some servers obey plain `pageNo` and `pageSize`, others only `paramJson`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from schemas.discovery import Page, PageRequest, Turn
from tasks.discover import pagers
from tasks.discover.families.base import (
    ONE_OF,
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
from tasks.discover.titles import classify

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
        soft = ONE_OF if len(lists) > 1 else ()
        asked = tuple(
            _ask({"api": url, "unit": urlencode(params), "column": document.url}, 1, "column", soft)
            for url, params in lists
        )
        rendered = (
            super().turn(page) if any(classify(row.title).is_report for row in self.rows(document).rows) else None
        )
        if rendered is not None:  # page 1 is already in the page; the units give it again and the rest
            return replace(rendered, requests=(*rendered.requests, *asked))
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
        if not found.rows and number == 1 and not inner.says_empty:
            raise layout_unknown(document.url, self.name, "no list was recognised in the unit's html")
        more = bool(found.rows) and (told.pages is None or number < told.pages)
        known = told.pages is not None or total is not None
        marks = (("sig", found.signature), *(() if known else (("optional", "yes"),)))
        return Turn(
            candidates=(*found.candidates, *strays(inner, found.rows)),
            requests=(_ask(document.state, number + 1, "page", marks),) if more else (),
            announced_total=total if found.rows or number > 1 else 0,
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


def _ask(told: Mapping[str, str], number: int, purpose: str, marks: tuple[tuple[str, str], ...]) -> PageRequest:
    """Page `number` of a unit. Both manners of paging go into one request, so that an empty answer to it is the end;
    only where a server cannot bear that is each asked for alone.
    """
    in_json = {"paramJson": json.dumps({"pageNo": number, "pageSize": str(_SIZE)}, separators=(",", ":"))}
    plain = {"pageNo": str(number), "pageSize": str(_SIZE)}
    modes = {"both": {**plain, **in_json}, "plain": plain, "json": in_json}
    url, glue = told["api"], "&" if "?" in told["api"] else "?"
    kept = tuple((name, told[name]) for name in ("api", "unit", "column"))
    made = [
        PageRequest(
            f"{url}{glue}{told['unit']}&{urlencode(paging)}",
            headers=from_script(told["column"]),
            purpose=purpose,
            state=(*kept, ("mode", mode), ("page", str(number)), ("size", str(_SIZE)), *marks),
        )
        for mode, paging in modes.items()
        if told.get("mode") in (None, mode)
    ]
    return replace(made[0], alternatives=tuple(made[1:]))
