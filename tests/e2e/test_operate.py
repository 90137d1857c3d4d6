"""Operating it: one command up and down, backfills that survive kills, archived documents read again, the watch."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from flows import server, system, worker
from flows.pipeline import understand
from infra.replica.registry import write_registry
from infra.replica.server import Replicas, running
from schemas.report import FactState
from tasks.fetch import Archive
from tasks.load import Warehouse
from tasks.load.snapshot import snapshot
from tests.e2e.conftest import TIMEOUT, Api, Harvester

whole = pytest.mark.operate
"""Not part of `make test`: see `make test-operate`."""

YEARS = (2020, 2021)
SITES = ("replica-guyuan", "replica-jining")
FLOWS = {"backfill", "harvest", "publish", "recover", "reparse", "watch"}


def wait_for(reached: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + TIMEOUT
    while not (found := reached()):
        assert time.monotonic() < deadline, f"it never came so far: {what}"
        time.sleep(0.2)
    return found


def rows(file: Path) -> dict[str, list[dict[str, object]]]:
    with Warehouse(str(file)) as warehouse:
        return snapshot(warehouse.engine)


def states(file: Path) -> dict[tuple[str, int], str]:
    with Warehouse(str(file)) as warehouse:
        return {(row.publisher, row.year): row.state.value for row in warehouse.ledger()}


def loaded(file: Path) -> int:
    """Reports in the warehouse while somebody else writes it; none before there is one."""
    if not file.exists():
        return 0
    try:
        return sum(state in ("loaded", "flagged") for state in states(file).values())
    except Exception:
        return 0


def registry_of(folder: Path, replicas: Replicas) -> str:
    write_registry(folder / "registry", replicas.port)
    return str(folder / "registry")


def backfill(harvester: Harvester, *more: str) -> list[str]:
    registry = registry_of(harvester.data.parent, harvester.replicas)
    chosen = [word for site in SITES for word in ("--site", site)]
    return harvester.command("backfill", "--registry", registry, "--year", "2020-2021", *chosen, *more)


@pytest.fixture(scope="module")
def portals() -> Iterator[Replicas]:
    """The replica sites that the worker harvests."""
    with running() as sites:
        yield sites


@pytest.fixture(scope="module")
def up(
    tmp_path_factory: pytest.TempPathFactory, prefect: server.Server, portals: Replicas
) -> Iterator[tuple[Path, list[system.System]]]:
    """`nianbao up` twice against the session's server, with a worker of its own."""
    data = tmp_path_factory.mktemp("system") / "data"
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "NIANBAO_"))}
    environ = {**plain, "PREFECT_API_URL": prefect.api_url, "PREFECT_WORKER_QUERY_SECONDS": "1"}
    environ["NIANBAO_REGISTRY"] = registry_of(data.parent, portals)
    # Without schedules: runs that wait for their day would stand before the newest run of other tests.
    twice = [system.up(data, schedules=False, environ=environ) for _ in range(2)]
    yield data, twice
    assert worker.stop(data) == twice[0].worker.pid
    assert server.stop(data) is None
    assert server.answers(prefect.api_url), "a server of somebody else is never ended"


def test_however_often_it_runs_everything_is_there_once(
    up: tuple[Path, list[system.System]], prefect: server.Server
) -> None:
    _, (first, second) = up
    assert first.applied == second.applied
    assert first.worker.started
    assert (second.worker.pid, second.worker.started) == (first.worker.pid, False)
    api = Api(prefect.api_url)
    deployments = api.post("deployments/filter", {})
    assert sorted(one["entrypoint"] for one in deployments) == sorted(f"flows.{name}.{name}" for name in FLOWS)
    assert {one["work_pool_name"] for one in deployments} == {"nianbao"}
    automations = api.post("automations/filter", {})
    assert [one["name"] for one in automations] == ["nianbao: runs without a sign of life"]
    (silent,) = automations
    assert (silent["trigger"]["posture"], silent["trigger"]["within"]) == ("Proactive", 90)
    assert silent["actions"][0]["state"] == "CRASHED"
    assert silent["actions"][1]["type"] == "run-deployment"


def test_the_form_of_a_flow_has_titles_choices_and_defaults_and_refuses_what_is_wrong(
    up: tuple[Path, list[system.System]], prefect: server.Server
) -> None:
    api = Api(prefect.api_url)
    deployment = next(one for one in api.post("deployments/filter", {}) if "backfill" in one["entrypoint"])
    form = deployment["parameter_openapi_schema"]["definitions"]
    assert form["What"]["enum"] == ["left", "missing", "all"]
    fields = form["BackfillParameters"]["properties"]
    assert next(iter(fields)) == "years"
    assert fields["window"]["default"] == 20
    assert all(field.get("description") for field in fields.values())
    with pytest.raises(OSError, match="409"):
        api.post(f"deployments/{deployment['id']}/create_flow_run", {"parameters": {"parameters": {"years": [1999]}}})


def test_a_run_whose_process_is_killed_is_run_again_and_complete(
    up: tuple[Path, list[system.System]], prefect: server.Server, portals: Replicas
) -> None:
    data, (first, _) = up
    api, file = Api(prefect.api_url), data / "warehouse.sqlite"
    deployment = next(one for one in api.post("deployments/filter", {}) if "backfill" in one["entrypoint"])
    wanted = {"years": list(YEARS), "sites": list(SITES), "window": 1}
    portals.set("replica-jining", "slow", 1.0)
    run = api.post(f"deployments/{deployment['id']}/create_flow_run", {"parameters": {"parameters": wanted}})
    wait_for(lambda: loaded(file), "a report is loaded")
    (process,) = [
        child
        for child in psutil.Process(first.worker.pid).children(recursive=True)
        if "prefect.engine" in " ".join(child.cmdline())
    ]
    assert loaded(file) < 4, "killed in the middle"
    process.kill()

    portals.unset("replica-jining")

    def both() -> list[dict[str, Any]]:
        found = api.post("flow_runs/filter", {"deployments": {"id": {"any_": [deployment["id"]]}}})
        ended = [one for one in found if one["state_type"] in ("COMPLETED", "FAILED", "CRASHED")]
        return ended if len(ended) > 1 else []

    crashed, again = sorted(wait_for(both, "a second run has ended"), key=lambda one: str(one["created"]))
    assert (crashed["id"], crashed["state_type"]) == (run["id"], "CRASHED")
    assert again["state_type"] == "COMPLETED", again["state"]["message"]
    assert again["parameters"] == crashed["parameters"]
    assert "again" in again["tags"]
    assert again["state"]["message"].startswith("2 reports worked on (2 loaded). Nothing is left.")
    assert set(states(file).values()) <= {"loaded", "flagged"}
    assert len(states(file)) == 4


@whole
def test_a_backfill_is_paused_suspended_resumed_and_cancelled_on_its_page(
    up: tuple[Path, list[system.System]], prefect: server.Server, portals: Replicas
) -> None:
    """As the buttons of the UI do it: Suspend gives the worker free, Resume starts another process."""
    data, (first, _) = up
    api = Api(prefect.api_url)
    for site in portals.urls:
        portals.set(site, "slow", 0.7)
    deployment = next(one for one in api.post("deployments/filter", {}) if "backfill" in one["entrypoint"])
    wanted = {"parameters": {"years": [2017], "what": "all", "window": 1}}
    run = api.post(f"deployments/{deployment['id']}/create_flow_run", {"parameters": wanted})["id"]

    def done() -> int:
        """Windows that have ended."""
        found = api.post("flow_runs/filter", {"flow_runs": {"parent_flow_run_id": {"any_": [run]}}})
        return sum(one["state_type"] in ("COMPLETED", "FAILED") for one in found)

    def put(kind: str, name: str, **details: Any) -> None:
        state = {"type": kind, "name": name, "state_details": details}
        assert api.post(f"flow_runs/{run}/set_state", {"state": state})["status"] == "ACCEPT"

    def state() -> str:
        return str(api.post("flow_runs/filter", {"flow_runs": {"id": {"any_": [run]}}})[0]["state_name"])

    def said() -> str:
        wanted = {"flow_runs": {"id": {"any_": [run]}}, "artifacts": {"key": {"any_": ["backfill-left"]}}}
        found = api.post("artifacts/filter", {**wanted, "sort": "CREATED_DESC"})
        return str(found[0]["data"]) if found else ""

    def processes() -> list[psutil.Process]:
        found = []
        for child in psutil.Process(first.worker.pid).children(recursive=True):
            with suppress(psutil.Error):  # it has just ended
                found += [child] if "prefect.engine" in " ".join(child.cmdline()) else []
        return found

    wait_for(lambda: done() >= 1, "a window is done")
    put("PAUSED", "Paused", pause_timeout="2099-01-01T00:00:00Z")
    wait_for(lambda: said().startswith("Paused."), "it waits after its window")
    held = done()
    assert "are left" in said()
    assert len(processes()) == 1, "a paused run keeps its process"
    time.sleep(3)
    assert done() == held < 5
    api.post(f"flow_runs/{run}/resume", {})
    wait_for(lambda: done() > held, "it goes on")

    put("PAUSED", "Suspended", pause_timeout="2099-01-01T00:00:00Z", pause_reschedule=True)
    wait_for(lambda: not processes(), "a suspended run gives its process up")
    assert state() == "Suspended"
    held = done()
    assert held < 5
    api.post(f"flow_runs/{run}/resume", {})
    wait_for(lambda: state() == "Running" and processes(), "another process takes it up")

    put("CANCELLING", "Cancelling")
    wait_for(lambda: state() == "Cancelled", "it is cancelled")
    wait_for(lambda: not processes(), "its process has ended")
    for site in portals.urls:
        portals.unset(site)
    assert "left" in said()
    with Warehouse(str(data / "warehouse.sqlite")) as warehouse:
        ended = next(one for one in warehouse.runs() if one.id == run)
    assert ended.state == "cancelled"
    assert ended.message is not None
    assert "left" in ended.message


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, prefect: server.Server) -> Iterator[tuple[Harvester, Any]]:
    """A backfill killed in its second window, and run again."""
    with running() as replicas:
        harvester = Harvester(tmp_path_factory.mktemp("filled") / "data", replicas, prefect)
        replicas.set("replica-jining", "slow", 1.0)
        process = subprocess.Popen(
            backfill(harvester, "--window", "1"),
            env=harvester.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

        def first_window_is_done() -> bool:
            assert process.poll() is None, process.communicate()
            return loaded(harvester.warehouse) >= 2

        wait_for(first_window_is_done, "the first window is done")
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert loaded(harvester.warehouse) < 4, "killed in the middle"
        replicas.unset("replica-jining")
        replicas.forget()
        again = harvester.run(backfill(harvester, "--window", "1"))
        yield harvester, again


@whole
def test_a_killed_backfill_goes_on_with_what_is_left(filled: tuple[Harvester, Any]) -> None:
    harvester, again = filled
    assert again.code == 0, again
    assert "2 reports worked on (2 loaded). Nothing is left." in again.err
    assert {hit.site for hit in harvester.replicas.log()} == {"replica-jining"}, "what is done is not asked for"
    assert len(states(harvester.warehouse)) == 4
    assert set(states(harvester.warehouse).values()) <= {"loaded", "flagged"}


@whole
def test_a_dry_run_of_a_backfill_says_what_is_left_and_asks_nobody(filled: tuple[Harvester, Any]) -> None:
    harvester, _ = filled
    harvester.replicas.forget()
    done = harvester.run(harvester.command("backfill", "--registry", str(harvester.data.parent / "registry"),
                                           "--year", "2019-2020", "--dry-run"))  # fmt: skip
    assert done.code == 0, done
    assert "8 reports of 5 sites are left" in done.err
    assert harvester.replicas.log() == []


@whole
def test_reading_again_needs_no_network_and_shows_each_cell_before_it_changes(filled: tuple[Harvester, Any]) -> None:
    harvester, _ = filled
    replicas, registry = harvester.replicas, str(harvester.data.parent / "registry")
    original = rows(harvester.warehouse)
    truth = misread(harvester, 987654)
    replicas.forget()
    before = rows(harvester.warehouse)
    reparse = harvester.command("reparse", "--registry", registry, "--everything", "--year", "2020-2021")

    dry = harvester.run([*reparse, "--dry-run"])
    assert dry.code == 0, dry
    assert "4 reports read again: 1 would change in 1 places" in dry.err
    line = next(line for line in dry.out.splitlines() if "guyuan" in line or "固原" in line)
    assert line.split()[-2:] == ["987654", str(truth)]
    assert rows(harvester.warehouse) == before, "a dry run writes nothing"

    done = harvester.run(reparse)
    assert done.code == 0, done
    assert figures(rows(harvester.warehouse)) == figures(original)
    assert replicas.log() == [], "nobody was asked"


@pytest.mark.skipif(importlib.util.find_spec("prefect_dask") is None, reason="the extra dask is not installed")
@whole
def test_reading_again_on_a_dask_cluster_gives_the_same(filled: tuple[Harvester, Any]) -> None:
    harvester, _ = filled
    misread(harvester, 876543)
    reparse = harvester.command("reparse", "--registry", str(harvester.data.parent / "registry"), "--everything",
                                "--year", "2020-2021", "--dry-run")  # fmt: skip
    here = harvester.run(reparse)
    clustered = replace(harvester, environ={"NIANBAO_TASK_RUNNER": "dask", "NIANBAO_DASK_WORKERS": "2"})
    there = clustered.run(reparse)
    assert (there.code, there.out) == (here.code, here.out), there
    assert "876543" in there.out


def figures(found: dict[str, list[dict[str, object]]]) -> list[tuple[object, ...]]:
    """The cells that count."""
    current = {row["id"] for row in found["report"] if row["is_current"]}
    cells = [row for row in found["fact"] if row["report_id"] in current]
    return sorted((str(row["report_id"]), str(row["code"]), str(row["value"]), str(row["state"])) for row in cells)


def misread(harvester: Harvester, as_if: int) -> object:
    """Let an older parser have read one cell wrongly. Gives what the document says there."""
    with Warehouse(str(harvester.warehouse)) as warehouse:
        (row,) = warehouse.current_reports([2021], ["guyuan-ggzy"])
        content = Archive(str(harvester.data / "archive")).get(row.document_sha256)
        judgement = understand(content, declared=row.media_type, url=row.url)
        assert judgement.report is not None
        number = next(fact for fact in judgement.report.facts if fact.state is FactState.NUMBER)
        wrong = replace(number, value=type(number.value)(as_if))
        facts = tuple(wrong if fact is number else fact for fact in judgement.report.facts)
        warehouse.load(
            "guyuan-ggzy",
            2021,
            document_sha=row.document_sha256,
            url=row.url,
            media_type=row.media_type,
            judgement=replace(judgement, report=replace(judgement.report, facts=facts)),
            parser_version="0.0.1+older",
            fetched_at=row.fetched_at,
            sample=True,
        )
        original = row.id
    with closing(sqlite3.connect(harvester.warehouse)) as connection, connection:
        connection.execute("UPDATE report SET parser_version = '0.0.0+older' WHERE id = ?", (original,))
    return number.value


@whole
def test_the_watch_sees_a_site_that_lists_less_and_one_that_refuses(filled: tuple[Harvester, Any]) -> None:
    harvester, _ = filled
    replicas = harvester.replicas
    replicas.withdraw("replica-guyuan", "guyuan-ggzy", 2021)
    replicas.set("replica-jining", "captcha")
    chosen = [word for site in SITES for word in ("--site", site)]
    registry = str(harvester.data.parent / "registry")
    done = harvester.run(harvester.command("watch", "--registry", registry, "--year", "2021", *chosen))
    replicas.unset("replica-jining")
    assert done.code == 1, "who could not be looked at is not all right"
    assert "1 sites list less than last year, 1 refuse us" in done.err
    assert "fetch.captcha" in done.out


def test_a_planted_secret_is_in_no_file_log_or_parameter(harvester: Harvester) -> None:
    planted = "geheim-7f3a9c"
    harvester.environ = {
        "NIANBAO_WAREHOUSE": f"postgresql://nianbao:{planted}@127.0.0.1:9/nianbao",
        "AWS_SECRET_ACCESS_KEY": planted,
        "NIANBAO_SLACK": f"https://hooks.slack.com/services/T0/B0/{planted}",
    }
    done = harvester.run(backfill(harvester))
    assert done.code == 1, done
    assert "load." in done.err, "the warehouse cannot be reached"
    assert planted not in done.out + done.err
    run = harvester.api.last_run()
    assert run["name"].startswith("backfill 2020, 2021")
    assert planted not in json.dumps(run)
    assert planted not in json.dumps(harvester.api.post("logs/filter", {"limit": 200}))
    refused = harvester.api.post("artifacts/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
    assert planted not in json.dumps(refused)
    assert harvester.prefect.log is not None
    kept = [harvester.data.parent, Path(harvester.prefect.log).parent]
    holding = [
        file
        for folder in kept
        for file in folder.rglob("*")
        if file.is_file() and planted.encode() in file.read_bytes()
    ]
    assert holding == []
