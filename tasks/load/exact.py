"""Exact arithmetic in SQL: NUMERIC on PostgreSQL, functions of the warehouse connection over text on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from decimal import Context, Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from schemas.tables.types import DECIMAL_COLLATION, MAX_DIGITS, ExactDecimal, compare_decimal_text

_EXACT = Context(prec=4 * MAX_DIGITS)  # wide enough that no sum or product of stored values is rounded


class exact_sum(FunctionElement[Decimal]):  # noqa: N801 (SQL functions are written small)
    """Sum of terms with signs: `exact_sum([(1, a), (-1, b)])`. NULL when any term is."""

    type = ExactDecimal()
    inherit_cache = True
    name = "nianbao_sum"

    def __init__(self, terms: Sequence[tuple[int, Any]]) -> None:
        flat: list[Any] = []
        for sign, value in terms:
            flat.extend((sa.literal_column("1" if sign > 0 else "-1"), value))
        super().__init__(*flat)


class exact_product(FunctionElement[Decimal]):  # noqa: N801
    """Product of two values; NULL when either is."""

    type = ExactDecimal()
    inherit_cache = True
    name = "nianbao_product"


@compiles(exact_sum)
def _sum(element: exact_sum, compiler: SQLCompiler, **options: Any) -> str:
    parts = [compiler.process(part, **options) for part in element.clauses]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return "(" + " + ".join(value if sign == "1" else f"(-{value})" for sign, value in pairs) + ")"


@compiles(exact_product)
def _product(element: exact_product, compiler: SQLCompiler, **options: Any) -> str:
    left, right = (compiler.process(part, **options) for part in element.clauses)
    return f"({left} * {right})"


@compiles(exact_sum, "sqlite")
@compiles(exact_product, "sqlite")
def _sqlite(element: FunctionElement[Decimal], compiler: SQLCompiler, **options: Any) -> str:
    return f"{element.name}({compiler.process(element.clauses, **options)})"


def teach_sqlite(connection: sqlite3.Connection) -> None:
    """Register collation and functions on a driver connection."""
    connection.create_collation(DECIMAL_COLLATION, compare_decimal_text)
    connection.create_function("nianbao_sum", -1, _sum_text, deterministic=True)
    connection.create_function("nianbao_product", 2, _product_text, deterministic=True)


def _sum_text(*parts: Any) -> str | None:
    total = Decimal(0)
    for sign, value in zip(parts[::2], parts[1::2], strict=True):
        if value is None:
            return None
        total = _EXACT.add(total, Decimal(value)) if sign > 0 else _EXACT.subtract(total, Decimal(value))
    return format(total, "f")


def _product_text(left: Any, right: Any) -> str | None:
    if left is None or right is None:
        return None
    return format(_EXACT.multiply(Decimal(left), Decimal(right)), "f")
