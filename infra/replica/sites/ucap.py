"""UCAP (开普云) portals: `list.shtml`, `list_2.shtml` is page two, six-argument pager, articles without the day."""

from __future__ import annotations

import json
import re
from html import escape

from infra.replica.sites.base import ReplicaSite, fill
from infra.replica.sites.shapes import Answer, Ask, Column, Item

JSON = "application/json; charset=utf-8"


class Ucap(ReplicaSite):
    """Options of a column: `page_name`, `channel` (32 hex digits of the JSON list), `ids` = c05 | hex."""

    error_title = "404-页面不存在"

    def folder(self, item: Item, column: Column) -> str:
        return f"{column.path}{item.day:%Y%m}/"

    def stem(self, item: Item, column: Column) -> str:
        return item.hexadecimal() if column.options.get("ids") == "hex" else f"c05_{item.number}"

    def file_path(self, item: Item, column: Column) -> str:
        return f"{self.folder(item, column)}{item.number}/files/{item.hexadecimal()}.{item.suffix}"

    def address_of(self, item: Item, column: Column) -> str:
        if item.direct:
            return self.file_path(item, column)
        return f"{self.folder(item, column)}{self.stem(item, column)}.shtml"

    def route(self, ask: Ask) -> Answer | None:
        for column in self.columns:
            if ask.path == f"/common/search/{column.options.get('channel')}":
                return self.json_list(ask, column)
            if not ask.path.startswith(column.path):
                continue
            name = column.options.get("page_name", "list")
            page = re.fullmatch(rf"{re.escape(column.path)}{name}(?:_(\d+))?\.shtml", ask.path)
            if page:
                number = int(page.group(1) or 1)
                return self.list_page(column, number) if 1 <= number <= column.pages() else None
            for item in column.items:
                if self.has_file(item) and ask.path == self.file_path(item, column):
                    return self.file_answer(item)
                if not item.direct and ask.path == self.address_of(item, column):
                    return self.article(column, item)
        return None

    def list_page(self, column: Column, number: int) -> Answer:
        shown = column.page(0 if self.quirk("page2_same") else number - 1)
        rows = "\n".join(
            fill(
                "ucap_row.html",
                href=escape(self.address_of(item, column)),
                title=escape(item.title),
                short=escape(item.title if len(item.title) < 34 else item.title[:33] + "…"),
                day=item.day.isoformat(),
            ).rstrip()
            for item in shown
        )
        if self.quirk("js_list"):
            rows = ""
        text = fill(
            "ucap_list.html",
            portal=self.portal,
            column=escape(column.name),
            rows=rows,
            pages=column.pages(),
            number=number,
            name=column.options.get("page_name", "list"),
            total=len(column.items),
            channel=column.options.get("channel", ""),
        )
        return Answer(text.encode(), role="list", changed=column.changed)

    def json_list(self, ask: Ask, column: Column) -> Answer:
        """The aggregated list that scripts ask for: `_isJson=true`, pages from 1."""
        page, size = int(ask.value("page", "1")), int(ask.value("_pageSize", "15"))
        items = column.sorted()
        results = [
            {
                "title": item.title,
                "url": self.address_of(item, column),
                "publishedTimeStr": f"{item.published:%Y-%m-%d %H:%M:%S}",
                "channelName": column.name,
            }
            for item in items[(page - 1) * size : page * size]
        ]
        data = {"data": {"total": len(items), "rows": size, "page": page, "results": results}}
        return Answer(
            json.dumps(data, ensure_ascii=False).encode(), media_type=JSON, role="api", changed=column.changed
        )

    def article(self, column: Column, item: Item) -> Answer:
        link = self.file_path(item, column).removeprefix(self.folder(item, column)) if self.has_file(item) else None
        return self.page_of(
            "ucap_article.html",
            column,
            item,
            time=f"{item.published:%Y-%m-%d %H:%M}",
            body=self.body_of(item, link, container="UCAP"),
        )
