"""Files that a page links to, embeds or shows, and the further pages of an article that is split over several."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from lxml import etree

from schemas.blocks import Attachment
from tasks.read.html.page import Page, text_of

_FILE = re.compile(r"\.(?:pdf|docx?|wps|xlsx?|et|rtf|ofd|zip|rar|7z|txt)(?:$|[?#&])", re.IGNORECASE)
_DOWNLOAD = re.compile(
    r"downfile\.jsp|download\.jsp|downloadztbattach|readattachfile|attachdownload|ztbattachdownloadaction|/attach/|/download/",
    re.IGNORECASE,
)
_NAMES_A_REPORT = re.compile(r"年度报告|年报|附件|信息公开")
_VIEWER = re.compile(r"viewer\.html|pdfjs|pdf\.js|onlinepreview|officeapps|previewfile", re.IGNORECASE)
_IN_SCRIPT = re.compile(r"""["']([^"'<>\s]{1,300}\.(?:pdf|docx?|wps|ofd))["']""", re.IGNORECASE)
_NOT_CONTENT = re.compile(r"icon|logo|banner|qrcode|ewm|weixin|share|button|btn|arrow|close|print", re.IGNORECASE)
_PAGER_SCRIPT = re.compile(
    r"""createPageHTML\(\s*(?:["'][^"']*["']\s*,\s*)?(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*["']([^"']+)["']\s*,\s*["'](\w+)["']"""
)
_SCHEMES = ("javascript:", "mailto:", "tel:", "data:", "#", "about:")
_MOST_IMAGES = 60
_SHELL = 200  # characters of a page that only sends its visitor on


def attachments_of(page: Page, container: etree._Element, url: str | None) -> tuple[Attachment, ...]:
    """Files inside the body first, then frames, then files elsewhere on the page that name a report, then pictures."""
    found: dict[tuple[str, str], Attachment] = {}

    def add(address: str, label: str, kind: str) -> None:
        target = _absolute(address, url)
        if target and (target, "") not in found:
            found[target, ""] = Attachment(target, _clean(label) or _name(target), kind)

    for link in container.iterdescendants("a"):
        if _is_file(link):
            add(link.get("href") or "", text_of(link) or link.get("title") or "", "file")
    for frame in page.body.iterdescendants("iframe", "embed", "object", "frame"):
        for address, label in _framed(frame):
            add(address, label, "frame")
    for link in page.body.iterdescendants("a"):
        if not _is_file(link):
            continue
        text, title, address = text_of(link), link.get("title") or "", link.get("href") or ""
        if _NAMES_A_REPORT.search(f"{text} {title}{unquote(address)}"):
            add(address, text or title, "file")
    for address in page.meta_files:
        if _FILE.search(address) or _DOWNLOAD.search(address):
            add(address, "", "file")
    for script in page.scripts:
        for match in _IN_SCRIPT.finditer(script):
            add(match.group(1), "", "frame")
    if len(text_of(page.body).strip()) < _SHELL:
        for address in page.moved_to:
            add(address, "", "frame")
    images = 0
    for image in container.iterdescendants("img"):
        source = image.get("src") or image.get("data-src") or ""
        if source and images < _MOST_IMAGES and not _NOT_CONTENT.search(source) and not _is_small(image):
            add(source, image.get("alt") or "", "image")
            images += 1
    return tuple(found.values())


def further_pages(page: Page, container: etree._Element, url: str | None) -> tuple[str, ...]:
    """Addresses of the other pages of the same article, in order: a pager inside it, or the CMS's pager script.

    Only addresses that differ from the page's own by a page mark count (`t2022_1.html`, `t2022.html?page=2`), so that a
    pager of a list beside the article is not taken for the article's.
    """
    found: list[str] = []
    scope = container.getparent()
    for link in (container if scope is None else scope).iterdescendants("a"):
        label = text_of(link).strip(" []【】第页\u3000\xa0\n\t")
        if label.isdigit() or label in {"下一", "下", "尾", "末", "next"}:
            target = _absolute(link.get("href") or "", url)
            if target and target not in found and _same_article(target, url):
                found.append(target)
    for script in page.scripts:
        match = _PAGER_SCRIPT.search(script)
        if match and int(match.group(1)) > 1:
            total, name, ending = int(match.group(1)), match.group(3), match.group(4)
            for number in range(1, total):
                target = _absolute(f"{name}_{number}.{ending}", url)
                if target and target not in found and _same_article(target, url):
                    found.append(target)
    return tuple(found)


def _same_article(target: str, url: str | None) -> bool:
    if url is None:
        return False
    mine, other = urlsplit(url), urlsplit(target)
    if mine.netloc != other.netloc or target == url:
        return False
    if mine.path == other.path:
        return bool(re.search(r"page|currpage|pageno|p=", other.query, re.IGNORECASE))
    stem = re.sub(r"(?:_\d{1,3})?\.\w+$", "", mine.path)
    return bool(re.fullmatch(re.escape(stem) + r"_\d{1,3}\.\w+", other.path))


def _is_file(link: etree._Element) -> bool:
    address = link.get("href") or ""
    if not address or address.lower().startswith(_SCHEMES):
        return False
    if _FILE.search(address) or _DOWNLOAD.search(address):
        return True
    return bool(_FILE.search(text_of(link).strip()) or any(_FILE.search(value) for _, value in _query(address)))


def _framed(frame: etree._Element) -> Iterator[tuple[str, str]]:
    """The document that a frame shows; for a viewer the file that it is told to open."""
    address = frame.get("src") or frame.get("data") or frame.get("data-src") or ""
    if not address:
        for param in frame.iterchildren("param"):
            if (param.get("name") or "").lower() in {"src", "movie", "filename", "url"}:
                address = param.get("value") or ""
    if not address or address.lower().startswith(_SCHEMES):
        return
    inner = next((value for name, value in _query(address) if name.lower() in {"file", "url", "src", "path"}), None)
    if inner and (_FILE.search(inner) or _VIEWER.search(address)):
        address = inner
    yield address, frame.get("title") or frame.get("name") or ""


def _query(address: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(address).query)
    except ValueError:
        return []


def _absolute(address: str, url: str | None) -> str | None:
    address = address.strip().replace("\\", "/").replace("\n", "")
    if not address or address.lower().startswith(_SCHEMES):
        return None
    try:
        target = urljoin(url, address) if url else address
        parts = urlsplit(target)
    except ValueError:
        return None
    if parts.scheme and parts.scheme not in {"http", "https"}:
        return None
    return target


def _name(address: str) -> str:
    return unquote(urlsplit(address).path.rsplit("/", 1)[-1])


def _clean(label: str) -> str:
    return " ".join(label.split())[:200]


def _is_small(image: etree._Element) -> bool:
    """Icons and buttons: a stated width or height below that of a readable picture."""
    style = image.get("style") or ""
    for name in ("width", "height"):
        stated = image.get(name) or "".join(re.findall(rf"(?:^|;)\s*{name}\s*:\s*(\d+)(?:\.\d+)?px", style)[:1])
        digits = re.match(r"\d+", stated)
        if digits and int(digits.group()) < 100 and not stated.endswith("%"):
            return True
    return False
