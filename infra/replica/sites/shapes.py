"""What travels inside a replica site: requests, answers, and the items of its columns."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, Literal

from infra.replica.documents import MEDIA_TYPES, PLAIN, Format, Quirks, render
from infra.replica.model import ReportTruth

Role = Literal["list", "detail", "file", "api", "other"]
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
PAGE = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as it came in; header names in lower case, query and form decoded, the last of equal names wins."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def value(self, name: str, default: str = "") -> str:
        """A parameter, from the form or else the query."""
        return self.form.get(name, self.query.get(name, default))


@dataclass(frozen=True, slots=True)
class Answer:
    """A response. `content` may be made on demand; `changed` is for Last-Modified; the switches break it on purpose."""

    content: bytes | Callable[[], bytes] = b""
    status: int = 200
    media_type: str | None = PAGE
    role: Role = "other"
    headers: tuple[tuple[str, str], ...] = ()
    changed: datetime | None = None
    cached: bool = True  # answers conditional requests
    delay: float = 0.0
    drip: float = 0.0  # seconds between chunks of the body
    cut: bool = False  # the connection ends before the announced length

    def bytes(self) -> bytes:
        return self.content() if callable(self.content) else self.content


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a column: a report, or a neighbour that only looks like one."""

    title: str
    day: date
    number: int  # the content system's own number, unique on the site
    source: str  # ContentSource: the body it comes from
    truth: ReportTruth | None = None
    paragraphs: tuple[str, ...] = ()
    format: Format = "html"
    quirks: Quirks = PLAIN
    direct: bool = False  # the list links straight to the file
    picture: bool = False  # the page holds an image only
    edition: int = 1  # counts re-issues at the same address
    legacy: bool = False  # stands in the former content system
    also_attached: bool = False  # the page holds the text and links the file too

    @property
    def published(self) -> datetime:
        """Publication time in China; the hour follows from the number so that it never changes."""
        return datetime.combine(self.day, time(9 + self.number % 8, self.number % 60), CHINA)

    @property
    def changed(self) -> datetime:
        """When the item last changed on the server, UTC: each re-issue is a week later."""
        return (self.published + timedelta(days=7 * (self.edition - 1))).astimezone(UTC)

    @property
    def key(self) -> tuple[str, int] | None:
        return (self.truth.publisher.id, self.truth.year) if self.truth else None

    def file(self) -> bytes:
        """The attached file."""
        assert self.truth is not None
        return render(self.truth, self.format if self.format != "html" else "pdf", self.quirks)

    @property
    def file_type(self) -> str:
        return MEDIA_TYPES[self.format if self.format != "html" else "pdf"]

    @property
    def suffix(self) -> str:
        return {"html": "pdf", "pdf": "pdf", "docx": "docx", "xlsx": "xlsx", "text": "txt"}[self.format]

    def digits(self, count: int) -> str:
        """Decimal digits that look random but are always the same for this item."""
        found = int(hashlib.sha256(f"{self.number}/{self.title}".encode()).hexdigest(), 16)
        return str(found)[:count]

    def hexadecimal(self) -> str:
        return hashlib.md5(f"{self.number}/{self.title}".encode(), usedforsecurity=False).hexdigest()


@dataclass(slots=True)
class Column:
    """A list on the site: newest first. `options` are the family's own settings from the site's data file."""

    path: str
    name: str
    items: list[Item] = field(default_factory=list)
    per_page: int = 10
    options: dict[str, Any] = field(default_factory=dict)
    revision: int = 0  # how often the list was changed while it was served

    def sorted(self) -> list[Item]:
        return sorted(self.items, key=lambda item: (item.day, item.number), reverse=True)

    def pages(self) -> int:
        return max(1, -(-len(self.items) // self.per_page))

    def page(self, index: int) -> list[Item]:
        """Items of a page counted from zero."""
        return self.sorted()[index * self.per_page : (index + 1) * self.per_page]

    @property
    def changed(self) -> datetime:
        """When the list last changed: with its newest item, and later with each change made while it is served."""
        newest = max((item.changed for item in self.items), default=datetime(2015, 1, 1, tzinfo=UTC))
        return newest + timedelta(days=self.revision)
