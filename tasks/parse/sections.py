"""Splits the reading text into sections and says which parts of it are narrative."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from schemas.blocks import Blocks, Grid, Paragraph
from schemas.report import Section
from tasks.parse.headings import Heading, heading_of, headings_inside
from tasks.parse.labels import fold

# A page's own line above the report: source, date, count of visitors, size of letters. Its figures are the site's.
_PAGE_LINE = re.compile(
    r"(?:浏览|点击|阅读|访问)(?:次数|量|数)?[:：]|字[体号][:：\s【\[]|(?:来源|作者|编辑|发布时间|发布日期)[:：]|打印|分享到|关闭窗口"
)
_LONGEST_PAGE_LINE = 200
_HEAD_ITEMS = 14  # where it may stand
_PROSE_CELL = 60  # a cell with this many characters and a full stop is narrative in a layout table


@dataclass(frozen=True, slots=True)
class Outline:
    """Sections in order, the text before the first of them, and the narrative slices (start, end, section code)."""

    sections: tuple[Section, ...]
    preamble: str
    regions: tuple[tuple[int, int, str], ...]


def outline(blocks: Blocks, table_items: Collection[int], *, without: Collection[str] = ()) -> Outline:
    """Sections and narrative of a document; `table_items` are the items that the tables consist of.

    Sections named in `without` give no narrative: their tables ran into their text.
    """
    heads = _headings(blocks, table_items)
    sections: list[Section] = []
    for order, (at, heading) in enumerate(heads):
        end = heads[order + 1][0] if order + 1 < len(heads) else len(blocks.text)
        body = at + heading.length
        code = heading.code or f"text-{order + 1}"
        text = blocks.text[body:end]
        lead = len(text) - len(text.lstrip(" \t\r\n　。:："))
        sections.append(Section(code, heading.text.strip(), text[lead:].rstrip(), body + lead, heading.number or 0))
    first = heads[0][0] if heads else len(blocks.text)
    starts = [(0, "preamble"), *((section.start, section.code) for section in sections)]
    regions = [region for region in _regions(blocks, table_items, heads, starts) if region[2] not in without]
    return Outline(tuple(sections), blocks.text[:first].strip(), tuple(regions))


def _headings(blocks: Blocks, table_items: Collection[int]) -> list[tuple[int, Heading]]:
    found: list[tuple[int, Heading]] = []
    for index, item in enumerate(blocks.items):
        if not isinstance(item, Paragraph) or index in table_items:
            continue
        heading = heading_of(item.text)
        if heading is not None:
            found.append((item.start, heading))
        elif len(item.text) > 200:
            found.extend((item.start + at, inside) for at, inside in headings_inside(item.text))
    return _without_contents_list(found)


def _without_contents_list(found: list[tuple[int, Heading]]) -> list[tuple[int, Heading]]:
    """A list of contents repeats the headings: of headings with the same words the last one counts."""
    last = {fold(heading.text): at for at, heading in found}
    return [(at, heading) for at, heading in found if last[fold(heading.text)] == at]


def _regions(
    blocks: Blocks,
    table_items: Collection[int],
    heads: list[tuple[int, Heading]],
    starts: list[tuple[int, str]],
) -> list[tuple[int, int, str]]:
    heading_spans = {at: at + heading.length for at, heading in heads}
    cuts = sorted(heading_spans)
    regions: list[tuple[int, int, str]] = []

    def add(start: int, end: int) -> None:
        if not blocks.text[start:end].strip():
            return
        code = next(code for at, code in reversed(starts) if at <= start)
        if regions and regions[-1][2] == code and not blocks.text[regions[-1][1] : start].strip():
            regions[-1] = (regions[-1][0], end, code)
        else:
            regions.append((start, end, code))

    for index, item in enumerate(blocks.items):
        if index in table_items or (index < _HEAD_ITEMS and _is_page_line(item)):
            continue
        for start, end in _spans(blocks, item):
            position = start
            for cut in cuts:
                if start <= cut < end:
                    add(position, cut)
                    position = heading_spans[cut]
            add(position, end)
    return regions


def _is_page_line(item: Paragraph | Grid) -> bool:
    if not isinstance(item, Paragraph) or len(item.text) > _LONGEST_PAGE_LINE or "。" in item.text:
        return False
    return _PAGE_LINE.search(item.text) is not None


def _spans(blocks: Blocks, item: Paragraph | Grid) -> list[tuple[int, int]]:
    """The slices of the reading text that are narrative: paragraphs, and cells that hold sentences."""
    if isinstance(item, Paragraph):
        return [(item.start, item.start + len(item.text))]
    found = []
    position = item.start
    for cell in item.cells:
        if len(cell.text) > _PROSE_CELL and "。" in cell.text:
            at = blocks.text.find(cell.text, position)
            if at >= 0:
                found.append((at, at + len(cell.text)))
                position = at + len(cell.text)
    return found
