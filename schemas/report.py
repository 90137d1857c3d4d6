"""A report as read from one document, the findings about it and the outcome: plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from schemas.blocks import Place
from schemas.shape import quick


class Edition(StrEnum):
    """The statutory form that a table (or a whole report) follows; recognised from content, never from the year."""

    FORM_2021 = "form-2021"
    FORM_2019 = "form-2019"
    STAT_2014 = "stat-2014"
    STAT_LOCAL = "stat-local"
    NARRATIVE = "narrative"
    MIXED = "mixed"


class FactState(StrEnum):
    """What a cell holds: a number, nothing (also `/` and dashes), or a number or words with a remark."""

    NUMBER = "number"
    BLANK = "blank"
    REMARK = "remark"


class Certainty(StrEnum):
    """How far a reading can be trusted. Only an exact reading may blame the publisher for an error."""

    EXACT = "exact"  # cell borders and labels, or a token stream with the exact number of values
    PROVED = "proved"  # inferred, and the equations of the form leave exactly this reading
    DOUBTFUL = "doubtful"  # inferred, and nothing proves it: quarantines the report


@quick
@dataclass(frozen=True, slots=True)
class Fact:
    """One cell of a statutory table. `code` is a code of `schemas/forms`, `value` is exact, `raw` as printed."""

    code: str
    value: Decimal | None
    unit: str | None
    state: FactState
    raw: str
    place: Place
    unit_source: str = "form"  # cell, header, form, inferred, decision, none
    remark: str | None = None
    reached_by: str = "label"  # how the cell was found: label, position, order, split, ocr …
    certainty: Certainty = Certainty.EXACT
    label: str | None = None  # row label as printed; kept for local rows without a code

    @property
    def table(self) -> str:
        return self.code.split(".", 1)[0]


@quick
@dataclass(frozen=True, slots=True)
class Statistic:
    """One figure stated in the text; `start`/`end` are offsets in the reading text (`Blocks.text`)."""

    metric: str
    value: Decimal
    unit: str | None
    quote: str
    start: int
    end: int
    qualifier: str | None = None
    period: str | None = None  # the year or span the sentence names, if it is not the report's own
    parent: str | None = None  # metric of the whole that this figure belongs to
    relation: str | None = None  # part_of (其中, 包括) or included_in (含)
    section: str | None = None  # code of the section it stands in
    key: str | None = None  # canonical key (applications_received, review_cases …) where a check needs the figure
    outcome: str | None = None  # what the sentence says of all of them: granted (均予以公开), upheld, answered …
    group: int | None = None  # number of the enumeration: parts of one whole with the same group add up to it


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the report: `text` is exactly the slice of the reading text that starts at `start`."""

    code: str  # overview, proactive, requests, review_litigation, problems, other, preamble, or text-N
    heading: str
    text: str
    start: int
    number: int = 0


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something the parser is not sure of; each becomes a finding with verdict `reading`."""

    code: str  # a code of schemas/reasons, e.g. parse.row_incomplete
    message: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """One publisher's report for one year. Every part may be missing; what is missing is None, never zero."""

    publisher: str | None
    year: int | None
    title: str | None
    edition: Edition
    table_editions: dict[str, Edition] = field(default_factory=dict)
    period: tuple[date, date] | None = None
    published_on: str | None = None  # ISO 8601, as precise as stated: 2022-01-29, 2022-01 or 2022
    published_precision: str | None = None  # day, month, year
    scope: str | None = None  # 全市, 全县, 全区, 本级 …
    facts: tuple[Fact, ...] = ()
    statistics: tuple[Statistic, ...] = ()
    sections: tuple[Section, ...] = ()
    preamble: str = ""
    doubts: tuple[Doubt, ...] = ()
    title_year: int | None = None  # the three sources of the year, kept apart for the checks
    period_year: int | None = None
    extra_rows: tuple[str, ...] = ()  # 合计/小计 rows the publisher added, by label
    text: str = ""  # the reading text

    def fact(self, code: str) -> Fact | None:
        """The fact with that code, or None."""
        return next((fact for fact in self.facts if fact.code == code), None)


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Verdict(StrEnum):
    """Who is to blame: the publisher (figures kept, report flagged) or our reading (quarantined)."""

    PUBLISHER = "publisher"
    READING = "reading"


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that did not pass. `left` and `right` are the two sides of the equation as decimal strings."""

    check: str
    severity: Severity
    verdict: Verdict
    message: str
    left: str | None = None
    right: str | None = None
    cells: tuple[str, ...] = ()


class Outcome(StrEnum):
    LOADED = "loaded"
    FLAGGED = "flagged"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something did not go through: a stable code of `schemas/reasons` and a sentence for the operator."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one document. `report` is what was read so far; None when nothing could be read."""

    outcome: Outcome
    reason: Reason | None
    report: Report | None
    findings: tuple[Finding, ...] = ()
