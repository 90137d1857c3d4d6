"""The schema: built step by step, equal to the models, and never left half way."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from infra.migrations import scripts
from schemas.errors import LoadError
from schemas.tables import metadata
from tasks.load import Warehouse
from tasks.load.engine import reading, writing
from tasks.load.migrate import migrate, revision
from tasks.load.snapshot import snapshot
from tests.load.conftest import CITY, OFFICE
from tests.load.samples import fact, flagged, load, loaded, quarantined

REVISIONS = [script.revision for script in reversed(list(scripts().walk_revisions()))]


@pytest.fixture
def empty(database: str) -> Iterator[Warehouse]:
    with Warehouse(database) as opened:
        yield opened


def _fill(warehouse: Warehouse) -> None:
    warehouse.sync_publishers([OFFICE, CITY])
    warehouse.owe(["lanshi-office", "lanshi-city"], [2020, 2021])
    load(warehouse, flagged(figures={"t2.central_procurement.amount": "11561862563.21"}))
    carried = {"t3.carried_out.total": "2.50", "t3.carried_out.business": "0.00", "t3.carried_in.research": None}
    facts = (*(fact(code, value) for code, value in carried.items()), fact("t3.new.total", "8"))
    load(warehouse, loaded(facts=facts), document="b", day=3)
    load(warehouse, quarantined(2020), year=2020, document="c")


def test_models_and_migrated_schema_agree(empty: Warehouse) -> None:
    empty.migrate()
    with reading(empty.engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_again_does_nothing(empty: Warehouse) -> None:
    assert empty.migrate() == REVISIONS[-1]
    _fill(empty)
    before = snapshot(empty.engine, everything=True)
    assert empty.migrate() == REVISIONS[-1]
    assert snapshot(empty.engine, everything=True) == before


RENAMED = {("0001", "statistic"): {"key": "item"}}
"""Columns of old schemas that have another name today."""


@pytest.mark.parametrize("start", REVISIONS)
def test_a_warehouse_of_every_released_schema_moves_on_with_its_data(
    empty: Warehouse, start: str, tmp_path: Path
) -> None:
    """The rows of a present warehouse, as far as the old schema has columns for them, survive the way forward."""
    with Warehouse(f"sqlite:///{tmp_path / 'present.sqlite'}") as present:
        present.migrate()
        _fill(present)
        digests = _digests(present)
        assert any("0,,,,,2.5" in str(value) for report in digests[0] for value in report), "rows with carried cells"
        migrate(empty.engine, start)
        old = sa.MetaData()
        with writing(empty.engine) as target, reading(present.engine) as source:
            old.reflect(target)
            tables = [table for table in metadata.sorted_tables if table.name in old.tables]
            today = {
                table.name: {
                    column.name: RENAMED.get((start, table.name), {}).get(column.name, column.name)
                    for column in old.tables[table.name].columns
                }
                for table in tables
            }
            kept: dict[str, list[dict[str, object]]] = {}
            for table in tables:
                names = today[table.name]
                found = source.execute(sa.select(table).order_by(*table.primary_key)).mappings()
                kept[table.name] = [{new: row[new] for new in names.values()} for row in found]
                types = {name: table.c[new].type for name, new in names.items()}
                bare = sa.table(table.name, *(sa.column(name, types[name]) for name in names))
                rows = [{name: row[new] for name, new in names.items()} for row in kept[table.name]]
                if rows:
                    target.execute(sa.insert(bare), rows)
    assert kept["fact"]
    assert kept["statistic"]
    assert empty.migrate() == REVISIONS[-1]
    with reading(empty.engine) as connection:
        for table in tables:
            found = connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()
            assert [{name: row[name] for name in today[table.name].values()} for row in found] == kept[table.name]
    assert _digests(empty) == digests
    assert [str(row.value) for row in empty.facts(codes=["t3.new.total"])] == ["8"]
    assert [row.version for row in empty.versions("lanshi-office", 2021)] == [1, 2]
    load(empty, loaded(figures={"t3.new.total": "9"}), document="d", day=9)
    assert [str(row.value) for row in empty.facts()] == ["9"]


def _digests(warehouse: Warehouse) -> tuple[list[list[object]], list[tuple[object, object]]]:
    """Columns that a later schema derives from what is there."""
    rows = snapshot(warehouse.engine)
    derived = ("id", "figures_digest", "figures_count", "left_open", "taken_over")
    reports = [[row[name] for name in derived] for row in rows["report"]]
    return reports, [(row["report_id"], row["text_digest"]) for row in rows["section"]]


BROKEN = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "9999", "{head}"
def upgrade():
    op.create_table("half", sa.Column("id", sa.Integer, primary_key=True))
    with op.batch_alter_table("report") as report:
        report.alter_column("title", new_column_name="heading")
    op.execute("UPDATE report SET heading = NULL")
    {fault}
"""


@pytest.mark.parametrize(
    "fault", ['op.execute("INSERT INTO no_such_table VALUES (1)")', 'raise ValueError("no way forward")']
)
def test_a_failed_migration_leaves_the_old_schema_working(empty: Warehouse, tmp_path: Path, fault: str) -> None:
    empty.migrate()
    _fill(empty)
    before = snapshot(empty.engine, everything=True)
    (tmp_path / "9999_broken.py").write_text(BROKEN.format(head=REVISIONS[-1], fault=fault), "utf-8")
    with pytest.raises(LoadError) as failure:
        migrate(empty.engine, further=tmp_path)
    assert failure.value.code == "load.migration_failed"
    assert snapshot(empty.engine, everything=True) == before
    with reading(empty.engine) as connection:
        assert revision(connection) == REVISIONS[-1]
        assert "half" not in sa.inspect(connection).get_table_names()
    load(empty, loaded(figures={"t3.new.total": "9"}), document="d", day=9)
    assert [str(row.value) for row in empty.facts()] == ["9"]


def test_a_migration_that_breaks_a_reference_is_undone(tmp_path: Path) -> None:
    with Warehouse(f"sqlite:///{tmp_path / 'warehouse.sqlite'}") as warehouse:
        warehouse.migrate()
        _fill(warehouse)
        script = f'from alembic import op\nrevision, down_revision = "9999", "{REVISIONS[-1]}"\n'
        (tmp_path / "9999_broken.py").write_text(script + 'def upgrade():\n    op.execute("DELETE FROM document")\n')
        with pytest.raises(LoadError, match="references broken"):
            migrate(warehouse.engine, further=tmp_path)
        assert len(warehouse.current_reports()) == 1


def test_a_warehouse_of_a_later_version_is_refused(empty: Warehouse, tmp_path: Path) -> None:
    script = f'revision, down_revision = "9999", "{REVISIONS[-1]}"\ndef upgrade():\n    pass\n'
    (tmp_path / "9999_later.py").write_text(script)
    assert migrate(empty.engine, further=tmp_path) == "9999"
    with pytest.raises(LoadError) as refusal:
        empty.migrate()
    assert refusal.value.code == "load.schema_newer"


def test_a_warehouse_tells_whether_it_is_of_this_version(empty: Warehouse) -> None:
    assert not empty.is_up_to_date()
    migrate(empty.engine, REVISIONS[-2])
    assert not empty.is_up_to_date()
    empty.migrate()
    assert empty.is_up_to_date()


def test_without_a_schema_the_warehouse_says_what_is_missing(empty: Warehouse) -> None:
    with pytest.raises(LoadError) as refusal:
        empty.ledger()
    assert refusal.value.code == "load.not_migrated"


def test_several_that_migrate_at_once_take_turns(database: str) -> None:
    def migrate_one(_number: int) -> str:
        with Warehouse(database) as warehouse:
            return warehouse.migrate()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(migrate_one, range(4))) == {REVISIONS[-1]}


def test_migrations_form_one_line_numbered_from_the_first() -> None:
    assert [f"{number:04}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS


def test_migrations_run_from_any_folder(tmp_path: Path) -> None:
    """As from an installed wheel: no alembic.ini, no path of the checkout."""
    code = "import sys; from tasks.load import Warehouse; print(Warehouse(sys.argv[1]).migrate())"
    done = subprocess.run(
        [sys.executable, "-c", code, f"sqlite:///{tmp_path / 'new' / 'warehouse.sqlite'}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == REVISIONS[-1]
