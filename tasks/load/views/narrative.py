"""Views of the text: its sections, and the figures stated in it."""

from __future__ import annotations

import operator
from functools import reduce
from typing import Any

import sqlalchemy as sa

from schemas.tables import Section, Statistic, table_of
from tasks.load.cells import labels
from tasks.load.views.figures import OF_REPORT, PUBLISHER, REPORT, Plain, Selects, current

STATISTIC, SECTION = table_of(Statistic), table_of(Section)

_TIDY = (
    STATISTIC.c.metric,
    STATISTIC.c.key,
    STATISTIC.c.value,
    STATISTIC.c.unit,
    STATISTIC.c.qualifier,
    STATISTIC.c.period,
    STATISTIC.c.parent,
    STATISTIC.c.relation,
    STATISTIC.c.section,
    STATISTIC.c.quote,
    STATISTIC.c.report_id,
)

_SECTIONS = (
    SECTION.c.position,
    SECTION.c.code.label("section"),
    SECTION.c.heading,
    SECTION.c.text,
    SECTION.c.report_id,
)


def selects() -> Selects:
    """The select of each view, and the columns that order its rows."""
    return {
        "narrative_statistics": (
            Plain((*OF_REPORT, *_TIDY), STATISTIC),
            ("publisher_id", "year", "metric", "value", "quote"),
        ),
        "narrative_statistics_wide": (_wide(), ("publisher_id", "year")),
        "report_sections": (Plain((*OF_REPORT, *_SECTIONS), SECTION), ("publisher_id", "year", "position")),
    }


def names() -> tuple[str, ...]:
    """The canonical names that the labels know."""
    return tuple(labels()["statistics"])


def key_words(key: str) -> dict[str, str]:
    """Chinese and English label of a canonical name."""
    found: dict[str, str] = labels()["statistics"][key]
    return found


def _wide() -> sa.Select[Any]:
    """Figures of the report's own year. A name for which the text states two values gets neither."""
    columns = [_agreed(key).label(key) for key in names()]
    several = [sa.case((_different(key) > 1, sa.literal(f"{key} ")), else_=sa.literal("")) for key in names()]
    ambiguous = sa.func.trim(reduce(operator.add, several), type_=sa.Text())
    chosen = (*OF_REPORT, *columns, ambiguous.label("ambiguous"), STATISTIC.c.report_id)
    return (
        current(chosen, STATISTIC)
        .where(STATISTIC.c.key.is_not(None), STATISTIC.c.period.is_(None))
        .group_by(
            REPORT.c.publisher_id,
            PUBLISHER.c.name,
            REPORT.c.year,
            REPORT.c.scope,
            REPORT.c.sample,
            STATISTIC.c.report_id,
        )
    )


def _agreed(key: str) -> Any:
    here = sa.func.max(sa.case((STATISTIC.c.key == key, STATISTIC.c.value)), type_=STATISTIC.c.value.type)
    return sa.case((_different(key) == 1, here))


def _different(key: str) -> Any:
    stated = sa.cast(STATISTIC.c.value, sa.Text) + sa.func.coalesce(STATISTIC.c.unit, "")
    return sa.func.count(sa.distinct(sa.case((STATISTIC.c.key == key, stated))))
