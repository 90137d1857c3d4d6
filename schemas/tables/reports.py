"""Reports and what stands in them: every version of a report, its facts, statistics, sections and findings.

A version is a document and what was read in it; it is never rewritten by another document or by other figures.
Exactly one version per publisher and year is current, or none.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from schemas.report import Certainty, Edition, FactState, Outcome, Severity, Verdict
from schemas.tables.base import Table, amount, data, moment, one_of, run_id, text

_EMPTY, _NONE = {"server_default": ""}, {"server_default": "0"}  # rows of before the column was there

LONG = 5
"""Characters from which on a value is long; few are, and an index finds them."""
_LONG_VALUE = sa.text(f"length(CAST(value AS TEXT)) >= {LONG}")


class Report(Table, table=True):
    """One version of one publisher's report for one year. A quarantined version is kept but never current."""

    __tablename__: ClassVar[Any] = "report"
    __table_args__ = (
        one_of("outcome", Outcome),
        one_of("edition", Edition),
        sa.CheckConstraint("NOT (is_current AND outcome = 'quarantined')", name="quarantined_never_current"),
        sa.UniqueConstraint("publisher_id", "year", "version"),
        sa.Index(
            "uq_report_current",
            "publisher_id",
            "year",
            unique=True,
            sqlite_where=sa.text("is_current"),
            postgresql_where=sa.text("is_current"),
        ),
        sa.Index("ix_report_document_sha256", "document_sha256"),
        sa.Index("ix_report_figures_digest", "figures_digest"),
        sa.Index("ix_report_year", "year"),
    )

    id: str = text("publisher, year and a digest of document and figures", key=True)
    publisher_id: str = text("publisher that owes the report", refers="publisher.id")
    year: int = Field(description="report year")
    version: int = Field(description="1 for the first version loaded, then counting up")
    is_current: bool = Field(description="true for the one version whose figures count")
    outcome: str = text("loaded, flagged or quarantined")
    reason_code: str | None = text("why it is not simply loaded", default=None)
    reason: str | None = text("the same as a sentence", default=None)
    edition: str | None = text("statutory form of the report, mixed, or narrative", default=None)
    table_editions: dict[str, str] = data("form of each table", default_factory=dict)
    title: str | None = text("title as printed", default=None)
    publisher_printed: str | None = text("publisher as the report names it", default=None)
    scope: str | None = text("whom the figures cover: 全市, 全县, 全区, 本级 …", default=None)
    period_start: date | None = Field(default=None, description="first day the report covers")
    period_end: date | None = Field(default=None, description="last day the report covers")
    published_on: str | None = text("publication date as precise as stated: 2022-01-29, 2022-01 or 2022", default=None)
    published_precision: str | None = text("day, month or year", default=None)
    title_year: int | None = Field(default=None, description="year in the title")
    period_year: int | None = Field(default=None, description="year of the period stated")
    preamble: str | None = text("text before the first section", default=None)
    extra_rows: list[str] = data("合计/小计 rows that the publisher added, by label", default_factory=list)
    text_length: int = Field(default=0, description="characters of the reading text that offsets refer to")
    document_sha256: str = text("document it was read from", refers="document.sha256")
    url: str = text("address of the document")
    media_type: str | None = text("format it was read as", default=None)
    parser_version: str = text("version of the parser that last confirmed these figures")
    content_digest: str = text("SHA-256 of figures, texts and header: equal digests, equal content")
    assessment_digest: str = text("SHA-256 of outcome, findings and the evidence of the reading")
    figures_digest: str = text(
        "SHA-256 of all figures of the tables that are not 0", default="", sa_column_kwargs=_EMPTY
    )
    figures_count: int = Field(default=0, description="how many figures those are", sa_column_kwargs=_NONE)
    left_open: str | None = text("its values that the next year repeats, as one text; none: not known", default=None)
    taken_over: str | None = text("its values that repeat the year before, in the same order", default=None)
    sample: bool = Field(default=False, description="true for sample data of a replica site")
    accepted_by: str | None = text("correction that accepted a doubted reading", refers="correction.id", default=None)
    fetched_at: datetime = moment("when the document was fetched that made this version current (UTC)")
    loaded_at: datetime = moment("when this version was first loaded (UTC)")
    judged_at: datetime = moment("when a load last said something new about this version (UTC)")
    superseded_at: datetime | None = moment("when it stopped being current (UTC)", default=None)
    run_id: str | None = run_id("run that loaded it")


class Fact(Table, table=True):
    """One cell of a statutory table."""

    __tablename__: ClassVar[Any] = "fact"
    __table_args__ = (
        one_of("state", FactState),
        one_of("certainty", Certainty),
        sa.CheckConstraint("(state = 'number') <= (value IS NOT NULL)", name="number_has_value"),
        sa.Index("ix_fact_code", "code"),
        sa.Index("ix_fact_long_value", "code", "value", sqlite_where=_LONG_VALUE, postgresql_where=_LONG_VALUE),
        {"sqlite_with_rowid": False},
    )

    report_id: str = text("report it stands in", key=True, refers="report.id")
    code: str = text("code of the cell, e.g. t3.new.total", key=True)
    row_key: str = text("label that tells local rows without a code apart; else empty", key=True, default="")
    table_code: str = text("t2, t3, t4, stat or local")
    row_code: str | None = text("row of the form", default=None)
    column_code: str | None = text("column of the form", default=None)
    value: Decimal | None = amount("exact value; none when the cell holds none: missing is not zero", default=None)
    unit: str | None = text("unit of the value", default=None)
    unit_source: str = text("where the unit came from: cell, header, form, inferred, decision, none")
    raw: str = text("the cell as printed")
    state: str = text("number, blank or remark")
    remark: str | None = text("words beside the number", default=None)
    label: str | None = text("row label as printed", default=None)
    reached_by: str = text("how the cell was found: label, position, order, split, ocr …")
    certainty: str = text("exact, proved or doubtful")
    page: int | None = Field(default=None, description="page of the document, counted from 1")
    value_read: Decimal | None = amount("the value as read, where a correction put another in its place", default=None)
    corrected_by: str | None = text("correction that set the value", refers="correction.id", default=None)
    place: dict[str, Any] = data("place in the document: page, box, DOM path, line, row, column", default_factory=dict)


class Statistic(Table, table=True):
    """One figure stated in the text, with the words that state it."""

    __tablename__: ClassVar[Any] = "statistic"
    __table_args__ = (sa.Index("ix_statistic_metric", "metric"), sa.Index("ix_statistic_key", "key"))

    report_id: str = text("report it stands in", key=True, refers="report.id")
    item: str = text("metric, and which one of several with the same metric", key=True)
    metric: str = text("what is counted, in the report's words")
    key: str | None = text("canonical name of the metric where it has one, e.g. applications_received", default=None)
    value: Decimal = amount("exact value")
    unit: str | None = text("unit of the value", default=None)
    qualifier: str | None = text("约, 余, 近, 超过 …: the value is approximate or a bound", default=None)
    period: str | None = text("year or span the sentence names, if not the report's own", default=None)
    parent: str | None = text("metric of the whole it belongs to", default=None)
    relation: str | None = text("part_of (其中) or included_in (含)", default=None)
    outcome: str | None = text("what the sentence says of all of them: granted, upheld, answered …", default=None)
    group_number: int | None = Field(default=None, description="number of the enumeration it is part of")
    quote: str = text("the words that state it")
    start_offset: int = Field(description="where the quote starts in the reading text")
    end_offset: int = Field(description="where it ends")
    section: str | None = text("code of the section it stands in", default=None)


class Section(Table, table=True):
    """One section of a report with its whole text."""

    __tablename__: ClassVar[Any] = "section"
    __table_args__ = (sa.Index("ix_section_text_digest", "text_digest"),)

    report_id: str = text("report it stands in", key=True, refers="report.id")
    position: int = Field(description="order in the report, from 0", primary_key=True)
    code: str = text("overview, proactive, requests, review_litigation, problems, other …")
    number: int = Field(default=0, description="number that the heading carries; 0 for none")
    heading: str = text("heading as printed")
    text_digest: str = text("SHA-256 of the text without white space", default="", sa_column_kwargs=_EMPTY)
    text: str = text("text of the section")
    start_offset: int = Field(description="where it starts in the reading text")


class Finding(Table, table=True):
    """A check that did not pass, with both sides of the equation."""

    __tablename__: ClassVar[Any] = "finding"
    __table_args__ = (
        one_of("severity", Severity),
        one_of("verdict", Verdict),
        sa.Index("ix_finding_check_code", "check_code"),
    )

    report_id: str = text("report it is about", key=True, refers="report.id")
    key: str = text("check and cells", key=True)
    check_code: str = text("code of the check, e.g. T3_BALANCE")
    severity: str = text("error, warning or info")
    verdict: str = text("publisher: printed so; reading: our doubt")
    message: str = text("what does not fit")
    left_side: str | None = text("left side of the equation", default=None)
    right_side: str | None = text("right side of the equation", default=None)
    cells: list[str] = data("fact codes it touches", default_factory=list)
    scope: str = text("report, or cross_year and cross_body for checks over the warehouse", default="report")
    dismissed_by: str | None = text("correction that dismissed it", refers="correction.id", default=None)
    other_report_id: str | None = text("the other report of the comparison", refers="report.id", default=None)
