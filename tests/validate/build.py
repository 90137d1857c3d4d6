"""Reports made from small dictionaries: the examples of checks.yaml, and whole sound reports to be damaged by tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from schemas.blocks import Place
from schemas.checks import Check
from schemas.forms import form
from schemas.report import Certainty, Edition, Fact, FactState, Report, Section, Statistic

ORDER = (Edition.FORM_2021, Edition.FORM_2019, Edition.STAT_2014, Edition.STAT_LOCAL, Edition.NARRATIVE)
SECTIONS = {
    "overview": "一、总体情况",
    "proactive": "二、主动公开政府信息情况",
    "requests": "三、收到和处理政府信息公开申请情况",
    "review_litigation": "四、政府信息公开行政复议、行政诉讼情况",
    "problems": "五、存在的主要问题及改进情况",
    "other": "六、其他需要报告的事项",
}


def fact(code: str, value: object, **more: Any) -> Fact:
    """A cell read exactly; None is a blank cell."""
    number = None if value is None else Decimal(str(value))
    made = Fact(
        code=code,
        value=number,
        unit=more.pop("unit", "件"),
        state=FactState.BLANK if number is None else FactState.NUMBER,
        raw="" if number is None else str(value),
        place=Place(row=0, column=0),
    )
    return replace(made, **more)


def report_of(example: Mapping[str, Any], check: Check) -> Report:
    """The report of an example. Edition: as given, else the newest the check belongs to."""
    edition = Edition(example.get("edition") or next(one for one in ORDER if one in check.applies_to))
    cells = dict(example.get("cells", {}))
    for table, rows in example.get("rows", {}).items():
        assert rows == "all"
        cells.update(dict.fromkeys(form(edition).tables[table].codes(), 1))
    for gone in example.get("without", ()):
        cells = {code: value for code, value in cells.items() if not code.startswith(gone)}
    units, labels = example.get("units", {}), example.get("labels", {})
    facts = tuple(
        fact(
            code,
            value,
            label=labels.get(code),
            **({"unit": units[code][0], "unit_source": units[code][1]} if code in units else {}),
        )
        for code, value in cells.items()
    )
    text, sections, preamble = _text(example)
    period = example.get("period")
    return Report(
        publisher=example.get("publisher", "某市某局"),
        year=example.get("year", 2021),
        title=example.get("title", "某市某局政府信息公开工作年度报告"),
        edition=edition,
        table_editions={name: Edition(value) for name, value in example.get("table_editions", {}).items()},
        period=(period[0], period[1]) if period else None,
        published_on=example.get("published_on"),
        published_precision=example.get("published_precision", "day") if example.get("published_on") else None,
        scope=example.get("scope"),
        facts=facts,
        statistics=tuple(_statistic(entry, text) for entry in example.get("statistics", ())),
        sections=() if example.get("bare") else sections,
        preamble=preamble,
        title_year=example.get("title_year"),
        period_year=period[0].year if period else None,
        extra_rows=tuple(example.get("extra_rows", ())),
        text=text,
    )


def _text(example: Mapping[str, Any]) -> tuple[str, tuple[Section, ...], str]:
    parts, sections, preamble, at = [], [], "", 0
    for code, body in example.get("text", {}).items():
        if code == "preamble":
            whole, preamble = f"{body}\n", body
        else:
            heading = example.get("headings", {}).get(code, SECTIONS.get(code, code))
            whole = f"{heading}\n{body}\n"
            sections.append(Section(code, heading, whole, at, len(sections) + 1))
        parts.append(whole)
        at += len(whole)
    return "".join(parts), tuple(sections), preamble


def _statistic(entry: Mapping[str, Any], text: str) -> Statistic:
    quote = entry["quote"]
    start = text.index(quote)
    return Statistic(
        metric=entry.get("metric") or entry["key"],
        value=Decimal(str(entry["value"])),
        unit=entry.get("unit"),
        quote=quote,
        start=start,
        end=start + len(quote),
        qualifier=entry.get("qualifier"),
        period=entry.get("period"),
        parent=entry.get("parent"),
        relation=entry.get("relation"),
        section=entry.get("section"),
        key=entry.get("key"),
        outcome=entry.get("outcome"),
    )


def cells_of_year(example: Mapping[str, Any]) -> dict[int, dict[str, Decimal | None]]:
    """`other_years` of an example as cells by calendar year."""
    return {
        year: {code: None if value is None else Decimal(str(value)) for code, value in cells.items()}
        for year, cells in example.get("other_years", {}).items()
    }


def sound_cells(edition: Edition = Edition.FORM_2021) -> dict[str, int | None]:
    """All statutory cells of a report that adds up: 9 new + 1 carried in = 8 results + 2 carried out."""
    cells: dict[str, int | None] = {}
    for table in form(edition).tables.values():
        cells.update(dict.fromkeys(table.codes(), 0))
    for row, person, business in (
        ("new", 7, 2),
        ("carried_in", 1, 0),
        ("granted", 4, 1),
        ("partial", 1, 0),
        ("unable_not_held", 1, 1),
        ("results_total", 6, 2),
        ("carried_out", 2, 0),
    ):
        cells[f"t3.{row}.natural_person"] = person
        cells[f"t3.{row}.business"] = business
        cells[f"t3.{row}.total"] = person + business
    cells.update({"t4.review_upheld": 10, "t4.review_corrected": 1, "t4.review_total": 11})
    cells.update({"t4.after_upheld": 5, "t4.after_total": 5})
    if edition is Edition.FORM_2021:
        cells.update({"t2.normative_docs.issued": 3, "t2.normative_docs.in_force": 8, "t2.licensing.decisions": 550})
    return cells


def sound_report(
    edition: Edition = Edition.FORM_2021, cells: Mapping[str, int | str | None] | None = None, **more: Any
) -> Report:
    """A complete report of one edition that passes every check; `cells` replaces single values."""
    values: dict[str, int | str | None] = {**sound_cells(edition), **(cells or {})}
    year = 2021 if edition is Edition.FORM_2021 else 2020
    text, sections, _ = _text(
        {
            "text": {
                "overview": f"{year}年，本区收到公开申请9件，各项制度有序落实。",
                "proactive": "见表。",
                "requests": "见表。",
                "review_litigation": "见表。",
                "problems": "公开渠道不多。",
                "other": "年内没有收取信息处理费。",
            }
        }
    )
    received = {"key": "applications_received", "value": 9, "unit": "件", "quote": "收到公开申请9件"}
    made = Report(
        publisher="某市某区人民政府",
        year=year,
        title=f"某市某区人民政府{year}年政府信息公开工作年度报告",
        edition=edition,
        table_editions={"t2": edition, "t3": edition},
        period=(date(year, 1, 1), date(year, 12, 31)),
        published_on=f"{year + 1}-03-10",
        published_precision="day",
        facts=tuple(fact(code, value, unit=_unit(code)) for code, value in values.items()),
        statistics=(_statistic(received, text),),
        sections=sections,
        title_year=year,
        period_year=year,
        text=text,
    )
    return replace(made, **more)


def _unit(code: str) -> str:
    return "万元" if code == "t2.admin_fees.amount" else "件"


def with_fact(report: Report, cell: str, /, **changes: Any) -> Report:
    """The report with one fact changed (value, certainty, state …)."""
    assert any(one.code == cell for one in report.facts)
    return replace(report, facts=tuple(replace(one, **changes) if one.code == cell else one for one in report.facts))


def without(report: Report, *prefixes: str) -> Report:
    """The report without the facts whose code begins so."""
    return replace(report, facts=tuple(one for one in report.facts if not one.code.startswith(prefixes)))


def doubtful(report: Report, *codes: str) -> Report:
    """The report with these cells read without certainty."""
    for code in codes:
        report = with_fact(report, code, certainty=Certainty.DOUBTFUL)
    return report
