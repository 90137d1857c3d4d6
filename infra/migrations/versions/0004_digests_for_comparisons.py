"""Digests of figures and texts, by which copied reports are found; filled in for what is there."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

import sqlalchemy as sa
from alembic import op

from schemas.tables.types import ExactDecimal, plain_text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("report", sa.Column("figures_digest", plain_text(), server_default="", nullable=False))
    op.add_column("report", sa.Column("figures_count", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_report_figures_digest", "report", ["figures_digest"], unique=False)
    op.add_column("section", sa.Column("text_digest", plain_text(), server_default="", nullable=False))
    op.create_index("ix_section_text_digest", "section", ["text_digest"], unique=False)
    _fill_figures(op.get_bind())
    _fill_texts(op.get_bind())


def _fill_figures(connection: sa.Connection) -> None:
    report = sa.table("report", sa.column("id"), sa.column("figures_digest"), sa.column("figures_count"))
    columns = ("report_id", "code", "row_key")
    fact = sa.table("fact", *(sa.column(name) for name in columns), sa.column("value", ExactDecimal()))
    for report_id in connection.scalars(sa.select(report.c.id)).all():
        rows = connection.execute(
            sa.select(fact.c.code, fact.c.row_key, fact.c.value).where(fact.c.report_id == report_id)
        )
        figures = sorted((row.code, row.row_key, _plain(row.value)) for row in rows if row.value)
        values = {"figures_digest": _digest(figures), "figures_count": len(figures)}
        connection.execute(sa.update(report).where(report.c.id == report_id).values(values))


def _fill_texts(connection: sa.Connection) -> None:
    names = ("report_id", "position", "text", "text_digest")
    section = sa.table("section", *(sa.column(name) for name in names))
    for report_id, position in connection.execute(sa.select(section.c.report_id, section.c.position)).all():
        here = (section.c.report_id == report_id, section.c.position == position)
        text = str(connection.scalar(sa.select(section.c.text).where(*here)))
        digest = hashlib.sha256("".join(text.split()).encode("utf-8")).hexdigest()
        connection.execute(sa.update(section).where(*here).values(text_digest=digest))


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _digest(figures: list[tuple[str, str, str]]) -> str:
    text = json.dumps(figures, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
