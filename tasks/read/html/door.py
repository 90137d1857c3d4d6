"""A page to blocks: the steps in order, and the pages that hold no report."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from lxml import etree

from schemas.blocks import Attachment, Blocks, Grid, Paragraph, Place
from schemas.errors import ReadError
from tasks.read.build import Builder
from tasks.read.html.container import choose, topics
from tasks.read.html.flow import BLOCKS, Flow
from tasks.read.html.links import attachments_of, further_pages
from tasks.read.html.page import Page, parse_page, text_of
from tasks.read.html.table import squeeze
from tasks.read.noise import is_furniture, is_header_line
from tasks.read.trouble import NoBody

MEDIA_TYPE = "text/html"
_ERROR_WORDS = re.compile(
    r"您?(?:要|所|请求|查看|访问)*(?:的)?(?:页面|网页|文件|内容|资源|信息)(?:已经?)?(?:不存在|无法访问|未找到|找不到|已删除|被删除|走丢)|页面找不到|找不到(?:该|此)?(?:页面|网页)"
    r"|404|Not Found|403|Forbidden|Bad Gateway|Service Unavailable|Internal Server Error|Request Rejected|Access Denied"
    r"|访问被(?:拒绝|拦截|阻断)|拒绝访问|系统(?:正在)?(?:升级|维护)|网站(?:正在)?(?:升级|维护)|服务器(?:错误|繁忙)|请求(?:过于)?频繁|验证码|安全验证",
    re.IGNORECASE,
)
_LONGEST_ERROR = 600
_LONGEST_HEADER = 160
_LEAST_TEXT = 30
_TITLE_METAS = ("articletitle", "title", "og:title")
_HEADER_TAGS = frozenset({"h1", "h2", "h3", "ucaptitle", "publishtime"})
_ARTICLE_IN_SCRIPT = re.compile(r'"(?:content|contentHtml|articleContent|body)"\s*:\s*("(?:[^"\\]|\\.){200,}")')


def read_html(
    data: bytes, *, declared: str | None = None, url: str | None = None, promised: str | None = None
) -> Blocks:
    """Reads a page. `promised` is what the address or the server said the file is (pdf, doc …), for the error's words.

    Raises `NoBody` for a page without a report, with the files it links to, and ReadError `read.limit.*`.
    """
    try:
        page = parse_page(data, declared)
        container = choose(page.body, page.text)
        builder = _flow(page, container)
        if _is_bare(builder, page):
            inner = _article_in_script(page)
            if inner is not None:
                container, builder = inner, _flow(page, inner)
                page.notes.append("html.body_in_script")
        attachments = attachments_of(page, container, url)
        more = further_pages(page, container, url)
    except RecursionError as error:
        raise ReadError("read.limit.nesting", "the page nests its elements deeper than a page ever does") from error
    trouble = _trouble_of(page, builder, promised)
    if trouble:
        raise NoBody(
            trouble, f"the page says: {squeeze(text_of(page.body))[:80] or page.title}", attachments=attachments
        )
    if _is_bare(builder, page):
        raise _no_body(page, attachments)
    if more:
        page.notes.append("html.more_pages")
    return builder.blocks(
        MEDIA_TYPE,
        "html",
        title=page.title,
        metas=page.metas,
        attachments=attachments,
        notes=tuple(dict.fromkeys(page.notes)),
        more=more,
    )


def links_of(data: bytes, *, declared: str | None = None, url: str | None = None) -> tuple[Attachment, ...]:
    """The files a page links to, embeds or shows, whatever its body holds."""
    page = parse_page(data, declared)
    return attachments_of(page, choose(page.body, page.text), url)


def _flow(page: Page, container: etree._Element) -> Builder:
    builder = Builder()
    tree = container.getroottree()
    for text, heading, path in _header(page.body, container):
        builder.paragraph(text, path, heading)
    flow = Flow(builder, tree)
    flow.walk(container)
    flow.finish()
    return builder


def _header(body: etree._Element, container: etree._Element) -> Iterator[tuple[str, int | None, Place]]:
    """Title and date lines that stand before the container, outside of it: headings, 发布日期：…, 来源：…"""
    if container is body:
        return
    tree = container.getroottree()
    chain = [container]
    for element in container.iterancestors():
        if element is body:
            break
        chain.append(element)
    for element in reversed(chain):
        for before in reversed(list(element.itersiblings(preceding=True))):
            for part, text in _header_lines(before):
                level = int(part.tag[1]) if re.fullmatch(r"h[1-6]", str(part.tag)) else None
                yield text, level, Place(path=str(tree.getpath(part)))


def _header_lines(element: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Headings, and lines with a source or a date: whole rows of tables, else elements without blocks inside."""
    if element.tag in _HEADER_TAGS:
        text = squeeze(text_of(element))
        if text and not is_furniture(text):
            yield element, text
        return
    if element.tag == "tr":
        text = " ".join(filter(None, (squeeze(text_of(cell)) for cell in element)))
    elif any(below.tag in BLOCKS for below in element.iterdescendants()):
        for child in element:
            yield from _header_lines(child)
        return
    else:
        text = squeeze(text_of(element))
    if text and len(text) < _LONGEST_HEADER and is_header_line(text) and not is_furniture(text):
        yield element, text


def _substance(builder: Builder, page: Page) -> int:
    """Characters that say more than the title, the date and the page's furniture; any table is enough."""
    if any(isinstance(item, Grid) for item in builder.items):
        return _LEAST_TEXT
    known = _bare_text(page.title or "") + "|" + "|".join(_bare_text(page.metas.get(name, "")) for name in _TITLE_METAS)
    length = 0
    for item in builder.items:
        assert isinstance(item, Paragraph)
        bare = _bare_text(item.text)
        if bare and bare not in known and not is_header_line(item.text) and item.heading is None:
            length += len(bare)
    return length


def _is_bare(builder: Builder, page: Page) -> bool:
    return _substance(builder, page) < _LEAST_TEXT


def _bare_text(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def _article_in_script(page: Page) -> etree._Element | None:
    """The article when the page only carries it as a JSON string for its script (Guangdong's gkmlpt)."""
    for script in page.scripts:
        for match in _ARTICLE_IN_SCRIPT.finditer(script):
            try:
                markup = json.loads(match.group(1))
            except ValueError:
                continue
            if "<" in markup:
                return parse_page(markup.encode()).body
    return None


def _trouble_of(page: Page, builder: Builder, promised: str | None) -> str | None:
    """The reason code when the page is an error page of a server, a firewall or a CMS."""
    if any(isinstance(item, Grid) for item in builder.items) or topics(builder.text()) > 3:
        return None
    whole = squeeze(text_of(page.body))
    in_title = bool(_ERROR_WORDS.search(page.title or ""))
    in_text = len(whole) < _LONGEST_ERROR and bool(_ERROR_WORDS.search(whole))
    if in_title or in_text or (promised is not None and len(whole) < _LONGEST_ERROR):
        return "read.error_page"
    return None


def _no_body(page: Page, attachments: tuple[Attachment, ...]) -> NoBody:
    title = page.title or "a page without title"
    pictures = sum(found.kind == "image" for found in attachments)
    files = len(attachments) - pictures
    if not text_of(page.body).strip() and page.scripts:
        message = f"the page “{title}” has no text; scripts would have to build it"
        return NoBody("read.script_only", message, attachments=attachments)
    if files:
        message = f"the page “{title}” holds no report itself, but names {files} file(s) or frame(s) that may be it"
        return NoBody("read.empty_body", message, attachments=attachments)
    if pictures:
        message = f"the page “{title}” shows {pictures} picture(s) and no text; reading pictures needs OCR"
        return NoBody("read.needs_ocr", message, attachments=attachments)
    return NoBody("read.empty_body", f"the page “{title}” holds a title and nothing else")
