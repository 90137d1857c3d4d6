"""One Prefect server for the session, replica sites that can be watched and broken, and the command line as people run
it: a process of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from flows import server
from infra.replica.registry import write_registry
from infra.replica.server import Replicas, running

YEARS = (2017, 2020, 2021)
TIMEOUT = 300
BUSY = 20  # times that a busy server is asked again


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They share a server: one worker runs them all when the suite is spread."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("prefect"))


@pytest.fixture(scope="session")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Server]:
    """A standing server on a port of its own."""
    data = tmp_path_factory.mktemp("prefect")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    yield server.start(data, port=port)
    server.stop(data)


@pytest.fixture
def replicas() -> Iterator[Replicas]:
    """The five replica sites, fresh."""
    with running() as sites:
        yield sites


@dataclass
class Run:
    """One finished command."""

    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


@dataclass
class Api:
    """What the Prefect server knows."""

    url: str

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Ask one of the API's routes. A busy server on SQLite answers 503 now and then; Prefect's own client, too,
        asks again then."""
        headers = {"content-type": "application/json"}
        request = Request(f"{self.url}/{path}", json.dumps(body).encode(), headers, method="POST")
        for attempt in range(1, BUSY + 1):
            try:
                with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
                    return json.loads(answer.read() or b"null")
            except HTTPError as error:
                if error.code != 503 or attempt == BUSY:
                    raise
            except TimeoutError:  # it stands still for a minute now and then, waiting for its own database
                if not path.endswith("filter") or attempt == BUSY:
                    raise
            time.sleep(0.5)
        raise AssertionError

    def last_run(self) -> dict[str, Any]:
        """The newest run that somebody asked for; the server itself starts `recover` after a kill."""
        asked_for = {"name": {"any_": ["backfill", "harvest", "publish", "reparse", "watch"]}}
        found = self.post("flow_runs/filter", {"flows": asked_for, "sort": "START_TIME_DESC", "limit": 1})
        return dict(found[0])


@dataclass
class Harvester:
    """The command line on a data folder of its own and the replica sites."""

    data: Path
    replicas: Replicas
    prefect: server.Server
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def warehouse(self) -> Path:
        return self.data / "warehouse.sqlite"

    @property
    def api(self) -> Api:
        return Api(self.prefect.api_url)

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "flows.cli", *words]

    def environment(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "NIANBAO_"))}
        return {**plain, "PREFECT_API_URL": self.prefect.api_url, "NIANBAO_DATA": str(self.data), **self.environ}

    def arguments(self, *more: str, years: tuple[int, ...] = YEARS) -> list[str]:
        registry = self.data.parent / "registry"
        write_registry(registry, self.replicas.port)
        chosen = [word for year in years for word in ("--year", str(year))]
        return self.command("harvest", "--registry", str(registry), *chosen, *more)

    def harvest(self, *more: str, years: tuple[int, ...] = YEARS) -> Run:
        """Run a harvest to its end."""
        return self.run(self.arguments(*more, years=years))

    def run(self, command: list[str], cwd: Path | None = None) -> Run:
        done = subprocess.run(
            command, env=self.environment(), cwd=cwd, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
        return Run(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def harvester(tmp_path: Path, replicas: Replicas, prefect: server.Server) -> Harvester:
    """A harvest that has never run."""
    return Harvester(tmp_path / "data", replicas, prefect)
