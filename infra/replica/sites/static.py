"""Portals of static pages (Epoint WebBuilder, JEECMS style, VSB, WebPlus, SiteServer): the addresses differ."""

from __future__ import annotations

import re
import uuid
from abc import abstractmethod
from html import escape
from typing import ClassVar

from typing_extensions import override

from infra.replica.sites.base import ReplicaSite, fill
from infra.replica.sites.shapes import Answer, Ask, Column, Item


class StaticSite(ReplicaSite):
    """Lists and articles as files. A family says the name of page n, of an article and of a file."""

    list_template: ClassVar[str] = "static_list.html"
    row_template: ClassVar[str] = "static_row.html"
    pager_template: ClassVar[str] = "static_pager.html"
    article_template: ClassVar[str] = "static_article.html"
    container: ClassVar[str] = "bare"

    @abstractmethod
    def list_address(self, column: Column, index: int) -> str:
        """Path of list page `index` (from 0)."""

    def file_address(self, item: Item, column: Column) -> str:
        """Path of an attachment."""
        return f"{column.options.get('upload', '/upload')}/{item.day:%Y%m}/{item.hexadecimal()}.{item.suffix}"

    @abstractmethod
    def article_address(self, item: Item, column: Column) -> str:
        """Path of an article."""

    def address_of(self, item: Item, column: Column) -> str:
        return self.file_address(item, column) if item.direct else self.article_address(item, column)

    def route(self, ask: Ask) -> Answer | None:
        here = self.where(ask)
        for column in self.columns:
            for index in range(column.pages()):
                if here in self.list_names(column, index):
                    return self.list_page(column, index)
            for item in column.items:
                if self.has_file(item) and here == self.file_address(item, column):
                    return self.file_answer(item)
                if not item.direct and here == self.article_address(item, column).split("?")[0]:
                    return self.article(column, item)
        return None

    def where(self, ask: Ask) -> str:
        """What of a request names the page: the path, for some families with a parameter."""
        return ask.path

    def list_names(self, column: Column, index: int) -> tuple[str, ...]:
        """All addresses of a list page; the folder itself is the first page."""
        first = self.list_address(column, index)
        return (first, column.path) if index == 0 else (first,)

    def list_page(self, column: Column, index: int) -> Answer:
        shown = column.page(0 if self.quirk("page2_same") else index)
        rows = "\n".join(self.row(item, column) for item in shown)
        text = fill(
            self.list_template,
            portal=self.portal,
            column=escape(column.name),
            rows=rows,
            pager=self.pager(column, index),
        )
        return Answer(text.encode(), role="list", changed=column.changed)

    def row(self, item: Item, column: Column) -> str:
        cut = int(column.options.get("cut", 36))
        short = item.title if len(item.title) <= cut else f"{item.title[: cut - 1]}…"
        title = escape(item.title)
        return fill(
            self.row_template,
            href=escape(self.address_of(item, column)),
            attribute="" if self.quirk("no_title_attribute") else f' title="{title}"',
            short=escape(short),
            number=item.number,
            day=item.day.isoformat(),
        )

    def pager(self, column: Column, index: int) -> str:
        """First, previous, next and last page as links."""
        last = column.pages() - 1
        links = {
            "首页": 0,
            "上页": max(0, index - 1),
            "下页": min(last, index + 1),
            "尾页": last,
        }
        made = []
        for name, to in links.items():
            if (name in ("首页", "上页") and index == 0) or (name in ("下页", "尾页") and index == last):
                made.append(f"<span>{name}</span>")
            else:
                made.append(f'<a href="{escape(self.list_address(column, to))}">{name}</a>')
        return fill(
            self.pager_template,
            total=len(column.items),
            page=index + 1,
            pages=column.pages(),
            links=" ".join(made),
        )

    def article(self, column: Column, item: Item) -> Answer:
        link = self.file_address(item, column) if self.has_file(item) else None
        inside = None if self.spec.get("file_outside") else link
        outside = ""
        if link is not None and inside is None:
            name = f"{item.title}.{item.suffix}"
            outside = f'<ul class="files"><li>附件【<a href="{escape(link)}">{escape(name)}</a>】已下载12次</li></ul>'
        return self.page_of(
            self.article_template,
            column,
            item,
            time=f"{item.published:%Y-%m-%d}",
            body=self.body_of(item, inside, container=self.container) + outside,
        )


def guid(item: Item) -> str:
    """A GUID that is always the same for an item."""
    return str(uuid.UUID(item.hexadecimal()))


class EpointStatic(StaticSite):
    """`list.html` (or `1.html`, `moreinfo.html`), then `2.html`; the pager is the last row of the table `#GV1`.

    An error page is told by its title alone: the status is 200.
    """

    list_template = "epoint_static_list.html"
    row_template = "epoint_static_row.html"
    pager_template = "epoint_static_pager.html"
    container = "epoint"
    error_title = "404"

    def list_address(self, column: Column, index: int) -> str:
        return column.path + (column.options.get("first", "list.html") if index == 0 else f"{index + 1}.html")

    def article_address(self, item: Item, column: Column) -> str:
        return f"{column.path}{item.day:%Y%m%d}/{guid(item)}.html"

    def file_address(self, item: Item, column: Column) -> str:
        return f"{column.path}{item.day:%Y%m%d}/{guid(item)}.{item.suffix}"

    def answer(self, ask: Ask) -> Answer:
        found = super().answer(ask)
        if found.status == 404 and ask.path != "/robots.txt":
            return Answer(self.error_page(), status=200, cached=False)
        return found


class Jeecms(StaticSite):
    """`index.htm`, `index_2.htm` counted from one (`index_1.htm` is page one too); `/<channel>/<id>.htm?pa=1023`."""

    container = "jeecms"

    def list_address(self, column: Column, index: int) -> str:
        ext = column.options.get("ext", "htm")
        return f"{column.path}index.{ext}" if index == 0 else f"{column.path}index_{index + 1}.{ext}"

    def list_names(self, column: Column, index: int) -> tuple[str, ...]:
        names = super().list_names(column, index)
        return (*names, f"{column.path}index_1.{column.options.get('ext', 'htm')}") if index == 0 else names

    def article_address(self, item: Item, column: Column) -> str:
        return f"{column.path}{item.number}.{column.options.get('ext', 'htm')}?pa=1023"


class Vsb(StaticSite):
    """博达: page two of eleven is `xxgknb/10.htm`, the last is `xxgknb/1.htm`; files stand outside the body."""

    list_template = "vsb_list.html"
    row_template = "vsb_row.html"
    pager_template = "vsb_pager.html"
    container = "vsb"

    def list_address(self, column: Column, index: int) -> str:
        stem = column.path.rstrip("/")
        return f"{stem}.htm" if index == 0 else f"{stem}/{column.pages() - index}.htm"

    def article_address(self, item: Item, column: Column) -> str:
        return f"/info/{column.options.get('tree', 1039)}/{item.number}.htm"

    @override
    def file_address(self, item: Item, column: Column) -> str:
        return f"/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1521&wbfileid={item.number * 3}"

    def where(self, ask: Ask) -> str:
        if ask.path == "/system/_content/download.jsp":
            return (
                f"{ask.path}?urltype=news.DownloadAttachUrl&owner={ask.value('owner')}&wbfileid={ask.value('wbfileid')}"
            )
        return ask.path


class WebPlus(StaticSite):
    """苏迪: `list.htm`, `list2.htm`; articles `/2022/0128/c12a345/page.htm`."""

    container = "webplus"
    pager_template = "webplus_pager.html"

    def list_address(self, column: Column, index: int) -> str:
        return f"{column.path}list.htm" if index == 0 else f"{column.path}list{index + 1}.htm"

    def article_address(self, item: Item, column: Column) -> str:
        return f"/{item.day:%Y}/{item.day:%m%d}/c{column.options.get('tree', 12)}a{item.number}/page.htm"


class SiteServer(StaticSite):
    """`/channels/<id>.html`, `/channels/<id>_2.html`; articles `/contents/<channel>/<id>.html`."""

    def list_address(self, column: Column, index: int) -> str:
        tail = "" if index == 0 else f"_{index + 1}"
        return f"/channels/{column.options['channel']}{tail}.html"

    def article_address(self, item: Item, column: Column) -> str:
        return f"/contents/{column.options['channel']}/{item.number}.html"


_FORM_PAGE = re.compile(r"\d+")


class AspNet(StaticSite):
    """Bespoke ASP.NET: `/NewsLsit.aspx?ClassID=602&page=2` (spelt so), `/NewsView.aspx?NewsID=`."""

    pager_template = "aspnet_pager.html"

    def list_address(self, column: Column, index: int) -> str:
        tail = "" if index == 0 else f"&page={index + 1}"
        return f"/NewsLsit.aspx?ClassID={column.options['class']}{tail}"

    def list_names(self, column: Column, index: int) -> tuple[str, ...]:
        return (self.list_address(column, index),)

    @override
    def article_address(self, item: Item, column: Column) -> str:
        return f"/NewsView.aspx?NewsID={item.number}"

    def where(self, ask: Ask) -> str:
        if ask.path == "/NewsLsit.aspx":
            page = ask.value("page", "1")
            return f"{ask.path}?ClassID={ask.value('ClassID')}" + (f"&page={page}" if page not in ("", "1") else "")
        return ask.path

    def route(self, ask: Ask) -> Answer | None:
        if ask.path == "/NewsView.aspx" and _FORM_PAGE.fullmatch(ask.value("NewsID")):
            for column, item in self.placed():
                if str(item.number) == ask.value("NewsID"):
                    return self.article(column, item)
            return None
        return super().route(ask)
