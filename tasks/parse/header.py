"""Who reports, for which year, published when: from title, page header, period, metas and signature, in that order.

The report year never comes from a folder or a CMS date (forms.md §1, sites.md §4.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from schemas.blocks import Blocks, Paragraph
from tasks.parse.dates import StatedDate, period_year, stated_date, stated_period
from tasks.parse.title import Titled, find_title, is_organ, packed
from tasks.parse.width import nfkc, unspaced

_NOT_ORGAN = re.compile(
    r"[,。;:!?《》〈〉\d]|^[一二三四五六七八九十]+、|报告|年报|信息公开|当前位置|首页|发布|来源|打印|目录"
)
_REGION = re.compile(r"[省市县区州旗盟]$")
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
_LONGEST_DATE_LINE = 200
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
        return self.title_year or period_year(self.period)


def read_header(blocks: Blocks, *, names: Sequence[str] = ()) -> Header:
    """Reads the header. `names` are names the publisher is known by; they win over guesses from the page."""
    paragraphs = [item for item in blocks.items if isinstance(item, Paragraph)]
    head = [" ".join(paragraph.text.split()) for paragraph in paragraphs[:HEAD_PARAGRAPHS]]
    period = stated_period(blocks.text[:6000])
    titled = find_title(blocks, head, period_year(period))
    publisher, source = _publisher(blocks, head, paragraphs, titled, names)
    return Header(
        title=titled.title if titled else None,
        publisher=publisher,
        publisher_from=source,
        title_year=titled.year if titled else None,
        period=period,
        published=_published(blocks, head, paragraphs, titled),
        scope=_scope(blocks.text),
    )


def _publisher(
    blocks: Blocks,
    head: Sequence[str],
    paragraphs: Sequence[Paragraph],
    titled: Titled | None,
    names: Sequence[str],
) -> tuple[str | None, str | None]:
    elsewhere = list(_named_elsewhere(blocks, head, paragraphs))
    if titled and titled.publisher:
        name = titled.publisher
        # 宿迁市2023年… is the report of 宿迁市人民政府, where the page says so.
        fuller = _first(other for other, _ in elsewhere if other.startswith(name)) if _REGION.search(name) else None
        return fuller or name, "title"
    beside = _beside_title(head, titled)
    if beside:
        return beside, "title"
    for name in names:
        if packed(name) in packed(blocks.text[:8000]):
            return name, "registry"
    if elsewhere:
        return elsewhere[0]
    first_sentence = re.search(
        r"(?:现将|由)?([^,。;:《》\d]{3,30}?)(?:编制了?|制作了?|现向社会)", packed(blocks.text[:1500])
    )
    if first_sentence and _whole_organ(first_sentence[1]):
        return first_sentence[1], "text"
    return (names[0], "registry") if names else (None, None)


def _named_elsewhere(blocks: Blocks, head: Sequence[str], paragraphs: Sequence[Paragraph]) -> Iterator[tuple[str, str]]:
    """Names of bodies in metas, in the page's header line and in the signature, with where they stand."""
    for meta in _META_SOURCES:
        if name := _whole_organ(blocks.metas.get(meta, "")):
            yield name, "meta"
    labelled = _first(_SOURCE_LABEL.search(nfkc(line)) for line in head)
    if labelled and (name := _whole_organ(labelled["name"])):
        yield name, "page"
    for paragraph in reversed(paragraphs[-4:]):
        if name := _whole_organ(paragraph.text):
            yield name, "signature"


def _beside_title(head: Sequence[str], titled: Titled | None) -> str | None:
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
    name = packed(text)
    fits = 4 <= len(name) <= 40 and is_organ(name) and not _NOT_ORGAN.search(name)
    return name.replace("(", "（").replace(")", "）") if fits else None


def _published(
    blocks: Blocks, head: Sequence[str], paragraphs: Sequence[Paragraph], titled: Titled | None
) -> StatedDate | None:
    for meta in _META_DATES:
        found = stated_date(blocks.metas.get(meta, ""))
        if found:
            return found
    for line in head:
        label = _DATE_LABEL.search(nfkc(line)) if len(line) < _LONGEST_DATE_LINE else None
        if label:
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
    line = packed(text).strip("()")
    return (
        6 <= len(line) <= 14
        and stated_date(line) is not None
        and not re.search(r"[^\d年月日一二三四五六七八九十〇○零/.\-]", line)
    )


def _scope(text: str) -> str | None:
    match = _SCOPE.search(unspaced(text[:20000]))
    return match["scope"] if match else None


def _first(found: Iterable[_T | None]) -> _T | None:
    return next((item for item in found if item), None)
