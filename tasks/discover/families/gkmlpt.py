"""广东 gkmlpt: `/gkmlpt/index` holds the directory's tree, `/gkmlpt/api/all/<category>` its lists.

The same article may stand in several categories under new addresses; which of them is read is decided later.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

from schemas.discovery import Page, PageRequest, Turn
from schemas.errors import DiscoverError
from tasks.discover.families.base import Found, HtmlFamily, digits, from_script, layout_unknown, remember
from tasks.discover.families.jsonlist import at, rows_of
from tasks.discover.folders import is_report_label
from tasks.discover.html import Document
from tasks.discover.links import join

_SID = re.compile(r"""\bSID['"]?\s*[:=]\s*['"]?(\d+)""")
_TREE = re.compile(r"""\bTREE['"]?\s*[:=]\s*(?=\[)""")


class Gkmlpt(HtmlFamily):
    """Index page → the category of annual reports → its pages of JSON, until the stated count is reached."""

    name = "gkmlpt"

    def turn(self, page: Page) -> Turn:
        document = Document(page)
        if "category" in document.state and "sid" in document.state:
            return self._answer(document)
        sid = _SID.search(page.text)
        if not sid:
            return super().turn(page)
        named = document.state.get("category") or _from_url(page.request.url)
        nodes = [] if named else list(_report_nodes(_tree(page.text)))
        elsewhere = [url for node in nodes if (url := join(document.base, str(node.get("jump_url") or "")))]
        if elsewhere:  # the directory only points at an ordinary column
            return Turn(requests=tuple(PageRequest(url, purpose="column") for url in dict.fromkeys(elsewhere)))
        categories = [named] if named else [str(node["id"]) for node in nodes]
        if not categories:
            raise DiscoverError(
                "discover.params_missing",
                "no category of the directory is called an annual report; name it with `category`",
                where=page.url,
            )
        return Turn(
            requests=tuple(
                _ask(document.url, category, sid[1], 1, 0, "column") for category in dict.fromkeys(categories)
            )
        )

    def _answer(self, document: Document) -> Turn:
        articles = at(document.json, "articles")
        if not isinstance(articles, list):
            raise layout_unknown(document.url, self.name, "the answer has no articles")
        rows = rows_of(
            articles,
            document.url,
            title=("title",),
            url=("url", "post_url"),
            day=("display_publish_time", "created_at", "date"),
            source=("publisher",),
        )
        total = digits(at(document.json, "classify", "post_count"))
        number, got = int(document.state["page"]), int(document.state["got"]) + len(rows)
        following = _ask(
            document.state["column"], document.state["category"], document.state["sid"], number + 1, got, "page"
        )
        if total is None:
            following = remember(following, optional="yes")
        more = bool(rows) and (total is None or got < total)
        return Turn(
            candidates=Found(rows, document.state["column"]).candidates,
            requests=(following,) if more else (),
            announced_total=total,
            entries_seen=len(rows),
        )


def _ask(column: str, category: str, sid: str, number: int, got: int, purpose: str) -> PageRequest:
    parts = urlsplit(column)
    root = parts.path.split("/gkmlpt")[0]
    return PageRequest(
        f"{parts.scheme}://{parts.netloc}{root}/gkmlpt/api/all/{category}?{urlencode({'page': number, 'sid': sid})}",
        headers=from_script(column),
        purpose=purpose,
        state=(("category", category), ("sid", sid), ("page", str(number)), ("got", str(got)), ("column", column)),
    )


def _tree(text: str) -> list[Any]:
    match = _TREE.search(text)
    if not match:
        return []
    try:
        tree, _ = json.JSONDecoder(strict=False).raw_decode(text[match.end() :])
    except ValueError:
        return []
    return tree if isinstance(tree, list) else []


def _report_nodes(nodes: list[Any]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        if not isinstance(node, dict):
            continue
        if "id" in node and is_report_label(str(node.get("name", ""))):
            yield node
        elif isinstance(node.get("children"), list):
            yield from _report_nodes(node["children"])


def _from_url(url: str) -> str | None:
    """The category in the address as a person copies it: `/gkmlpt/index#1234` or `?category=1234`."""
    match = re.search(r"#(\d+)|[?&]category=(\d+)|/api/all/(\d+)", url)
    return next((part for part in match.groups() if part), None) if match else None
