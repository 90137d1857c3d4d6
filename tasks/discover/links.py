"""Links: from what stands in an attribute to an absolute address, and what kind of page an address names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit, urlunsplit

from bs4 import BeautifulSoup, Tag

from tasks.discover.dates import find_date, strip_date
from tasks.discover.text import collapse, fold, unescape

_DOCUMENT = re.compile(r"\.(?:pdf|docx?|wps|et|xlsx?|rtf|ofd|txt|zip|rar|ceb|jpe?g|png|tiff?)$", re.IGNORECASE)
_DOWNLOAD = re.compile(
    r"/module/download/downfile\.jsp|/attach/-?\d+/|content/download\.jsp|ReadAttachFile\.aspx"
    r"|download[zx]tbattach|ztbAttachDownloadAction|/attachment(?:File)?/download|[?&](?:file(?:name)?|showname)=[^&]+"
    r"\.(?:pdf|docx?|wps|xlsx?|ofd|rtf)(?:&|$)",
    re.IGNORECASE,
)
# Addresses of single articles, by the grammar of the systems that make them.
_ARTICLE = re.compile(
    r"/t\d{8}_\d+\.|/art/\d{4}/|/art_\d+_\d+\.|/art_[0-9a-f]{32}\.|/content/post_\d+|/post_\d+\.|/info/\d+/\d+\.s?html?"
    r"|/c\d+a\d+/page\.|/contents/\d+/\d+\.|/content_\d+|/c\d{2,}_\d+\.|/ARTI\d+|/articles/\d{4,6}/\d+\."
    r"|/public/(?:content/)?\d+/?\d*\.html|/[0-9a-f]{32}[/.]|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\."
    r"|/\d{4}-\d{2}(?:-\d{2}|/\d{2})/|/(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-3]\d)?/[^/]+\.|/\d{4}/\d{1,2}/\d{1,2}/[^/]+\."
    r"|/\d{5,}\.\w*html?$|[?&](?:InfoID|NewsID|articleid|newsid|contentid|messagekey)=|/(?:InfoDetail|NewsView|Detail)s?\b"
    r"|/c\d+/content\.|/xxgkAnnualReport\.jsp",
    re.IGNORECASE,
)
_NOT_A_PAGE = re.compile(r"^(?:javascript|mailto|tel|data|about|file|ftp|weixin):|^#|^$", re.IGNORECASE)
_QUOTED = re.compile(
    r"""['"]((?:https?://|\.{0,2}/|[\w-]+/)[^'"<>\s]*|[^'"<>\s/]+\.(?:s?html?|jhtml|pdf|docx?|jsp[^'"]*|aspx[^'"]*))['"]"""
)
_SAFE = "!$%&'()*+,/:;=@[]~"  # what stands in an address is kept; only letters beyond ASCII are encoded
_SESSION = re.compile(r";jsessionid=[^?#]*", re.IGNORECASE)
_PAGER_LABEL = re.compile(
    r"^\W*(?:[上下前后]一?页|首页|尾页|末页|第?\d{1,3}页?|更多|more|跳转|返回|GO)\W*$", re.IGNORECASE
)
_VAGUE = re.compile(
    r"^(?:查看|详情|详细|更多|下载|点击.*|附件\d*|预览|阅读全文|全文|打开|pdf|word|\[?详细\]?|查看详情|>+|»)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """An anchor of a page: absolute address, full title, its own date if it holds one, and the element."""

    url: str
    title: str
    date: str | None
    element: Tag


def join(base: str, reference: str | None) -> str | None:
    """Absolute http(s) address of a reference, without fragment and session id; None when it names no page.

    The reference is cleaned before joining: entities, backslashes, white space inside (a leading
    `./` glued to a host gives a host that does not exist).
    """
    if reference is None:
        return None
    cleaned = re.sub(r"[\s\x00-\x1f]+", "", unescape(reference)).replace("\\", "/").strip("'\"")
    if _NOT_A_PAGE.match(cleaned):
        return None
    try:
        parts = urlsplit(urljoin(base, cleaned))
        _ = parts.port  # a malformed port raises here and not later
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    path = _SESSION.sub("", parts.path) or "/"
    while path.startswith("/../"):
        path = path[3:]
    path, query = quote(path, safe=_SAFE), quote(parts.query, safe=_SAFE + "?")
    return _viewer_target(urlunsplit((parts.scheme, parts.netloc.lower(), path, query, "")))


def key(url: str) -> str:
    """What two addresses of one page have in common: the scheme and the default port do not matter."""
    parts = urlsplit(url)
    host = re.sub(r":(?:80|443)$", "", parts.netloc.lower())
    return f"{host}{unquote(parts.path)}?{parts.query}" if parts.query else f"{host}{unquote(parts.path)}"


def host_of(url: str) -> str:
    """Host with its port when that is not the default one, as the registry writes it."""
    return re.sub(r":(?:80|443)$", "", urlsplit(url).netloc.lower())


def is_attachment(url: str) -> bool:
    """True when the address gives a file: by its ending or by the download door of a known CMS."""
    return _DOCUMENT.search(urlsplit(url).path) is not None or _DOWNLOAD.search(url) is not None


def is_article(url: str) -> bool:
    """True when the address follows the article grammar of some CMS."""
    return _ARTICLE.search(url) is not None


def folder(url: str) -> str:
    """The path up to and including its last slash; a page's name is no folder."""
    return urlsplit(url).path.rsplit("/", 1)[0] + "/"


def links(soup: BeautifulSoup | Tag, base: str) -> list[Link]:
    """All links of a page in its order, those rewritten into `onclick` included."""
    found = []
    for element in soup.find_all(_clickable):
        url = join(base, _attribute(element, "href")) or _scripted(base, element)
        if url:
            text, day = _text(element)
            found.append(Link(url, _title(text, _attribute(element, "title")), day, element))
    return found


def is_vague(title: str) -> bool:
    """True for a link text that says nothing about its target: 查看, 下载, 详情."""
    return not title or _VAGUE.match(fold(title)) is not None


def is_pager_label(title: str) -> bool:
    """True for the words of a pager or of a further list: 下一页, 2, 更多."""
    return _PAGER_LABEL.match(fold(title)) is not None


def _clickable(tag: Tag) -> bool:
    return tag.name == "a" or (tag.has_attr("onclick") and tag.name in ("li", "td", "tr", "div", "span", "p"))


def _attribute(element: Tag, name: str) -> str | None:
    value = element.get(name)
    return value if isinstance(value, str) else None


def _scripted(base: str, element: Tag) -> str | None:
    for name in ("data-href", "data-url", "data-link"):
        if (plain := _attribute(element, name)) and (url := join(base, plain)):
            return url
    for source in (_attribute(element, "onclick"), _attribute(element, "href")):
        for match in _QUOTED.finditer(unescape(source)) if source else ():
            if url := join(base, match[1]):
                return url
    return None


def _text(element: Tag) -> tuple[str, str | None]:
    """The link's words without its date, and that date: some lists put the date inside the anchor."""
    words: list[str] = []
    day: str | None = None
    for piece in _strings(element):
        found = find_date(piece)
        if found and len(strip_date(piece)) < 2:
            day = day or found
        else:
            words.append(piece)
    text = collapse(" ".join(words))
    without = strip_date(text)
    if without != text:
        day = day or find_date(text[len(without) :]) or find_date(text)
    return without, day


def _strings(element: Tag) -> Iterator[str]:
    for piece in element.stripped_strings:
        yield collapse(piece)


def _title(text: str, attribute: str | None) -> str:
    """The full title: the attribute when it completes or contains the text, else the text."""
    full = collapse(attribute or "")
    if match := re.search(r"标题[::]\s*(.+?)\s*(?:发布|来源|作者|时间|$)", full):
        full = match[1]
    full = strip_date(full)
    if not full:
        return text
    stump = re.sub(r"(?:…|\.{2,}|⋯)+$", "", fold(text))
    if is_vague(text) or fold(full).startswith(stump) or fold(text) in fold(full):
        return full
    return text


def _viewer_target(url: str) -> str:
    """The file that a pdf.js viewer shows: `…/viewer.html?file=<encoded>`."""
    if "viewer.html" not in url:
        return url
    target = parse_qs(urlsplit(url).query).get("file")
    return (join(url, target[0]) if target else None) or url
