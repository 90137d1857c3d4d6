"""A report as a sequence of printed things, before any file format: title lines, headings, paragraphs, tables."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from infra.replica.documents.grids import Table, annex, fourth, second, third
from infra.replica.documents.quirks import Quirks
from infra.replica.model import ReportTruth
from infra.replica.wording import dressed

ANNEX_CAPTION = "附：政府信息公开情况统计表"


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph of the print; `kind` says which."""

    text: str
    kind: Literal["title", "date", "heading", "text", "caption", "signature"] = "text"


def title_lines(truth: ReportTruth) -> list[str]:
    """The title as it stands above the text, on one line or two."""
    year_part = f"{truth.year}年政府信息公开工作年度报告"
    if truth.style.title_lines == "publisher-first":
        return [truth.publisher_name, year_part]
    if truth.style.title_lines == "year-first":
        return [year_part, truth.publisher_name]
    return [truth.title]


def _dates(truth: ReportTruth) -> list[str]:
    day = truth.published_on
    if truth.style.date_line == "day":
        return [f"{day.year}年{day.month}月{day.day}日"]
    if truth.style.date_line == "month":
        return [f"{day.year}年{day.month}月"]
    return []


def outline(truth: ReportTruth, quirks: Quirks) -> list[Line | Table]:
    """The whole report in printing order, in the publisher's own style."""
    style = truth.style
    found: list[Line | Table] = [Line(dressed(text, style), "title") for text in title_lines(truth)]
    found += [Line(dressed(text, style), "date") for text in _dates(truth)]
    found += [Line(dressed(text, style)) for text in truth.preamble.paragraphs]
    tables = {"proactive": ("t2", second), "requests": ("t3", third), "review_litigation": ("t4", fourth)}
    for part in truth.sections:
        found.append(Line(dressed(part.heading, style), "heading"))
        found += [Line(dressed(text, style)) for text in part.paragraphs]
        code, build = tables.get(part.code, ("", None))
        if build is not None and code in truth.editions:
            found += build(truth, quirks)
    if "stat" in truth.editions or "local" in truth.editions:
        found.append(Line(ANNEX_CAPTION, "caption"))
        found += annex(truth, quirks)
    if quirks.signature:
        day = truth.published_on
        found.append(Line(truth.publisher_name, "signature"))
        found.append(Line(dressed(f"{day.year}年{day.month}月{day.day}日", style), "signature"))
    return found


def printed_cells(truth: ReportTruth, quirks: Quirks) -> dict[str, Decimal | None]:
    """The cells that this layout prints, with their values: what a reader can find. Rows left out are not in it."""
    codes = [box.code for item in outline(truth, quirks) if isinstance(item, Table) for box in item.boxes if box.code]
    return {code: truth.cells[code] for code in codes}
