"""Pagers: how many pages a list says it has, on which one we are, and where the next one stands.

Read from the scripts and words that the systems leave in their pages; where only a convention tells the address of
page 2, all conventions are given in order and the walker tries them against page 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from bs4 import Tag

from tasks.discover import controls
from tasks.discover.html import Document
from tasks.discover.links import join, key
from tasks.discover.text import fold

_CALL = re.compile(r"(?<!function )(?<![\w.])(\w*[cC]reate\w*[pP]age\w*|getPageHTML|next)\s*\(([^(){}]*)\)")
_ARGUMENT = re.compile(r"""\s*(?:(['"])(.*?)\1|(-?\d+)(?=\s*(?:,|$))|([^,]+))""")
_COUNT = re.compile(
    r"\b(?:countPage|pageCount|totalPages?|pageTotal|page_count)['\"]?\s*[:=]\s*['\"]?(\d+)", re.IGNORECASE
)
_CURRENT = re.compile(r"\b(?:currentPage|curPage|pageIndex|nowPage)['\"]?\s*[:=]\s*['\"]?(\d+)", re.IGNORECASE)
_RECORDS = re.compile(
    r"\b(?:totalRecords?|recordCount|totalCount|records|totalRows?|rowCount)['\"]?\s*[:=]\s*['\"]?(\d+)", re.IGNORECASE
)
_OF_PAGES = re.compile(r"共计?(\d+)页|总页数[::]?(\d+)|分(\d+)页|(?:页次|页码|页数)[::]?\d+/(\d+)")
_FRACTION = re.compile(r"(?<![\d/])(\d{1,4})/(\d{1,4})(?![\d/])")
_OF_RECORDS = re.compile(
    r"共有?(\d+)(?:条|项|篇|个|则)|总(?:记录|条)数?[::]?(\d+)|(?:记录|信息)总数[::]?(\d+)|共有?记录(\d+)条"
)
_NTH = re.compile(r"(?:第|当前第?|页次[::]?)(\d+)(?:/\d+)?页")
# A total that stands by itself, without a word about pages beside it.
_ALONE = re.compile(r"^[(\[]?(?:总?共计?有?(\d+)(?:条|篇|项)(?:记录|信息|数据|结果)?|总记录数?[::]?(\d+)条?)[)\]。,]?$")


@dataclass(frozen=True, slots=True)
class Call:
    """A pager call in a script, e.g. createPageHTML(3, 0, "index", "html"): its words and its numbers in order."""

    name: str
    words: tuple[str, ...]
    numbers: tuple[int, ...]
    leading_word: bool  # the first argument is text: a DOM id, and the numbers count from 1


@dataclass(frozen=True, slots=True)
class Announced:
    """What a page says about its list. `current` counts from 1."""

    pages: int | None = None
    records: int | None = None
    current: int | None = None


def script_call(text: str) -> Call | None:
    """The pager call with literal numbers; calls whose count is a variable are none."""
    furthest = 0
    for match in _CALL.finditer(re.sub(r"/\*.*?\*/|<!--.*?-->", "", text, flags=re.DOTALL)):
        words: list[str] = []
        numbers: list[int] = []
        first_is_word = False
        for place, part in enumerate(_ARGUMENT.finditer(match[2])):
            if part[1] is not None and not part[2].isdecimal():
                words.append(part[2])
                first_is_word |= place == 0
            elif (part[3] or part[2] or "").lstrip("-").isdecimal():
                numbers.append(int(part[3] or part[2]))
            elif part[4] and part[4].strip():
                first_is_word |= place == 0  # a variable that names the element
        if not numbers or (match[1] == "next" and len(numbers) != 1):
            continue
        if match[1] != "next":
            return Call(match[1], tuple(words), tuple(numbers), first_is_word)
        furthest = max(furthest, numbers[0])  # javascript:next(2) … next(7): the largest is what we know of
    return Call("next", (), (furthest,), leading_word=False) if furthest else None


def announced(document: Document) -> Announced:
    """Totals that stand in the page's words or scripts. Words count only where pages are spoken of beside them.

    A pager call outranks all else: createPageHTML(pages, current, name, ending), or with a DOM id in front
    createPageHTML(id, pages, current, name, ending, records).
    """
    call = script_call(document.text)
    pages = max(call.numbers[0], 1) if call else _number(_COUNT.search(document.text))
    from_call = call.numbers[2] if call and call.leading_word and len(call.numbers) > 2 else None
    records = from_call if from_call is not None else _number(_RECORDS.search(document.text))
    current = _number(_CURRENT.search(document.text))
    for words in _pager_words(document):
        pages = pages if pages is not None else _number(_OF_PAGES.search(words))
        records = records if records is not None else _number(_OF_RECORDS.search(words))
        nth = _NTH.search(words)
        fraction = _FRACTION.search(words)
        if nth:
            current = int(nth[1])
        if fraction and 1 <= int(fraction[1]) <= int(fraction[2]):
            current = current or int(fraction[1])
            pages = pages if pages is not None else int(fraction[2])
    if records is None:
        records = _record_words(document)
    if pages is None:
        pages = controls.last_number(document)
    return Announced(pages, records, current)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A convention for the address of page n: `{n}` in the template stands for n + shift."""

    template: str
    shift: int = 0

    def page(self, base: str, number: int) -> str | None:
        return join(base, self.template.replace("{n}", str(number + self.shift)))


def script_patterns(document: Document) -> tuple[Pattern, ...]:
    """Conventions for further pages, with the name and ending that the page's pager call gives, if it has one; before
    them that of the page's own link to its last page.
    """
    last = controls.last_link(document)
    shown = _pattern_of(last) if last and key(last) != key(document.url) else ()
    call = script_call(document.text)
    words = [word for word in call.words if word.replace("-", "").replace("_", "").isalnum()] if call else []
    if call and call.leading_word and len(words) > 2:
        words = words[1:]  # the first is the pager's DOM id
    name, extension = (words[-2], words[-1].lstrip(".")) if len(words) >= 2 else (None, None)
    return (*shown, *patterns(document.url, name, extension))


def patterns(url: str, name: str | None = None, extension: str | None = None) -> tuple[Pattern, ...]:
    """Conventions in use for the pages after `url`, most common first: both offsets of `index_N.html`, bare numbers,
    `list2.htm`, and page numbers in the query. `name` and `extension` are what the page's own script says.
    """
    own = urlsplit(url).path.rsplit("/", 1)[1]
    stem, _, ending = own.rpartition(".")
    stem, ending = re.sub(r"_\d{1,3}$", "", stem), ending if stem else ""
    name, extension = name or stem or "index", extension or ending or "html"
    found = [Pattern(f"{name}_{{n}}.{extension}", -1), Pattern(f"{name}_{{n}}.{extension}")]
    if stem and stem != name and not stem.isdecimal():
        found += [Pattern(f"{stem}_{{n}}.{extension}", -1), Pattern(f"{stem}_{{n}}.{extension}")]
    found += [Pattern(f"{{n}}.{extension}"), Pattern(f"{name}{{n}}.{extension}"), Pattern(f"{name}-{{n}}.{extension}")]
    if urlsplit(url).query or extension in ("jsp", "aspx", "asp", "php", "action", "do"):
        queries = [Pattern(with_query(url, **{key_: "{n}"}).replace("%7Bn%7D", "{n}")) for key_ in QUERY_NAMES]
        found = queries + found
    return tuple(found)


QUERY_NAMES = ("page", "pageNo", "pageNum", "currentPage", "pageIndex", "curPage", "p", "Paging", "pageing")


def with_query(url: str, **values: str) -> str:
    """The address with these query values set, others kept."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in values]
    return urlunsplit(parts._replace(query=urlencode(kept + list(values.items()))))


def _pager_words(document: Document) -> list[str]:
    """Short folded texts of elements that speak of pages."""
    found = []
    for piece in document.soup.find_all(string=re.compile(r"页|/\s*\d|page", re.IGNORECASE)):
        if piece.parent is None or piece.parent.name in ("script", "style"):
            continue
        if 3 <= len(own := fold(str(piece))) <= 160 and "页" in own:
            found.append(own)  # words that stand beside the list in one large element
        element: Tag | None = piece.parent
        for _ in range(3):
            if element is None or element.name in ("body", "[document]"):
                break
            words = fold(element.get_text(" "))
            if 3 <= len(words) <= 160 and ("页" in words or _FRACTION.fullmatch(words)):
                found.append(words)
            element = element.parent
    return found


def _record_words(document: Document) -> int | None:
    """A total in an element of its own: 共36条记录."""
    for piece in document.soup.find_all(string=re.compile(r"共|总")):
        element: Tag | None = piece.parent
        for _ in range(2):
            if element is None or element.name in ("script", "style", "body", "[document]"):
                break
            words = fold(element.get_text()) if len(element.get_text()) <= 60 else ""
            if alone := _ALONE.match(words):
                return _number(alone)
            element = element.parent
    return None


def _pattern_of(last: str) -> tuple[Pattern, ...]:
    """The convention that the address of the last page shows, counted from 0 and from 1."""
    parts = urlsplit(last)
    where = parts.query if re.search(r"\d", parts.query) else parts.path.rsplit("/", 1)[1]
    number = list(re.finditer(r"\d+", where))
    if not number:
        return ()
    made = where[: number[-1].start()] + "{n}" + where[number[-1].end() :]
    template = f"?{made}" if where is parts.query else f"{last.rsplit('/', 1)[0]}/{made}"
    return Pattern(template, -1), Pattern(template)


def _number(match: re.Match[str] | None) -> int | None:
    return next((int(group) for group in match.groups() if group), None) if match else None
