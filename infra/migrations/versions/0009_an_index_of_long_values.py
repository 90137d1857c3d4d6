"""An index of the few long values, among which figures with swapped digits are looked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    long = sa.text("length(CAST(value AS TEXT)) >= 5")
    op.create_index("ix_fact_long_value", "fact", ["code", "value"], sqlite_where=long, postgresql_where=long)
