"""Who reports, for which year, published when: from title, page header, period, metas and signature, in that order.

The report year never comes from a folder or a CMS date (forms.md §1, sites.md §4.3).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from schemas.blocks import Blocks, Paragraph
from tasks.parse.dates import StatedDate, chinese_year, stated_date, stated_period

_YEAR = r"(?P<year>(?:19|20)\d{2}|二[〇○零0][一二三四五六七八九〇○零0]{2})"
_TITLE = re.compile(
    rf"(?P<before>[^,。;!?]{{0,60}}?){_YEAR}[_-]?年?度?(?P<middle>[^,。;!?\d]{{0,40}}?)"
    r"(?:政府|政务)?信息公开(?:工作)?(?:的)?(?:年度)?(?:工作)?(?:报告|年报|情况)"
)
_TITLE_WITHOUT_YEAR = re.compile(r"(?:政府|政务)信息公开(?:工作)?(?:的)?年度(?:工作)?报告")
_LEAD_WORDS = re.compile(r"^(?:.*[》〉])?(?:关于)?(?:报送|印发|公布|发布)?[《〈]?(?:附件\d?:?)?")
_ORGAN = re.compile(
    r"(?:政府|办公室|办公厅|委员会|管委会|办事处|中心|总队|支队|大队|分局|总局|公司|大学|学院|学校|医院|银行|协会|联合会|"
    r"[局委办厅院部会处站所队社省市县区旗州镇乡盟园场馆台校])$"
)
_NOT_ORGAN = re.compile(
    r"[,。;:!?《》〈〉\d]|^[一二三四五六七八九十]+、|报告|年报|信息公开|当前位置|首页|发布|来源|打印|目录"
)
_DATE_LABEL = re.compile(r"(?:发布|公布|公开|生成|成文|发文|更新|录入|上网)?(?:时间|日期)[:\s]")
_SOURCE_LABEL = re.compile(
    r"(?:信息来源|来源|发布机构|发布单位|公开单位|公开主体|责任单位)[:\s]*(?P<name>[^\s:|]{4,40}?)(?=[\s|]|发布|时间|日期|浏览|$)"
)
_META_DATES = ("pubdate", "publishdate", "publishtime", "firstpublishedtime", "createdate")
_META_SOURCES = ("contentsource", "source", "author")
_SCOPE = re.compile(
    r"(?P<scope>全省|全市|全县|全区|全州|全旗|全镇|全系统|本级|本机关|区政府办代表区政府)[^。;]{0,14}?"
    r"(?:共|累计|受理|收到|主动公开|发布|新收|办理)"
)
_T = TypeVar("_T")
HEAD_PARAGRAPHS = 14  # how far below the top the title and its neighbours are looked for


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says; each field None where nothing says it."""

    title: str | None
    publisher: str | None
    publisher_from: str | None
    title_year: int | None
    period: tuple[date, date] | None
    published: StatedDate | None
    scope: str | None

    @property
    def year(self) -> int | None:
        return self.title_year or (self.period[0].year if self.period else None)


@dataclass(frozen=True, slots=True)
class _Titled:
    title: str
    year: int | None
    publisher: str | None
    last: int  # index of the paragraph that the title ends in; -1 when it came from elsewhere
    first: int


def read_header(blocks: Blocks, *, names: Sequence[str] = ()) -> Header:
    """Reads the header. `names` are names the publisher is known by; they win over guesses from the page."""
    paragraphs = [item for item in blocks.items if isinstance(item, Paragraph)]
    head = [" ".join(paragraph.text.split()) for paragraph in paragraphs[:HEAD_PARAGRAPHS]]
    titled = _title(blocks, head)
    publisher, source = _publisher(blocks, head, paragraphs, titled, names)
    return Header(
        title=titled.title if titled else None,
        publisher=publisher,
        publisher_from=source,
        title_year=titled.year if titled else None,
        period=stated_period(blocks.text[:6000]),
        published=_published(blocks, head, paragraphs, titled),
        scope=_scope(blocks.text),
    )


def _title(blocks: Blocks, head: Sequence[str]) -> _Titled | None:
    """The title in the body first (one to three lines together), then metas and the title element."""
    fallback: _Titled | None = None
    for size in (1, 2, 3):
        for at in range(len(head) - size + 1):
            window = head[at : at + size]
            if any(len(_packed(line)) > 70 for line in window):
                continue
            if size > 1 and not _joins(window):
                continue
            found = _titled("".join(window), at, at + size - 1)
            if found is None:
                continue
            if found.year is not None:
                return found
            fallback = fallback or found
    for text in (blocks.metas.get("articletitle"), blocks.title, blocks.metas.get("title")):
        found = _titled(text, -1, -1) if text else None
        if found is not None and (found.year is not None or fallback is None):
            return found
    return fallback or _opening_title(head)


def _joins(window: Sequence[str]) -> bool:
    """Whether lines look like one title broken over lines: no full stop, and no line complete in itself."""
    return not any(re.search(r"[。;；!]", line) for line in window) and _titled(window[0], 0, 0) is None


def _titled(text: str, first: int, last: int) -> _Titled | None:
    packed = _packed(text)
    match = _TITLE.search(packed)
    if match:
        raw = match["year"]
        year = int(raw) if raw.isdigit() else chinese_year(raw)
        publisher = _organ(match["before"]) or _organ(match["middle"])
        lead = len(re.split(r"[:|]", match["before"])[-1]) - len(match["before"])
        title = packed[match.start() - lead :].strip("《》〈〉()")
        return _Titled(title, year, publisher, last, first)
    if _TITLE_WITHOUT_YEAR.search(packed) and len(packed) <= 60:
        return _Titled(packed.strip("《》〈〉"), None, None, last, first)
    return None


def _opening_title(head: Sequence[str]) -> _Titled | None:
    """A title at the start of a paragraph that goes on with the text (line breaks lost)."""
    for at, text in enumerate(head[:4]):
        match = _TITLE.match(_packed(text)[:120])
        if match:
            raw = match["year"]
            year = int(raw) if raw.isdigit() else chinese_year(raw)
            return _Titled(match.group(), year, _organ(match["before"]) or _organ(match["middle"]), at, at)
    return None


def _packed(text: str) -> str:
    return re.sub(r"[\s*#]+", "", unicodedata.normalize("NFKC", text)).replace("“", '"')


def _organ(text: str | None) -> str | None:
    """The name of a body inside title words; None when what is left is no name."""
    if not text:
        return None
    name = re.split(r"[:()/|]", _LEAD_WORDS.sub("", text))[-1].strip("《》〈〉_-的")
    name = re.sub(r"(?:关于|工作|的)$", "", name)
    return name if len(name) >= 3 and not re.search(r"[,。;:!?]", name) else None


def _publisher(
    blocks: Blocks,
    head: Sequence[str],
    paragraphs: Sequence[Paragraph],
    titled: _Titled | None,
    names: Sequence[str],
) -> tuple[str | None, str | None]:
    if titled and titled.publisher:
        return titled.publisher, "title"
    beside = _beside_title(head, titled)
    if beside:
        return beside, "title"
    for name in names:
        if _packed(name) in _packed(blocks.text[:8000]):
            return name, "registry"
    named = _first(_whole_organ(blocks.metas.get(meta, "")) for meta in _META_SOURCES)
    if named:
        return named, "meta"
    labelled = _first(_SOURCE_LABEL.search(unicodedata.normalize("NFKC", line)) for line in head)
    if labelled and _whole_organ(labelled["name"]):
        return labelled["name"], "page"
    signature = _first(_whole_organ(paragraph.text) for paragraph in reversed(paragraphs[-4:]))
    if signature:
        return signature, "signature"
    first_sentence = re.search(
        r"(?:现将|由)?([^,。;:《》\d]{3,30}?)(?:编制了?|制作了?|现向社会)", _packed(blocks.text[:1500])
    )
    if first_sentence and _whole_organ(first_sentence[1]):
        return first_sentence[1], "text"
    return (names[0], "registry") if names else (None, None)


def _beside_title(head: Sequence[str], titled: _Titled | None) -> str | None:
    """Publisher on the line before or after the title (forms.md §10, title shape)."""
    if titled is None or titled.first < 0:
        return None
    for at in (titled.first - 1, titled.last + 1, titled.last + 2):
        if 0 <= at < len(head):
            name = _whole_organ(head[at])
            if name:
                return name
    return None


def _whole_organ(text: str) -> str | None:
    name = _packed(text)
    fits = 4 <= len(name) <= 40 and _ORGAN.search(name) and not _NOT_ORGAN.search(name)
    return name if fits else None


def _published(
    blocks: Blocks, head: Sequence[str], paragraphs: Sequence[Paragraph], titled: _Titled | None
) -> StatedDate | None:
    for meta in _META_DATES:
        found = stated_date(blocks.metas.get(meta, ""))
        if found:
            return found
    for line in head:
        label = _DATE_LABEL.search(unicodedata.normalize("NFKC", line))
        if label and len(line) < 200:
            found = stated_date(line[max(0, label.start()) :])
            if found:
                return found
    beside = range(max(0, titled.first - 2), titled.last + 4) if titled and titled.first >= 0 else range(0)
    for at in beside:
        if at < len(head) and _date_alone(head[at]):
            return stated_date(head[at])
    for paragraph in reversed(paragraphs[-4:]):
        if _date_alone(paragraph.text):
            return stated_date(paragraph.text)
    return None


def _date_alone(text: str) -> bool:
    """A line that is nothing but a date (a title with a year in it is not)."""
    packed = _packed(text).strip("()")
    return (
        6 <= len(packed) <= 14
        and stated_date(packed) is not None
        and not re.search(r"[^\d年月日一二三四五六七八九十〇○零/.\-]", packed)
    )


def _scope(text: str) -> str | None:
    match = _SCOPE.search(re.sub(r"\s+", "", text[:20000]))
    return match["scope"] if match else None


def _first(found: Iterable[_T | None]) -> _T | None:
    return next((item for item in found if item), None)
