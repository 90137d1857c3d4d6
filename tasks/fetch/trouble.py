"""Names what an answer really is, by what stands in it and not by its status alone.

An answer that passes here may still be no report (reading decides that); but a refusal, an error page or an empty
frame must not reach the reader as a document, nor a list as an empty one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any

from schemas.plain_yaml import plain_yaml
from tasks.fetch.address import Address
from tasks.fetch.decode import decode
from tasks.fetch.expect import is_office_html, promised
from tasks.fetch.markup import ENOUGH, Html, looks_like_html

_HOME_PAGE = re.compile(r"^/(?:index|default|home|main)?(?:\.(?:html?|shtml|jsp|aspx?|php|do|jhtml))?$", re.IGNORECASE)
_INDEX = re.compile(r"^(?:index|list|default)[\w-]*\.\w+$|^$", re.IGNORECASE)
_JSON = 2048  # a JSON answer this short may be a refusal


@dataclass(frozen=True)
class Case:
    """One final answer, as the naming looks at it. `kind` is document, page or robots."""

    asked: Address
    final: Address
    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    body: bytes
    kind: str
    expect: str | None = None

    @cached_property
    def page(self) -> Html | None:
        """The body as HTML, when it is an HTML document."""
        if not looks_like_html(self.body):
            return None
        return Html(decode(self.body, self.headers.get("content-type")).text)

    @cached_property
    def words(self) -> str:
        """What the answer says to a person, if it is short text of any kind: of a page, what stands outside links."""
        if self.page is not None:
            return self.page.said if len(self.page.visible) <= ENOUGH else ""
        if len(self.body) > _JSON or self.body[:4] in (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
            return ""
        return decode(self.body, self.headers.get("content-type")).text


Named = tuple[str, str]
"""Code and sentence."""


def name_trouble(case: Case) -> Named | None:
    """The trouble that the answer is, or None for a proper one."""
    for look in (_challenge, _captcha, _rate_limited, _maintenance, _refused, _by_status):
        found = look(case)
        if found is not None:
            return found
    if case.status != 200 or case.kind == "robots":
        return None
    looks: tuple[Callable[[Case], Named | None], ...] = (_moved_page, _sent_elsewhere, _soft_404, _needs_browser)
    if case.kind == "document":
        looks = (*looks, _wrong_type, _empty)
    return next((found for look in looks if (found := look(case)) is not None), None)


def _challenge(case: Case) -> Named | None:
    marks = markers("challenge")
    for header, value in marks["headers"].items():
        if value in case.headers.get(header, "").lower():
            return "fetch.challenge", f"header {header}: {value}"
    page = case.page
    if page is None or len(page.body_text) > marks["readable"] or not page.scripts.strip():
        return None
    # Some products set their cookies on proper pages too, so under status 200 only the script counts.
    carried = page.scripts if case.status == 200 else " ".join((page.scripts, *case.cookies))
    known = _any(marks["scripts"], carried)
    if known and (case.status != 200 or not page.has_links):
        return "fetch.challenge", f"script page with {known}, status {case.status}"
    by_script = _any(marks["cookie_by_script"], page.scripts) and _any(marks["reload_by_script"], page.scripts)
    if by_script and not page.has_links:
        return "fetch.challenge", f"script page that sets a cookie and loads again, status {case.status}"
    if case.status in marks["shell_statuses"]:
        return "fetch.challenge", f"page of scripts only, status {case.status}"
    return None


def _captcha(case: Case) -> Named | None:
    marks = markers("captcha")
    if _readable(case) > marks["readable"]:
        return None
    word = _any(marks["words"], case.words)
    script = _any(marks["scripts"], case.page.source) if case.page and len(case.page.body_text) < 200 else None
    if word or (script and not (case.page and case.page.has_links)):
        return "fetch.captcha", f"the page asks for a captcha ({word or script})"
    return None


def _rate_limited(case: Case) -> Named | None:
    if case.status == 429:
        return "fetch.rate_limited", "status 429"
    return _by_words(case, "rate_limited")


def _maintenance(case: Case) -> Named | None:
    return _by_words(case, "maintenance")


def _refused(case: Case) -> Named | None:
    marks = markers("forbidden")
    if case.status in marks["statuses"]:
        return "fetch.forbidden", f"status {case.status}"
    path = case.final.path.lower()
    if path != case.asked.path.lower() and _any(marks["login_paths"], path):
        return "fetch.forbidden", f"sent to a login: {case.final.path}"
    return _by_words(case, "forbidden")


def _by_words(case: Case, kind: str) -> Named | None:
    marks = markers(kind)
    if case.kind == "robots" or _readable(case) > marks["readable"]:
        return None
    word = _any(marks["words"], case.words)
    return (f"fetch.{kind}", f"the page says {word}, status {case.status}") if word else None


def _by_status(case: Case) -> Named | None:
    status = case.status
    if status in (200, 203):
        return None
    by_status = {404: "not_found", 410: "gone", 408: "timeout", 413: "too_large", 425: "rate_limited"}
    if status in by_status:
        return f"fetch.{by_status[status]}", f"status {status}"
    if 400 <= status < 500:
        return "fetch.bad_request", f"status {status}"
    if status >= 500:
        return "fetch.server_error", f"status {status}"
    return "fetch.bad_answer", f"status {status}, where a page was expected"


def _moved_page(case: Case) -> Named | None:
    marks = markers("moved")
    if case.page is None or _readable(case) > marks["readable"]:
        return None
    word = _any(marks["words"], case.words)
    return ("fetch.moved", f"the page says {word}") if word else None


def _sent_elsewhere(case: Case) -> Named | None:
    """Redirected away from what was asked: to the home page, or from an article to the list it stood in."""
    asked, final = case.asked.path, case.final.path
    if asked == final or case.page is None:
        return None
    if leads_home(case.asked, case.final):
        return "fetch.soft_404", "redirected to the home page"
    folder, _, name = final.rpartition("/")
    if case.kind == "document" and _INDEX.match(name) and "." in asked.rpartition("/")[2]:
        above = asked.rpartition("/")[0]
        if above == folder or above.startswith(f"{folder}/"):
            return "fetch.soft_404", f"redirected to the list above it: {final}"
    return None


def leads_home(asked: Address, target: Address) -> bool:
    """Whether a way that began at a page ends at a home page: what was asked for is not there any more."""
    to_home = _HOME_PAGE.match(target.path) is not None and "?" not in target.url
    return to_home and _HOME_PAGE.match(asked.path) is None


def _soft_404(case: Case) -> Named | None:
    marks = markers("soft_404")
    if case.page is None:
        return None
    title = _any(marks["titles"], case.page.title) or next(
        (pattern for pattern in marks["title_patterns"] if re.search(pattern, case.page.title, re.IGNORECASE)), None
    )
    if title:
        return "fetch.soft_404", f"the page is titled {case.page.title[:60]}"
    if _readable(case) <= marks["readable"]:
        word = _any(marks["words"], case.words)
        if word:
            return "fetch.soft_404", f"the page says {word}"
    return None


def _needs_browser(case: Case) -> Named | None:
    marks = markers("needs_browser")
    page = case.page
    if page is None or len(page.body_text) > marks["readable"] or page.has_links or page.jump:
        return None
    data = marks["script"] if case.kind == "document" else marks["script_of_list"]
    if page.has_tag("iframe", "frame", "embed", "object", "img") or len(page.scripts) > data:
        return None
    told = _any(marks["words"], page.source) or _any(marks["roots"], page.source)
    return ("fetch.needs_browser", f"an empty frame for scripts to fill ({told})") if told else None


def _empty(case: Case) -> Named | None:
    if not case.body.strip():
        return "fetch.soft_404", "an empty answer"
    page = case.page
    if page is None or len(page.body_text) >= markers("soft_404")["empty"]:
        return None
    if page.has_links or page.has_tag("iframe", "frame", "embed", "object", "img"):
        return None
    if page.scripts.strip() or "<script" in page.source.lower():
        return "fetch.needs_browser", "a page of scripts without text"
    return "fetch.soft_404", f"a page without text ({len(page.body_text)} characters)"


def _wrong_type(case: Case) -> Named | None:
    kind = promised(case.asked.url, {}, case.expect) or promised(case.final.url, case.headers, case.expect)
    if kind is None or case.page is None or is_office_html(kind, case.body):
        return None
    return "fetch.wrong_type", f"{kind} promised, a web page came: {case.page.title[:60] or 'without title'}"


def _readable(case: Case) -> int:
    """Characters that a person could read: only a short page is about the one thing it says."""
    return len(case.page.visible) if case.page is not None else len(case.words)


def _any(marks: list[str], text: str) -> str | None:
    return next((mark for mark in marks if mark in text), None)


@cache
def _all_markers() -> dict[str, dict[str, Any]]:
    data = resources.files(__package__).joinpath("markers.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = plain_yaml(data)
    return found


def markers(kind: str) -> dict[str, Any]:
    """The marks of one kind of trouble, from markers.yaml."""
    return _all_markers()[kind]
