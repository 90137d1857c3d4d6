"""A page as an element tree: decoded, parsed, and freed from what is never content."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from schemas.errors import ReadError
from tasks.read.decode import decode
from tasks.read.html.markdown import as_page, is_markdown

# Elements that hold code, controls, Word's private settings or struck words; their text is never part of a report.
_NEVER = (
    "script", "style", "noscript", "template", "select", "button", "textarea", "svg", "audio", "video", "map", "xml",
    "nav", "marquee", "head", "del", "s", "strike",
)  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|text-decoration[^;]*line-through", re.IGNORECASE)
_MAY_HIDE = (
    re.compile(rb"isplay"),
    re.compile(rb"ISPLAY"),
    re.compile(rb"line-through"),
)  # literal searches: fast over a whole page
_INVISIBLE = re.compile(
    "[\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad"
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]"  # what a tree may hold when parsed, but not be given
)
_OPENED = re.compile(rb"<(?:html|body)[\s>]", re.IGNORECASE)
_CLOSED = re.compile(rb"</(?:html|body)\s*>", re.IGNORECASE)
_TAIL = 16_384  # bytes at the end in which a whole page closes itself; counters and trackers may follow
_REFRESH = re.compile(r"url\s*=\s*[\"']?([^\"'\s;]+)", re.IGNORECASE)
_MOVED = re.compile(r"""location(?:\.href)?\s*=\s*["']([^"'<>]+)["']|location\.replace\(\s*["']([^"'<>]+)["']\s*\)""")
_DECLARATION = re.compile(r"<!(?:\[(?:if|endif)[^\]>]{0,60}\])>", re.IGNORECASE)


@dataclass(slots=True)
class Page:
    """A parsed page. `body` is cleaned in place, `text` is all its text; `scripts` are the texts of its scripts."""

    body: etree._Element
    text: str
    title: str | None
    metas: dict[str, str]
    scripts: list[str]
    notes: list[str] = field(default_factory=list)
    meta_files: list[str] = field(default_factory=list)  # files that repeated Image metas name (Hanweb)
    moved_to: list[str] = field(default_factory=list)  # where a refresh or a plain script sends the visitor


def parse_page(data: bytes, declared: str | None = None) -> Page:
    """Parses a page; raises ReadError (`read.limit.nesting`, `read.empty_body`) when there is no tree to walk."""
    decoded = decode(data, declared)
    text = decoded.text
    if decoded.source != "utf-8" or b"\x00" in data or b"<![" in data:
        text = text.replace("\x00", "")  # the parser would take a zero for the end
        text = _DECLARATION.sub("", text)  # Word's <![if !supportLists]>: bogus, and parsers differ on it
        data = text.encode("utf-8", "replace")
    if is_markdown(text):
        data = as_page(text).encode("utf-8", "replace")
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.LxmlError as error:
        raise ReadError("read.empty_body", f"the page has no markup that can be parsed: {error}") from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise ReadError("read.limit.nesting", "the page nests its elements deeper than the parser goes")
    if root is None:
        raise ReadError("read.empty_body", "the page has no elements")
    found = root.find("body")
    body = root if found is None else found
    page = Page(body, "", _title(root), {}, _scripts(root))
    _read_metas(root, page)
    if decoded.damaged:
        page.notes.append("html.damaged_encoding")
    if _OPENED.search(data[:4096]) and not _CLOSED.search(data[-_TAIL:]):
        page.notes.append("html.cut_off")
    page.text = _clean(body, data, page)
    return page


def _title(root: etree._Element) -> str | None:
    for tag in ("title", "ucaptitle"):
        found = next(root.iter(tag), None)
        if found is not None:
            text = " ".join(text_of(found).split())
            if text:
                return text
    return None


def _scripts(root: etree._Element) -> list[str]:
    return [script.text for script in root.iter("script") if script.text]


def _read_metas(root: etree._Element, page: Page) -> None:
    """The metas of 国办发〔2017〕47号 and whatever else there is; names in lower case, the first value that is set."""
    for script in page.scripts:
        page.moved_to += [first or second for first, second in _MOVED.findall(script)]
    for meta in root.iter("meta"):
        if (meta.get("http-equiv") or "").lower() == "refresh":
            page.moved_to += _REFRESH.findall(meta.get("content") or "")
        name = meta.get("name") or meta.get("property") or meta.get("itemprop")
        content = (meta.get("content") or "").strip()
        if not name or not content:
            continue
        key = name.strip().lower()
        page.metas.setdefault(key, content)
        if key == "image":
            page.meta_files.append(content)


def _clean(body: etree._Element, data: bytes, page: Page) -> str:
    """Takes out of the body what is never content, and gives the text that is left."""
    etree.strip_elements(body, *_NEVER, with_tail=False)
    text = text_of(body)
    changed = False
    if _INVISIBLE.search(text):
        _drop_invisible(body)
        changed = True
    if any(hint.search(data) for hint in _MAY_HIDE):
        _drop_hidden(body, page)
        changed = True
    for element in body.iter("sup"):
        _mark_note(element)
        changed = True
    return text_of(body) if changed else text


def _mark_note(sup: etree._Element) -> None:
    """A raised digit behind a digit is the mark of a footnote, not one more digit: 22¹ becomes 22[1]."""
    text = text_of(sup).strip()
    before = sup.getprevious()
    parent = sup.getparent()
    words = before.tail if before is not None else parent.text if parent is not None else None
    if text and len(text) <= 3 and text[0].isnumeric() and words and words.rstrip()[-1:].isdigit():
        del sup[:]
        sup.text = f"[{text}]"


def _drop_invisible(body: etree._Element) -> None:
    """Zero-width characters, soft hyphens and marks of direction would part the digits of a number."""
    for element in body.iter():
        if element.text:
            element.text = _INVISIBLE.sub("", element.text)
        if element.tail:
            element.tail = _INVISIBLE.sub("", element.tail)


def _drop_hidden(body: etree._Element, page: Page) -> None:
    hidden: list[etree._Element] = []
    for element in body.iterdescendants():
        style = element.get("style")
        if style and _HIDDEN.search(style) and not any(outer in hidden for outer in element.iterancestors()):
            hidden.append(element)
    lengths = [len(text_of(element)) for element in hidden]
    visible = len(text_of(body)) - sum(lengths)
    for element, length in zip(hidden, lengths, strict=True):
        if length > visible:
            page.notes.append("html.hidden_body")  # some sites hide the article and let a script show it
        elif element is not body:
            _drop(element)


def text_of(element: etree._Element) -> str:
    """All text below an element, as it stands in the source."""
    return str(etree.tostring(element, method="text", encoding="unicode", with_tail=False))


def _drop(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = _INVISIBLE.sub("", (before.tail or "") + element.tail)
        else:
            parent.text = _INVISIBLE.sub("", (parent.text or "") + element.tail)
    parent.remove(element)
