"""What the Prefect server does when nobody of ours is alive: after a kill, for a run that does not begin, no worker.

One installation of its own with shorter patience, and one story from the kill to the complete result.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from flows import server, system, worker
from infra.replica.registry import write_registry
from infra.replica.server import Replicas, running
from schemas.alerts import AlertState
from tasks.load import Warehouse
from tasks.load.alerts import AlertStore
from tests.alert.receivers import HttpReceiver, http_receiver
from tests.e2e.conftest import TIMEOUT, Api

pytestmark = pytest.mark.operate

SITES = ["replica-guyuan", "replica-jining"]
TOKEN = "wachhund-token"
IMPATIENT = {
    "NIANBAO_SILENCE": "35",  # Prefect's heartbeats come every 30 seconds at the least
    "NIANBAO_LATE": "10",  # the shortest that Prefect takes
    "PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS": "2",
    "PREFECT_SERVER_SERVICES_FOREMAN_INACTIVITY_HEARTBEAT_MULTIPLE": "3",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "1",
    "PREFECT_WORKER_HEARTBEAT_SECONDS": "4",
    "PREFECT_WORKER_QUERY_SECONDS": "1",
}


@dataclass
class Place:
    """An installation with one receiver of alerts."""

    data: Path
    environ: dict[str, str]
    api: Api
    replicas: Replicas
    rung: HttpReceiver
    up: system.System

    def told(self, subject: str) -> list[dict[str, Any]]:
        return [seen.json for seen in self.rung.seen if seen.json["title"] == subject]

    def runs(self, name: str) -> list[dict[str, Any]]:
        found = self.api.post("flow_runs/filter", {"flows": {"name": {"any_": [name]}}})
        return sorted(found, key=lambda run: str(run["created"]))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("watchdog")
    data = folder / "data"
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "NIANBAO_"))}
    with http_receiver((204, b"")) as rung, running() as replicas:
        write_registry(folder / "registry", replicas.port)
        routes = {
            "receivers": {
                "duty": {
                    "service": "webhook",
                    "address_env": "DUTY",
                    "token_env": "DUTY_TOKEN",
                    "allow_private": True,
                }
            },
            "routes": [{"to": ["duty"], "severity": "info", "digest": "always"}],
            "watchdog": ["duty"],
        }
        (folder / "alerts.yaml").write_text(yaml.safe_dump(routes), "utf-8")
        environ = {
            **plain,
            **IMPATIENT,
            "DUTY": rung.url("/duty"),
            "DUTY_TOKEN": TOKEN,
            "NIANBAO_ALERTS": str(folder / "alerts.yaml"),
            "NIANBAO_REGISTRY": str(folder / "registry"),
        }
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        standing = server.start(data, port=port, environ=environ)
        try:
            found = system.up(data, schedules=False, environ=environ)
            yield Place(data, environ, Api(standing.api_url), replicas, rung, found)
        finally:
            system.down(data)


def wait_for(reached: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + TIMEOUT
    while not (found := reached()):
        assert time.monotonic() < deadline, f"it never came so far: {what}"
        time.sleep(0.2)
    return found


def loaded(place: Place) -> int:
    """Reports in the warehouse, also while somebody writes it; none before there is one."""
    try:
        with Warehouse(str(place.data / "warehouse.sqlite")) as warehouse:
            return sum(row.state.value in ("loaded", "flagged") for row in warehouse.ledger())
    except Exception:
        return 0


def kill(place: Place) -> None:
    """The worker and all that it started, at once: as when the machine goes."""
    process = psutil.Process(place.up.worker.pid)
    family = [process, *process.children(recursive=True)]
    for member in family:
        member.kill()
    psutil.wait_procs(family, timeout=30)


def test_killed_with_its_worker_a_run_ends_crashed_is_told_of_and_run_again_to_the_end(place: Place) -> None:
    api = place.api
    deployment = next(one for one in api.post("deployments/filter", {}) if one["entrypoint"].endswith("backfill"))
    wanted = {"years": [2020, 2021], "sites": SITES, "window": 1}
    place.replicas.set("replica-jining", "slow", 1.0)
    run = api.post(f"deployments/{deployment['id']}/create_flow_run", {"parameters": {"parameters": wanted}})
    wait_for(lambda: loaded(place) >= 2, "the first window is done")
    assert loaded(place) < 4, "killed in the middle"
    kill(place)
    place.replicas.unset("replica-jining")

    wait_for(lambda: place.told("nianbao: no worker"), "the server rings that no worker is there")
    publish = next(one for one in api.post("deployments/filter", {}) if one["entrypoint"].endswith("publish"))
    due = api.post(f"deployments/{publish['id']}/create_flow_run", {"name": "due and alone"})
    wait_for(lambda: place.told("nianbao: a run does not begin"), "the server rings that a run does not begin")
    (late,) = place.told("nianbao: a run does not begin")
    assert "due and alone" in late["message"]
    wait_for(lambda: place.told("nianbao: a run was killed"), "the server rings that a run was killed")
    assert f"/runs/flow-run/{run['id']}" in place.told("nianbao: a run was killed")[0]["message"]
    crashed = next(one for one in place.runs("backfill") if one["id"] == run["id"])
    assert crashed["state_type"] == "CRASHED"
    assert "No sign of life for 35 seconds" in crashed["state"]["message"]
    assert all(seen.headers["Authorization"] == f"Bearer {TOKEN}" for seen in place.rung.seen)

    back = worker.start(place.data, place.up.server, "nianbao", environ=place.environ)
    assert back.started, "the old one is known to be gone"
    done = wait_for(
        lambda: [one for one in place.runs("backfill")[1:] if one["state_type"] in ("COMPLETED", "FAILED")],
        "the run is run again",
    )
    assert [one["state_type"] for one in done] == ["COMPLETED"], done[0]["state"]["message"]
    assert "again" in done[0]["tags"]
    assert loaded(place) == 4
    wait_for(lambda: {one["state_type"] for one in place.runs("recover")} == {"COMPLETED"}, "it was told of")
    wait_for(
        lambda: (
            api.post("flow_runs/filter", {"flow_runs": {"id": {"any_": [due["id"]]}}})[0]["state_type"] == "COMPLETED"
        ),
        "the run that was due is made up for",
    )
    assert len(place.runs("backfill")) == 2, "once, however often it was told"
    with Warehouse(str(place.data / "warehouse.sqlite")) as warehouse:
        ended = {one.id: one.state for one in warehouse.runs()}
        alerts = AlertStore(warehouse.engine).alerts(None)
    assert ended[run["id"]] == "crashed"
    (alert,) = [one for one in alerts if one.code == "alert.run_failed"]
    assert "It is run again as" in alert.message
    assert alert.state in (AlertState.OPEN, AlertState.CLOSED)
    assert TOKEN not in (place.data / "prefect" / "server.log").read_text("utf-8")


def test_the_address_of_whoever_is_rung_is_kept_by_the_server_and_shown_to_nobody(place: Place) -> None:
    (block,) = place.api.post(
        "block_documents/filter", {"block_documents": {"name": {"any_": ["nianbao-watchdog-duty"]}}}
    )
    assert TOKEN not in str(block)
    assert place.environ["DUTY"] not in str(block)
    assert block["data"]["json_data"]["title"] == "{{subject}}"
