"""From a registry of thousands of sites to the units of work of a harvest, and to the ledger of what is owed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks.measure import Cost, measured
from benchmarks.registries import write_registry
from benchmarks.row import Row, Size, pick
from flows.plan import Unit, plan
from flows.registry import load_registry
from flows.work.enlist import enlist
from tasks.load import Warehouse

YEARS = tuple(range(2008, 2024))


def planning(size: Size) -> Iterable[Row]:
    """Planning 5,000 sites and 16 years: what it adds to loading the registry."""
    sites = pick(size, 20, 5000, 5000)
    with tempfile.TemporaryDirectory() as folder:
        registry = Path(folder) / "sites"
        write_registry(registry, sites)
        loading, planned = Cost(9e9, 9e9), Cost(9e9, 9e9)
        units: tuple[Unit, ...] = ()
        for _ in range(pick(size, 1, 1, 3)):
            with measured() as cost:
                known = load_registry(registry)
            loading = Cost(cost.wall, cost.cpu) if cost.cpu < loading.cpu else loading
            with measured() as cost:
                units = plan(known, YEARS)
            planned = Cost(cost.wall, cost.cpu) if cost.cpu < planned.cpu else planned
        wrong = _wrong(units, sites)
        yield Row(
            "plan",
            f"planning {sites:,} sites × {len(YEARS)} years (registry loaded, units made)",
            "loading the registry",
            (loading.cpu + planned.cpu) / loading.cpu,
            f"{sum(len(unit.owed) for unit in units):,} reports owed in {len(units):,} units, as reckoned",
            wrong,
            at_most=2.0,
            figures={"load_s": round(loading.cpu, 2), "plan_s": round(planned.cpu, 3)},
        )
        with measured() as owing, Warehouse(str(Path(folder) / "warehouse.sqlite")) as warehouse:
            warehouse.migrate()
            enlist(units, warehouse, None)
            rows = len(warehouse.ledger())
        owed = sum(len(unit.owed) for unit in units)
        yield Row(
            "plan and owe",
            f"the same, with publishers and {owed:,} ledger rows written to a new SQLite warehouse",
            "loading the registry",
            (loading.cpu + planned.cpu + owing.cpu) / loading.cpu,
            f"the ledger has {rows:,} rows",
            None if rows == owed else f"the ledger has {rows} rows instead of {owed}",
            figures={"write_s": round(owing.cpu, 2), "write_wall_s": round(owing.wall, 2)},
        )


def _wrong(units: tuple[Unit, ...], sites: int) -> str | None:
    governments = sum(1 for year in YEARS if year >= 2008)
    centres = sum(1 for year in YEARS if year >= 2015)
    owed = {report for unit in units for report in unit.owed}
    if len(owed) != sites * (governments + centres):
        return f"{len(owed)} reports owed instead of {sites * (governments + centres)}"
    return None if len(units) == sites else f"{len(units)} units instead of {sites}"
