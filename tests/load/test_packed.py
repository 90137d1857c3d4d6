"""Facts that SQLite hands out packed are the facts of the view, whatever they hold."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from schemas.report import FactState
from tasks.load import Warehouse
from tasks.load.export import ExportOptions, Format, packed
from tests.load.samples import fact, load, loaded

_VIEWS = ("requests_by_year_tidy", "annex_indicators")
_ODD = ("cut\x1fhere", 'said "so", [1]', "two\nlines", "\\", "", "null", "数 据", "\x00end")


def _fill(warehouse: Warehouse) -> None:
    """Reports whose facts are plain, odd in every column, or none at all."""
    load(warehouse, loaded(2018, {"t3.new.total": "7", "t3.new.natural_person": None}), year=2018)
    odd: list[Any] = [
        fact(f"local.unknown_{number}.year_value", None, state=FactState.REMARK, label=f"{number}", remark=text)
        for number, text in enumerate(_ODD)
    ]
    odd += [fact("t3.new.total", "-1.50", unit=text, remark=text) for text in _ODD[:1]]
    odd += [fact("t3.carried_in.total", "0", unit=None), fact("t3.carried_out.total", "11561862563.21", unit="万元")]
    load(warehouse, loaded(2019, facts=tuple(odd)), year=2019, document="b")
    load(warehouse, loaded(2020, facts=()), year=2020, document="c")
    load(warehouse, loaded(2021, {"t3.new.total": "1", "t3.carried_in.total": "2"}), year=2021, document="d")


def _by_rows(warehouse: Warehouse, folder: Path) -> dict[str, list[dict[str, str]]]:
    warehouse.export(folder, ExportOptions((Format.CSV,), _VIEWS))
    found = {}
    for name in _VIEWS:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            found[name] = list(csv.DictReader(file))
    return found


def _by_column(warehouse: Warehouse, folder: Path) -> dict[str, list[dict[str, Any]]]:
    warehouse.export(folder, ExportOptions((Format.PARQUET,), _VIEWS))
    return {name: pq.read_table(folder / f"{name}.parquet").to_pylist() for name in _VIEWS}


@pytest.mark.parametrize("at_once", [1, 2, 250])
def test_what_facts_hold_comes_out_as_it_is(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(packed, "REPORTS", at_once)
    _fill(warehouse)
    rows, columns = _by_rows(warehouse, tmp_path / "rows"), _by_column(warehouse, tmp_path / "columns")
    for name in _VIEWS:
        assert len(rows[name]) == len(columns[name]) > 0
        for row, column in zip(rows[name], columns[name], strict=True):
            for key in (
                "publisher_id",
                "code",
                "row_code",
                "column_code",
                "row_zh",
                "label",
                "unit",
                "state",
                "remark",
            ):
                assert (column[key] or "") == row[key], (name, key)
            assert column["value"] == (Decimal(row["value"]) if row["value"] else None)
    remarks = [row["remark"] for row in columns["annex_indicators"]]
    assert remarks == [*_ODD[:-1], "\ufffdend"]
    assert [row["unit"] for row in columns["requests_by_year_tidy"] if row["year"] == 2019] == [None, "万元", _ODD[0]]


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (["t3.b\x1f1\x1f\x1ft3.a\x1f2\x1f"], "the codes do not rise"),
        (["t3.a\x1f1\x1f\x1ft3.a\x1f2\x1f"], "a code stands twice"),
        (["t3.a\x1f1\x1f\x1ft3.b\x1f2\x1f\x1f"], "there is a piece too many"),
        (["t3.a\x1f1\x1f\x1ft3.b\x1f2"], "there is a piece too few"),
    ],
)
def test_what_cannot_be_unpacked_with_certainty_is_not(texts: list[str], why: str) -> None:
    usual = [None, "件", "number", None]
    assert packed._unpacked(texts, [2], usual) is None, why
    sound = packed._unpacked(['t3.a\x1f1\x1f\x1ft3.b\x1f\x1f[null,null,"blank",null]', "t3.a\x1f3\x1f"], [2, 1], usual)
    assert sound is not None
    assert sound["value"].to_pylist() == ["1", None, "3"]
    assert sound["unit"].to_pylist() == ["件", None, "件"]


def test_reports_that_cannot_be_unpacked_are_read_row_by_row(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "REPORTS", 1)
    _fill(warehouse)
    sound = _by_column(warehouse, tmp_path / "packed")
    monkeypatch.setattr(packed, "_unpacked", lambda *_: None)
    assert _by_column(warehouse, tmp_path / "rows") == sound
