"""What goes wrong in the field, and what must come of it: kills, dead sites, damaged files, impatient operators."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from flows.lock import data_folder
from infra.replica.server import Replicas
from infra.replica.truth import truth
from tasks.load import Warehouse
from tasks.load.snapshot import snapshot
from tests.e2e.conftest import TIMEOUT, YEARS, Harvester

SLOW = "replica-daqing"


def rows(file: Path) -> dict[str, list[dict[str, object]]]:
    with Warehouse(str(file)) as warehouse:
        return snapshot(warehouse.engine)


def states(file: Path) -> dict[tuple[str, int], tuple[str, str | None]]:
    with Warehouse(str(file)) as warehouse:
        return {(row.publisher, row.year): (row.state.value, row.reason_code) for row in warehouse.ledger()}


def count(file: Path, query: str) -> int:
    """A number from the warehouse while somebody else writes it; 0 before there is one."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return int(connection.execute(query).fetchone()[0])
    return 0


def begin(harvester: Harvester, *more: str, years: tuple[int, ...] = YEARS) -> subprocess.Popen[str]:
    return subprocess.Popen(
        harvester.arguments(*more, years=years),
        env=harvester.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until(process: subprocess.Popen[str], reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not reached():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "it never came so far"
        time.sleep(0.02)


def damage(replicas: Replicas, site: str, publisher: str, year: int) -> None:
    """The file of a report loses its second half: still a PDF by its head."""
    found = replicas.site(site)
    item = next(item for _, item in found.placed() if item.key == (publisher, year))
    whole = item.file()
    found._files[(item.number, item.edition)] = whole[: len(whole) // 2]


def test_a_harvest_killed_twice_ends_with_the_same_rows(harvester: Harvester, tmp_path: Path) -> None:
    calm = Harvester(tmp_path / "calm" / "data", harvester.replicas, harvester.prefect)
    assert calm.harvest().code == 0
    harvester.replicas.set(SLOW, "slow", 0.5)
    for query in (
        "SELECT count(*) FROM ledger WHERE state IN ('fetched', 'read', 'validated', 'loaded', 'flagged')",
        "SELECT count(*) > 2 FROM report",
    ):
        process = begin(harvester)
        wait_until(process, lambda query=query: count(harvester.warehouse, query) > 0)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert 0 < count(harvester.warehouse, "SELECT count(*) FROM report") < 15, "killed in the middle"
    harvester.replicas.unset(SLOW)
    last = harvester.harvest()
    assert last.code == 0, last
    assert rows(harvester.warehouse) == rows(calm.warehouse)


def test_a_dead_site_fails_alone_and_the_run_names_it(harvester: Harvester) -> None:
    harvester.replicas.down("replica-zhongwei")
    done = harvester.harvest(years=(2021,))
    assert done.code == 1, done
    found = states(harvester.warehouse)
    dead = {key: state for key, state in found.items() if key[0] == "zhongwei-ggzy"}
    assert dead == {("zhongwei-ggzy", 2021): ("failed", "fetch.network")}
    assert {state for key, (state, _) in found.items() if key not in dead} <= {"loaded", "flagged"}
    run = harvester.api.last_run()
    assert run["state"]["type"] == "FAILED"
    said = run["state"]["message"]
    assert "1 of 5 reports owed is not up to date in the warehouse: 中卫市公共资源交易中心 2021" in said
    assert "replica-zhongwei (fetch.network)" in said
    assert "nianbao reasons" in done.err
    (attention,) = harvester.api.post(
        "artifacts/filter",
        {"flow_runs": {"id": {"any_": [run["id"]]}}, "artifacts": {"key": {"any_": ["harvest-attention"]}}},
    )
    page = f"{harvester.prefect.ui_url}/artifacts/key/handbook-fetch-network"
    assert f"**中卫市公共资源交易中心 2021**: failed. [fetch.network]({page})" in attention["data"]
    (remedy,) = harvester.api.post(
        "artifacts/filter",
        {"flow_runs": {"id": {"any_": [run["id"]]}}, "artifacts": {"key": {"any_": ["handbook-fetch-network"]}}},
    )
    assert "What to do: " in remedy["data"]
    attempts = harvester.api.post(
        "task_runs/filter",
        {
            "flow_runs": {"id": {"any_": [run["id"]]}},
            "task_runs": {"name": {"any_": ["discover replica-zhongwei", "discover replica-jining"]}},
        },
    )
    assert {task["name"]: task["run_count"] for task in attempts} == {
        "discover replica-zhongwei": 3,
        "discover replica-jining": 1,
    }, "what can recover is tried again, nothing else"

    harvester.replicas.up("replica-zhongwei")
    again = harvester.harvest(years=(2021,))
    assert again.code == 0, again
    assert again.out.count("unchanged") == 4


def test_a_damaged_file_is_quarantined_with_its_reason_while_the_rest_loads(harvester: Harvester) -> None:
    damage(harvester.replicas, "replica-guyuan", "guyuan-ggzy", 2021)
    done = harvester.harvest(years=(2020, 2021))
    assert done.code == 1, done
    found = states(harvester.warehouse)
    state, reason = found.pop(("guyuan-ggzy", 2021))
    assert state == "quarantined"
    assert reason is not None
    assert reason.startswith("read.")
    assert {state for state, _ in found.values()} <= {"loaded", "flagged"}
    with Warehouse(str(harvester.warehouse)) as warehouse:
        assert warehouse.current_reports([2021], ["guyuan-ggzy"]) == []
        assert list(warehouse.facts([2021], ["guyuan-ggzy"])) == []
    line = next(line for line in done.out.splitlines() if "固原" in line and "2021" in line)
    assert "quarantined" in line
    assert reason in done.err
    again = harvester.harvest("--site", "guyuan-ggzy", years=(2021,))
    assert again.code == 1, "the same damaged file is not good the second time"
    assert states(harvester.warehouse)["guyuan-ggzy", 2021] == (state, reason)


def test_a_list_that_cannot_be_read_to_its_end_never_says_not_published(harvester: Harvester) -> None:
    harvester.replicas.set("replica-guyuan", "broken", on="list")
    done = harvester.harvest("--site", "guyuan-ggzy", years=(2021,))
    assert done.code == 1, done
    found = states(harvester.warehouse)
    assert {state for state, _ in found.values()} == {"failed"}
    assert "not_published" not in done.out


def test_a_refusal_is_told_by_its_kind_and_not_tried_again(harvester: Harvester) -> None:
    harvester.replicas.set("replica-guyuan", "captcha")
    done = harvester.harvest("--site", "guyuan-ggzy", years=(2021,))
    assert done.code == 1, done
    assert set(states(harvester.warehouse).values()) == {("blocked", "fetch.captcha")}
    assert "blocked:captcha" in done.out
    lists = [hit for hit in harvester.replicas.log("replica-guyuan") if not hit.path.startswith("/robots")]
    assert len(lists) == 1, "who is refused does not ask again"


def test_a_second_harvest_at_the_same_time_is_refused_with_a_clear_message(harvester: Harvester) -> None:
    with data_folder(harvester.data):
        second = harvester.harvest("--site", "guyuan-ggzy", years=(2021,))
    assert second.code == 1, second
    assert "harvest.busy" in second.err
    assert f"process {os.getpid()}" in second.err
    assert not harvester.warehouse.exists(), "it touched nothing"
    assert harvester.replicas.log() == [], "and asked nobody"


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_harvest_ends_soon_and_says_how_to_go_on(harvester: Harvester, sign: signal.Signals) -> None:
    harvester.replicas.set(SLOW, "slow", 200.0)  # whoever waits for this answer is late
    process = begin(harvester, years=(2021,))
    wait_until(process, lambda: count(harvester.warehouse, "SELECT count(*) FROM report") > 0)
    process.send_signal(sign)
    _, err = process.communicate(timeout=60)
    before = rows(harvester.warehouse)["report"]
    assert process.returncode == 128 + sign, err
    assert "harvest.interrupted" in err
    with Warehouse(str(harvester.warehouse)) as warehouse:
        (run,) = warehouse.runs()
    assert run.state == "cancelled"
    assert harvester.api.last_run()["state"]["type"] in {"CANCELLED", "CRASHED"}
    harvester.replicas.unset(SLOW)
    assert harvester.harvest(years=(2021,)).code == 0
    after = rows(harvester.warehouse)["report"]
    assert before
    assert all(row in after for row in before), "what was loaded stays loaded"
    assert len(after) == 5


def test_an_article_split_over_pages_is_read_whole(harvester: Harvester) -> None:
    years = (2018, 2019)
    harvester.replicas.set("replica-guyuan", "split")
    done = harvester.harvest("--site", "guyuan-ggzy", years=years)
    assert done.code == 0, done
    pages = [
        hit.path
        for hit in harvester.replicas.log("replica-guyuan")
        if hit.path.endswith("_1.html") and "/t20" in hit.path
    ]
    assert pages, "the sites really split them"
    with Warehouse(str(harvester.warehouse)) as warehouse:
        for year in years:
            stored = {fact.code: fact.value for fact in warehouse.facts([year], ["guyuan-ggzy"])}
            stated = dict(truth("guyuan-ggzy", year).cells)
            assert {code: value for code, value in stored.items() if code in stated} == stated
            (row,) = warehouse.current_reports([year], ["guyuan-ggzy"])
            assert row.sections >= 6
    again = harvester.harvest("--site", "guyuan-ggzy", years=years)
    assert again.out.count("unchanged") == 2, again
