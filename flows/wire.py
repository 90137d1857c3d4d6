"""The contract of `nianbao parse --json`: one JSON object per document. Numbers are decimal strings, never floats."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from schemas.report import Fact, Finding, Judgement, Report, Section, Statistic


def as_line(source: str, sha256: str | None, media_type: str | None, judgement: Judgement) -> str:
    """The object of one document on one line, Chinese left readable."""
    return json.dumps(as_object(source, sha256, media_type, judgement), ensure_ascii=False, separators=(", ", ": "))


def as_object(source: str, sha256: str | None, media_type: str | None, judgement: Judgement) -> dict[str, Any]:
    """One document and its judgement as plain JSON data. For a document that could not be read, the report is empty."""
    report = judgement.report
    return {
        "source": source,
        "sha256": sha256,
        "media_type": media_type,
        "outcome": judgement.outcome.value,
        "reason": {"code": judgement.reason.code, "message": judgement.reason.message} if judgement.reason else None,
        "report": _header(report),
        "facts": [_fact(fact) for fact in report.facts] if report else [],
        "statistics": [_statistic(statistic) for statistic in report.statistics] if report else [],
        "sections": [_section(section) for section in report.sections] if report else [],
        "findings": [_finding(finding) for finding in judgement.findings],
    }


def decimal_string(value: Decimal | None) -> str | None:
    """The exact value without an exponent, `11561862563.21`; trailing zeros as printed stay."""
    return None if value is None else format(value, "f")


def _header(report: Report | None) -> dict[str, Any]:
    if report is None:
        nothing = dict.fromkeys(("publisher", "year", "title", "edition", "published_on", "period"))
        return {**nothing, "table_editions": {}}
    return {
        "publisher": report.publisher,
        "year": report.year,
        "title": report.title,
        "edition": report.edition.value,
        "table_editions": {table: edition.value for table, edition in sorted(report.table_editions.items())},
        "published_on": report.published_on,
        "published_precision": report.published_precision,
        "period": [day.isoformat() for day in report.period] if report.period else None,
        "scope": report.scope,
        "preamble": report.preamble or None,
    }


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "code": fact.code,
        "value": decimal_string(fact.value),
        "unit": fact.unit,
        "unit_source": fact.unit_source,
        "state": fact.state.value,
        "raw": fact.raw,
        "remark": fact.remark,
        "label": fact.label,
        "certainty": fact.certainty.value,
        "reached_by": fact.reached_by,
        "place": fact.place.as_dict(),
    }


def _statistic(statistic: Statistic) -> dict[str, Any]:
    return {
        "metric": statistic.metric,
        "value": decimal_string(statistic.value),
        "unit": statistic.unit,
        "qualifier": statistic.qualifier,
        "period": statistic.period,
        "parent": statistic.parent,
        "relation": statistic.relation,
        "section": statistic.section,
        "quote": statistic.quote,
        "start": statistic.start,
        "end": statistic.end,
    }


def _section(section: Section) -> dict[str, Any]:
    return {"heading": section.heading, "text": section.text, "code": section.code, "start": section.start}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "severity": finding.severity.value,
        "verdict": finding.verdict.value,
        "message": finding.message,
        "left": finding.left,
        "right": finding.right,
        "cells": list(finding.cells),
    }
