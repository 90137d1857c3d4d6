"""Exports: every format holds the same exact rows, and the same content gives the same bytes."""

from __future__ import annotations

import csv
import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from schemas.errors import LoadError
from tasks.load import Warehouse
from tasks.load.export import ExportOptions, Format, columns
from tasks.load.export.duck import table_names
from tasks.load.export.tables import as_text
from tasks.load.views import views
from tests.load.conftest import empty_postgres
from tests.load.samples import load, loaded, statistic
from tests.load.test_views import fill

AMOUNT = Decimal("11561862563.21")


@pytest.fixture
def filled(warehouse: Warehouse) -> Warehouse:
    fill(warehouse)
    return warehouse


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder that is not there yet."""
    return tmp_path / "out"


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_view_is_exported_in_every_format_with_the_same_rows(filled: Warehouse, tmp_path: Path) -> None:
    done = filled.export(tmp_path / "out")
    assert set(done.rows) == set(views())
    assert table_names(tmp_path / "out" / "nianbao.duckdb") == sorted(views())
    for name in views():
        expected = len(list(filled.view(name)))
        assert done.rows[name] == expected
        assert pq.read_metadata(tmp_path / "out" / f"{name}.parquet").num_rows == expected
        assert len(_csv(tmp_path / "out" / f"{name}.csv")) == expected


def test_amounts_are_exact_in_every_format(filled: Warehouse, out: Path) -> None:
    filled.export(out, ExportOptions(views=("regulations",)))
    (row,) = pq.read_table(out / "regulations.parquet").to_pylist()
    assert row["central_procurement_amount"] == AMOUNT
    (line,) = _csv(out / "regulations.csv")
    assert line["central_procurement_amount"] == "11561862563.21"
    assert line["rules_issued"] == "", "missing is not zero"
    with duckdb.connect(str(out / "nianbao.duckdb"), read_only=True) as connection:
        found = connection.execute("SELECT central_procurement_amount FROM regulations").fetchall()
        kind = connection.execute("SELECT typeof(central_procurement_amount) FROM regulations").fetchall()
    assert found == [(AMOUNT,)]
    assert kind == [("DECIMAL(38,10)",)]
    sheet = load_workbook(out / "nianbao.xlsx")["regulations"]
    names = [cell.value for cell in sheet[1]]
    cell = sheet[3][names.index("central_procurement_amount")]
    assert Decimal(str(cell.value)) == AMOUNT


def test_an_amount_that_a_spreadsheet_would_round_is_text_there(warehouse: Warehouse, out: Path) -> None:
    load(warehouse, loaded(figures={"t2.central_procurement.amount": "1234567890123456.78"}))
    warehouse.export(out, ExportOptions(formats=(Format.XLSX,), views=("regulations",)))
    sheet = load_workbook(out / "nianbao.xlsx")["regulations"]
    assert "1234567890123456.78" in [cell.value for cell in sheet[3]]


def test_a_value_that_columns_cannot_hold_is_refused_not_rounded(warehouse: Warehouse, tmp_path: Path) -> None:
    load(warehouse, loaded(figures={"t2.admin_fees.amount": "0.12345678901"}))
    with pytest.raises(LoadError) as refusal:
        warehouse.export(tmp_path / "out", ExportOptions(formats=(Format.PARQUET,)))
    assert refusal.value.code == "load.export_precision"
    assert list(tmp_path.glob("*out*")) == [], "nothing half written is left"


def test_the_same_content_gives_the_same_bytes_from_both_databases(tmp_path: Path, postgres: str) -> None:
    found = []
    for name, address in (("a", f"sqlite:///{tmp_path / 'w.sqlite'}"), ("b", empty_postgres(postgres))):
        with Warehouse(address, clock=_noon) as warehouse:
            warehouse.migrate()
            fill(warehouse)
            warehouse.export(tmp_path / name)
            warehouse.export(tmp_path / f"{name}-again")
            found += [_hashes(tmp_path / name), _hashes(tmp_path / f"{name}-again")]
    assert found[0] == found[1] == found[2] == found[3]


def _noon() -> Any:
    from tests.load.samples import DAY

    return DAY


_WAYS: dict[str, dict[str, Any]] = {
    "all": {},
    "years": {"years": (2021,)},
    "publishers": {"publishers": ("lanshi-city", "lanshi-office")},
    "no samples": {"samples": False},
    "changed": {"since": "before"},
}


@pytest.mark.parametrize("limits", _WAYS.values(), ids=_WAYS.keys())
def test_columns_hold_the_rows_of_the_view_in_their_order(
    filled: Warehouse, out: Path, monkeypatch: pytest.MonkeyPatch, limits: dict[str, Any]
) -> None:
    """Every view by rows (CSV) and by columns (Parquet), a few rows at a time."""
    monkeypatch.setattr(columns, "BATCH", 3)
    monkeypatch.setattr(columns, "_AT_ONCE", 2)
    filled.release("before")
    same = [
        statistic("公开", value, quote=quote) for value, quote in (("9", "b"), ("10", "a"), ("9", "a"), ("-1.50", "c"))
    ]
    figures = {f"t3.new.{column}": str(number) for number, column in enumerate(("total", "natural_person", "business"))}
    load(filled, loaded(2021, figures, statistics=tuple(same)), document="f", day=20)
    filled.export(out, ExportOptions(formats=(Format.PARQUET, Format.CSV), **limits))
    for name, view in views().items():
        by_column = pq.read_table(out / f"{name}.parquet")
        assert by_column.column_names == [column.name for column in view.columns]
        exact = [column.name for column in view.columns if column.type == "decimal"]
        rows = [
            {key: value if key in exact else as_text(value) for key, value in row.items()}
            for row in by_column.to_pylist()
        ]
        expected = [
            {key: (Decimal(value) if value else None) if key in exact else value for key, value in row.items()}
            for row in _csv(out / f"{name}.csv")
        ]
        assert rows == expected, name


def test_a_value_too_long_for_a_column_is_refused_with_its_place(warehouse: Warehouse, out: Path) -> None:
    load(warehouse, loaded(2020, {"t3.new.total": "7"}), year=2020)
    load(warehouse, loaded(figures={"t3.new.total": "7", "t3.carried_in.total": "1" * 29}), document="b")
    with pytest.raises(LoadError) as refusal:
        warehouse.export(out, ExportOptions(formats=(Format.PARQUET,), views=("requests_by_year_tidy",)))
    assert (refusal.value.code, refusal.value.where) == ("load.export_precision", "value of lanshi-office for 2021")


def test_the_manifest_names_every_file_with_its_hash(filled: Warehouse, out: Path) -> None:
    done = filled.export(out)
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    hashes = _hashes(out)
    assert {entry["path"]: entry["sha256"] for entry in manifest["files"]} == {
        name: sha for name, sha in hashes.items() if name != "manifest.json"
    }
    assert manifest["digest"] == done.digest
    assert manifest["rows"]["regulations"] == 1
    assert manifest["not_reproducible"] == []


def test_the_data_package_describes_every_column_of_the_csv_files(filled: Warehouse, out: Path) -> None:
    filled.export(out, ExportOptions(formats=(Format.CSV,)))
    package = json.loads((out / "datapackage.json").read_text("utf-8"))
    assert [resource["path"] for resource in package["resources"]] == [f"{name}.csv" for name in views()]
    for resource in package["resources"]:
        with (out / resource["path"]).open(encoding="utf-8", newline="") as file:
            heading = next(csv.reader(file))
        assert [field["name"] for field in resource["schema"]["fields"]] == heading
        assert resource["hash"] == f"sha256:{_hashes(out)[resource['path']]}"
    fields = {field["name"]: field for field in package["resources"][0]["schema"]["fields"]}
    assert (fields["new"]["type"], fields["new"]["title"], fields["new"]["unit"]) == ("number", "本年新收申请", "件")


def test_a_mark_of_the_encoding_stands_in_csv_files_on_request_only(filled: Warehouse, tmp_path: Path) -> None:
    options = {"formats": (Format.CSV,), "views": ("coverage",)}
    filled.export(tmp_path / "plain", ExportOptions(**options))  # type: ignore[arg-type]
    filled.export(tmp_path / "marked", ExportOptions(**options, bom=True))  # type: ignore[arg-type]
    plain, marked = ((tmp_path / name / "coverage.csv").read_bytes() for name in ("plain", "marked"))
    assert marked == b"\xef\xbb\xbf" + plain


def test_sample_data_are_marked_and_can_be_left_out(filled: Warehouse, tmp_path: Path) -> None:
    filled.export(tmp_path / "all", ExportOptions(formats=(Format.CSV,)))
    filled.export(tmp_path / "real", ExportOptions(formats=(Format.CSV,), samples=False))
    everyone = {(row["publisher_id"], row["sample"]) for row in _csv(tmp_path / "all" / "coverage.csv")}
    assert everyone == {("lanshi-city", "true"), ("lanshi-office", "false")}
    assert {row["publisher_id"] for row in _csv(tmp_path / "real" / "coverage.csv")} == {"lanshi-office"}


def test_an_export_can_be_limited_to_years_and_publishers(filled: Warehouse, out: Path) -> None:
    options = ExportOptions(formats=(Format.CSV,), years=(2020,), publishers=("lanshi-office",))
    filled.export(out, options)
    rows = _csv(out / "requests_by_year.csv")
    assert {(row["publisher_id"], row["year"]) for row in rows} == {("lanshi-office", "2020")}


def test_what_changed_since_a_release_can_be_exported_alone(filled: Warehouse, out: Path) -> None:
    frozen = filled.release("2026-03", note="first")
    assert (frozen.id, frozen.reports, frozen.note) == ("2026-03", 3, "first")
    assert filled.release("2026-03") == frozen, "the same content again is the same release"
    load(filled, loaded(2020, {"t3.new.total": "10"}), year=2020, document="f", day=20)
    filled.export(out, ExportOptions(formats=(Format.CSV,), since="2026-03"))
    rows = _csv(out / "requests_by_year.csv")
    assert [(row["publisher_id"], row["year"], row["new"]) for row in rows] == [("lanshi-office", "2020", "10")]
    (removed,) = _csv(out / "removed_reports.csv")
    assert (removed["publisher_id"], removed["year"]) == ("lanshi-office", "2020")
    with pytest.raises(LoadError) as refusal:
        filled.release("2026-03")
    assert refusal.value.code == "load.release_exists"
    assert [release.id for release in filled.releases()] == ["2026-03"]


def test_a_difference_to_an_unknown_release_is_refused(filled: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(LoadError) as refusal:
        filled.export(tmp_path / "out", ExportOptions(since="1999"))
    assert refusal.value.code == "load.unknown_release"


def test_a_folder_with_other_files_is_left_alone(filled: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", "utf-8")
    with pytest.raises(LoadError) as refusal:
        filled.export(tmp_path)
    assert refusal.value.code == "load.export_folder"
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("warehouse")] == ["thesis.txt"]


def test_an_earlier_export_is_replaced_as_a_whole(filled: Warehouse, tmp_path: Path) -> None:
    filled.export(tmp_path / "out", ExportOptions(views=("regulations", "coverage")))
    filled.export(tmp_path / "out", ExportOptions(formats=(Format.CSV,), views=("coverage",)))
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"coverage.csv", "data-dictionary.md", "datapackage.json", "manifest.json"}


def test_an_unknown_view_is_refused_with_the_names_there_are(filled: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="regulations") as refusal:
        filled.export(tmp_path / "out", ExportOptions(views=("rules",)))
    assert refusal.value.code == "load.unknown_view"


def test_an_empty_warehouse_gives_empty_tables_with_their_columns(warehouse: Warehouse, tmp_path: Path) -> None:
    done = warehouse.export(tmp_path / "out")
    assert set(done.rows.values()) == {0}
    assert pq.read_schema(tmp_path / "out" / "regulations.parquet").names[0] == "publisher_id"
    assert table_names(tmp_path / "out" / "nianbao.duckdb") == sorted(views())


def test_labels_travel_with_the_columns(filled: Warehouse, out: Path) -> None:
    filled.export(out, ExportOptions(formats=(Format.PARQUET, Format.XLSX), views=("requests_by_year",)))
    field = pq.read_schema(out / "requests_by_year.parquet").field("new")
    assert field.metadata == {b"zh": "本年新收申请".encode(), b"en": b"New applications", b"unit": "件".encode()}
    sheet = load_workbook(out / "nianbao.xlsx")["requests_by_year"]
    names = [cell.value for cell in sheet[1]]
    assert sheet[2][names.index("new")].value == "本年新收申请（件）"


def test_text_that_looks_like_a_formula_or_holds_control_characters_stays_text(warehouse: Warehouse, out: Path) -> None:
    from tests.load.samples import fact

    load(warehouse, loaded(facts=(fact("t3.new.total", "7", raw="=1+1", remark="a\x0bb"),)))
    warehouse.export(out, ExportOptions(formats=(Format.XLSX,), views=("fact_provenance",)))
    sheet = load_workbook(out / "nianbao.xlsx")["fact_provenance"]
    raw = next(cell for cell in sheet[3] if cell.value == "=1+1")
    assert raw.data_type == "s"
