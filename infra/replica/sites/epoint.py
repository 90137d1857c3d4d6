"""Epoint portals that compute their pages: old WebForms in GBK, and the REST lists of the 政务公开 directory."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from html import escape
from typing import Any

from infra.replica.sites.base import ReplicaSite, fill
from infra.replica.sites.shapes import Answer, Ask, Column, Item
from infra.replica.sites.static import guid

JSON = "application/json; charset=utf-8"
SITE_GUID = "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"


class EpointWebForms(ReplicaSite):
    """`MoreInfo.aspx?CategoryNum=`: the pager posts back with `__VIEWSTATE`, or takes `?pageing=N` (spelt so). GBK."""

    def address_of(self, item: Item, column: Column) -> str:
        if item.direct:
            return self.file_address(item)
        return f"/TPFront/InfoDetail/?InfoID={guid(item)}&CategoryNum={column.options['category']}"

    def file_address(self, item: Item) -> str:
        return f"/TPFront/ReadAttachFile.aspx?AttachID={guid(item)}"

    def route(self, ask: Ask) -> Answer | None:
        if ask.path == "/TPFront/InfoDetail/":
            found = self._find(ask.value("InfoID"))
            return self._gbk(self.article(*found)) if found else None
        if ask.path == "/TPFront/ReadAttachFile.aspx":
            found = self._find(ask.value("AttachID"))
            if found is None or not self.has_file(found[1]):
                return None
            item = found[1]
            return self.file_answer(item)
        for column in self.columns:
            if ask.path == column.path and ask.value("CategoryNum", "") in ("", column.options["category"]):
                number = self._number(ask, column)
                return self._gbk(self.list_page(column, number)) if number is not None else None
        return None

    def _find(self, wanted: str) -> tuple[Column, Item] | None:
        return next(((column, item) for column, item in self.placed() if guid(item) == wanted), None)

    def _state(self, column: Column, number: int) -> str:
        return "/wEPDwUK" + hashlib.sha1(f"{column.path}/{number}".encode(), usedforsecurity=False).hexdigest()

    def _number(self, ask: Ask, column: Column) -> int | None:
        """The page asked for; None for a post back without the state of a page, which ASP.NET refuses."""
        if ask.method == "POST":
            states = {self._state(column, number) for number in range(1, column.pages() + 1)}
            if ask.form.get("__VIEWSTATE") not in states:
                return None
            target = ask.form.get("__EVENTTARGET", "")
            number = ask.form.get("__EVENTARGUMENT", "1") if target.endswith("Pager") else "1"
        else:
            number = ask.query.get("pageing", "1")
        return min(max(int(number), 1), column.pages()) if number.isdigit() else 1

    def _gbk(self, answer: Answer) -> Answer:
        kind = "text/html; charset=gb2312" if self.spec.get("header_charset", True) else "text/html"
        return replace(answer, content=answer.bytes().decode("utf-8").encode("gb18030"), media_type=kind)

    def list_page(self, column: Column, number: int) -> Answer:
        shown = column.page(0 if self.quirk("page2_same") else number - 1)
        rows = "\n".join(
            fill(
                "webforms_row.html",
                href=escape(self.address_of(item, column)),
                title=escape(item.title),
                short=escape(item.title if len(item.title) < 30 else item.title[:29] + "..."),
                day=item.day.isoformat(),
            )
            for item in shown
        )
        pages = "".join(
            f"<a href=\"javascript:__doPostBack('MoreInfoList1$Pager','{page}')\">{page}</a>"
            if page != number
            else f"<span>{page}</span>"
            for page in range(1, column.pages() + 1)
        )
        text = fill(
            "webforms_list.html",
            column=escape(column.name),
            portal=self.portal,
            rows=rows,
            state=self._state(column, number),
            action=f"{column.path.rsplit('/', 1)[1]}?CategoryNum={column.options['category']}",
            pages=pages,
            number=number,
            count=column.pages(),
            total=len(column.items),
        )
        return Answer(text.encode(), role="list", changed=column.changed)

    def article(self, column: Column, item: Item) -> Answer:
        link = self.file_address(item) if self.has_file(item) else None
        return self.page_of("webforms_article.html", column, item, body=self.body_of(item, link, container="epoint"))


class EpointRest(ReplicaSite):
    """`getgovinfolist` behind an empty page; the site's GUID stands in a script. Attachments have a gate.

    Options: `base` (first page index, 0 or 1), `wrapped` (the request stands in `params`). Quirk `encoded`: the
    full-text answer holds its JSON as a string. Switch `captcha` on file to close the gate.
    """

    def address_of(self, item: Item, column: Column) -> str:
        if item.direct:
            return self.file_address(item)
        category = column.options["category"]
        return f"/govxxgk/{category[:6]}/{category}/{item.day:%Y%m%d}/{guid(item)}.html"

    def file_address(self, item: Item) -> str:
        name = "/EWB-FRONT/ztbAttachDownloadAction.action"
        return f"{name}?cmd=getContent&attachGuid={guid(item)}&siteGuid={SITE_GUID}"

    def route(self, ask: Ask) -> Answer | None:
        if ask.path == "/js/webBuilderCommon.js":
            text = f"var siteInfo = {{ siteGuid: '{SITE_GUID}', projectName: '/EWB-FRONT' }};"
            return Answer(text.encode(), media_type="application/javascript", changed=self.columns[0].changed)
        if ask.path == "/EWB-FRONT/rest/lightfrontaction/getgovinfolist":
            return self.directory(ask)
        if ask.path.endswith("inteligentsearch/getFullTextDataNew"):
            return self.full_text(ask)
        if ask.path == "/EWB-FRONT/ztbAttachDownloadAction.action":
            for _, item in self.placed():
                if guid(item) == ask.value("attachGuid") and self.has_file(item):
                    return self.file_answer(item)
            return None
        for column in self.columns:
            if ask.path == column.path:
                text = fill(
                    "epoint_rest_list.html",
                    column=escape(column.name),
                    portal=self.portal,
                    dept=column.options["dept"],
                    category=column.options["category"],
                )
                return Answer(text.encode(), role="list", changed=column.changed)
            for item in column.items:
                if not item.direct and ask.path == self.address_of(item, column):
                    return self.article(column, item)
        return None

    def _column(self, category: str) -> Column | None:
        return next((column for column in self.columns if column.options["category"] == category), None)

    def _record(self, item: Item, column: Column) -> dict[str, Any]:
        return {
            "infoid": guid(item),
            "title": item.title if len(item.title) < 30 else item.title[:29] + "...",
            "realtitle": item.title,
            "infodate": item.day.isoformat(),
            "infourl": self.address_of(item, column),
            "categorynum": column.options["category"],
        }

    def directory(self, ask: Ask) -> Answer | None:
        """The list of a category: JSON in, JSON out."""
        try:
            asked = json.loads(ask.body or b"{}")
        except ValueError:
            return None
        wrapped = bool(self.quirk("wrapped") or self.spec.get("wrapped"))
        if wrapped != ("params" in asked):
            return self._json({"custom": {"data": [], "total": 0}}, None)
        asked = asked.get("params", asked)
        asked = json.loads(asked) if isinstance(asked, str) else asked
        column = self._column(str(asked.get("categorynum", "")))
        if column is None:
            return self._json({"custom": {"data": [], "total": 0}}, None)
        switched = self.quirk("index_base")
        base = int(str(self.spec.get("index_base", 1) if switched is None else switched))
        size, index = int(asked.get("pageSize", 10)), int(asked.get("pageIndex", base)) - base
        index = 0 if index < 0 or self.quirk("page2_same") else index
        shown = column.sorted()[index * size : (index + 1) * size]
        data = [self._record(item, column) for item in shown]
        return self._json({"custom": {"data": data, "total": len(column.items)}}, column)

    def full_text(self, ask: Ask) -> Answer | None:
        """The site search: `pn` is an offset; the answer may be a string inside JSON."""
        try:
            asked = json.loads(ask.body or b"{}")
        except ValueError:
            return None
        words, first, size = str(asked.get("wd", "")), int(asked.get("pn", 0)), int(asked.get("rn", 10))
        hits = [(c, i) for c, i in self.placed() if all(word in i.title for word in words.split())]
        records = [
            {**self._record(item, column), "linkurl": self.address_of(item, column), "webdate": item.day.isoformat()}
            for column, item in hits[first : first + size]
        ]
        found = {"result": {"totalcount": len(hits), "records": records}}
        if self.quirk("encoded"):
            return self._json({"content": json.dumps(found, ensure_ascii=False)}, None)
        return self._json(found, None)

    def _json(self, data: object, column: Column | None) -> Answer:
        changed = column.changed if column else self.columns[0].changed
        text = json.dumps(data, ensure_ascii=False)
        return Answer(text.encode(), media_type=JSON, role="api", changed=changed)

    def article(self, column: Column, item: Item) -> Answer:
        link = self.file_address(item) if self.has_file(item) else None
        return self.page_of("static_article.html", column, item, body=self.body_of(item, link, container="epoint"))
