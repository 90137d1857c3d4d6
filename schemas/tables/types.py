"""Column types that mean the same on SQLite and PostgreSQL: exact decimals, UTC times, bytewise text, JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeDecorator, TypeEngine

DECIMAL_COLLATION = "nianbao_decimal"
"""Name of the collation that a warehouse connection registers on SQLite, to compare decimals kept as text."""

MAX_DIGITS = 60
"""Digits before and after the point that a value may have; more is damage, never a figure of a report."""


def canonical(value: Decimal) -> Decimal:
    """The value as both databases keep it: no exponent, no negative zero, decimals as printed.

    Raises ValueError for infinities, NaN and values with more than MAX_DIGITS digits.
    """
    if not value.is_finite():
        raise ValueError(f"not a number that can be stored: {value}")
    if value.adjusted() >= MAX_DIGITS or int(value.as_tuple().exponent) < -MAX_DIGITS:
        raise ValueError(f"more than {MAX_DIGITS} digits before or after the decimal point")
    plain = Decimal(format(value, "f"))
    return abs(plain) if plain.is_zero() else plain


def compare_decimal_text(left: str, right: str) -> int:
    """Order of two stored decimals: negative, zero or positive, as a SQLite collation wants it."""
    one, other = Decimal(left), Decimal(right)
    return (one > other) - (one < other)


class _Collated(sa.ColumnElement[Any]):
    """A decimal expression that SQLite compares by value instead of by text."""

    inherit_cache = True
    __visit_name__ = "nianbao_collated"

    def __init__(self, inner: sa.ColumnElement[Any]) -> None:
        self.inner = inner
        self.type: TypeEngine[Any] = _PlainDecimal()

    _traverse_internals = [("inner", sa.sql.visitors.InternalTraversal.dp_clauseelement)]  # noqa: RUF012


@compiles(_Collated)
def _compile_plain(element: _Collated, compiler: SQLCompiler, **options: Any) -> str:
    return str(compiler.process(element.inner, **options))


@compiles(_Collated, "sqlite")
def _compile_sqlite(element: _Collated, compiler: SQLCompiler, **options: Any) -> str:
    return f"{compiler.process(element.inner, **options)} COLLATE {DECIMAL_COLLATION}"


_BY_VALUE = frozenset(
    {operators.lt, operators.le, operators.gt, operators.ge, operators.eq, operators.ne, operators.between_op}
    | {operators.asc_op, operators.desc_op}
)


class _PlainDecimal(TypeDecorator[Decimal]):
    """How a decimal is kept; the type of an expression that already carries its collation."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.Numeric(asdecimal=True))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise TypeError(f"an exact value must be a Decimal, not {type(value).__name__}")
        exact = canonical(value)
        return exact if dialect.name == "postgresql" else format(exact, "f")

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        return None if value is None else Decimal(value)


class ExactDecimal(_PlainDecimal):
    """Decimals of any scale without rounding: NUMERIC on PostgreSQL, their digits as TEXT on SQLite.

    Comparisons and ORDER BY go by value on both (on SQLite through a collation of the warehouse connection).
    """

    cache_ok = True

    class Comparator(TypeDecorator.Comparator[Decimal]):
        def operate(self, op: Callable[..., Any], *other: Any, **options: Any) -> Any:
            if op in _BY_VALUE and not any(item is None for item in other):
                return op(_Collated(self.expr), *other, **options)
            return super().operate(op, *other, **options)

    comparator_factory = Comparator


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC: TIMESTAMP WITH TIME ZONE on PostgreSQL, sortable ISO text on SQLite. Refuses naive times."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.DateTime(timezone=True))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must carry its time zone")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return moment.astimezone(UTC)


def plain_text() -> TypeEngine[str]:
    """Text that sorts by code point on both databases, whatever the locale of the PostgreSQL cluster."""
    return sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def json_data() -> TypeEngine[Any]:
    """Plain JSON data: JSONB on PostgreSQL, text on SQLite; a missing value is NULL, never the JSON null."""
    return sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
