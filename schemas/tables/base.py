"""What all tables share: their own metadata with named constraints, and short forms for columns."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from schemas.tables.types import ExactDecimal, UtcTime, json_data, plain_text

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Table(SQLModel, registry=registry(metadata=metadata)):
    """Base of the warehouse's tables; keeps them apart from other SQLModel tables in the process."""


def table_of(model: type[Table]) -> sa.Table:
    """The SQLAlchemy table behind a model, for bulk statements."""
    found: sa.Table = metadata.tables[str(model.__tablename__)]
    return found


def text(description: str, *, key: bool = False, refers: str | None = None, **options: Any) -> Any:
    """A text column; `refers` names the column it points at."""
    return Field(
        description=description,
        primary_key=key,
        sa_type=plain_text(),  # type: ignore[call-overload]
        **({"foreign_key": refers} if refers else {}),
        **options,
    )


def moment(description: str, **options: Any) -> Any:
    """A UTC time; what happened when differs between two runs, so such columns never count as content."""
    return Field(description=description, sa_type=UtcTime, sa_column_kwargs={"info": VOLATILE}, **options)


def run_id(description: str = "run that last wrote this row") -> Any:
    """A soft reference to `run`: old runs may be vacuumed while what they loaded stays."""
    return Field(
        default=None,
        description=description,
        sa_type=plain_text(),
        sa_column_kwargs={"info": VOLATILE},
    )


def amount(description: str, **options: Any) -> Any:
    """An exact decimal."""
    return Field(description=description, sa_type=ExactDecimal, **options)


def data(description: str, **options: Any) -> Any:
    """Plain JSON data."""
    return Field(description=description, sa_type=json_data(), **options)


def one_of(column: str, values: type[Any]) -> sa.CheckConstraint:
    """A constraint that a column holds one of the words of an enumeration."""
    words = ", ".join(f"'{word.value}'" for word in values)
    return sa.CheckConstraint(f"{column} IN ({words})", name=column)


VOLATILE = {"volatile": True}
"""Mark of columns that may differ between two harvests of the same documents: times and runs."""
