"""Two provincial systems: Lonsun (安徽), whose lists come from a label service, and 广东 gkmlpt, a JSON directory."""

from __future__ import annotations

import json
import re
from html import escape

from typing_extensions import override

from infra.replica.sites.base import ReplicaSite, fill
from infra.replica.sites.shapes import Answer, Ask, Column, Item

JSON = "application/json; charset=utf-8"


class Lonsun(ReplicaSite):
    """`/public/column/<organ>?type=4&action=list&catId=`, pages from `/site/label/8888`, titles cut to `length`."""

    def address_of(self, item: Item, column: Column) -> str:
        if item.direct:
            return self.file_address(item)
        return f"/public/{column.options['organ']}/{item.number}.html"

    def file_address(self, item: Item) -> str:
        return f"/download/{item.hexadecimal()[:24]}.{item.suffix}"

    def route(self, ask: Ask) -> Answer | None:
        if ask.path == "/site/label/8888":
            return self.label(ask)
        column_page = re.fullmatch(r"/public/column/(\d+)", ask.path)
        for column in self.columns:
            if column_page and self._is(column, column_page.group(1), ask.value("catId")):
                return self.list_page(column)
            for item in column.items:
                if self.has_file(item) and ask.path == self.file_address(item):
                    return self.file_answer(item)
                if not item.direct and ask.path == self.address_of(item, column):
                    return self.article(column, item)
        return None

    @staticmethod
    def _is(column: Column, organ: str, category: str) -> bool:
        return str(column.options["organ"]) == organ and category in ("", str(column.options["cat"]))

    def rows(self, column: Column, index: int, size: int, length: int) -> str:
        found = ""
        for item in column.sorted()[index * size : (index + 1) * size]:
            short = item.title if len(item.title) * 2 <= length else item.title[: length // 2] + "..."
            found += fill(
                "lonsun_row.html",
                href=self.address_of(item, column),
                title=escape(item.title),
                short=escape(short),
                day=item.day.isoformat(),
            )
        return found

    def list_page(self, column: Column) -> Answer:
        text = fill(
            "lonsun_list.html",
            portal=self.portal,
            column=escape(column.name),
            site=self.spec["site_number"],
            organ=column.options["organ"],
            cat=column.options["cat"],
            rows=self.rows(column, 0, column.per_page, 60),
            pages=column.pages(),
            per_page=column.per_page,
        )
        return Answer(text.encode(), role="list", changed=column.changed)

    def label(self, ask: Ask) -> Answer | None:
        """The label service: an HTML fragment with the rows of a page."""
        for column in self.columns:
            if (
                self._is(column, ask.value("organId"), ask.value("catId"))
                and ask.value("labelName") == "publicInfoList"
            ):
                size, index = int(ask.value("pageSize", "15")), int(ask.value("pageIndex", "1")) - 1
                index = 0 if self.quirk("page2_same") else index
                rows = self.rows(column, index, size, int(ask.value("length", "80")))
                pages = max(1, -(-len(column.items) // size))
                text = f"{rows or ask.value('result', '暂无相关信息')}<script>var pageCount:{pages};</script>"
                return Answer(text.encode(), role="api", changed=column.changed)
        return None

    def article(self, column: Column, item: Item) -> Answer:
        link = self.file_address(item) if self.has_file(item) else None
        return self.page_of("lonsun_article.html", column, item, body=self.body_of(item, link, container="lonsun"))


class Gkmlpt(ReplicaSite):
    """`/gkmlpt/index` holds the tree, `/gkmlpt/api/all/<category>` the lists, a post page its content as JSON."""

    @override
    def address_of(self, item: Item, column: Column) -> str:
        if item.direct:
            return self.file_address(item)
        return f"/gkmlpt/content/2/{item.number // 1000}/post_{item.number}.html"

    def file_address(self, item: Item) -> str:
        return f"/attachment/0/{item.number // 1000}/{item.number}/{item.digits(7)}.{item.suffix}"

    def route(self, ask: Ask) -> Answer | None:
        if ask.path in ("/gkmlpt/index", "/gkmlpt/"):
            return self.index()
        listed = re.fullmatch(r"/gkmlpt/api/all/(\d+)", ask.path)
        for column in self.columns:
            if listed and str(column.options["category"]) == listed.group(1):
                return self.api(ask, column)
            for item in column.items:
                if self.has_file(item) and ask.path == self.file_address(item):
                    return self.file_answer(item)
                if not item.direct and ask.path == self.address_of(item, column):
                    return self.post(item)
        return None

    def index(self) -> Answer:
        tree = [
            {"id": 1, "name": "政府信息公开指南", "children": [], "jump_url": "/gkmlpt/guide"},
            {
                "id": 2,
                "name": "法定主动公开内容",
                "children": [
                    {"id": column.options["category"], "name": column.name, "children": [], "jump_url": ""}
                    for column in self.columns
                ],
                "jump_url": "",
            },
        ]
        config = f"SID:'{self.spec['site_number']}',TREE:{json.dumps(tree, ensure_ascii=False)}"
        text = fill("gkmlpt_index.html", portal=self.portal, config="{" + config + "}")
        return Answer(text.encode(), role="list", changed=max(column.changed for column in self.columns))

    def api(self, ask: Ask, column: Column) -> Answer:
        number = max(1, int(ask.value("page", "1")))
        shown = column.page(0 if self.quirk("page2_same") else number - 1)
        base = f"http://{ask.headers.get('host', self.address)}"
        articles = [
            {
                "id": item.number,
                "title": item.title,
                "publisher": item.source,
                "identifier": f"{self.spec['site_number']}-{item.number}",
                "document_number": "",
                "created_at": f"{item.published:%Y-%m-%d %H:%M:%S}",
                "display_publish_time": int(item.published.timestamp()),
                "url": base + self.address_of(item, column),
                "post_url": base + self.address_of(item, column),
                "attachment": [{"name": f"{item.title}.{item.suffix}", "url": base + self.file_address(item)}]
                if self.has_file(item)
                else [],
            }
            for item in shown
        ]
        data = {"classify": {"id": column.options["category"], "post_count": len(column.items)}, "articles": articles}
        text = json.dumps(data, ensure_ascii=False)
        return Answer(text.encode(), media_type=JSON, role="api", changed=column.changed)

    def post(self, item: Item) -> Answer:
        link = self.file_address(item) if self.has_file(item) else None
        content = json.dumps({"content": self.body_of(item, link, container="bare")}).replace("<", "\\u003C")
        return self.page_of(
            "gkmlpt_post.html", None, item, body=self.body_of(item, link, container="gkmlpt"), data=content
        )
