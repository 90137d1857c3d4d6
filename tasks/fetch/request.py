"""Puts a request together: who we are, what the family asks for, what we already have."""

from __future__ import annotations

import requests
from requests.cookies import RequestsCookieJar

from schemas.fetched import Validators
from tasks.fetch.address import Address, parse
from tasks.fetch.failures import fail
from tasks.fetch.trail import Errand

_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
    "Accept-Encoding": "gzip, deflate",
}
# A family may add headers that a site needs (Referer, X-Requested-With), never change who asks or how it is framed.
_OURS = frozenset(
    {"user-agent", "from", "host", "cookie", "authorization", "proxy-authorization", "connection", "accept-encoding"}
    | {"content-length", "transfer-encoding", "range", "if-none-match", "if-modified-since"}
)


def prepare(
    errand: Errand, here: Address, method: str, jar: RequestsCookieJar, user_agent: str
) -> tuple[requests.PreparedRequest, bool]:
    """The request for one address of an errand, and whether it is conditional. Raises `fetch.bad_url`."""
    headers = {**_HEADERS, "User-Agent": user_agent}
    headers |= {name: value for name, value in errand.headers if name.lower() not in _OURS}
    sends_body = method == errand.method and method != "GET"
    data: str | bytes | list[tuple[str, str]] | None = None
    if sends_body:
        data = errand.json.encode() if errand.json is not None else list(errand.form)
        if errand.json is not None:
            headers.setdefault("Content-Type", "application/json; charset=utf-8")
    conditional = _conditions(errand, here, headers)
    prepared = requests.PreparedRequest()
    try:
        prepared.prepare(method=method, url=here.url, headers=headers, data=data, cookies=jar)
    except (requests.RequestException, ValueError) as error:
        raise fail("fetch.bad_url", f"the request cannot be put: {error}", here.url) from error
    return prepared, conditional


def _conditions(errand: Errand, here: Address, headers: dict[str, str]) -> bool:
    """Add what makes the request conditional, at the address that the validators belong to only."""
    known: Validators | None = errand.validators
    if known is None or not (known.etag or known.last_modified):
        return False
    if here.url != (parse(known.url).url if known.url else errand.start.url):
        return False
    if known.etag:
        headers["If-None-Match"] = known.etag
    if known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    return True
