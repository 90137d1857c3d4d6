"""Which decisions have taken effect; those that were taken before count as such."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from schemas.tables.types import UtcTime, plain_text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "correction_applied",
        sa.Column("correction_id", plain_text(), nullable=False),
        sa.Column("applied_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["correction_id"], ["correction.id"], name=op.f("fk_correction_applied_correction_id")),
        sa.PrimaryKeyConstraint("correction_id", name=op.f("pk_correction_applied")),
    )
    op.execute("INSERT INTO correction_applied (correction_id, applied_at) SELECT id, decided_at FROM correction")
