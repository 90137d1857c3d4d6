"""Epoint, third generation: lists by REST, for the 政务公开 directory and for portals.

`getgovinfolist` counts pages from 0 on some servers and from 1 on others; 0 is asked first, and a repetition of the
first page tells the difference. Where a page has only the full-text search (`getFullTextData`), that is asked for the
category, in windows counted by entries. Methods named …Yzm want a captcha: they are reported, never answered.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from urllib.parse import parse_qsl, urljoin, urlsplit

from schemas.discovery import Page, PageRequest, Turn
from schemas.errors import DiscoverError
from tasks.discover.families.base import Found, HtmlFamily, digits, from_script, layout_unknown
from tasks.discover.families.jsonlist import at, rows_of
from tasks.discover.html import Document
from tasks.discover.links import join

_DIRECTORY = "/EWB-FRONT/rest/lightfrontaction/getgovinfolist"
_PORTAL = "rest/frontAppCustomAction/getPageInfoListNew"
_GUID = re.compile(r"""site_?guid['"]?\s*[:=]\s*['"]([0-9a-f-]{36})""", re.IGNORECASE)
_PROJECT = re.compile(r"""projectName['"]?\s*[:=]\s*['"]([\w/-]+)""")
_METHOD = re.compile(
    r"""(projectName\s*\+\s*)?['"]([^'"]*rest/(?:lightfrontaction/getgovinfolist|frontAppCustomAction/\w+))['"]""",
    re.IGNORECASE,
)
_SEARCH = re.compile(r"""['"]([^'"]*rest/(?:es)?inteligentsearch/getFullTextData\w*)['"]""", re.IGNORECASE)
_SCRIPTS = re.compile(r"(?:webBuilderCommon|ajaxReq)\.js", re.IGNORECASE)
_SIZE = 15
_KEPT = ("deptcode", "categorynum", "guid", "method", "suffix", "column", "base", "wrapped")


class EpointRest(HtmlFamily):
    """Column page → its script with the site's guid → the list service."""

    name = "epoint_rest"

    def turn(self, page: Page) -> Turn:
        document = Document(page)
        if page.request.purpose == "aux":
            return self._script(document)
        if "index" in document.state:
            return self._answer(document)
        rows = super().rows(document)
        if rows.rows and "govInfoPub" not in page.url:
            return super().turn(page)
        return self._column(document)

    def _column(self, document: Document) -> Turn:
        known = {**{name.lower(): value for name, value in parse_qsl(urlsplit(document.url).query)}, **document.state}
        told = {
            "deptcode": known.get("deptcode") or _value(document, "deptcode") or "",
            "categorynum": known.get("categorynum") or _value(document, "categorynum") or "",
            "guid": known.get("siteguid") or (m[1] if (m := _GUID.search(document.text)) else ""),
            "method": known.get("method") or _method(document.text) or "",
            "suffix": found[2] if (found := _METHOD.search(document.text)) else "",
            "column": document.url,
            "base": document.base,
        }
        if not told["categorynum"]:
            raise DiscoverError(
                "discover.params_missing", "the list service needs `categorynum` (and `deptcode`)", where=document.url
            )
        scripts = [
            url
            for tag in document.soup.find_all("script", src=_SCRIPTS)
            if (url := join(document.base, str(tag["src"])))
        ]
        if scripts and not (told["guid"] and told["method"]):
            first = PageRequest(scripts[0], purpose="aux", state=_state(told))
            others = tuple(PageRequest(url, purpose="aux", state=_state(told)) for url in scripts[1:])
            return Turn(requests=(replace(first, alternatives=others),))
        return Turn(requests=(_ask(told, (0, 1), "frame"),))

    def _script(self, document: Document) -> Turn:
        told = {name: document.state.get(name, "") for name in _KEPT}
        told["guid"] = told["guid"] or (m[1] if (m := _GUID.search(document.text)) else "")
        told["method"] = told["method"] or _method(document.text) or ""
        if not told["method"] and (project := _PROJECT.search(document.text)):
            suffix = told["suffix"].strip("/") or (
                "rest/lightfrontaction/getgovinfolist" if "govInfoPub" in told["column"] else _PORTAL
            )
            told["method"] = f"/{project[1].strip('/')}/{suffix}"
        return Turn(requests=(_ask(told, (0, 1), "frame"),))

    def _answer(self, document: Document) -> Turn:
        records, total = _records(document.json)
        if records is None:
            raise layout_unknown(document.url, self.name, "the list service's answer has no entries")
        told = {name: document.state.get(name, "") for name in _KEPT}
        rows = rows_of(
            (_with_address(record, told["column"]) for record in records),
            told["column"],
            title=("realtitle", "title", "infotitle"),
            url=("infourl", "linkurl", "address"),
            day=("infodate", "webdate", "date"),
        )
        number, index = int(document.state["page"]), int(document.state["index"])
        if not rows and number == 1 and _is_search(told["method"]):
            # what the search does not know may stand in the column all the same
            raise layout_unknown(document.url, self.name, "the full-text search knows no entries of the category")
        got = int(document.state["got"]) + len(rows)
        more = bool(rows) and (total is None or got < total)
        following = _ask(told, (index + 1, index + 2), "page", number + 1, got)
        if total is None:
            following = replace(following, state=(*following.state, ("optional", "yes")))
        return Turn(
            candidates=Found(rows, told["column"]).candidates,
            requests=(following,) if more else (),
            announced_total=total,
            entries_seen=len(rows),
        )


def _ask(told: dict[str, str], indexes: tuple[int, ...], purpose: str, number: int = 1, got: int = 0) -> PageRequest:
    """The list from page index `indexes[0]`; further indexes, and the body inside `params`, are tried in turn."""
    method = told["method"] or _DIRECTORY
    if method.lower().endswith("yzm"):
        raise DiscoverError("discover.captcha", "the list service wants a captcha", where=told["column"])
    if _is_search(method):
        return _search(told, method, purpose, number, got)
    directory = "getgovinfolist" in method
    wraps = (told["wrapped"],) if told.get("wrapped") else ("no", "yes") if directory else ("form",)
    made = []
    for wrapped in wraps:
        for index in indexes:
            body = {
                "deptcode": told["deptcode"],
                "categorynum" if directory else "categoryNum": told["categorynum"],
                "pageIndex": index,
                "pageSize": _SIZE,
                "siteGuid": told["guid"],
            }
            text = json.dumps({"params": body} if wrapped == "yes" else body, ensure_ascii=False)
            made.append(
                PageRequest(
                    urljoin(told["column"], method),
                    method="POST",
                    json=None if wrapped == "form" else text,
                    form=(("params", text),) if wrapped == "form" else (),
                    headers=from_script(told["column"]),
                    purpose=purpose,
                    state=(
                        *_state({**told, "method": method, "wrapped": wrapped}),
                        ("page", str(number)),
                        ("index", str(index)),
                        ("got", str(got)),
                    ),
                )
            )
    return replace(made[0], alternatives=tuple(made[1:]))


def _is_search(method: str) -> bool:
    return "getfulltextdata" in method.lower()


def _search(told: dict[str, str], method: str, purpose: str, number: int, got: int) -> PageRequest:
    """The entries of the category from the full-text search, `got` of them left out."""
    like = {"fieldName": "categorynum", "equal": told["categorynum"], "isLike": True, "likeType": 2}
    body = {
        "token": "", "pn": got, "rn": _SIZE, "sdt": "", "edt": "", "wd": "", "fields": "title", "cnum": "001",
        "sort": '{"webdate":"0"}', "ssort": "title", "cl": 500, "condition": [like], "time": None,
    }  # fmt: skip
    return PageRequest(
        urljoin(told["column"], method),
        method="POST",
        json=json.dumps(body, ensure_ascii=False),
        headers=from_script(told["column"]),
        purpose=purpose,
        state=(
            *_state({**told, "method": method}),
            ("page", str(number)),
            ("index", str(number - 1)),
            ("got", str(got)),
        ),
    )


def _records(answer: object) -> tuple[list[object] | None, int | None]:
    """Entries and total from the three shapes in use; full-text answers may hold the same JSON as a string."""
    if isinstance(answer, dict) and isinstance(answer.get("content"), str):
        try:
            answer = json.loads(answer["content"])
        except ValueError:
            return None, None
    for path, names in ((("custom",), ("data", "infodata")), (("result",), ("records",)), ((), ("records", "data"))):
        inside = at(answer, *path) if path else answer
        for name in names:
            entries = at(inside, name)
            if isinstance(entries, list):
                counts = (digits(at(inside, key)) for key in ("total", "count", "totalcount"))
                return entries, next((count for count in counts if count is not None), None)
    return None, None


def _with_address(record: object, column: str) -> object:
    """Entries without an address have it composed: /<section>/<first 6 of category>/<category>/<yyyymmdd>/<id>.html,
    in the section that the column stands in."""
    if not isinstance(record, dict) or record.get("infourl") or record.get("linkurl"):
        return record
    category, day = str(record.get("categorynum") or ""), re.sub(r"\D", "", str(record.get("infodate") or ""))[:8]
    if not (category and day and record.get("infoid")):
        return record
    section, found, _ = urlsplit(column).path.partition(f"/{category[:6]}/")
    return {
        **record,
        "address": f"{section if found else ''}/{category[:6]}/{category}/{day}/{record['infoid']}.html",
    }


def _method(text: str) -> str | None:
    """Address of the list service; one that is put together with the project's name needs the script that has it.
    Only a page without any may mean the full-text search."""
    found = _METHOD.search(text)
    if found:
        return None if found[1] else found[2]
    search = _SEARCH.search(text)
    return search[1] if search else None


def _value(document: Document, name: str) -> str | None:
    match = re.search(rf"""\b{name}\b['"]?\s*[:=]\s*['"]([\w.-]+)""", document.text, re.IGNORECASE)
    return match[1] if match else None


def _state(told: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, told[name]) for name in _KEPT if told.get(name))
