"""Hanweb's newer publish server (jpaas), and the jpage look-alike that answers JSONP ("truecms")."""

from __future__ import annotations

import json
import re
from html import escape

from infra.replica.sites.base import ReplicaSite, fill
from infra.replica.sites.shapes import Answer, Ask, Column, Item

JSON = "application/json; charset=utf-8"
_API = "/api-gateway/jpaas-publish-server/front/page/build/unit"


class Jpaas(ReplicaSite):
    """The column page names a unit, the publish server gives its HTML as `data.html`.

    Site option or quirk `parameters`: `json` = pages are asked only inside `paramJson`, bare numbers are ignored.
    """

    def address_of(self, item: Item, column: Column) -> str:
        if item.direct:
            return self.file_address(item)
        return f"{column.path.rsplit('/', 1)[0]}/art/{item.day.year}/art_{item.hexadecimal()}.html"

    def file_address(self, item: Item) -> str:
        return f"/cms_files/filemanager/{item.digits(10)}/attach/{item.hexadecimal()}.{item.suffix}"

    def route(self, ask: Ask) -> Answer | None:
        if ask.path == _API:
            return self.unit(ask)
        for column in self.columns:
            if ask.path == column.path:
                return self.list_page(column)
            for item in column.items:
                if self.has_file(item) and ask.path == self.file_address(item):
                    return self.file_answer(item)
                if not item.direct and ask.path == self.address_of(item, column):
                    return self.article(column, item)
        return None

    def list_page(self, column: Column) -> Answer:
        query = {
            "parseType": "bulidstatic",
            "webId": column.options["web"],
            "tplSetId": column.options["template"],
            "pageType": "column",
            "tagId": "分页列表",
            "editType": "null",
            "pageId": column.options["page"],
        }
        pairs = ",".join(f"'{name}':'{value}'" for name, value in query.items())
        text = fill(
            "jpaas_list.html", portal=self.portal, column=escape(column.name), api=_API, query="{" + pairs + "}"
        )
        return Answer(text.encode(), role="list", changed=column.changed)

    def unit(self, ask: Ask) -> Answer | None:
        """The list unit of a page; beyond the last page its HTML is empty."""
        column = next((one for one in self.columns if one.options["page"] == ask.value("pageId")), None)
        if column is None or ask.value("parseType") != "bulidstatic":
            return self._json({"success": False, "code": "500", "message": "参数错误", "data": None}, self.columns[0])
        asked: dict[str, object] = dict(ask.query)
        if (self.quirk("parameters") or self.spec.get("parameters")) == "json":
            try:
                asked = json.loads(ask.value("paramJson", "{}"))
            except ValueError:
                asked = {}
        number, size = int(str(asked.get("pageNo", 1))), int(str(asked.get("pageSize", column.per_page)))
        number = 1 if self.quirk("page2_same") else number
        rows = "".join(self.row(item, column) for item in column.sorted()[(number - 1) * size : number * size])
        total = len(column.items)
        pager = f'<div class="paging" data-total="{total}">共{total}条 第{number}/{max(1, -(-total // size))}页</div>'
        html = f'<ul class="list">{rows}</ul>{pager}' if rows else ""
        return self._json({"success": True, "code": "200", "data": {"html": html}}, column)

    def row(self, item: Item, column: Column) -> str:
        return fill(
            "static_row.html",
            href=escape(self.address_of(item, column)),
            attribute=f' title="{escape(item.title)}"',
            short=escape(item.title[:28] + "..." if len(item.title) > 30 else item.title),
            day=item.day.isoformat(),
        )

    def _json(self, data: object, column: Column) -> Answer:
        text = json.dumps(data, ensure_ascii=False)
        return Answer(text.encode(), media_type=JSON, role="api", changed=column.changed)

    def article(self, column: Column, item: Item) -> Answer:
        link = self.file_address(item) if self.has_file(item) else None
        return self.page_of("static_article.html", column, item, body=self.body_of(item, link, container="hanweb"))


class TrueCms(Jpaas):
    """`messageController/getMessage.do?startrecord=&endrecord=&perpage=&columnId=&callback=`: JSONP around XML.

    It wants a Referer, and answers nothing for a `perpage` above the site option `max_per_page`.
    """

    _PROXY = "/EpointWebBuilder/messageController/getMessage.do"

    def address_of(self, item: Item, column: Column) -> str:
        if item.direct:
            return self.file_address(item)
        return f"{column.path.rsplit('/', 1)[0]}/content/{item.hexadecimal()}.html"

    def route(self, ask: Ask) -> Answer | None:
        return self.proxy(ask) if ask.path == self._PROXY else super().route(ask)

    def list_page(self, column: Column) -> Answer:
        text = fill(
            "truecms_list.html",
            portal=self.portal,
            column=escape(column.name),
            number=column.options["page"],
            proxy=self._PROXY,
            per_page=column.per_page,
        )
        return Answer(text.encode(), role="list", changed=column.changed)

    def proxy(self, ask: Ask) -> Answer | None:
        column = next((one for one in self.columns if one.options["page"] == ask.value("columnId")), None)
        name = ask.value("callback", "cb")
        if column is None or "referer" not in ask.headers or not re.fullmatch(r"\w+", name):
            return None
        size = int(ask.value("perpage", "15"))
        first, last = int(ask.value("startrecord", "1")), int(ask.value("endrecord", str(size)))
        shown = column.sorted()[first - 1 : last] if size <= int(self.spec.get("max_per_page", 50)) else []
        records = "".join(f"<record><![CDATA[{self.row(item, column)}]]></record>" for item in shown)
        total = len(column.items)
        xml = (
            f"<datastore><totalrecord>{total}</totalrecord><totalpage>{-(-total // size)}</totalpage>"
            f"<recordset>{records}</recordset></datastore>"
        )
        text = f"{name}({json.dumps({'result': xml}, ensure_ascii=False)})"
        return Answer(
            text.encode(), media_type="application/javascript; charset=utf-8", role="api", changed=column.changed
        )
