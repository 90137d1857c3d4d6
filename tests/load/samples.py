"""Judgements to load: small invented reports, built from the figures a test cares about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from schemas.blocks import Place
from schemas.report import (
    Edition,
    Fact,
    FactState,
    Finding,
    Judgement,
    Outcome,
    Reason,
    Report,
    Section,
    Severity,
    Statistic,
    Verdict,
)
from schemas.tables import FormCell, Publisher, metadata
from tasks.load import Delivery, LoadResult, Source, Warehouse
from tasks.load.engine import writing

DAY = datetime(2026, 2, 1, 0, 0, tzinfo=UTC)


def fact(code: str, value: str | None, **more: Any) -> Fact:
    """A cell of a ruled table on page 2."""
    settings: dict[str, Any] = {
        "unit": "件",
        "state": FactState.BLANK if value is None else FactState.NUMBER,
        "raw": value or "",
        "place": Place(page=2, box=(10.04, 20.0, 30.0, 40.06), row=1, column=2),
        **more,
    }
    return Fact(code=code, value=None if value is None else Decimal(value), **settings)


def statistic(metric: str, value: str, **more: Any) -> Statistic:
    settings: dict[str, Any] = {"unit": "条", "quote": f"{metric}{value}条", "start": 10, "end": 20, **more}
    return Statistic(metric=metric, value=Decimal(value), **settings)


def report(year: int = 2021, figures: Mapping[str, str | None] | None = None, **more: Any) -> Report:
    """A report with these facts (code to value), one section and one statistic."""
    figures = {"t3.new.total": "7", "t3.carried_in.total": "0"} if figures is None else figures
    settings: dict[str, Any] = {
        "publisher": "岚市人民政府办公室",
        "title": f"岚市人民政府办公室{year}年政府信息公开工作年度报告",
        "edition": Edition.FORM_2021,
        "table_editions": {"t3": Edition.FORM_2021},
        "period": (date(year, 1, 1), date(year, 12, 31)),
        "published_on": f"{year + 1}-01-20",
        "published_precision": "day",
        "facts": tuple(fact(code, value) for code, value in figures.items()),
        "statistics": (statistic("主动公开信息", "4367"),),
        "sections": (Section("overview", "一、总体情况", "全年主动公开信息4367条。", 0, 1),),
        "text": "全年主动公开信息4367条。",
        **more,
    }
    return Report(year=year, **settings)


def loaded(year: int = 2021, figures: Mapping[str, str | None] | None = None, **more: Any) -> Judgement:
    return Judgement(Outcome.LOADED, None, report(year, figures, **more))


def flagged(year: int = 2021, figures: Mapping[str, str | None] | None = None, **more: Any) -> Judgement:
    """The publisher's own figures do not add up."""
    finding = Finding(
        "T3_BALANCE",
        Severity.ERROR,
        Verdict.PUBLISHER,
        "7 + 0 is not 6",
        "7",
        "6",
        ("t3.new.total", "t3.carried_in.total"),
    )
    reason = Reason("validate.publisher_error", "the columns of table 3 do not balance")
    return Judgement(Outcome.FLAGGED, reason, report(year, figures, **more), (finding,))


def quarantined(year: int = 2021, figures: Mapping[str, str | None] | None = None, **more: Any) -> Judgement:
    """A reading that nobody trusts."""
    finding = Finding(
        "T3_ROW_TOTAL", Severity.ERROR, Verdict.READING, "a value is missing", None, None, ("t3.new.total",)
    )
    reason = Reason("parse.row_incomplete", "a row of table 3 has six values")
    return Judgement(Outcome.QUARANTINED, reason, report(year, figures, **more), (finding,))


def unreadable() -> Judgement:
    """Nothing could be read."""
    return Judgement(Outcome.QUARANTINED, Reason("read.blank_template", "every cell is empty"), None)


def load(
    warehouse: Warehouse,
    judgement: Judgement,
    *,
    document: str = "a",
    day: int = 0,
    publisher: str = "lanshi-office",
    year: int = 2021,
    parser: str = "1.0",
    run_id: str | None = None,
    judge: Any = None,
) -> LoadResult:
    """Load as a harvest does: the document (a letter stands for its hash) was fetched `day` days after DAY."""
    one = delivery(judgement, document=document, day=day, publisher=publisher, year=year, parser=parser, run_id=run_id)
    source = {field.name: getattr(one.source, field.name) for field in fields(one.source)}
    return warehouse.load(publisher, year, judgement=judgement, judge=judge, **source)


def delivery(
    judgement: Judgement,
    *,
    document: str = "a",
    day: int = 0,
    publisher: str = "lanshi-office",
    year: int = 2021,
    parser: str = "1.0",
    run_id: str | None = None,
) -> Delivery:
    """What `load` loads."""
    url = f"http://127.0.0.1/{publisher}/{year}/{document}.pdf"
    fetched = DAY + timedelta(days=day)
    source = Source(document * 64, url, "application/pdf", parser, run_id, fetched, sample=False)
    return Delivery(publisher, year, source, judgement)


def emptied(warehouse: Warehouse, *, publishers: bool = False) -> None:
    """Delete everything but what the migration wrote; the publishers only when asked to."""
    kept = {str(FormCell.__tablename__)} | (set() if publishers else {str(Publisher.__tablename__)})
    with writing(warehouse.engine) as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name not in kept:
                connection.execute(sa.delete(table))
