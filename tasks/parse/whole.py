"""Doubts about a document as a whole: more than one report in it, or characters that the forms are not written in."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.blocks import Blocks, Paragraph
from schemas.report import Doubt
from tasks.parse.header import Header
from tasks.parse.headings import heading_of
from tasks.parse.title import Titled, titled

# Characters that every report has, traditional and simplified.
_TRADITIONAL = "務開規請應關總處訴訟經費業機構審議結報會條與辦發據護單數"
_SIMPLIFIED = "务开规请应关总处诉讼经费业机构审议结报会条与办发据护单数"
_ENOUGH_HEADINGS = 2
_SHORT, _LONGEST_TITLE = 10, 80
_ENOUGH_YEARS = 3  # titles of so many years, and little else, are a list of reports


def whole_doubts(blocks: Blocks, header: Header) -> Iterator[Doubt]:
    """What the parser doubts about the document as a whole."""
    if _is_traditional(blocks.text):
        message = (
            "the text is in traditional characters (繁体字), and the forms and their words are known in simplified"
        )
        yield Doubt("parse.traditional_script", message)
    second = _second_title(blocks, header)
    if second is not None:
        yield Doubt("parse.two_reports", f"a second report begins in the document: “{second.title[:60]}”")


def is_list_of_reports(blocks: Blocks) -> bool:
    """Whether a page holds the titles of several years' reports and hardly anything else: a column, no report."""
    texts = [item.text for item in blocks.items if isinstance(item, Paragraph) and len(item.text) > _SHORT]
    found = [titled(text, 0, 0) for text in texts if len(text) <= _LONGEST_TITLE]
    years = [title.year for title in found if title is not None and title.year is not None]
    return len(set(years)) >= _ENOUGH_YEARS and len(years) * 2 > len(texts)


def _is_traditional(text: str) -> bool:
    traditional = sum(map(text.count, _TRADITIONAL))
    return traditional > 0 and traditional > sum(map(text.count, _SIMPLIFIED))


def _second_title(blocks: Blocks, header: Header) -> Titled | None:
    """Another report's title with headings of a report before and after it; a list of links has none after it."""
    if header.title_year is None:
        return None
    paragraphs = [item for item in blocks.items if isinstance(item, Paragraph)]
    for at, paragraph in enumerate(paragraphs):
        if not _SHORT < len(paragraph.text) <= _LONGEST_TITLE or "公开" not in paragraph.text:
            continue
        found = titled(paragraph.text, at, at)
        if found is None or not found.whole or found.cited or found.year is None:
            continue
        other = found.year != header.title_year or (found.publisher or header.publisher) != header.publisher
        if other and _headings(paragraphs[:at]) and _headings(paragraphs[at:]):
            return found
    return None


def _headings(paragraphs: list[Paragraph]) -> bool:
    """Whether enough paragraphs are section headings that a form knows."""
    found = 0
    for paragraph in paragraphs:
        heading = heading_of(paragraph.text) if len(paragraph.text) < 60 else None
        found += heading is not None and heading.code is not None
        if found >= _ENOUGH_HEADINGS:
            return True
    return False
