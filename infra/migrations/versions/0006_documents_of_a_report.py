"""An index that finds the documents that were fetched for one report: people choose among them."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_fetch_publisher_id", "fetch", ["publisher_id", "year"], unique=False)
