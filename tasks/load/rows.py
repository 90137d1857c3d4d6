"""A judgement on one document as the rows that will be stored: plain data, no database.

Two digests tell what a later load changes. `content` covers the document and what was read in it (facts,
statistics, sections, header): another content is another version. `assessment` covers what we think of the
reading (outcome, findings, how and where each cell was found): another assessment leaves the version as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.errors import LoadError
from schemas.report import Edition, Finding, Judgement, Report, Section, Statistic
from tasks.load import carried
from tasks.load.facts import FACT_COLUMNS, FactRows, Overridden, exact, fact_rows
from tasks.load.plain import digest, digest_of, loosely, quoted, said, short_key, storable

__all__ = ["ReportRows", "Row", "digest", "finding_rows", "rows_of", "short_key", "storable"]

Row = dict[str, Any]

_HEADER = (
    *("edition", "table_editions", "title", "publisher_printed", "scope", "period_start", "period_end"),
    *("published_on", "published_precision", "title_year", "period_year", "preamble", "extra_rows"),
)
_STATISTIC = ("item", "value", "unit", "qualifier", "period", "parent", "relation", "quote", "section")
_SECTION = ("position", "code", "number", "heading", "text")
"""The columns that make a version, with those of `FactRows.content`. A column added to any of them gives every report
a new id at its next load."""
_CODE, _ROW_KEY, _VALUE = (FACT_COLUMNS.index(name) for name in ("code", "row_key", "value"))


@dataclass(frozen=True, slots=True)
class ReportRows:
    """What one judgement gives: the report's own columns, and its rows without `report_id`."""

    report: Row
    facts: FactRows
    statistics: tuple[Row, ...]
    sections: tuple[Row, ...]
    findings: tuple[Row, ...]
    content_digest: str
    assessment_digest: str


def rows_of(
    judgement: Judgement,
    *,
    document_sha: str,
    overridden: Overridden | None = None,
    dismissed: Mapping[str, str] | None = None,
    accepted_by: str | None = None,
) -> ReportRows:
    """The rows of one judgement. Raises LoadError for what cannot be stored without loss.

    `load.duplicate_fact` when a cell was read twice, `load.bad_row` when a row lacks what its kind must have.
    `overridden` tells by cell which decision set its value and what had been read, `dismissed` by key of a finding
    which decision dismissed it, `accepted_by` which one accepted the reading.
    """
    report = judgement.report
    facts = fact_rows(report.facts, overridden) if report else FactRows()
    statistics = _statistics(report.statistics) if report else ()
    sections = tuple(_section(section, position) for position, section in enumerate(report.sections if report else ()))
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
    return ReportRows(
        report={**header, **outcome, **_figures(facts), **_carried(facts)},
        facts=facts,
        statistics=statistics,
        sections=tuple({**row, "text_digest": _text_digest(row["text"])} for row in sections),
        findings=findings,
        content_digest=_content_digest(document_sha, header, facts, statistics, sections),
        assessment_digest=_assessment_digest(outcome, header, facts, statistics, sections, findings),
    )


def _content_digest(
    document_sha: str, header: Row, facts: FactRows, statistics: Sequence[Row], sections: Sequence[Row]
) -> str:
    """Of [document, [header, fact …, statistic …, section …]], each the list of the columns that make a version."""
    rows = [loosely([header[name] for name in _HEADER])]
    rows += facts.content
    rows += [loosely([row[name] for name in _STATISTIC]) for row in statistics]
    rows += [loosely([row[name] for name in _SECTION]) for row in sections]
    return digest_of(f"[{quoted(document_sha)},[{','.join(rows)}]]")


def _assessment_digest(
    outcome: Row,
    header: Row,
    facts: FactRows,
    statistics: Sequence[Row],
    sections: Sequence[Row],
    findings: Sequence[Row],
) -> str:
    """Of [outcome, header, [fact …], [statistic …], [section …], [finding …]] with all columns."""
    rest = [loosely([list(row.values()) for row in rows]) for rows in (statistics, sections, findings)]
    return digest_of(f"[{loosely(outcome)},{loosely(header)},[{','.join(facts.assessment)}],{','.join(rest)}]")


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


def _figures(facts: FactRows) -> Row:
    """What tells copied tables: the figures that are not 0, whatever document they stand in."""
    return {"figures_digest": digest_of(f"[{','.join(facts.figures)}]"), "figures_count": len(facts.figures)}


def _carried(facts: FactRows) -> Row:
    """What the checks between years ask first; derived from the facts, so no part of the digests."""
    return dict(carried.columns((line[_CODE], line[_VALUE]) for line in facts.values if not line[_ROW_KEY]))


def _text_digest(text: str) -> str:
    """What tells copied text, however its lines are broken."""
    return digest_of("".join(text.split()))


def _statistics(statistics: Sequence[Statistic]) -> tuple[Row, ...]:
    rows: list[Row] = []
    for statistic in sorted(statistics, key=lambda item: (item.start, item.end, item.metric)):
        value = exact(statistic.value, statistic.metric).value
        if value is None:
            raise LoadError("load.bad_row", f"the statistic {statistic.metric!r} has no value")
        metric = storable(statistic.metric)
        rows.append(
            {
                "item": short_key(metric),
                "metric": metric,
                "key": statistic.key,
                "value": value,
                "unit": said(statistic.unit)[0],
                "qualifier": said(statistic.qualifier)[0],
                "period": said(statistic.period)[0],
                "parent": said(statistic.parent)[0],
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


def _numbered(rows: list[Row], name: str) -> tuple[Row, ...]:
    """Make keys unique: the second row with a key gets #2, and so on, in the order given."""
    seen: Counter[str] = Counter()
    for row in rows:
        seen[row[name]] += 1
        if seen[row[name]] > 1:
            row[name] = f"{row[name]}#{seen[row[name]]}"
    return tuple(rows)


def _optional(text: str | None) -> str | None:
    return None if text is None else storable(text)
