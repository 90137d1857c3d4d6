"""Replica sites as one ASGI application: which site answers is decided by the local address of the connection."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from infra.replica.sites.base import ReplicaSite
from infra.replica.sites.faults import broken
from infra.replica.sites.shapes import Answer, Ask

LOGGER = logging.getLogger("nianbao.replica")


@dataclass(frozen=True, slots=True)
class Hit:
    """One request as the server saw it. `at` is a monotonic time in seconds, for intervals; `when` the clock's."""

    site: str
    at: float
    when: datetime
    method: str
    path: str  # with query
    host: str
    user_agent: str
    status: int
    bytes: int
    conditional: bool
    client: str


@dataclass
class State:
    """Everything that changes while the server runs."""

    sites: dict[str, ReplicaSite]  # by local address
    log: list[Hit] = field(default_factory=list)


async def _ask(request: Request) -> Ask:
    body = await request.body()
    form: dict[str, str] = {}
    if "form-urlencoded" in request.headers.get("content-type", ""):
        form = dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True))
    return Ask(
        request.method,
        request.url.path,
        dict(request.query_params),
        form,
        {name.lower(): value for name, value in request.headers.items()},
        body,
    )


def etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:20]}"'


def unchanged(headers: Mapping[str, str], tag: str, changed: datetime | None) -> bool:
    """True when the client's copy is still good (RFC 9110 §13.2.2: the tag decides when both are sent)."""
    tags = headers.get("if-none-match")
    if tags is not None:
        return tag in tags or tags.strip() == "*"
    since = headers.get("if-modified-since")
    if since is None or changed is None:
        return False
    try:
        return changed.replace(microsecond=0) <= parsedate_to_datetime(since)
    except ValueError:
        return False


class Application:
    """The ASGI callable. Answers are made on the event loop: they are small, and their order stays the log's."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started = time.monotonic()
        request = Request(scope, receive)
        site = self.state.sites.get(str(scope["server"][0]))
        if site is None:
            await _send(send, 421, [], b"no site at this address")
            return
        try:
            ask = await _ask(request)
            answer = broken(site, ask, site.answer(ask))
            content = answer.bytes()
        except Exception:
            LOGGER.exception("replica %s failed on %s %s", site.id, request.method, request.url.path)
            raise
        status, headers = _head(site, ask, answer, content)
        query = f"?{request.url.query}" if request.url.query else ""
        self.state.log.append(
            Hit(
                site=site.id,
                at=started,
                when=datetime.now(UTC),
                method=ask.method,
                path=ask.path + query,
                host=ask.headers.get("host", ""),
                user_agent=ask.headers.get("user-agent", ""),
                status=status,
                bytes=len(content) if status != 304 else 0,
                conditional="if-none-match" in ask.headers or "if-modified-since" in ask.headers,
                client=f"{scope['client'][0]}:{scope['client'][1]}" if scope.get("client") else "",
            )
        )
        if answer.delay:
            await asyncio.sleep(answer.delay)
        if status == 304 or ask.method == "HEAD":
            await _send(send, status, headers, b"")
        else:
            await _send(send, status, headers, content, drip=answer.drip, cut=answer.cut)


def _head(site: ReplicaSite, ask: Ask, answer: Answer, content: bytes) -> tuple[int, list[tuple[str, str]]]:
    """Status and headers: 304 when the client's copy is still good."""
    headers = [*answer.headers]
    if answer.media_type:
        headers.append(("Content-Type", answer.media_type))
    headers += [("Set-Cookie", f"{cookie}; path=/") for cookie in site.spec.get("cookies", ())]
    if answer.cached and answer.status == 200:
        tag = etag(content)
        headers.append(("ETag", tag))
        if answer.changed is not None:
            headers.append(("Last-Modified", format_datetime(answer.changed.astimezone(UTC), usegmt=True)))
        if unchanged(ask.headers, tag, answer.changed):
            return 304, headers
    if ask.method == "HEAD":
        headers.append(("Content-Length", str(len(content))))
    return answer.status, headers


async def _send(
    send: Send, status: int, headers: list[tuple[str, str]], content: bytes, *, drip: float = 0.0, cut: bool = False
) -> None:
    names = {name.lower() for name, _ in headers}
    if "content-length" not in names and status != 304:
        headers = [*headers, ("Content-Length", str(len(content)))]
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    start: Message = {"type": "http.response.start", "status": status, "headers": raw}
    await send(start)
    if cut:
        # Half of what was announced; leaving without the last message makes the server close the connection.
        await send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})
        return
    step = max(1, len(content) // 10) if drip else max(1, len(content))
    for place in range(0, max(1, len(content)), step):
        last = place + step >= len(content)
        await send({"type": "http.response.body", "body": content[place : place + step], "more_body": not last})
        if drip and not last:
            await asyncio.sleep(drip)
