"""What every replica site is: columns of items, addresses for them, answers to requests. No network here."""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Literal

from infra.replica.documents import MEDIA_TYPES, PLAIN, Format, Quirks, render
from infra.replica.documents.html import body, pieces
from infra.replica.model import ReportTruth

Role = Literal["list", "detail", "file", "api", "other"]
TEMPLATES = Path(__file__).with_name("templates")
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


_NAME = re.compile(r"%%(\w+)%%")


@cache
def _template(name: str) -> str:
    return (TEMPLATES / name).read_text("utf-8").rstrip("\n")


def fill(template: str, **values: object) -> str:
    """A template file with its `%%name%%` filled in; a name without a value is an error (KeyError)."""
    return _NAME.sub(lambda match: str(values[match.group(1)]), _template(template))


class ReplicaSite(ABC):
    """A site: its columns, what is switched on, and how it answers. Families say which address shows what."""

    error_title = "404 Not Found"

    def __init__(self, spec: Mapping[str, Any], columns: list[Column]) -> None:
        self.id: str = spec["id"]
        self.portal: str = spec["portal"]
        self.address: str = spec["address"]
        self.family: str = spec["family"]
        self.spec = spec
        self.columns = columns
        self.quirks: dict[str, tuple[object, str]] = {}
        self._files: dict[tuple[int, int], bytes] = {}  # by number and edition: a PDF is not set anew for each request
        self.asked: dict[str, int] = {}  # how often each address was asked, for quirks that change with time

    # -- what families say ------------------------------------------------------------------------------------

    @abstractmethod
    def route(self, ask: Ask) -> Answer | None:
        """The answer of the sound site; None for an address that it does not have."""

    @abstractmethod
    def address_of(self, item: Item, column: Column) -> str:
        """Path of the page (or of the file, for direct items) of an item, as absolute path."""

    # -- content ----------------------------------------------------------------------------------------------

    def placed(self) -> Iterator[tuple[Column, Item]]:
        """Every item with the column it stands in."""
        for column in self.columns:
            for item in column.items:
                yield column, item

    def quirk(self, name: str) -> object:
        """The value of a switch, None when it is off."""
        return self.quirks[name][0] if name in self.quirks else None

    def next_number(self) -> int:
        return max((item.number for _, item in self.placed()), default=1000) + 7

    def add(self, truth: ReportTruth, column: Column | None = None, **changes: Any) -> Item:
        """Publishes a report in a column (the first that takes its publisher)."""
        column = column or self.column_for(truth)
        fresh = Item(
            title=truth.title,
            day=truth.published_on,
            number=self.next_number(),
            source=truth.publisher.name,
            truth=truth,
            format=column.options.get("format", "html"),
            quirks=column.options.get("quirks", PLAIN),
        )
        item = replace(fresh, **changes)
        column.items.append(item)
        self._touch(column)
        return item

    def _touch(self, column: Column) -> None:
        column.revision += 1
        self._files.clear()

    def column_for(self, truth: ReportTruth) -> Column:
        for column in self.columns:
            if any(item.key and item.key[0] == truth.publisher.id for item in column.items):
                return column
        return self.columns[0]

    def replace(self, truth: ReportTruth) -> Item:
        """Re-issues the report of the same publisher and year at its address; KeyError when there is none."""
        for column in self.columns:
            for place, item in enumerate(column.items):
                if item.key == (truth.publisher.id, truth.year):
                    column.items[place] = replace(item, truth=truth, edition=item.edition + 1)
                    self._touch(column)
                    return column.items[place]
        raise KeyError(f"{self.id} has no report of {truth.publisher.id} for {truth.year}")

    def withdraw(self, publisher: str, year: int) -> None:
        """Takes a report off the site, links and all."""
        for column in self.columns:
            kept = [item for item in column.items if item.key != (publisher, year)]
            if len(kept) < len(column.items):
                column.items = kept
                self._touch(column)

    # -- pages ------------------------------------------------------------------------------------------------

    def body_of(
        self, item: Item, file_link: str | None = None, *, container: str | None = None, half: int | None = None
    ) -> str:
        """The body of an item's page: the report's text, a line with the attachment, a picture, or plain words.

        `half` 0 or 1 gives the first or second half of the text only.
        """
        look = item.quirks.html if container is None else replace(item.quirks.html, container=container)
        if item.truth is not None and item.format == "html" and not item.direct:
            parts = pieces(item.truth, item.quirks)
            middle = len(parts) // 2
            inner = "\n".join(parts if half is None else (parts[:middle], parts[middle:])[half])
        elif item.picture:
            inner = f'<p style="text-align:center"><img src="./W0{item.digits(17)}.png" alt=""/></p>'
        else:
            inner = "\n".join(f"<p>{escape(text)}</p>" for text in item.paragraphs)
        if file_link is not None:
            name = f"{item.title}.{item.suffix}"
            inner += f'\n<p>附件：<a href="{escape(file_link)}" title="{escape(name)}">{escape(name)}</a></p>'
        return body(inner, look)

    def has_file(self, item: Item) -> bool:
        return item.truth is not None and (item.format != "html" or item.direct or item.also_attached)

    def file_answer(self, item: Item) -> Answer:
        """The attached file of an item."""

        def made() -> bytes:
            key = (item.number, item.edition)
            if key not in self._files:
                self._files[key] = item.file()
            return self._files[key]

        return Answer(made, media_type=item.file_type, role="file", changed=item.changed)

    def error_page(self) -> bytes:
        return fill("error.html", title=self.error_title, portal=self.portal).encode()

    def home(self) -> Answer:
        links = "".join(f'<li><a href="{column.path}">{escape(column.name)}</a></li>' for column in self.columns)
        text = fill("home.html", portal=self.portal, links=links)
        return Answer(text.encode(), role="other", changed=max(column.changed for column in self.columns))

    def answer(self, ask: Ask) -> Answer:
        """The sound answer: robots.txt, home page, the family's pages, or the site's own 404."""
        self.asked[ask.path] = self.asked.get(ask.path, 0) + 1
        if ask.path == "/robots.txt":
            return robots(str(self.quirk("robots") or self.spec.get("robots", "allow")))
        if ask.path in ("/", "/index.html"):
            return self.home()
        found = self.route(ask)
        if found is not None:
            return found
        if re.search(r"\.(png|jpg|gif)$", ask.path):
            return Answer(PIXEL, media_type="image/png", role="file", changed=datetime(2015, 1, 1, tzinfo=UTC))
        return Answer(self.error_page(), status=404, cached=False)


def _pixel() -> bytes:
    """A grey PNG of one pixel: what a picture report is to anyone who cannot see."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00\x80")) + chunk(b"IEND", b"")
    )


PIXEL = _pixel()


def robots(kind: str) -> Answer:
    """robots.txt in the ways it is met: rules, comments only, absent, refused, broken, everything forbidden."""
    plain = "text/plain; charset=utf-8"
    old = datetime(2015, 1, 1, tzinfo=UTC)
    texts = {
        "allow": "User-agent: *\nDisallow: /admin/\nDisallow: /search/\n",
        "comments": "# robots.txt\n# all welcome\n",
        "disallow": "User-agent: *\nDisallow: /\n",
        "crawl-delay": "User-agent: *\nCrawl-delay: 2\nDisallow:\n",
    }
    if kind in texts:
        return Answer(texts[kind].encode(), media_type=plain, changed=old)
    status = {"absent": 404, "forbidden": 403, "error": 503}[kind]
    return Answer(b"", status=status, media_type=plain, cached=False)
