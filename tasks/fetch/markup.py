"""Just enough looking at HTML to tell an error page, a shell or a jump from a page. Linear in time on any input."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

_STARTS = ("<!doctype html", "<html", "<head", "<body", "<script", "<meta", "<title", "<!--", "<noscript", "<frameset")
_TAG = re.compile(r"<[^<>]*>")
_BLANK = re.compile(r"\s+")
_SPACE = re.compile(r"&(?:nbsp|ensp|emsp|#160);?")
_TITLE = re.compile(r"<title[^<>]*>([^<]*)", re.IGNORECASE)
_HREF = re.compile(r"<a\b[^<>]*\bhref\s*=\s*[\"']?(?!#|javascript:)[^\"'>\s]", re.IGNORECASE)
_REFRESH = re.compile(r"<meta\b[^<>]*http-equiv\s*=\s*[\"']?refresh[\"']?[^<>]*>", re.IGNORECASE)
_REFRESH_URL = re.compile(
    r"content\s*=\s*[\"']?\s*\d*(?:\.\d+)?\s*[;,]?\s*url\s*=\s*[\"']?([^\"'<>\s]+)", re.IGNORECASE
)
# Only an address written out in the script is a static target; anything computed would mean executing it.
_SCRIPT_JUMP = re.compile(
    r"(?:window\.|self\.|top\.|parent\.|document\.)*location(?:\.href)?\s*"
    r"(?:=\s*|\.(?:replace|assign)\s*\(\s*)([\"'])([^\"'<>\s\\]+)\1\s*\)?\s*(?:;|\n|$|\})"
)
_SHORT_SCRIPT = 2000
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_NOT_SHOWN = ("!--", "script", "style", "noscript", "template")
_SLICE = 2000
ENOUGH = 1000
_COMMENT_MARKS = re.compile(r"^\s*(?:<!--|//-->|//<!\[CDATA\[|//\]\]>)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Html:
    """A page's source, with the few views that naming a trouble needs."""

    source: str

    @cached_property
    def _split(self) -> tuple[str, str]:
        return _without_scripts(self.source)

    @property
    def scripts(self) -> str:
        """The text of all inline scripts."""
        return self._split[1]

    @cached_property
    def visible(self) -> str:
        """The beginning of what a reader would see (roughly), blanks folded; more than ENOUGH says that there is more.

        A long page is about more than its refusal or error could be, so nobody needs the rest of it.
        """
        found: list[str] = []
        length = 0
        for slice_ in _slices(self.source):
            text = _text(slice_)
            if text:
                found.append(text)
                length += len(text) + 1
                if length > ENOUGH:
                    break
        return " ".join(found)

    @cached_property
    def said(self) -> str:
        """The visible text outside of links: what the page says itself, not the titles that it lists."""
        return _text(_without(self._split[0], "a")[0])

    @cached_property
    def title(self) -> str:
        """The title element."""
        found = _TITLE.search(self.source)
        return _BLANK.sub(" ", html.unescape(found.group(1))).strip() if found else ""

    @cached_property
    def body_text(self) -> str:
        """Visible text without the title."""
        return self.visible.replace(self.title, "", 1).strip() if self.title else self.visible

    @cached_property
    def has_links(self) -> bool:
        """Whether a link leads anywhere."""
        return _HREF.search(self._split[0]) is not None

    def has_tag(self, *names: str) -> bool:
        """Whether one of these elements stands in the page (outside scripts)."""
        lowered = self._split[0].lower()
        return any(f"<{name}" in lowered for name in names)

    @cached_property
    def jump(self) -> str | None:
        """Where a page without content of its own sends its reader, if the address is written out in it."""
        if len(self.body_text) > 80 or self.has_tag("iframe", "frame", "embed", "object"):
            return None
        for refresh in _REFRESH.finditer(self.source):
            target = _REFRESH_URL.search(_BLANK.sub(" ", refresh.group(0))[:1000])
            if target:
                return html.unescape(target.group(1))
        if len(self.scripts) > _SHORT_SCRIPT:
            return None
        script = _COMMENT_MARKS.sub("", self.scripts).strip()
        found = _SCRIPT_JUMP.search(script)
        # One plain statement and little else; a longer script decides something, and we do not run scripts.
        if found and len(script) - len(found.group(0)) <= 40 and "cookie" not in script:
            return found.group(2)
        return None

    @cached_property
    def fingerprint(self) -> str:
        """All the visible text without digits and blanks: the same for the same page on another day."""
        return _NOT_LETTERS.sub("", _text(self._split[0]))


def looks_like_html(data: bytes) -> bool:
    """Whether the bytes begin like an HTML document (not like a fragment of one, XML or JSON)."""
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n\0").lower()
    return start.startswith(tuple(mark.encode() for mark in _STARTS))


def _text(markup: str) -> str:
    return _BLANK.sub(" ", html.unescape(_SPACE.sub(" ", _TAG.sub(" ", markup)))).strip()


def _without_scripts(source: str) -> tuple[str, str]:
    """The source without comments, scripts, styles and noscript, and the text of the scripts."""
    kept, removed = _without(source, *_NOT_SHOWN)
    return kept, "\n".join(text for name, text in removed if name == "script")


def _without(source: str, *names: str) -> tuple[str, list[tuple[str, str]]]:
    """The source without these elements, and the name and inner text of each one removed."""
    kept: list[str] = []
    removed: list[tuple[str, str]] = []
    for name, text in _pieces(source, *names):
        if name:
            removed.append((name, text))
        else:
            kept.append(text)
    return " ".join(kept), removed


def _pieces(source: str, *names: str) -> Iterator[tuple[str, str]]:
    """The source in order, cut at these elements: what is between them under no name, their inner text under theirs.

    An unclosed script goes to the end, as in browsers; other unclosed elements count as plain source.
    """
    at = 0
    unclosed: set[str] = set()  # closings that do not come any more: not searched for again
    for found in _opening(names).finditer(source):
        name = found.group(1).lower()
        if found.start() < at or name in unclosed:
            continue
        closing = _closing(name).search(source, found.end())
        if closing is None:
            unclosed.add(name)
            if name != "script":
                continue
        end = closing.start() if closing else len(source)
        yield "", source[at : found.start()]
        yield name, source[source.find(">", found.start(), end) + 1 : end]
        at = closing.end() if closing else end
    yield "", source[at:]


def _slices(source: str) -> Iterator[str]:
    """The shown source in slices that end before a tag, so that no tag is cut in two."""
    for name, piece in _pieces(source, *_NOT_SHOWN):
        at = 0 if not name else len(piece)
        while at < len(piece):
            end = piece.find("<", at + _SLICE)
            end = len(piece) if end < 0 else end
            yield piece[at:end]
            at = end


@cache
def _opening(names: tuple[str, ...]) -> re.Pattern[str]:
    marks = "|".join(name if name == "!--" else f"{name}(?![a-z0-9-])" for name in names)
    return re.compile(f"<({marks})", re.IGNORECASE | re.ASCII)


@cache
def _closing(name: str) -> re.Pattern[str]:
    return re.compile("-->" if name == "!--" else f"</{name}(?![a-z0-9-])[^<>]*>?", re.IGNORECASE | re.ASCII)
