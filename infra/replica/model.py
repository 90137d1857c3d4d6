"""What a generated report states, as plain frozen data: the truth that readers are measured against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from schemas.report import Edition

Kind = Literal["centre", "department", "government"]


@dataclass(frozen=True, slots=True)
class Publisher:
    """A body that owes a report. `kind` decides which powers its sample figures may show."""

    id: str
    name: str
    short: str  # how its own text calls it: 中心, 我局, 我区 …
    kind: Kind = "department"
    aliases: tuple[str, ...] = ()
    region: str | None = None
    credit_code: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One statistic that the narrative states. `printed` is the number, qualifier and unit as they stand."""

    metric: str
    value: Decimal
    unit: str | None
    printed: str
    qualifier: str | None = None
    parent: str | None = None
    relation: Literal["part_of", "included_in"] | None = None
    section: str | None = None


@dataclass(frozen=True, slots=True)
class SectionTruth:
    """One section: its code in the form, its heading as printed, its paragraphs and what they state."""

    code: str
    heading: str
    paragraphs: tuple[str, ...]
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Style:
    """How this publisher writes, whatever the file format: part of the truth, because it is in every copy."""

    wording: Literal["政府", "政务"] = "政府"  # in statutory headings and labels
    half_width: bool = False  # ( ) , : instead of （ ） ， ：
    spaced_numbers: bool = False  # 2021 年 instead of 2021年
    separators: tuple[str, ...] = ()  # fact codes printed with thousands separators
    title_lines: Literal["one", "publisher-first", "year-first"] = "one"
    date_line: Literal["none", "day", "month"] = "none"  # under the title, inside the document
    procurement_unit: Literal["元", "万元"] | None = None  # in the header of 采购总金额; the form prints none
    fee_decimals: bool = False  # the fee column of table 2 says 保留4位小数


@dataclass(frozen=True, slots=True)
class Planted:
    """An error put into the report on purpose: the check of the form that must notice it and the cells touched."""

    check: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportTruth:
    """A report's content. `cells` holds every cell of every table printed; None is a cell left blank.

    `published_on` is when the site published it; the document itself states it only as `style.date_line` says.
    `editions` maps table code (t2, t3, t4, stat, local) to the form it follows; no entry, no such table.
    """

    publisher: Publisher
    year: int
    editions: Mapping[str, Edition]
    cells: Mapping[str, Decimal | None]
    preamble: SectionTruth
    sections: tuple[SectionTruth, ...]
    published_on: date
    remarks: Mapping[str, str] = field(default_factory=dict)
    style: Style = Style()
    sample: bool = True
    planted: tuple[Planted, ...] = ()
    name: str | None = None  # the publisher's name as this report prints it, when not the current one

    @property
    def publisher_name(self) -> str:
        return self.name or self.publisher.name

    @property
    def title(self) -> str:
        return f"{self.publisher_name}{self.year}年政府信息公开工作年度报告"

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All statistics that the text states, in reading order."""
        return self.preamble.figures + tuple(figure for section in self.sections for figure in section.figures)

    @property
    def edition(self) -> Edition:
        """The report's edition: that of its tables, mixed when they differ, narrative when there is none."""
        if "stat" in self.editions:
            return Edition.STAT_2014
        if "local" in self.editions:
            return Edition.STAT_LOCAL
        found = {edition for table, edition in self.editions.items() if table in ("t2", "t3")}
        if not found:
            return Edition.NARRATIVE
        return found.pop() if len(found) == 1 else Edition.MIXED
