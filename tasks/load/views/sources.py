"""Views of where figures come from and where reports stand: provenance, reports, findings, coverage."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from schemas.tables import Finding, Ledger, table_of
from tasks.load.views.figures import CELL, FACT, OF_REPORT, PUBLISHER, REPORT, Plain, Selects

FINDING, LEDGER = table_of(Finding), table_of(Ledger)


def selects() -> Selects:
    """The select of each view, and the columns that order its rows."""
    coverage = _coverage()
    held = sa.select(REPORT.c.id).where(
        REPORT.c.publisher_id == LEDGER.c.publisher_id, REPORT.c.year == LEDGER.c.year, REPORT.c.is_current
    )
    return {
        "fact_provenance": (_provenance(), ("publisher_id", "year", "code")),
        "current_reports": (_reports(), ("publisher_id", "year")),
        "current_findings": (_findings(), ("publisher_id", "year", "check_code", "message")),
        "coverage": (coverage, ("publisher_id", "year")),
        "missing_reports": (coverage.where(~held.exists()), ("publisher_id", "year")),
    }


def _provenance() -> Plain:
    chosen = (
        *OF_REPORT,
        FACT.c.code,
        CELL.c.label_zh,
        CELL.c.label_en,
        FACT.c.label,
        FACT.c.value,
        FACT.c.unit,
        FACT.c.raw,
        FACT.c.state,
        FACT.c.certainty,
        FACT.c.reached_by,
        FACT.c.corrected_by,
        FACT.c.value_read,
        FACT.c.page,
        FACT.c.place,
        REPORT.c.document_sha256,
        REPORT.c.url,
        REPORT.c.media_type,
        REPORT.c.fetched_at,
        REPORT.c.parser_version,
        FACT.c.report_id,
    )
    return Plain(chosen, FACT, cells=True)


def _reports() -> sa.Select[Any]:
    return (
        sa.select(
            *OF_REPORT,
            REPORT.c.version,
            REPORT.c.outcome,
            REPORT.c.edition,
            REPORT.c.title,
            REPORT.c.published_on,
            REPORT.c.document_sha256,
            REPORT.c.url,
            REPORT.c.media_type,
            REPORT.c.fetched_at,
            REPORT.c.parser_version,
            REPORT.c.id.label("report_id"),
        )
        .join(PUBLISHER, PUBLISHER.c.id == REPORT.c.publisher_id)
        .where(REPORT.c.is_current)
    )


def _findings() -> Plain:
    chosen = (
        *OF_REPORT,
        FINDING.c.check_code,
        FINDING.c.severity,
        FINDING.c.verdict,
        FINDING.c.message,
        FINDING.c.left_side,
        FINDING.c.right_side,
        FINDING.c.cells,
        FINDING.c.report_id,
    )
    return Plain(chosen, FINDING, where=FINDING.c.dismissed_by.is_(None))


def _coverage() -> sa.Select[Any]:
    return sa.select(
        LEDGER.c.publisher_id,
        PUBLISHER.c.name.label("publisher"),
        PUBLISHER.c.kind,
        PUBLISHER.c.region,
        PUBLISHER.c.sample,
        LEDGER.c.year,
        LEDGER.c.state,
        LEDGER.c.reason_code,
        LEDGER.c.reason,
        LEDGER.c.since,
        LEDGER.c.attempts,
        LEDGER.c.next_action,
        LEDGER.c.deadline,
        LEDGER.c.report_id,
    ).join(PUBLISHER, PUBLISHER.c.id == LEDGER.c.publisher_id)
