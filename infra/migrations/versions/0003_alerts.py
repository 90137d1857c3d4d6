"""Alerts: their state, the news that was processed, and the outbox of messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from schemas.tables.types import UtcTime, plain_text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("key", plain_text(), nullable=False),
        sa.Column("kind", plain_text(), nullable=False),
        sa.Column("subject", plain_text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("name", plain_text(), nullable=False),
        sa.Column("code", plain_text(), nullable=False),
        sa.Column("severity", plain_text(), nullable=False),
        sa.Column("region", plain_text(), nullable=True),
        sa.Column("message", plain_text(), nullable=False),
        sa.Column("url", plain_text(), nullable=True),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("state", plain_text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("opened_run", plain_text(), nullable=True),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("seen_run", plain_text(), nullable=True),
        sa.Column("judged_at", UtcTime(), nullable=False),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.Column("closed_run", plain_text(), nullable=True),
        sa.Column("resolution", plain_text(), nullable=True),
        sa.Column("resolved_by", plain_text(), nullable=True),
        sa.CheckConstraint("kind IN ('run', 'site', 'report', 'ledger', 'receiver')", name=op.f("ck_alert_kind")),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_alert_state")),
        sa.CheckConstraint("severity IN ('error', 'warning', 'info')", name=op.f("ck_alert_severity")),
        sa.CheckConstraint("resolution IN ('recovered', 'replaced', 'dismissed')", name=op.f("ck_alert_resolution")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_alert")),
    )
    op.create_index("ix_alert_state", "alert", ["state"], unique=False)
    op.create_table(
        "alert_news",
        sa.Column("run_id", plain_text(), nullable=False),
        sa.Column("part", plain_text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("processed_at", UtcTime(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("repeated", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "part", name=op.f("pk_alert_news")),
    )
    op.create_table(
        "alert_message",
        sa.Column("id", plain_text(), nullable=False),
        sa.Column("run_id", plain_text(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("receiver", plain_text(), nullable=False),
        sa.Column("target", plain_text(), nullable=False),
        sa.Column("kind", plain_text(), nullable=False),
        sa.Column("severity", plain_text(), nullable=False),
        sa.Column("title", plain_text(), nullable=False),
        sa.Column("body", plain_text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("state", plain_text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UtcTime(), nullable=True),
        sa.Column("claimed_until", UtcTime(), nullable=True),
        sa.Column("unsure", sa.Boolean(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("error_code", plain_text(), nullable=True),
        sa.Column("error", plain_text(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.CheckConstraint("kind IN ('immediate', 'recovered', 'digest')", name=op.f("ck_alert_message_kind")),
        sa.CheckConstraint("severity IN ('error', 'warning', 'info')", name=op.f("ck_alert_message_severity")),
        sa.CheckConstraint("state IN ('pending', 'sent', 'withdrawn')", name=op.f("ck_alert_message_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_message")),
    )
    op.create_index("ix_alert_message_state", "alert_message", ["state"], unique=False)
