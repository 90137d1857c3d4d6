"""Column types and addresses: the same meaning on both databases."""

from __future__ import annotations

import pickle
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import LoadError
from schemas.reasons import reason_codes
from schemas.tables import Fact, Report, table_of
from schemas.tables.types import canonical, compare_decimal_text
from tasks.load import Warehouse
from tasks.load.engine import reading, warehouse_url, writing
from tests.load.samples import load, loaded

_FACT = table_of(Fact)
AMOUNTS = {
    "t2.rules.issued": "9",
    "t2.rules.repealed": "10",
    "t2.rules.in_force": "-18",
    "t2.central_procurement.amount": "11561862563.21",
    "t2.admin_fees.amount": "9.50",
}


def test_amounts_sort_and_compare_by_value(warehouse: Warehouse) -> None:
    load(warehouse, loaded(figures=AMOUNTS))
    value = _FACT.c.value
    with reading(warehouse.engine) as connection:
        ordered = [str(found) for found in connection.scalars(sa.select(value).order_by(value.desc()))]
        small = connection.scalars(sa.select(value).where(value < Decimal("9.5")).order_by(value)).all()
        equal = connection.scalars(sa.select(_FACT.c.code).where(value == Decimal("9.5"))).all()
        within = connection.scalars(sa.select(value).where(value.between(Decimal("9.4"), Decimal("10.0")))).all()
        missing = connection.scalars(sa.select(value).where(value == None)).all()  # noqa: E711 (SQL)
    assert ordered == ["11561862563.21", "10", "9.50", "9", "-18"]
    assert small == [Decimal(-18), Decimal(9)]
    assert equal == ["t2.admin_fees.amount"], "9.50 is 9.5"
    assert sorted(within) == [Decimal("9.50"), Decimal(10)]
    assert missing == []


def test_a_float_is_never_stored_as_an_amount(warehouse: Warehouse) -> None:
    load(warehouse, loaded(figures=AMOUNTS))
    with pytest.raises(sa.exc.StatementError, match="must be a Decimal"), writing(warehouse.engine) as connection:
        connection.execute(sa.update(_FACT).values(value=0.1))


def test_a_time_without_its_zone_is_refused(warehouse: Warehouse) -> None:
    load(warehouse, loaded())
    with pytest.raises(sa.exc.StatementError, match="time zone"), writing(warehouse.engine) as connection:
        connection.execute(sa.update(table_of(Report)).values(loaded_at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_times_come_back_in_utc_to_the_microsecond(warehouse: Warehouse) -> None:
    load(warehouse, loaded())
    moment = datetime(2026, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    with writing(warehouse.engine) as connection:
        connection.execute(sa.update(table_of(Report)).values(loaded_at=moment))
    (row,) = warehouse.current_reports()
    assert row.loaded_at == moment
    assert row.loaded_at.utcoffset() == moment.utcoffset()


_DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6)


@given(_DECIMALS, _DECIMALS)
def test_the_order_of_stored_text_is_the_order_of_the_values(one: Decimal, other: Decimal) -> None:
    left, right = (format(canonical(value), "f") for value in (one, other))
    assert compare_decimal_text(left, right) == (one > other) - (one < other)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1E+70", "1E-70"])
def test_what_is_no_figure_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"digits|not a number"):
        canonical(Decimal(value))


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("sqlite:///x/w.sqlite", "sqlite+pysqlite:///x/w.sqlite"),
        ("x/w.sqlite", "sqlite+pysqlite:///x/w.sqlite"),
        ("postgresql://me@db/w", "postgresql+psycopg://me@db/w"),
        ("postgresql+psycopg2://me@db/w", "postgresql+psycopg://me@db/w"),
        ("postgres://me@db/w", "postgresql+psycopg://me@db/w"),
    ],
)
def test_addresses_get_the_driver_we_ship(written: str, used: str) -> None:
    assert warehouse_url(written).render_as_string() == used


@pytest.mark.parametrize("written", ["mysql://me@db/w", "sqlite://", "sqlite:///:memory:", "http://host:port/x"])
def test_other_addresses_are_refused(written: str) -> None:
    with pytest.raises(LoadError) as refusal:
        warehouse_url(written)
    assert refusal.value.code == "load.url"


def test_a_password_is_never_shown() -> None:
    assert "geheim" not in repr(Warehouse("postgresql://me:geheim@127.0.0.1:1/w"))


def test_a_database_that_does_not_answer_is_told_as_recoverable() -> None:
    with pytest.raises(LoadError) as trouble:
        Warehouse("postgresql://me:geheim@127.0.0.1:1/w").ledger()
    assert (trouble.value.code, trouble.value.recoverable) == ("load.unreachable", True)
    assert "geheim" not in str(trouble.value)


def test_a_warehouse_travels_between_processes_as_its_address(warehouse: Warehouse) -> None:
    load(warehouse, loaded())
    with pickle.loads(pickle.dumps(warehouse)) as other:
        assert other.current_reports() == warehouse.current_reports()


def test_every_code_this_room_raises_or_records_is_listed() -> None:
    room = Path(__file__).parents[2] / "tasks" / "load"
    used = {
        code
        for file in room.rglob("*.py")
        for code in re.findall(r'"(load\.[a-z_]+)"', file.read_text(encoding="utf-8"))
    }
    listed = {code for code, entry in reason_codes().items() if entry.room == "load"}
    assert used == listed
