"""What people decided, what was released, and the words that analysts read for the cells of the forms."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from schemas.tables.base import Table, amount, data, moment, one_of, text


class DecisionKind(StrEnum):
    """What a person can decide; `expire` is written by the program when what was decided on is no more."""

    ACCEPT = "accept"  # the doubted reading is right
    OVERRIDE = "override"  # a cell holds another value
    CHOOSE = "choose"  # another document is the report
    DISMISS = "dismiss"  # a finding does not matter
    REOPEN = "reopen"  # an earlier decision is taken back
    EXPIRE = "expire"


class Correction(Table, table=True):
    """A decision of a person about one report, applied again at every load. Append-only."""

    __tablename__: ClassVar[Any] = "correction"
    __table_args__ = (one_of("kind", DecisionKind), sa.UniqueConstraint("publisher_id", "year", "seq"))

    id: str = text("publisher, year and number", key=True)
    publisher_id: str = text("publisher whose report it is about", refers="publisher.id")
    year: int = Field(description="report year")
    seq: int = Field(description="1 for the first decision about this report, then counting up")
    kind: str = text("accept, override, choose, dismiss, reopen, or expire")
    target: str = text("fact code, finding, document or correction that it is about")
    applies_to: dict[str, Any] = data("what the source said when it was decided", default_factory=dict)
    value: Decimal | None = amount("override: the value that the cell holds; none for a blank cell", default=None)
    unit: str | None = text("override: the unit of the value", default=None)
    why: str = text("the reason in the person's words")
    decided_by: str = text("who decided")
    decided_at: datetime = moment("when it was decided (UTC)")
    undoes: str | None = text("correction that it takes back or ends", refers="correction.id", default=None)


class CorrectionApplied(Table, table=True):
    """A decision has taken effect: the document it is about was loaded since. Append-only."""

    __tablename__: ClassVar[Any] = "correction_applied"

    correction_id: str = text("decision", key=True, refers="correction.id")
    applied_at: datetime = moment("when it took effect (UTC)")


class Release(Table, table=True):
    """A dated snapshot that was given out."""

    __tablename__: ClassVar[Any] = "release"

    id: str = text("name of the release, usually its date", key=True)
    created_at: datetime = moment("when it was frozen (UTC)")
    schema_revision: str = text("schema of the warehouse at that time")
    content_digest: str = text("SHA-256 over all reports in it")
    note: str | None = text("what is special about it", default=None)


class ReleaseReport(Table, table=True):
    """A report as it stood in a release."""

    __tablename__: ClassVar[Any] = "release_report"

    release_id: str = text("release", key=True, refers="release.id")
    report_id: str = text("report that was current then", key=True, refers="report.id")
    outcome: str = text("its outcome then")
    assessment_digest: str = text("its assessment then")


class FormCell(Table, table=True):
    """A cell of the statutory forms with the words that analysts read for it. Written from the forms."""

    __tablename__: ClassVar[Any] = "form_cell"

    code: str = text("code of the cell, e.g. t3.new.total", key=True)
    position: int = Field(description="order of the forms")
    table_code: str = text("t2, t3, t4, stat or local")
    row_code: str | None = text("row of the form", default=None)
    column_code: str | None = text("column of the form", default=None)
    label_zh: str = text("label in Chinese")
    label_en: str = text("label in English")
    row_zh: str | None = text("row in Chinese", default=None)
    row_en: str | None = text("row in English", default=None)
    column_zh: str | None = text("column in Chinese", default=None)
    column_en: str | None = text("column in English", default=None)
    unit: str | None = text("unit that the form fixes", default=None)
    editions: list[str] = data("editions that have the cell", default_factory=list)
