"""Before a harvest the warehouse knows every publisher and all that is owed."""

from __future__ import annotations

from pathlib import Path

from flows.plan import plan
from flows.work.enlist import enlist
from tasks.load import Warehouse
from tests.flows.makers import publisher, site

SITES = (
    site("a", publisher("a-office", owed_from=2020), publisher("a-court", owed_to=2020)),
    site("b", publisher("b-office"), host="127.0.0.1:8002", sample=True),
)


def test_publishers_and_what_each_owes_are_written_down_once(tmp_path: Path) -> None:
    units = plan(SITES, [2019, 2020, 2021])
    with Warehouse(str(tmp_path / "warehouse.sqlite")) as warehouse:
        warehouse.migrate()
        enlist(units, warehouse, "run-1")
        enlist(units, warehouse, "run-2")
        rows = [(row.publisher, row.year, row.state.value, row.run_id) for row in warehouse.ledger()]
        assert rows == [
            *(("a-court", year, "expected", "run-1") for year in (2019, 2020)),
            *(("a-office", year, "expected", "run-1") for year in (2020, 2021)),
            *(("b-office", year, "expected", "run-1") for year in (2019, 2020, 2021)),
        ]
        known = warehouse.publishers()
        assert {name: sample for name, (_, sample) in known.items()} == {
            "a-court": False,
            "a-office": False,
            "b-office": True,
        }


def test_only_the_chosen_publisher_owes_and_its_neighbours_are_known(tmp_path: Path) -> None:
    with Warehouse(str(tmp_path / "warehouse.sqlite")) as warehouse:
        warehouse.migrate()
        enlist(plan(SITES, [2020], ["a-office"]), warehouse, None)
        assert [(row.publisher, row.year) for row in warehouse.ledger()] == [("a-office", 2020)]
        assert set(warehouse.publishers()) == {"a-court", "a-office"}
