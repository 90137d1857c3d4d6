"""A harvest of many hosts, politeness off: what Prefect adds, how soon its server knows, what a second one costs."""

from __future__ import annotations

import json
import socket
import sys
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.measure import command
from benchmarks.portals import Portals, serving
from benchmarks.row import Row, Size, pick
from flows import server


def harvests(size: Size) -> Iterable[Row]:
    """With Prefect and as a loop, by turns; then once more on the same data."""
    hosts, count = pick(size, 2, 50, 50), pick(size, 2, 3, 10)
    rounds = pick(size, 1, 1, 2)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        portals = stack.enter_context(serving(hosts, count, folder / "sites"))
        if size != "tiny":
            server.start(folder / "server", port=_free_port())  # of our own, whoever else has one
            stack.callback(server.stop, folder / "server")
        kinds = ("loop",) if size == "tiny" else ("loop", "prefect")
        if size != "tiny":
            _run("loop", portals, folder / "warm")  # the portals set their PDF files at the first request
        best: dict[str, dict[str, Any]] = {}
        wrong = None
        for number in range(rounds):
            for kind in kinds:
                portals.log()
                told = _run(kind, portals, folder / f"{kind}-{number}")
                told["asked"] = portals.log()
                wrong = wrong or _wrong(told, portals, best)
                if kind not in best or told["cpu"] < best[kind]["cpu"]:
                    best[kind] = {**told, "wall": min(told["wall"], best.get(kind, told)["wall"])}
                else:
                    best[kind]["wall"] = min(told["wall"], best[kind]["wall"])
        last = kinds[-1]
        first = best[last]
        again = _run(last, portals, folder / f"{last}-{rounds - 1}")
        again["asked"] = portals.log()
        if size != "tiny":
            yield _against_loop(best, portals, wrong)
            yield _server_lag(first, portals, wrong)
        yield from _second(first, again, portals, wrong)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(kind: str, portals: Portals, data: Path) -> dict[str, Any]:
    words = [sys.executable, "-m", "benchmarks.harvesters", kind, str(portals.registry), str(data)]
    out, _ = command([*words, *map(str, portals.years)], timeout=3600)
    told: dict[str, Any] = json.loads(out.splitlines()[-1])
    return told


def _wrong(told: dict[str, Any], portals: Portals, best: dict[str, dict[str, Any]]) -> str | None:
    good = sum(told["outcomes"].get(outcome, 0) for outcome in ("loaded", "flagged"))
    if good != portals.reports:
        return f"{good} of {portals.reports} reports are in the warehouse: {told['outcomes']}"
    other = next((run["stored"] for run in best.values()), told["stored"])
    return None if other == told["stored"] else f"the warehouses differ: {other}, {told['stored']}"


def _against_loop(best: dict[str, dict[str, Any]], portals: Portals, wrong: str | None) -> Row:
    ours, plain = best["prefect"], best["loop"]
    return Row(
        "harvest",
        f"harvest of {portals.reports:,} reports from {portals.hosts} hosts, politeness off (wall time)",
        "the same functions in a plain loop with as many threads",
        ours["wall"] / plain["wall"],
        f"all {portals.reports:,} reports loaded, the same {plain['stored']['facts']} facts in both",
        wrong,
        at_most=1.15,
        figures={
            "reports": portals.reports,
            "prefect_ms_per_report": round(ours["wall"] * 1000 / portals.reports, 1),
            "loop_ms_per_report": round(plain["wall"] * 1000 / portals.reports, 1),
            "prefect_cpu_ms_per_report": round(ours["cpu"] * 1000 / portals.reports, 1),
            "loop_cpu_ms_per_report": round(plain["cpu"] * 1000 / portals.reports, 1),
            "cpu_ratio": round(ours["cpu"] / plain["cpu"], 2),
            "extra_s": round(ours["wall"] - plain["wall"], 2),
        },
    )


def _server_lag(first: dict[str, Any], portals: Portals, wrong: str | None) -> Row:
    return Row(
        "server lag",
        f"seconds until the Prefect server shows all runs as ended ({portals.reports:,} reports)",
        "end of the client's work",
        first["lag"],
        f"the flow run and {first['task_runs']} task runs",
        wrong,
        at_most=10.0,
        figures={"task_runs": first["task_runs"]},
    )


def _second(first: dict[str, Any], again: dict[str, Any], portals: Portals, wrong: str | None) -> Iterable[Row]:
    if again["outcomes"] != {"unchanged": portals.reports} or again["stored"] != first["stored"]:
        wrong = wrong or f"the second harvest is not unchanged: {again['outcomes']}"
    told = "every report is unchanged, the warehouse holds the same facts"
    what = f"second harvest of {portals.reports:,} unchanged reports"
    asked = {f"{name}_requests": run["asked"]["requests"] for name, run in (("first", first), ("second", again))}
    yield Row(
        "second harvest bytes",
        f"{what}: bytes sent by the sites",
        "the first",
        again["asked"]["bytes"] / first["asked"]["bytes"],
        told,
        wrong,
        at_most=0.05,
        figures={**asked, "second_304": again["asked"]["not_modified"], "second_bytes": again["asked"]["bytes"]},
    )
    yield Row(
        "second harvest cpu",
        f"{what}: processor time",
        "the first",
        again["cpu"] / first["cpu"],
        told,
        wrong,
        at_most=0.1,
        figures={"first_cpu_s": round(first["cpu"], 2), "second_cpu_s": round(again["cpu"], 2)},
    )
