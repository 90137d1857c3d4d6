"""What every replica site is: columns of items, addresses for them, answers to requests. No network here."""

from __future__ import annotations

import re
import struct
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from infra.replica.documents import PLAIN
from infra.replica.documents.html import body, metas, pieces
from infra.replica.model import ReportTruth
from infra.replica.sites.shapes import Answer, Ask, Column, Item

TEMPLATES = Path(__file__).with_name("templates")


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

    def page_of(
        self, template: str, column: Column | None, item: Item, *, time: str | None = None, **parts: object
    ) -> Answer:
        """An item's page: the template filled with what every family shows; `parts` are body and what is its own."""
        text = fill(
            template,
            metas=metas(item.title, f"{item.published:%Y-%m-%d %H:%M}", item.source),
            title=escape(item.title),
            portal=self.portal,
            column=escape(column.name) if column else "",
            source=escape(item.source),
            time=time or item.day.isoformat(),
            **parts,
        )
        return Answer(text.encode(), role="detail", changed=item.changed)

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
