"""Hanweb portals: jpage columns (datastore in the page, dataproxy.jsp behind it), art pages, the 信息公开 viewer."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote

from infra.replica.documents.html import fragment, index_table
from infra.replica.sites.base import ReplicaSite, fill
from infra.replica.sites.build import bodies
from infra.replica.sites.shapes import Answer, Ask, Column, Item

_COLUMN = re.compile(r"/col/col(\d+)/(?:index\.html)?$")
_ART = re.compile(r"/art/(\d{4})/(\d{1,2})/(\d{1,2})/art_(\d+)_(\d+)\.html$")
_FILE = re.compile(r"/attach/0/([0-9a-f]{32})\.(\w+)$")
XML = "text/xml; charset=utf-8"
EMPTY = "<datastore><recordset></recordset></datastore>\r\n\r\n\r\n\r\n"  # what deep pages of guarded columns answer


class Hanweb(ReplicaSite):
    """Options of a column: `id`, `unit`, `web`, `group` (pages per window). `areas` of the site feed the viewer.

    Quirks: `proxy` = window (default) | page (obeys `page` only) | empty | encrypted; `viewer_title` = none.
    """

    error_title = "您访问的页面不存在"

    def address_of(self, item: Item, column: Column) -> str:
        if item.direct:
            return self.file_path(item)
        day = item.day
        return f"/art/{day.year}/{day.month}/{day.day}/art_{column.options['id']}_{item.number}.html"

    def file_path(self, item: Item) -> str:
        return f"/attach/0/{item.hexadecimal()}.{item.suffix}"

    # -- requests ----------------------------------------------------------------------------------------------

    def route(self, ask: Ask) -> Answer | None:
        if ask.path in ("/module/web/jpage/dataproxy.jsp", "/module/jpage/dataproxy.jsp"):
            return self.proxy(ask)
        if ask.path == "/module/xxgk/xxgkAnnualReport.jsp":
            return self.viewer(ask)
        if ask.path == "/module/xxgk/search.jsp":
            return self.search(ask)
        if ask.path == "/module/xxgk/tree.jsp":
            return self.tree()
        if ask.path == "/module/download/downfile.jsp":
            return self._download(ask.value("filename").split(".", 1)[0])
        found = _COLUMN.match(ask.path)
        if found:
            column = self._column(found.group(1))
            return self.list_page(column) if column else None
        if file := _FILE.match(ask.path):
            return self._download(file.group(1))
        if art := _ART.match(ask.path):
            return self._art(ask.path, art.group(4), int(art.group(5)))
        return None

    def _column(self, number: str) -> Column | None:
        return next((column for column in self.columns if str(column.options["id"]) == number), None)

    def _download(self, digest: str) -> Answer | None:
        for _, item in self.placed():
            if self.has_file(item) and item.hexadecimal() == digest:
                return self.file_answer(item)
        return None

    # -- column and proxy --------------------------------------------------------------------------------------

    def record(self, item: Item, column: Column) -> str:
        """A row as the proxy gives it: single quotes around the address, the date in a span, sometimes broken."""
        title = escape(item.title)
        short = item.title if len(item.title) <= 30 else item.title[:29] + "..."
        day = f"\n{item.day.isoformat()}\n" if self.quirk("date_breaks") else item.day.isoformat()
        attribute = "" if self.quirk("no_title_attribute") else f" title='{title}'"
        href = self.address_of(item, column)
        return fill("hanweb_record.html", href=href, attribute=attribute, short=escape(short), day=day).strip()

    def _next(self, column: Column, page: int) -> str:
        at = column.options
        unit, number = str(at["unit"]), str(at["id"])
        if self.quirk("proxy") == "encrypted":
            unit, number = "6c1f0e9a77d245b8", "9f3e5b7c2a10d864"
        name = quote(quote(self.portal))
        return (
            f"/module/web/jpage/dataproxy.jsp?page={page}&webid={at['web']}&path=/&columnid={number}&unitid={unit}"
            f"&webname={name}&permissiontype=0"
        )

    def _records(self, items: list[Item], column: Column) -> str:
        return "\n".join(f"<record><![CDATA[\n{self.record(item, column)}\n]]></record>" for item in items)

    def list_page(self, column: Column) -> Answer:
        at = column.options
        window = column.per_page * int(at.get("group", 3))
        config = {
            "col": 1,
            "webid": at["web"],
            "path": "/",
            "columnid": at["id"],
            "sourceContentType": 1,
            "unitid": str(at["unit"]),
            "webname": quote(self.portal),
            "permissiontype": 0,
        }
        text = fill(
            "hanweb_list.html",
            portal=self.portal,
            column=escape(column.name),
            number=at["id"],
            unit=at["unit"],
            web=at["web"],
            next=self._next(column, 1),
            records=self._records(column.sorted()[:window], column),
            config=json.dumps(config, ensure_ascii=False),
            total=len(column.items),
            group=at.get("group", 3),
            per_page=column.per_page,
            made=f"{column.changed:%Y-%m-%d %H:%M:%S}",
        )
        return Answer(text.encode(), role="list", changed=column.changed)

    def proxy(self, ask: Ask) -> Answer | None:
        """dataproxy.jsp: records `startrecord` to `endrecord`, or the page asked for."""
        mode = self.quirk("proxy") or "window"
        column = self._column(ask.value("columnid"))
        if mode in ("empty", "encrypted") and (mode == "empty" or column is None or ask.value("page", "1") != "1"):
            return Answer(EMPTY.encode(), media_type=XML, role="api", changed=datetime(2015, 1, 1, tzinfo=UTC))
        if column is None:
            return None
        per_page = _number(ask.value("perpage")) or column.per_page
        first, last = _number(ask.value("startrecord")), _number(ask.value("endrecord"))
        if mode == "page" or not first:
            page = _number(ask.value("page")) or 1
            per_page = column.per_page if mode == "page" else per_page
            first, last = (page - 1) * per_page + 1, page * per_page
        if self.quirk("page2_same"):
            first, last = 1, last - first + 1
        shown = column.sorted()[first - 1 : min(last, first + 299)]
        text = (
            f"<datastore><totalrecord>{len(column.items)}</totalrecord><totalpage>{-(-len(column.items) // per_page)}"
            f'</totalpage><nextgroup><![CDATA[<a href="{self._next(column, 2)}"></a>]]></nextgroup>'
            f"<recordset>\n{self._records(shown, column)}\n</recordset></datastore>"
        )
        return Answer(text.encode(), media_type=XML, role="api", changed=column.changed)

    # -- art pages and the viewer ------------------------------------------------------------------------------

    def _art(self, path: str, number: str, article: int) -> Answer | None:
        column = self._column(number)
        item = next((item for item in column.items if item.number == article), None) if column else None
        if column is None or item is None or self.address_of(item, column) != path:
            return None
        link = f"/module/download/downfile.jsp?classid=0&showname={quote(item.title)}&filename={item.hexadecimal()}.pdf"
        link = link if self.has_file(item) else None  # type: ignore[assignment]
        text = fill(
            "hanweb_article.html",
            title=escape(item.title),
            portal=self.portal,
            column=escape(column.name),
            source=escape(item.source),
            time=f"{item.published:%Y-%m-%d %H:%M}",
            web=column.options["web"],
            number=number,
            article=article,
            image=f'<meta name="Image" content="{escape(link)}">' if link else "",
            keys=index_table(item.truth) if item.truth else "",
            body=self.body_of(item, link, container="hanweb"),
        )
        return Answer(text.encode(), role="detail", changed=item.changed)

    def _areas(self) -> dict[str, str]:
        found: dict[str, str] = self.spec.get("areas", {})
        return found

    def viewer(self, ask: Ask) -> Answer | None:
        """xxgkAnnualReport.jsp: the report of an area (credit code) for a year; a year without one is an empty page."""
        publisher = self._areas().get(ask.value("area"))
        year = _number(ask.value("fbtime"))
        for _, item in self.placed():
            if item.truth is None or item.key != (publisher, year) or item.direct:
                continue
            head = fill("hanweb_viewer_head.html", title=escape(item.title), time=f"{item.published:%Y-%m-%d %H:%M:%S}")
            if self.quirk("viewer_title") == "none":
                head = ""
            audio = "<p>点击收听年报语音朗读</p>" if item.number % 2 else ""
            text = fill("hanweb_viewer.html", head=head, body=audio + fragment(item.truth, item.quirks))
            return Answer(text.encode(), role="detail", changed=item.changed)
        empty = fill("hanweb_viewer.html", head="", body="")
        return Answer(empty.encode(), role="detail", changed=datetime(2015, 1, 1, tzinfo=UTC))

    def tree(self) -> Answer:
        """tree.jsp: the areas that the directory knows."""
        rows = "".join(
            f"<a href=\"javascript:loadTree('{code}')\">{escape(bodies(self.spec)[key].name)}</a>\n"
            for code, key in self._areas().items()
        )
        return Answer(rows.encode(), role="api", changed=self.columns[0].changed)

    def search(self, ask: Ask) -> Answer:
        """search.jsp: the directory list of an area as table rows, ten a page."""
        publisher = self._areas().get(ask.value("area"))
        hits = [(c, i) for c, i in self.placed() if i.truth and (not publisher or i.truth.publisher.id == publisher)]
        hits.sort(key=lambda hit: (hit[1].day, hit[1].number), reverse=True)
        page = max(1, _number(ask.value("currpage")) or 1)
        rows = ""
        for number, (column, item) in enumerate(hits[(page - 1) * 10 : page * 10]):
            rows += fill(
                "hanweb_search_row.html",
                kind="odd" if number % 2 else "even",
                index=f"{item.number}/{item.day.year}",
                href=self.address_of(item, column),
                title=escape(item.title),
                day=item.day.isoformat(),
            )
        pages = max(1, -(-len(hits) // 10))
        text = f'<table class="tr_main">{rows}</table><div class="pg">共{pages}页 第{page}页 共{len(hits)}条</div>'
        return Answer(text.encode(), role="api", changed=max(column.changed for column in self.columns))


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
