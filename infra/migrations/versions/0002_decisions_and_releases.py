"""Decisions of people, releases, labels of the forms; more evidence of requests; canonical keys of statistics."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from schemas.tables.types import ExactDecimal, UtcTime, json_data, plain_text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "form_cell",
        sa.Column("code", plain_text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("table_code", plain_text(), nullable=False),
        sa.Column("row_code", plain_text(), nullable=True),
        sa.Column("column_code", plain_text(), nullable=True),
        sa.Column("label_zh", plain_text(), nullable=False),
        sa.Column("label_en", plain_text(), nullable=False),
        sa.Column("row_zh", plain_text(), nullable=True),
        sa.Column("row_en", plain_text(), nullable=True),
        sa.Column("column_zh", plain_text(), nullable=True),
        sa.Column("column_en", plain_text(), nullable=True),
        sa.Column("unit", plain_text(), nullable=True),
        sa.Column("editions", json_data(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_form_cell")),
    )
    op.create_table(
        "release",
        sa.Column("id", plain_text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("schema_revision", plain_text(), nullable=False),
        sa.Column("content_digest", plain_text(), nullable=False),
        sa.Column("note", plain_text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
    )
    op.create_table(
        "correction",
        sa.Column("id", plain_text(), nullable=False),
        sa.Column("publisher_id", plain_text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", plain_text(), nullable=False),
        sa.Column("target", plain_text(), nullable=False),
        sa.Column("applies_to", json_data(), nullable=False),
        sa.Column("value", ExactDecimal(), nullable=True),
        sa.Column("unit", plain_text(), nullable=True),
        sa.Column("why", plain_text(), nullable=False),
        sa.Column("decided_by", plain_text(), nullable=False),
        sa.Column("decided_at", UtcTime(), nullable=False),
        sa.Column("undoes", plain_text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('accept', 'override', 'choose', 'dismiss', 'reopen', 'expire')", name=op.f("ck_correction_kind")
        ),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"], name=op.f("fk_correction_publisher_id")),
        sa.ForeignKeyConstraint(["undoes"], ["correction.id"], name=op.f("fk_correction_undoes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        sa.UniqueConstraint("publisher_id", "year", "seq", name=op.f("uq_correction_publisher_id_year_seq")),
    )
    op.create_table(
        "release_report",
        sa.Column("release_id", plain_text(), nullable=False),
        sa.Column("report_id", plain_text(), nullable=False),
        sa.Column("outcome", plain_text(), nullable=False),
        sa.Column("assessment_digest", plain_text(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_release_report_release_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_release_report_report_id")),
        sa.PrimaryKeyConstraint("release_id", "report_id", name=op.f("pk_release_report")),
    )
    op.add_column("fact", sa.Column("value_read", ExactDecimal(), nullable=True))
    _add_reference("fact", "corrected_by", "correction")
    _add_reference("finding", "dismissed_by", "correction")
    _add_reference("report", "accepted_by", "correction")

    op.add_column("fetch", sa.Column("method", plain_text(), server_default="GET", nullable=False))
    op.add_column("fetch", sa.Column("attempt", sa.Integer(), server_default="1", nullable=False))
    op.add_column("fetch", sa.Column("delay", sa.Float(), server_default="0", nullable=False))
    op.add_column("fetch", sa.Column("peer", plain_text(), nullable=True))
    op.add_column("fetch", sa.Column("notes", json_data(), server_default="[]", nullable=False))

    op.execute("ALTER TABLE statistic RENAME COLUMN key TO item")
    op.add_column("statistic", sa.Column("key", plain_text(), nullable=True))
    op.add_column("statistic", sa.Column("outcome", plain_text(), nullable=True))
    op.add_column("statistic", sa.Column("group_number", sa.Integer(), nullable=True))
    op.create_index("ix_statistic_key", "statistic", ["key"], unique=False)


def _add_reference(table: str, column: str, target: str) -> None:
    """Add a column that refers to a table. SQLite takes it in one statement; copying the table would lose its rules."""
    name = f"fk_{table}_{column}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT CONSTRAINT {name} REFERENCES {target} (id)")
        return
    op.add_column(table, sa.Column(column, plain_text(), nullable=True))
    op.create_foreign_key(name, table, target, [column], ["id"])
