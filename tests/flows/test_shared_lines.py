"""Several worker processes and one host: together they are one polite guest."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa

from schemas.site import Limits
from tasks.fetch import Pace, SharedGate, SystemClock
from tasks.load import Warehouse
from tasks.load.leases import HostLeases
from tests.fetch.servers import Reply, Server, article, serve

DELAY = 0.25

_WORKER = """
import json, sys
from schemas.settings import FetchSettings
from schemas.site import Site
from tasks.fetch import PoliteClient
from tasks.load import Warehouse
from tasks.load.leases import HostLeases

site, urls, warehouse, lease = json.loads(sys.argv[1])
site = Site.model_validate(site)
with Warehouse(warehouse) as opened:
    with PoliteClient(FetchSettings(), sites=[site], leases=HostLeases(opened.engine, seconds=lease)) as client:
        for url in urls:
            client.fetch(url, site=site)
            print(url, flush=True)
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse(str(tmp_path / "warehouse.sqlite")) as opened:
        opened.migrate()
        yield opened


@contextmanager
def worker(
    server: Server, warehouse: Warehouse, paths: list[str], *, lease: float = 20.0
) -> Iterator[subprocess.Popen[str]]:
    site = server.site(limits=Limits(delay=DELAY, jitter=0)).model_dump(mode="json")
    order = [site, [server.url(path) for path in paths], str(warehouse.engine.url.database), lease]
    process = subprocess.Popen(
        [sys.executable, "-c", _WORKER, json.dumps(order)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def shortest(server: Server) -> float:
    """The shortest time between two requests, as the server saw them."""
    return min(second.at - first.at for first, second in pairwise(sorted(server.seen, key=lambda seen: seen.at)))


def test_two_workers_never_ask_a_host_faster_than_one_may(warehouse: Warehouse) -> None:
    ours, theirs = [f"/a{number}" for number in range(12)], [f"/b{number}" for number in range(12)]
    with serve({path: Reply(article()) for path in (*ours, *theirs)}) as server:
        with worker(server, warehouse, ours) as one, worker(server, warehouse, theirs) as two:
            said = [process.communicate(timeout=300) for process in (one, two)]
        assert [process.returncode for process in (one, two)] == [0, 0], said
        assert {seen.path for seen in server.asked()} == {*ours, *theirs}
        assert shortest(server) >= DELAY


def test_the_lease_of_a_killed_worker_ends_and_the_other_one_goes_on(warehouse: Warehouse) -> None:
    ours, theirs = [f"/a{number}" for number in range(400)], ["/b1", "/b2"]
    with serve({path: Reply(article()) for path in (*ours, *theirs)}) as server:
        with worker(server, warehouse, ours, lease=3.0) as one:
            assert one.stdout is not None
            assert one.stdout.readline(), "it has the line"
            one.kill()
            one.wait()
            with warehouse.engine.connect() as connection:
                assert connection.execute(sa.text("SELECT holder FROM host_lease")).scalar_one() is not None
            with worker(server, warehouse, theirs, lease=3.0) as two:
                said = two.communicate(timeout=300)
        assert two.returncode == 0, said
        assert {seen.path for seen in server.asked()} >= set(theirs)
        assert shortest(server) >= DELAY


def test_who_waits_gets_the_line_while_the_other_goes_on_asking(warehouse: Warehouse) -> None:
    """Two gates, as in two processes: the first would never stop by itself."""
    leases, clock, pace = HostLeases(warehouse.engine), SystemClock(), Pace(0.0)
    busy = SharedGate(leases, clock, max_wait=900, renew=0.05)
    patient = SharedGate(leases, clock, max_wait=900, renew=0.05)
    taken: list[str] = []

    def ask() -> None:
        with patient.turn("lanshi.gov.cn", pace):
            taken.append("patient")

    thread = threading.Thread(target=ask)
    with busy.turn("lanshi.gov.cn", pace):
        thread.start()
        time.sleep(0.1)
        assert taken == []
    until = time.monotonic() + 60
    while not taken and time.monotonic() < until:
        with busy.turn("lanshi.gov.cn", pace):
            time.sleep(0.005)
    thread.join(timeout=60)
    assert taken == ["patient"]
    for gate in (busy, patient):
        gate.close()
    with warehouse.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT holder FROM host_lease")).scalar_one() is None


def test_one_process_alone_pays_a_word_for_each_host_and_not_for_each_request(warehouse: Warehouse) -> None:
    statements: list[str] = []
    gate = SharedGate(HostLeases(warehouse.engine), SystemClock(), max_wait=900, renew=3600)
    sa.event.listen(warehouse.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    with gate.turn("lanshi.gov.cn", Pace(0.0)):
        pass
    first = len(statements)
    assert first > 0
    for _ in range(100):
        with gate.turn("lanshi.gov.cn", Pace(0.0)):
            pass
    assert len(statements) == first
    gate.close()


def test_a_cap_counts_the_requests_of_all(warehouse: Warehouse) -> None:
    pace = Pace(0.0, daily_cap=3)
    for _ in range(3):
        gate = SharedGate(HostLeases(warehouse.engine), SystemClock(), max_wait=900)
        with gate.turn("lanshi.gov.cn", pace):
            pass
        gate.close()
    gate = SharedGate(HostLeases(warehouse.engine), SystemClock(), max_wait=900)
    with pytest.raises(Exception, match="daily_cap"), gate.turn("lanshi.gov.cn", pace):
        pytest.fail("there were three already")
    gate.close()
