"""A pager's controls: 下一页, 尾页, page numbers, 加载更多 – as links, as calls of a script, or as pictures."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bs4 import Tag

from tasks.discover.html import Document
from tasks.discover.links import host_of, is_article, join, key
from tasks.discover.text import fold

_NEXT = re.compile(r"^[\[(<|]*(?:下一?页|后一?页|下页|下一頁|后页|Next|next|NEXT|›|»|→|>|&gt;)[>›»\])|]*$")
_DEAD = re.compile(r"disabled|no[-_]?next|unclick|nolink", re.IGNORECASE)
_LAST = re.compile(r"^[\[(|]*(?:尾页|末页|最后一?页|最末页|last)[\])|]*$", re.IGNORECASE)
_LOAD_MORE = re.compile(r"^(?:点击)?(?:加载|查看|显示|载入)更多(?:信息|内容|数据)?[.…]*$|^(?:点击|上拉)加载(?:更多)?$")
_NUMBER = re.compile(r"^[\[(]?(\d{1,3})[\])]?$")


def next_link(document: Document, number: int | None = None) -> str | None:
    """Address behind 下一页 when it is a plain link to another page of the same host; else the one behind the number
    of the next page (`number`). None on the last page.
    """
    numbers = numbered(document)
    for link in document.links:
        label = fold(link.element.get_text() or "") or _label(link.element)
        if not _NEXT.match(label) and not _NEXT.match(fold(str(link.element.get("title") or "-"))):
            continue
        if _DEAD.search(" ".join(_classes(link.element))) or host_of(link.url) != host_of(document.url):
            continue
        if key(link.url) == key(document.url):
            continue
        spoken = re.search(r"页|頁|next", label or fold(str(link.element.get("title") or "")), re.IGNORECASE)
        # a bare arrow may also belong to a picture show
        if spoken or _same_folder(link.url, document.url) or link.url in numbers.values():
            return link.url
    return numbers.get(number) if number is not None else None


def numbered(document: Document) -> dict[int, str]:
    """Pages by the number that their links show: `1 [2] [3]`, the only pager that some sites have.

    Their addresses stand beside or below the page's own, so that the numbers of a calendar or a picture show are none.
    """
    if "numbered" not in document.kept:
        found: dict[int, str] = {}
        for link in document.links:
            label = _NUMBER.match(fold(link.element.get_text()))
            if label and _is_beside(link.url, document.url) and not is_article(link.url):
                found.setdefault(int(label[1]), link.url)
        document.kept["numbered"] = found if max(found, default=0) >= 2 else {}
    kept: dict[int, str] = document.kept["numbered"]
    return kept


def last_link(document: Document) -> str | None:
    """Address behind 尾页 when it is a plain link; on the last page that is the page's own."""
    for link in document.links:
        if _LAST.match(_label(link.element)) and _is_beside(link.url, document.url):
            return link.url
    return None


def next_control(document: Document, number: int) -> bool | None:
    """Whether there is a live 下一页 without an address: True when its script names page `number`, or when it loads
    more into the same page; False when it is a bare call that some sites leave on their last page too; None when
    there is none.
    """
    for element in document.soup.find_all(["a", "span", "li", "button", "input", "div", "p"]):
        label = fold(element.get_text()) if len(element.get_text()) <= 12 else ""
        label = label or fold(str(element.get("value") or ""))
        if element.has_attr("disabled") or _DEAD.search(" ".join(_classes(element))):
            continue
        if _LOAD_MORE.match(label) and not _has_address(element) and not _is_hidden(element):
            return True
        if not _NEXT.match(label):
            continue
        script = f"{element.get('onclick') or ''} {element.get('href') or ''}"
        call = re.search(r"[\w.]+\s*\(([^()]*)\)", script.replace("void(0)", ""))
        if call and "__doPostBack" not in script:
            return bool(re.search(rf"(?<!\d){number}(?!\d)", call[1]))
    return None


def post_back(document: Document, number: int) -> tuple[str, str] | None:
    """Target and argument of the __doPostBack call behind 下一页, or behind the number of the next page."""
    for label in (_NEXT, re.compile(rf"^\[?{number}\]?$")):
        for link in document.soup.find_all("a", href=re.compile("__doPostBack")):
            call = re.search(r"__doPostBack\(\s*['\"]([^'\"]+)['\"]\s*,\s*['\"]([^'\"]*)['\"]", str(link["href"]))
            if call and label.match(_label(link)) and not link.has_attr("disabled"):
                return call[1], call[2]
    for link in document.soup.find_all("a", href=re.compile("__doPostBack")):  # a picture in place of the number
        call = re.search(r"__doPostBack\(\s*['\"]([^'\"]+)['\"]\s*,\s*['\"](\d+)['\"]", str(link["href"]))
        if call and int(call[2]) == number and not fold(link.get_text()):
            return call[1], call[2]
    return None


def last_number(document: Document) -> int | None:
    """The number of the last page as the pager's links tell: the highest one shown, or the call behind 尾页."""
    for element in document.soup.find_all(["a", "span", "li", "button", "input"]):
        if _LAST.match(_label(element)):
            call = re.search(
                r"\w\s*\(\s*['\"]?(\d{1,4})['\"]?\s*\)", str(element.get("onclick") or element.get("href"))
            )
            if call and int(call[1]) > 0 and "__doPostBack" not in call[0]:
                return int(call[1])
    return max(numbered(document), default=None)


def _label(element: Tag) -> str:
    """What a control says: its words, else its value, its title or the words of its picture."""
    words = fold(element.get_text()) or fold(str(element.get("value") or "")) or fold(str(element.get("title") or ""))
    picture = None if words else element.find("img")
    return fold(str(picture.get("alt") or picture.get("title") or "")) if isinstance(picture, Tag) else words


def _has_address(element: Tag) -> bool:
    """True when the control, or an anchor around or inside it, is a plain link."""
    anchors = [element, *element.find_all("a"), *element.find_parents("a")]
    return any(join("http://x/", str(anchor.get("href") or "")) for anchor in anchors)


def _is_hidden(element: Tag) -> bool:
    around = [element, *list(element.parents)[:3]]
    return any(re.search(r"display\s*:\s*none", str(one.get("style") or "")) for one in around if one.attrs)


def _is_beside(url: str, own: str) -> bool:
    """True for an address in the folder of the page, in that named after it, or of the same page with another query."""
    if host_of(url) != host_of(own):
        return False
    path, mine = urlsplit(url).path, urlsplit(own).path
    stem = mine.rpartition(".")[0] or mine
    return _same_folder(url, own) or path.startswith(stem.rstrip("/") + "/")


def _same_folder(one: str, other: str) -> bool:
    return urlsplit(one).path.rsplit("/", 1)[0] == urlsplit(other).path.rsplit("/", 1)[0]


def _classes(element: Tag) -> list[str]:
    value = element.get("class")
    return [str(item) for item in value] if isinstance(value, list) else [str(value or "")]
