"""TRS WCM portals: column folders with a numeric suffix, `index_1.html` is page two, `./YYYYMM/tYYYYMMDD_id.html`."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import quote

from infra.replica.documents.html import index_table
from infra.replica.sites.base import ReplicaSite, fill
from infra.replica.sites.shapes import Answer, Ask, Column, Item

_ARTICLE = re.compile(r"(\d{6})/t(\d{8})_(\d+)(_\d)?\.s?html?$")
_FILE = re.compile(r"(\d{6})/(P0\d{17,18}\.(?:pdf|docx|xlsx|txt))$")
_CELL = 38  # characters after which a list title is cut, the full one stands in the title attribute


class Trs(ReplicaSite):
    """Options of a column: `page_name` (index, list), `ext`, `list_template`, `pager`, `cut`, `keys` (table above)."""

    error_title = "404 您访问的页面不存在"

    # -- addresses ---------------------------------------------------------------------------------------------

    def article_name(self, item: Item) -> str:
        day = item.day.strftime("%Y%m%d")
        return f"{day[:6]}/t{day}_{item.number}.{self.spec.get('article_ext', 'html')}"

    def file_name(self, item: Item) -> str:
        """`P0` + day + digits; a re-issued file keeps its address, as editors overwrite it."""
        day = item.day.strftime("%Y%m%d")
        return f"{day[:6]}/P0{day}{item.digits(9)}.{item.suffix}"

    def address_of(self, item: Item, column: Column) -> str:
        if item.legacy:
            return f"/html/site_gov/articles/{item.day:%Y%m}/{item.number}.html"
        return column.path + (self.file_name(item) if item.direct else self.article_name(item))

    def href(self, item: Item, column: Column) -> str:
        """The link as the list writes it: relative, or absolute for items of the former system."""
        if item.legacy:
            return self.address_of(item, column)
        return "./" + (self.file_name(item) if item.direct else self.article_name(item))

    # -- requests ----------------------------------------------------------------------------------------------

    def route(self, ask: Ask) -> Answer | None:
        legacy = re.match(r"/html/site_gov/articles/\d{6}/(\d+)\.html$", ask.path)
        if legacy:
            return self._legacy(int(legacy.group(1)))
        for column in sorted(self.columns, key=lambda column: len(column.path), reverse=True):
            if ask.path.startswith(column.path):
                found = self._inside(column, ask.path.removeprefix(column.path))
                if found is not None:
                    return found
        return self._directory(ask.path)

    def _inside(self, column: Column, rest: str) -> Answer | None:
        name, ext = column.options.get("page_name", "index"), column.options.get("ext", "html")
        if rest in ("", f"{name}.{ext}"):
            return self.list_page(column, 0)
        page = re.fullmatch(rf"{name}_(\d+)\.{ext}", rest)
        if page and 0 < int(page.group(1)) < column.pages():
            return self.list_page(column, int(page.group(1)))
        for item in column.items:
            if item.legacy:
                continue
            article = _ARTICLE.fullmatch(rest)
            part = int((article.group(4) or "_0")[1:]) if article else 0
            name = rest.replace(f"_{part}.", ".") if part else rest
            if article and not item.direct and name == self.article_name(item) and (not part or self.quirk("split")):
                return self.article(column, item, min(part, 1))
            if self.has_file(item) and rest == self.file_name(item):
                return self.file_answer(item)
        return None

    # -- pages -------------------------------------------------------------------------------------------------

    def list_page(self, column: Column, index: int) -> Answer:
        shown = column.page(0 if self.quirk("page2_same") else index)
        template = column.options.get("list_template", "trs_list.html")
        rows = "\n".join(self.row(item, column) for item in shown)
        name, ext = column.options.get("page_name", "index"), column.options.get("ext", "html")
        pager = fill(
            column.options.get("pager", "trs_pager.html"), pages=column.pages(), index=index, name=name, ext=ext
        )
        text = fill(template, portal=self.portal, column=escape(column.name), rows=rows, pager=pager)
        return Answer(text.encode(), role="list", changed=column.changed)

    def row(self, item: Item, column: Column) -> str:
        cut = int(column.options.get("cut", _CELL))
        short = item.title if len(item.title) <= cut else f"{item.title[: cut - 1]}..."
        title = escape(item.title)
        return fill(
            column.options.get("row_template", "trs_row.html"),
            href=escape(self.href(item, column)),
            title=title,
            short=escape(short),
            day=item.day.isoformat(),
            attribute="" if self.quirk("no_title_attribute") else f' title="{title}"',
        )

    def article(self, column: Column, item: Item, part: int = 0) -> Answer:
        link = None
        if self.has_file(item):
            link = "./" + self.file_name(item).split("/", 1)[1]
        return self.page_of(
            column.options.get("article_template", "trs_article.html"),
            column,
            item,
            time=f"{item.published:%Y-%m-%d %H:%M}",
            keys=index_table(item.truth) if item.truth and column.options.get("keys") else "",
            body=self.shown(item, link, part),
        )

    def shown(self, item: Item, link: str | None, part: int) -> str:
        """The body; inside a viewer or split over pages when these quirks are on."""
        if link is not None and item.format == "pdf" and self.quirk("viewer") == "iframe":
            return f'<iframe src="/pdfjs/web/viewer.html?file={quote(link, safe="")}" width="100%"></iframe>'
        if link is not None and item.format == "pdf" and self.quirk("viewer") == "object":
            return f'<object data="{link}" type="application/pdf"><embed src="{link}"/></object>'
        if self.quirk("split") and item.truth is not None and item.format == "html":
            stem, ext = self.article_name(item).split("/", 1)[1].rsplit(".", 1)
            pager = fill("trs_pager.html", pages=2, index=part, name=stem, ext=ext)
            return f'{self.body_of(item, link, half=part)}<div class="pagination">{pager}</div>'
        return self.body_of(item, link)

    def _legacy(self, number: int) -> Answer | None:
        for column, item in self.placed():
            if item.legacy and item.number == number:
                text = fill(
                    "legacy_article.html",
                    title=escape(item.title),
                    column=escape(column.name),
                    day=f"{item.day.year}年{item.day.month:02d}月{item.day.day:02d}日",
                    body=self.body_of(item, container="legacy"),
                )
                return Answer(text.encode(), role="detail", changed=item.changed)
        return None

    def _directory(self, path: str) -> Answer | None:
        """A folder above columns: links to what lies below it."""
        if not path.endswith("/"):
            return None
        below = [column for column in self.columns if column.path.startswith(path)]
        if not below:
            return None
        names: dict[str, str] = {}
        for column in below:
            step = column.path.removeprefix(path).split("/", 1)[0]
            whole = f"{path}{step}/" == column.path
            names[step] = column.name if whole else self.spec.get("folders", {}).get(step, step)
        links = "\n".join(f'<li><a href="./{step}/">{escape(name)}</a></li>' for step, name in names.items())
        return Answer(
            fill("home.html", portal=self.portal, links=links).encode(),
            role="list",
            changed=max(column.changed for column in below),
        )
