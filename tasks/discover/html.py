"""A page as a document: its soup, its base address, and what it says about itself. No request is made here."""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import Any

from bs4 import BeautifulSoup, Tag

from schemas.discovery import Page
from tasks.discover.links import Link, host_of, is_article, join, links
from tasks.discover.text import collapse, fold

FIRST_PAGES = frozenset({"list", "column", "frame"})

_EMPTY = re.compile(
    r"暂无(?:相关|更多|任何|此类|符合条件的?)?(?:信息|数据|内容|记录|文章|资料|结果)?|没有(?:找到|查询到|检索到|搜索到)?(?:任何|相关|符合条件的?)*(?:信息|数据|内容|记录|结果)"
    r"|未(?:找到|查询到)(?:相关)?(?:信息|数据|内容|记录)|共(?:有)?0(?:条|篇|项)|该栏目(?:下)?(?:暂)?(?:无|没有)"
)
_TEMPLATE = re.compile(r"\{\{[^{}]{1,80}\}\}|v-for=|ng-repeat=|ms-for=|<%=|#\{[\w.]+\}|\[\[:?[\w.]+\]\]")
_LOADING = re.compile(r"(?:正在|数据|页面)?加载中|正在加载|正在努力加载")
_LOADER = re.compile(
    r"\$\.(?:ajax|get|post|getJSON)\s*\(|axios[.(]|\bfetch\s*\(|XMLHttpRequest|datacall|new\s+Vue\b|createApp\(|layui\.use"
    r"|webpack|chunk-vendors|id=[\"'](?:app|root)[\"']",
    re.IGNORECASE,
)
_JUMP = re.compile(r"(?:location(?:\.href)?\s*=\s*|location\.(?:replace|assign)\s*\(\s*)[\"']([^\"'+]+)[\"']\s*[;)\s]")


class Document:
    """One page as the families look at it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.url = page.url
        self.text = page.text
        self.state = dict(page.request.state)
        self.is_first = page.request.purpose in FIRST_PAGES
        self.kept: dict[str, Any] = {}  # what was worked out once about this page

    @cached_property
    def soup(self) -> BeautifulSoup:
        # xml declarations inside templates confuse the parser's choice of encoding warnings; the text is decoded
        return BeautifulSoup(self.text, "lxml")

    @cached_property
    def base(self) -> str:
        tag = self.soup.find("base", href=True)
        return (join(self.url, str(tag["href"])) if isinstance(tag, Tag) else None) or self.url

    @cached_property
    def links(self) -> list[Link]:
        return links(self.soup, self.base)

    @cached_property
    def visible(self) -> str:
        """The folded words a reader sees."""
        body = self.soup.body or self.soup
        words = [
            str(piece)
            for piece in body.find_all(string=True)
            if piece.parent is not None
            and piece.parent.name not in ("script", "style", "noscript", "template")
            and type(piece).__name__ == "NavigableString"
        ]
        return fold(" ".join(words))

    @cached_property
    def json(self) -> Any:
        """The answer as JSON, also when wrapped in a call (JSONP); None when it is none."""
        text = self.text.strip().lstrip("\ufeff")
        if wrapped := re.match(r"^[\w$.]+\s*\((.*)\)\s*;?\s*$", text, re.DOTALL):
            text = wrapped[1]
        if not text.startswith(("{", "[")):
            return None
        for read in (text, text.replace("\\'", "'")):  # scripts may escape a quote that JSON does not
            try:
                return json.loads(read, strict=False)
            except ValueError:
                continue
        return None

    def meta(self, name: str) -> str | None:
        """Content of a head meta; names differ in case between systems (国办发〔2017〕47号 annex)."""
        for tag in self.soup.find_all("meta"):
            given = tag.get("name") or tag.get("Name")
            if isinstance(given, str) and given.lower() == name.lower():
                content = tag.get("content")
                if isinstance(content, str) and content.strip():
                    return collapse(content)
        return None

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """What the page calls itself, best first: meta, first headings, the title tag without the site's name."""
        found = [self.meta("ArticleTitle"), self.meta("ColumnName")]
        found += [collapse(tag.get_text(" ")) for tag in self.soup.find_all(["ucaptitle", "h1", "h2"], limit=4)]
        if self.soup.title:
            found.append(collapse(re.split(r"[-_|—]", self.soup.title.get_text())[0]))
        return tuple(title for title in found if title)

    @property
    def says_empty(self) -> bool:
        """True when the page itself says that there is nothing to list, and shows no articles that belie it."""
        articles = {link.url for link in self.links if is_article(link.url)}
        return _EMPTY.search(self.visible) is not None and len(articles) < 3 and not self.is_template

    @property
    def is_template(self) -> bool:
        """True for markup that a script has yet to fill: {{title}}, v-for, or words that say so."""
        markup = re.sub(r"<script.*?</script>", "", self.text, flags=re.DOTALL | re.IGNORECASE)
        return _TEMPLATE.search(markup) is not None or _LOADING.search(self.visible) is not None

    @property
    def needs_browser(self) -> bool:
        """True when the list is filled in by scripts that only a browser runs."""
        has_script = self.soup.find("script") is not None
        if has_script and len(self.visible) < 60:
            return True
        return self.is_template or (has_script and _LOADER.search(self.text) is not None)

    def frames(self) -> tuple[str, ...]:
        """Addresses of frames on the same host."""
        found = []
        for tag in self.soup.find_all(["iframe", "frame"]):
            source = tag.get("src")
            url = join(self.base, source if isinstance(source, str) else None)
            if url and host_of(url) == host_of(self.url):
                found.append(url)
        return tuple(dict.fromkeys(found))

    def static_jump(self) -> str | None:
        """Where a nearly empty shell sends its reader by meta refresh or a constant address; same host only."""
        if len(self.visible) > 120:
            return None
        for tag in self.soup.find_all("meta"):
            if str(tag.get("http-equiv", "")).lower() == "refresh":
                target = re.search(r"url\s*=\s*['\"]?([^'\";]+)", str(tag.get("content", "")), re.IGNORECASE)
                if target and (url := join(self.base, target[1])) and host_of(url) == host_of(self.url):
                    return url
        jump = _JUMP.search(self.text)
        url = join(self.base, jump[1]) if jump else None
        return url if url and host_of(url) == host_of(self.url) and url != self.url else None
