"""What can go wrong at a site, as switches: each turns the sound answer into what real portals were seen to send.

`SWITCHES` lists every name with its values; `handle.set(site, name, value, on=role)` puts one on. `on` limits a
switch to list pages, details, files or api answers. robots.txt is never broken, except by the switch `robots`.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from infra.replica.sites.base import ReplicaSite, fill
from infra.replica.sites.shapes import Answer, Ask

SWITCHES: dict[str, str] = {
    "robots": "allow | comments | disallow | crawl-delay | absent | forbidden | error",
    "charset": "undeclared (GBK, said nowhere) | header (GBK, said by the header alone) | wrong (GBK, declared UTF-8)",
    "gzip": "forced (unasked) | unlabelled (no Content-Encoding either)",
    "soft_404": "page (200 with an error page) | home (301 to /) | index (the section list instead) | upgrading",
    "challenge": "521 | 412 | 202 (script shells that compute a cookie) | c3vk (200 with a script cookie)",
    "cookie": "jar (302 to itself, cookie needed) | loop (302 to itself for ever)",
    "captcha": "on (a page that asks for the letters of a picture)",
    "forbidden": "on (403)",
    "rate_limit": "N (429 with Retry-After after N requests) or 'N/seconds'",
    "unavailable": "seconds of Retry-After (503), 0 for none",
    "broken": "on (500 with a stack trace)",
    "slow": "seconds before the first byte",
    "drip": "seconds between pieces of the body",
    "truncate": "on (the body ends before its announced length)",
    "offsite": "URL of another host to redirect to",
    "moved": "URL prefix: 301 to the same path there",
    "meta_refresh": "address that the page sends browsers to",
    "script_jump": "address that a 160-byte script page jumps to",
    "js_list": "on (lists are filled by scripts only)",
    "page2_same": "on (every page of a list is the first)",
    "stub_pages": "on (list pages after the first are 350-byte stubs)",
    "empty_once": "on (each list is empty when first asked)",
    "html_as_file": "on (an error page under the file's name, 200)",
    "no_validators": "on (no ETag, no Last-Modified)",
    "no_title_attribute": "on (list titles are cut, the full one is nowhere)",
    "hidden_links": "on (links stand in onclick only)",
    "split": "on (articles with a second page, TRS)",
    "viewer": "iframe (pdf.js) | object (embedded) instead of a link",
    "proxy": "window | page | empty | encrypted (Hanweb dataproxy)",
    "viewer_title": "none (Hanweb viewer without title and date)",
    "date_breaks": "on (line breaks around the date of a row)",
    "referer": "on (404 without a Referer)",
    "xhr": "on (404 for api answers without X-Requested-With)",
    "latin_errors": "on (error pages are ISO-8859-1 without a declaration)",
    "parameters": "family's own: jpaas json | epoint base, wrapped, encoded (see there)",
    "index_base": "first page number of an API: 0 or 1",
    "wrapped": "on (the API's request is wrapped in params)",
    "encoded": "on (the API's answer is a string inside JSON)",
}

_OLD = datetime(2015, 1, 1, tzinfo=UTC)
Fault = Callable[[ReplicaSite, Ask, Answer, object], Answer]


def _text(template: str, status: int = 200, **values: object) -> Answer:
    return Answer(fill(template, **values).encode(), status=status, cached=False)


def _read(answer: Answer) -> tuple[str, str]:
    """The text of an answer and its encoding; some sites speak GBK by themselves."""
    data = answer.bytes()
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("gb18030"), "gb18030"


def _charset(_: ReplicaSite, __: Ask, answer: Answer, value: object) -> Answer:
    if answer.role not in ("list", "detail") or answer.status != 200:
        return answer
    text, _own = _read(answer)
    bare = re.sub(r"<meta[^>]*charset=[^>]*>", "", text)
    wrong = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>'
    if value == "wrong":
        bare = bare.replace("<head>", f"<head>{wrong}", 1)
    kind = "text/html; charset=gb2312" if value == "header" else "text/html"
    return replace(answer, content=bare.encode("gb18030"), media_type=kind)


def _gzip(_: ReplicaSite, __: Ask, answer: Answer, value: object) -> Answer:
    packed = gzip.compress(answer.bytes(), mtime=0)
    headers = answer.headers if value == "unlabelled" else (*answer.headers, ("Content-Encoding", "gzip"))
    return replace(answer, content=packed, headers=headers)


def _soft_404(site: ReplicaSite, _: Ask, __: Answer, value: object) -> Answer:
    if value == "home":
        return Answer(b"", status=301, headers=(("Location", "/"),), cached=False)
    if value == "index":
        first = site.columns[0]
        found = site.route(Ask("GET", first.path))
        return found if found is not None else site.home()
    if value == "upgrading":
        return _text("upgrading.html", portal=site.portal)
    return Answer(site.error_page(), cached=False)


def _challenge(_: ReplicaSite, __: Ask, ___: Answer, value: object) -> Answer:
    kind = str(value)
    if kind == "c3vk":
        return _text("challenge_c3vk.html")
    cookie = {"521": "__jsluid_h=8c1d7e; max-age=31536000; path=/; HttpOnly", "412": "FSSBBIl1UgzbN7N80S=5kQx; path=/"}
    headers = (("Set-Cookie", cookie.get(kind, "acw_tc=76b20f; path=/")),)
    page = _text(f"challenge_{'521' if kind == '521' else '412'}.html")
    return replace(page, status=int(kind), headers=headers)


def _cookie(_: ReplicaSite, ask: Ask, answer: Answer, value: object) -> Answer:
    if value == "jar" and "CT6T=1" in ask.headers.get("cookie", ""):
        return answer
    query = "&".join(f"{name}={text}" for name, text in ask.query.items())
    here = f"{ask.path}?{query}" if query else ask.path
    return Answer(b"", status=302, headers=(("Location", here), ("Set-Cookie", "CT6T=1; path=/")), cached=False)


def _rate_limit(site: ReplicaSite, __: Ask, answer: Answer, value: object) -> Answer:
    allowed, _, seconds = str(value).partition("/")
    if sum(site.asked.values()) <= int(allowed):
        return answer
    page = _text("refused.html", status=429, title="429 Too Many Requests", reason="访问过于频繁，请稍后再试")
    return replace(page, headers=(("Retry-After", seconds or "2"),))


def _unavailable(_: ReplicaSite, __: Ask, ___: Answer, value: object) -> Answer:
    page = _text("refused.html", status=503, title="503 Service Unavailable", reason="服务暂不可用")
    return replace(page, headers=(("Retry-After", str(value)),)) if str(value) not in ("0", "True") else page


def _jump(template: str) -> Fault:
    def jump(_: ReplicaSite, ask: Ask, answer: Answer, value: object) -> Answer:
        return answer if ask.path == str(value) else _text(template, to=value)

    return jump


def _empty_once(site: ReplicaSite, ask: Ask, answer: Answer, _: object) -> Answer:
    if answer.role != "list" or site.asked.get(ask.path, 0) > 1:
        return answer
    return Answer(b"", cached=False)


def _hidden_links(_: ReplicaSite, __: Ask, answer: Answer, ___: object) -> Answer:
    if answer.role != "list":
        return answer
    text, encoding = _read(answer)
    hidden = re.sub(
        r'<a href="(\.[^"]+|[^"]+(?="[^>]*target="_blank"))"([^>]*)>',  # the rows, and no navigation
        r"""<a href="javascript:void(0)" onclick="jumpToDetail('\1')"\2>""",
        text,
    )
    return replace(answer, content=hidden.encode(encoding))


def _stub(_: ReplicaSite, ask: Ask, answer: Answer, ___: object) -> Answer:
    deep = re.search(r"_\d+\.s?html?$", ask.path)
    return _text("stub.html") if answer.role == "list" and deep else answer


def _js_list(site: ReplicaSite, _: Ask, answer: Answer, __: object) -> Answer:
    return _text("js_list.html", portal=site.portal) if answer.role == "list" else answer


def _needs(header: str) -> Fault:
    def needs(site: ReplicaSite, ask: Ask, answer: Answer, _: object) -> Answer:
        if header in ask.headers or answer.role != "api":
            return answer
        return Answer(site.error_page(), status=404, cached=False)

    return needs


def _latin(_: ReplicaSite, __: Ask, answer: Answer, ___: object) -> Answer:
    if answer.status != 404:
        return answer
    page = "<html><head><title>404 Not Found</title></head><body>La page demand\u00e9e n'existe pas</body></html>"
    return replace(answer, content=page.encode("iso-8859-1"), media_type="text/html")


def _limit(title: str, status: int, reason: str) -> Fault:
    return lambda *_: _text("refused.html", status=status, title=title, reason=reason)


# In the order in which they act: refusals first, then pages, then how the bytes travel.
FAULTS: dict[str, Fault] = {
    "cookie": _cookie,
    "challenge": _challenge,
    "rate_limit": _rate_limit,
    "unavailable": _unavailable,
    "forbidden": _limit("403 Forbidden", 403, "您的访问被拒绝"),
    "broken": _limit("500 Internal Server Error", 500, "java.lang.NullPointerException"),
    "captcha": lambda *_: _text("captcha.html"),
    "offsite": lambda _, __, ___, value: Answer(b"", status=302, headers=(("Location", str(value)),), cached=False),
    "moved": lambda _, ask, ___, value: Answer(
        b"", status=301, headers=(("Location", f"{value}{ask.path}"),), cached=False
    ),
    "soft_404": _soft_404,
    "meta_refresh": _jump("meta_refresh.html"),
    "script_jump": _jump("script_jump.html"),
    "referer": _needs("referer"),
    "xhr": _needs("x-requested-with"),
    "js_list": _js_list,
    "stub_pages": _stub,
    "empty_once": _empty_once,
    "hidden_links": _hidden_links,
    "html_as_file": lambda site, _, answer, __: (
        Answer(site.error_page(), media_type=answer.media_type, role="file", changed=_OLD)
        if answer.role == "file"
        else answer
    ),
    "latin_errors": _latin,
    "charset": _charset,
    "no_validators": lambda _, __, answer, ___: replace(answer, cached=False),
    "gzip": _gzip,
    "slow": lambda _, __, answer, value: replace(answer, delay=float(str(value))),
    "drip": lambda _, __, answer, value: replace(answer, drip=float(str(value))),
    "truncate": lambda _, __, answer, ___: replace(answer, cut=True),
}


def broken(site: ReplicaSite, ask: Ask, answer: Answer) -> Answer:
    """The answer with every switch of the site applied that concerns its role."""
    if ask.path == "/robots.txt":
        return answer
    role = answer.role
    for name, fault in FAULTS.items():
        if name in site.quirks:
            value, where = site.quirks[name]
            if where in ("all", role):
                answer = fault(site, ask, answer, value)
    return answer
