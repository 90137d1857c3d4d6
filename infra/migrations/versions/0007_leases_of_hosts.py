"""Whose turn it is at each host, for processes that share a warehouse."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from schemas.tables.types import plain_text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "host_lease",
        sa.Column("line", plain_text(), nullable=False),
        sa.Column("holder", plain_text(), nullable=True),
        sa.Column("until", sa.Float(), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.Column("delay", sa.Float(), nullable=False),
        sa.Column("held_until", sa.Float(), nullable=False),
        sa.Column("day", plain_text(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("wanted_by", plain_text(), nullable=True),
        sa.Column("wanted_until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_host_lease")),
    )
