"""A harvest as a command, with Prefect or as a plain loop, and what it cost and loaded.

    python -m benchmarks.harvesters prefect|loop REGISTRY DATA YEAR …

The loop calls the same functions (`flows.work`) with as many threads.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import sqlalchemy as sa

from benchmarks.measure import measured, peak_memory
from flows import progress, server
from flows.assign import assign
from flows.parameters import HarvestParameters
from flows.plan import Unit, plan
from flows.registry import load_registry
from flows.states import UNCHANGED
from flows.summary import ReportLine, RunSummary
from flows.work.enlist import enlist
from flows.work.gather import gather
from flows.work.hands import Hands, Order, at_work
from flows.work.look import look
from flows.work.prove import prove, retold
from flows.work.settle import settle
from flows.work.store import reached, store
from flows.work.understand import as_they_were, understand
from schemas.ledger import LedgerState
from tasks.load import Warehouse

_LAG = 120.0  # seconds that the server is given to show all runs as ended


def loop(parameters: HarvestParameters) -> tuple[ReportLine, ...]:
    """The harvest without Prefect: units side by side in threads, the steps of each one after another."""
    units = plan(load_registry(parameters.registry), parameters.years, parameters.sites)
    order = Order("loop", parameters)
    lock = threading.Lock()
    with at_work(order) as hands:
        warehouse = hands.warehouse
        assert warehouse is not None
        warehouse.migrate()
        enlist(units, warehouse, None)
        run = warehouse.start_run("harvest", parameters.model_dump(mode="json"))

        def of_unit(unit: Unit) -> tuple[ReportLine, ...]:
            lines = _one(unit, hands)
            hands.forget(unit.sites)
            with lock:
                warehouse.heartbeat(run)
            return lines

        with ThreadPoolExecutor(parameters.workers) as pool:
            lines = tuple(line for found in pool.map(of_unit, units) for line in found)
        proved = prove(sorted({owed.publisher for unit in units for owed in unit.owed}), hands)
        lines = retold(RunSummary(lines), proved, hands).lines
        warehouse.finish_run(run, "completed")
    return lines


def _one(unit: Unit, hands: Hands) -> tuple[ReportLine, ...]:
    looks = {site.id: look(site, unit.years, hands) for site in unit.sites}
    assignment = assign(unit, [link for found in looks.values() for link in found.candidates])
    reached(LedgerState.LOCATED, assignment.reports, hands)
    gathered = gather(unit, assignment, hands)
    reached(LedgerState.FETCHED, [found.owed for found in gathered if found.owed and found.documents], hands)
    unchanged = as_they_were(unit, gathered, hands)
    if unchanged is not None:
        lines = store(unit, unchanged, hands)
        return (*lines, *settle(unit, looks, {result.owed for result in unchanged}, hands))
    understood = understand(unit, gathered, hands)
    judged = [found.owed for found in understood if found.examined is not None and found.examined.judgement.report]
    reached(LedgerState.READ, judged, hands)
    reached(LedgerState.VALIDATED, judged, hands)
    lines = store(unit, understood, hands)
    return (*lines, *settle(unit, looks, {result.owed for result in understood}, hands))


class _Ended:
    """Keeps the summary that the flow tells at its end."""

    summary: RunSummary | None = None

    def step(self, step: progress.Step) -> None:
        """Not looked at."""

    def ended(self, summary: RunSummary) -> None:
        """Keep it."""
        self.summary = summary


def with_prefect(parameters: HarvestParameters, told: dict[str, Any]) -> tuple[ReportLine, ...]:
    """The flow as `nianbao harvest` runs it; adds the server's lag to `told`. PREFECT_API_URL must be set."""
    from flows.harvest import harvest

    ended = _Ended()
    with measured() as cost, progress.heard_by(ended):
        state = harvest(parameters, return_state=True)
    told.update(wall=cost.wall, cpu=cost.total)
    assert ended.summary is not None, state
    told["task_runs"] = _task_runs(ended.summary.lines)
    told["lag"] = _lag(str(state.state_details.flow_run_id), told["task_runs"])
    return ended.summary.lines


def _task_runs(lines: tuple[ReportLine, ...]) -> int:
    """Four steps for each site; two where nothing is new."""
    sites = {line.site for line in lines}
    return 2 * len(sites) + 2 * len({line.site for line in lines if line.outcome != UNCHANGED})


def _lag(run: str, tasks: int) -> float:
    """Seconds until the server shows the flow run and all its task runs as ended."""
    api = os.environ["PREFECT_API_URL"]
    begun = time.monotonic()
    while time.monotonic() - begun < _LAG:
        flow_runs = {"id": {"any_": [run]}}
        ended = {"state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]}}}
        shown = _count(f"{api}/task_runs/count", {"flow_runs": flow_runs, "task_runs": ended})
        closed = _count(f"{api}/flow_runs/count", {"flow_runs": {**flow_runs, **ended}})
        if shown >= tasks and closed == 1:
            return time.monotonic() - begun
        time.sleep(0.1)
    return float("inf")


def _count(url: str, body: dict[str, Any]) -> int:
    request = Request(url, json.dumps(body).encode(), {"content-type": "application/json"}, method="POST")  # noqa: S310
    with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
        return int(answer.read())


def stored(data: Path) -> dict[str, str]:
    """What the warehouse holds, in a few figures that must be equal for equal harvests."""
    with Warehouse(str(data / "warehouse.sqlite")) as warehouse, warehouse.engine.connect() as connection:
        facts = sa.text("SELECT count(*), coalesce(sum(CAST(value AS REAL)), 0) FROM fact")
        count, total = connection.execute(facts).one()
        current = connection.execute(sa.text("SELECT count(*) FROM report WHERE is_current")).scalar_one()
        figures = connection.execute(sa.text("SELECT count(*) FROM statistic")).scalar_one()
    return {"facts": str(count), "sum": f"{total:.2f}", "reports": str(current), "statistics": str(figures)}


def main() -> None:
    kind, registry, data = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    years = [int(year) for year in sys.argv[4:]]
    parameters = HarvestParameters(years=years, registry=registry, data=str(data))
    told: dict[str, Any] = {}
    if kind == "prefect":
        os.environ.update(server.client_environment(server.ensure(data.parent / "server"), data.parent / "server"))
        os.environ["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"
        import fastapi.encoders  # noqa: F401 - which Prefect imports at the first flow
        import prefect  # noqa: F401 - imported before the clock starts

        lines = with_prefect(parameters, told)
    else:
        with measured() as cost:
            lines = loop(parameters)
        told.update(wall=cost.wall, cpu=cost.total)
    told["outcomes"] = dict(Counter(line.outcome for line in lines))
    told["memory"] = round(peak_memory(), 1)
    told["stored"] = stored(data)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
