"""A judgement on one document as the rows that will be stored: plain data, no database.

Two digests tell what a later load changes. `content` covers the document and what was read in it (facts,
statistics, sections, header): another content is another version. `assessment` covers what we think of the
reading (outcome, findings, how and where each cell was found): another assessment leaves the version as it is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from schemas.errors import LoadError
from schemas.report import Edition, Fact, FactState, Finding, Judgement, Report, Section, Statistic
from schemas.tables.types import canonical
from tasks.load.cells import form_cells

Row = dict[str, Any]

_CONTENT = {
    "header": (
        *("edition", "table_editions", "title", "publisher_printed", "scope", "period_start", "period_end"),
        *("published_on", "published_precision", "title_year", "period_year", "preamble", "extra_rows"),
    ),
    "fact": ("code", "row_key", "value", "unit", "raw", "state", "remark", "label"),
    "statistic": ("item", "value", "unit", "qualifier", "period", "parent", "relation", "quote", "section"),
    "section": ("position", "code", "number", "heading", "text"),
}
"""The columns that make a version. A column added here gives every report a new id at its next load."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LONG_KEY = 120


@dataclass(frozen=True, slots=True)
class ReportRows:
    """What one judgement gives: the report's own columns, and its rows without `report_id`."""

    report: Row
    facts: tuple[Row, ...]
    statistics: tuple[Row, ...]
    sections: tuple[Row, ...]
    findings: tuple[Row, ...]
    content_digest: str
    assessment_digest: str


def rows_of(
    judgement: Judgement,
    *,
    document_sha: str,
    overridden: Mapping[tuple[str, str], tuple[str, Decimal | None]] | None = None,
    dismissed: Mapping[str, str] | None = None,
    accepted_by: str | None = None,
) -> ReportRows:
    """The rows of one judgement. Raises LoadError for what cannot be stored without loss.

    `load.duplicate_fact` when a cell was read twice, `load.bad_row` when a row lacks what its kind must have.
    `overridden` tells by cell which decision set its value and what had been read, `dismissed` by key of a finding
    which decision dismissed it, `accepted_by` which one accepted the reading.
    """
    report = judgement.report
    facts = _facts(report.facts) if report else ()
    statistics = _statistics(report.statistics) if report else ()
    sections = tuple(_section(section, position) for position, section in enumerate(report.sections if report else ()))
    for row in facts:
        if (row["code"], row["row_key"]) in (overridden or {}):
            row["corrected_by"], row["value_read"] = (overridden or {})[row["code"], row["row_key"]]
    findings = finding_rows(judgement.findings)
    for row in findings:
        row["dismissed_by"] = (dismissed or {}).get(row["key"])
    header = _header(report)
    outcome = {
        "outcome": judgement.outcome.value,
        "reason_code": judgement.reason.code if judgement.reason else None,
        "reason": storable(judgement.reason.message) if judgement.reason else None,
        "accepted_by": accepted_by,
    }
    content = [
        [row[column] for column in _CONTENT[kind]]
        for kind, rows in (("header", (header,)), ("fact", facts), ("statistic", statistics), ("section", sections))
        for row in rows
    ]
    return ReportRows(
        report={**header, **outcome, **_figures(facts)},
        facts=facts,
        statistics=statistics,
        sections=tuple({**row, "text_digest": _text_digest(row["text"])} for row in sections),
        findings=findings,
        content_digest=digest([document_sha, content]),
        assessment_digest=digest(
            [
                outcome,
                header,
                *([list(row.values()) for row in rows] for rows in (facts, statistics, sections, findings)),
            ]
        ),
    )


def digest(value: Any) -> str:
    """SHA-256 of plain data; decimals and dates as their text."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def storable(text: str) -> str:
    """Text that both databases take: NUL and lone surrogates become U+FFFD, one for one, so that offsets hold."""
    return _UNSTORABLE.sub("\ufffd", text)


def finding_rows(findings: Iterable[Finding]) -> tuple[Row, ...]:
    """Findings as rows; the key names check and cells, so that a decision about a finding outlives a reload."""
    rows: list[Row] = []
    for finding in findings:
        cells = sorted(set(finding.cells))
        rows.append(
            {
                "key": short_key(f"{finding.check}:{','.join(cells)}" if cells else finding.check),
                "check_code": finding.check,
                "severity": finding.severity.value,
                "verdict": finding.verdict.value,
                "message": storable(finding.message),
                "left_side": _optional(finding.left),
                "right_side": _optional(finding.right),
                "cells": list(finding.cells),
                "scope": "report",
                "dismissed_by": None,
                "other_report_id": None,
            }
        )
    return _numbered(rows, "key")


def _header(report: Report | None) -> Row:
    if report is None:
        report = Report(publisher=None, year=None, title=None, edition=Edition.NARRATIVE)
        edition = None
    else:
        edition = report.edition.value
    start, end = report.period or (None, None)
    return {
        "edition": edition,
        "table_editions": {table: found.value for table, found in sorted(report.table_editions.items())},
        "title": _optional(report.title),
        "publisher_printed": _optional(report.publisher),
        "scope": _optional(report.scope),
        "period_start": start,
        "period_end": end,
        "published_on": report.published_on,
        "published_precision": report.published_precision,
        "title_year": report.title_year,
        "period_year": report.period_year,
        "preamble": _optional(report.preamble) or None,
        "extra_rows": [storable(label) for label in report.extra_rows],
        "text_length": len(report.text),
    }


def _facts(facts: Sequence[Fact]) -> tuple[Row, ...]:
    twice = [code for code, times in Counter(fact.code for fact in facts).items() if times > 1]
    if twice:
        raise LoadError("load.duplicate_fact", f"read more than once: {', '.join(sorted(twice))}")
    return tuple(sorted((_fact(fact) for fact in facts), key=lambda row: (row["code"], row["row_key"])))


def _fact(fact: Fact) -> Row:
    if fact.state is FactState.NUMBER and fact.value is None:
        raise LoadError("load.bad_row", f"{fact.code} is a number without a value (raw {fact.raw!r})")
    if fact.state is FactState.BLANK and fact.value is not None:
        raise LoadError("load.bad_row", f"{fact.code} is blank but has the value {fact.value}")
    row_code, column_code = split_code(fact.code)
    return {
        "code": fact.code,
        "row_key": "" if fact.code in known_codes() else storable(fact.label or ""),
        "table_code": fact.table,
        "row_code": row_code,
        "column_code": column_code,
        "value": _exact(fact.value, fact.code),
        "unit": _optional(fact.unit),
        "unit_source": fact.unit_source,
        "raw": storable(fact.raw),
        "state": fact.state.value,
        "remark": _optional(fact.remark),
        "label": _optional(fact.label),
        "value_read": None,
        "corrected_by": None,
        "reached_by": fact.reached_by,
        "certainty": fact.certainty.value,
        "page": fact.place.page,
        "place": _clean(fact.place.as_dict()),
    }


def _figures(facts: Sequence[Row]) -> Row:
    """What tells copied tables: the figures that are not 0, whatever document they stand in."""
    found = sorted(
        [row["code"], row["row_key"], format(row["value"].normalize(), "f")] for row in facts if row["value"]
    )
    return {"figures_digest": digest(found), "figures_count": len(found)}


def _text_digest(text: str) -> str:
    """What tells copied text, however its lines are broken."""
    return hashlib.sha256("".join(text.split()).encode("utf-8")).hexdigest()


def _statistics(statistics: Sequence[Statistic]) -> tuple[Row, ...]:
    rows: list[Row] = []
    for statistic in sorted(statistics, key=lambda item: (item.start, item.end, item.metric)):
        exact = _exact(statistic.value, statistic.metric)
        if exact is None:
            raise LoadError("load.bad_row", f"the statistic {statistic.metric!r} has no value")
        rows.append(
            {
                "item": short_key(storable(statistic.metric)),
                "metric": storable(statistic.metric),
                "key": statistic.key,
                "value": exact,
                "unit": _optional(statistic.unit),
                "qualifier": _optional(statistic.qualifier),
                "period": _optional(statistic.period),
                "parent": _optional(statistic.parent),
                "relation": statistic.relation,
                "outcome": statistic.outcome,
                "group_number": statistic.group,
                "quote": storable(statistic.quote),
                "start_offset": statistic.start,
                "end_offset": statistic.end,
                "section": statistic.section,
            }
        )
    return _numbered(rows, "item")


def _section(section: Section, position: int) -> Row:
    return {
        "position": position,
        "code": section.code,
        "number": section.number,
        "heading": storable(section.heading),
        "text": storable(section.text),
        "start_offset": section.start,
    }


def split_code(code: str) -> tuple[str | None, str | None]:
    """Row and column of a fact code; `t4.review_total` has no row, `stat.s3_received` no column."""
    parts = code.split(".")
    if len(parts) == 2:
        return (parts[1], None) if parts[0] == "stat" else (None, parts[1])
    if len(parts) != 3 or not all(parts):
        raise LoadError("load.bad_row", f"{code!r} is not a code of a cell")
    return parts[1], parts[2]


@cache
def known_codes() -> frozenset[str]:
    """Every fact code that some edition of the forms has."""
    return frozenset(row["code"] for row in form_cells())


def _exact(value: Decimal | None, what: str) -> Decimal | None:
    if value is None:
        return None
    try:
        return canonical(value)
    except ValueError as error:
        raise LoadError("load.bad_row", f"{what}: {error}") from error


def _numbered(rows: list[Row], name: str) -> tuple[Row, ...]:
    """Make keys unique: the second row with a key gets #2, and so on, in the order given."""
    seen: Counter[str] = Counter()
    for row in rows:
        seen[row[name]] += 1
        if seen[row[name]] > 1:
            row[name] = f"{row[name]}#{seen[row[name]]}"
    return tuple(rows)


def short_key(key: str) -> str:
    """Keys stay readable but never too long for an index."""
    if len(key) <= _LONG_KEY:
        return key
    return f"{key[: _LONG_KEY - 17]}~{hashlib.sha256(key.encode('utf-8')).hexdigest()[:16]}"


def _optional(text: str | None) -> str | None:
    return None if text is None else storable(text)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {name: _clean(item) for name, item in value.items()}
    return value
