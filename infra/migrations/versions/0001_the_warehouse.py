"""The warehouse: publishers, documents, reports with all that stands in them, the ledger and the runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from schemas.tables.types import ExactDecimal, UtcTime, json_data, plain_text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("sha256", plain_text(), nullable=False),
        sa.Column("media_type", plain_text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("first_url", plain_text(), nullable=False),
        sa.Column("first_fetched_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_document")),
    )
    op.create_table(
        "publisher",
        sa.Column("id", plain_text(), nullable=False),
        sa.Column("name", plain_text(), nullable=False),
        sa.Column("aliases", json_data(), nullable=False),
        sa.Column("kind", plain_text(), nullable=False),
        sa.Column("region", plain_text(), nullable=True),
        sa.Column("credit_code", plain_text(), nullable=True),
        sa.Column("owed_from", sa.Integer(), nullable=False),
        sa.Column("owed_to", sa.Integer(), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('government', 'department')", name=op.f("ck_publisher_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publisher")),
    )
    op.create_table(
        "run",
        sa.Column("id", plain_text(), nullable=False),
        sa.Column("kind", plain_text(), nullable=False),
        sa.Column("state", plain_text(), nullable=False),
        sa.Column("parameters", json_data(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("heartbeat_at", UtcTime(), nullable=False),
        sa.Column("finished_at", UtcTime(), nullable=True),
        sa.Column("message", plain_text(), nullable=True),
        sa.Column("summary", json_data(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_table(
        "fetch",
        sa.Column("id", plain_text(), nullable=False),
        sa.Column("url", plain_text(), nullable=False),
        sa.Column("url_digest", plain_text(), nullable=False),
        sa.Column("final_url", plain_text(), nullable=False),
        sa.Column("redirects", json_data(), nullable=False),
        sa.Column("fetched_at", UtcTime(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("robots", plain_text(), nullable=False),
        sa.Column("waited", sa.Float(), nullable=False),
        sa.Column("elapsed", sa.Float(), nullable=False),
        sa.Column("headers", json_data(), nullable=False),
        sa.Column("etag", plain_text(), nullable=True),
        sa.Column("last_modified", plain_text(), nullable=True),
        sa.Column("trouble", plain_text(), nullable=True),
        sa.Column("bytes_received", sa.BigInteger(), nullable=False),
        sa.Column("sha256", plain_text(), nullable=True),
        sa.Column("publisher_id", plain_text(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("run_id", plain_text(), nullable=True),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"], name=op.f("fk_fetch_publisher_id")),
        sa.ForeignKeyConstraint(["sha256"], ["document.sha256"], name=op.f("fk_fetch_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fetch")),
    )
    op.create_index("ix_fetch_url_digest", "fetch", ["url_digest", "fetched_at"], unique=False)

    op.create_table(
        "report",
        sa.Column("id", plain_text(), nullable=False),
        sa.Column("publisher_id", plain_text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("outcome", plain_text(), nullable=False),
        sa.Column("reason_code", plain_text(), nullable=True),
        sa.Column("reason", plain_text(), nullable=True),
        sa.Column("edition", plain_text(), nullable=True),
        sa.Column("table_editions", json_data(), nullable=False),
        sa.Column("title", plain_text(), nullable=True),
        sa.Column("publisher_printed", plain_text(), nullable=True),
        sa.Column("scope", plain_text(), nullable=True),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("published_on", plain_text(), nullable=True),
        sa.Column("published_precision", plain_text(), nullable=True),
        sa.Column("title_year", sa.Integer(), nullable=True),
        sa.Column("period_year", sa.Integer(), nullable=True),
        sa.Column("preamble", plain_text(), nullable=True),
        sa.Column("extra_rows", json_data(), nullable=False),
        sa.Column("text_length", sa.Integer(), nullable=False),
        sa.Column("document_sha256", plain_text(), nullable=False),
        sa.Column("url", plain_text(), nullable=False),
        sa.Column("media_type", plain_text(), nullable=True),
        sa.Column("parser_version", plain_text(), nullable=False),
        sa.Column("content_digest", plain_text(), nullable=False),
        sa.Column("assessment_digest", plain_text(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("fetched_at", UtcTime(), nullable=False),
        sa.Column("loaded_at", UtcTime(), nullable=False),
        sa.Column("judged_at", UtcTime(), nullable=False),
        sa.Column("superseded_at", UtcTime(), nullable=True),
        sa.Column("run_id", plain_text(), nullable=True),
        sa.CheckConstraint(
            "NOT (is_current AND outcome = 'quarantined')", name=op.f("ck_report_quarantined_never_current")
        ),
        sa.CheckConstraint(
            "edition IN ('form-2021', 'form-2019', 'stat-2014', 'stat-local', 'narrative', 'mixed')",
            name=op.f("ck_report_edition"),
        ),
        sa.CheckConstraint("outcome IN ('loaded', 'flagged', 'quarantined')", name=op.f("ck_report_outcome")),
        sa.ForeignKeyConstraint(["document_sha256"], ["document.sha256"], name=op.f("fk_report_document_sha256")),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"], name=op.f("fk_report_publisher_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("publisher_id", "year", "version", name=op.f("uq_report_publisher_id_year_version")),
    )
    op.create_index("ix_report_document_sha256", "report", ["document_sha256"], unique=False)
    op.create_index("ix_report_year", "report", ["year"], unique=False)
    op.create_index(
        "uq_report_current",
        "report",
        ["publisher_id", "year"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )

    op.create_table(
        "fact",
        sa.Column("report_id", plain_text(), nullable=False),
        sa.Column("code", plain_text(), nullable=False),
        sa.Column("row_key", plain_text(), nullable=False),
        sa.Column("table_code", plain_text(), nullable=False),
        sa.Column("row_code", plain_text(), nullable=True),
        sa.Column("column_code", plain_text(), nullable=True),
        sa.Column("value", ExactDecimal(), nullable=True),
        sa.Column("unit", plain_text(), nullable=True),
        sa.Column("unit_source", plain_text(), nullable=False),
        sa.Column("raw", plain_text(), nullable=False),
        sa.Column("state", plain_text(), nullable=False),
        sa.Column("remark", plain_text(), nullable=True),
        sa.Column("label", plain_text(), nullable=True),
        sa.Column("reached_by", plain_text(), nullable=False),
        sa.Column("certainty", plain_text(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("place", json_data(), nullable=False),
        sa.CheckConstraint("(state = 'number') <= (value IS NOT NULL)", name=op.f("ck_fact_number_has_value")),
        sa.CheckConstraint("certainty IN ('exact', 'proved', 'doubtful')", name=op.f("ck_fact_certainty")),
        sa.CheckConstraint("state IN ('number', 'blank', 'remark')", name=op.f("ck_fact_state")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_fact_report_id")),
        sa.PrimaryKeyConstraint("report_id", "code", "row_key", name=op.f("pk_fact")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_fact_code", "fact", ["code"], unique=False)

    op.create_table(
        "finding",
        sa.Column("report_id", plain_text(), nullable=False),
        sa.Column("key", plain_text(), nullable=False),
        sa.Column("check_code", plain_text(), nullable=False),
        sa.Column("severity", plain_text(), nullable=False),
        sa.Column("verdict", plain_text(), nullable=False),
        sa.Column("message", plain_text(), nullable=False),
        sa.Column("left_side", plain_text(), nullable=True),
        sa.Column("right_side", plain_text(), nullable=True),
        sa.Column("cells", json_data(), nullable=False),
        sa.Column("scope", plain_text(), nullable=False),
        sa.Column("other_report_id", plain_text(), nullable=True),
        sa.CheckConstraint("severity IN ('error', 'warning', 'info')", name=op.f("ck_finding_severity")),
        sa.CheckConstraint("verdict IN ('publisher', 'reading')", name=op.f("ck_finding_verdict")),
        sa.ForeignKeyConstraint(["other_report_id"], ["report.id"], name=op.f("fk_finding_other_report_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_finding_report_id")),
        sa.PrimaryKeyConstraint("report_id", "key", name=op.f("pk_finding")),
    )
    op.create_index("ix_finding_check_code", "finding", ["check_code"], unique=False)

    op.create_table(
        "ledger",
        sa.Column("publisher_id", plain_text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", plain_text(), nullable=False),
        sa.Column("reason_code", plain_text(), nullable=True),
        sa.Column("reason", plain_text(), nullable=True),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_action", plain_text(), nullable=True),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("report_id", plain_text(), nullable=True),
        sa.Column("review_report_id", plain_text(), nullable=True),
        sa.Column("run_id", plain_text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('expected', 'located', 'fetched', 'read', 'validated', 'loaded', 'flagged', 'quarantined',"
            " 'not_published', 'blocked', 'gone', 'layout_unknown', 'needs_ocr', 'failed')",
            name=op.f("ck_ledger_state"),
        ),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"], name=op.f("fk_ledger_publisher_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_ledger_report_id")),
        sa.ForeignKeyConstraint(["review_report_id"], ["report.id"], name=op.f("fk_ledger_review_report_id")),
        sa.PrimaryKeyConstraint("publisher_id", "year", name=op.f("pk_ledger")),
    )
    op.create_index("ix_ledger_year", "ledger", ["year", "state"], unique=False)

    op.create_table(
        "ledger_history",
        sa.Column("publisher_id", plain_text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", plain_text(), nullable=False),
        sa.Column("reason_code", plain_text(), nullable=True),
        sa.Column("reason", plain_text(), nullable=True),
        sa.Column("next_action", plain_text(), nullable=True),
        sa.Column("report_id", plain_text(), nullable=True),
        sa.Column("review_report_id", plain_text(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("run_id", plain_text(), nullable=True),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"], name=op.f("fk_ledger_history_publisher_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_ledger_history_report_id")),
        sa.ForeignKeyConstraint(["review_report_id"], ["report.id"], name=op.f("fk_ledger_history_review_report_id")),
        sa.PrimaryKeyConstraint("publisher_id", "year", "seq", name=op.f("pk_ledger_history")),
    )
    op.create_table(
        "section",
        sa.Column("report_id", plain_text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", plain_text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("heading", plain_text(), nullable=False),
        sa.Column("text", plain_text(), nullable=False),
        sa.Column("start_offset", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_section_report_id")),
        sa.PrimaryKeyConstraint("report_id", "position", name=op.f("pk_section")),
    )
    op.create_table(
        "statistic",
        sa.Column("report_id", plain_text(), nullable=False),
        sa.Column("key", plain_text(), nullable=False),
        sa.Column("metric", plain_text(), nullable=False),
        sa.Column("value", ExactDecimal(), nullable=False),
        sa.Column("unit", plain_text(), nullable=True),
        sa.Column("qualifier", plain_text(), nullable=True),
        sa.Column("period", plain_text(), nullable=True),
        sa.Column("parent", plain_text(), nullable=True),
        sa.Column("relation", plain_text(), nullable=True),
        sa.Column("quote", plain_text(), nullable=False),
        sa.Column("start_offset", sa.Integer(), nullable=False),
        sa.Column("end_offset", sa.Integer(), nullable=False),
        sa.Column("section", plain_text(), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_statistic_report_id")),
        sa.PrimaryKeyConstraint("report_id", "key", name=op.f("pk_statistic")),
    )
    op.create_index("ix_statistic_metric", "statistic", ["metric"], unique=False)
