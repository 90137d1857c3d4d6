"""The main job on the replica sites and a real Prefect server: everything loads, and the second run changes nothing."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from flows import server
from infra.replica.server import running
from infra.replica.truth import truth
from tasks.load import Warehouse
from tasks.load.export import ExportOptions, Format
from tasks.load.snapshot import snapshot
from tests.e2e.conftest import YEARS, Harvester, Run

PUBLISHERS = ("daqing-ggzy", "guyuan-ggzy", "jining-ggzy", "zhongwei-ggzy", "zhumadian-ggzy")


@dataclass(frozen=True)
class Twice:
    """Two harvests one after the other, with what the sites saw and what the warehouse held after each."""

    harvester: Harvester
    first: Run
    first_api: dict[str, Any]
    before: dict[str, list[dict[str, object]]]
    second: Run
    second_api: dict[str, Any]
    hits: list[Any]
    after: dict[str, list[dict[str, object]]]


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory, prefect: server.Server) -> Iterator[Twice]:
    with running() as replicas:
        harvester = Harvester(tmp_path_factory.mktemp("twice") / "data", replicas, prefect)
        first = harvester.harvest()
        assert harvester.warehouse.exists(), first
        run = harvester.api.last_run()
        before = rows(harvester.warehouse)
        replicas.forget()
        second = harvester.harvest()
        again = harvester.api.last_run()
        yield Twice(harvester, first, run, before, second, again, replicas.log(), rows(harvester.warehouse))


def rows(file: Path, *, everything: bool = False) -> dict[str, list[dict[str, object]]]:
    with Warehouse(str(file)) as warehouse:
        return snapshot(warehouse.engine, everything=everything)


def test_every_report_owed_is_loaded_or_flagged(twice: Twice) -> None:
    assert twice.first.code == 0, twice.first
    with Warehouse(str(twice.harvester.warehouse)) as warehouse:
        ledger = {(row.publisher, row.year): row.state.value for row in warehouse.ledger()}
        current = {(row.publisher, row.year) for row in warehouse.current_reports()}
    assert set(ledger) == {(publisher, year) for publisher in PUBLISHERS for year in YEARS}
    assert set(ledger.values()) <= {"loaded", "flagged"}
    assert current == set(ledger)


def test_every_cell_is_what_the_sites_publish(twice: Twice) -> None:
    """Not one statutory cell differs from the truth that the documents were made from."""
    differing = []
    with Warehouse(str(twice.harvester.warehouse)) as warehouse:
        for publisher in PUBLISHERS:
            for year in YEARS:
                stored = {fact.code: fact.value for fact in warehouse.facts([year], [publisher])}
                stated = dict(truth(publisher, year).cells)
                differing += [
                    (publisher, year, code, stated.get(code), stored.get(code))
                    for code in stated.keys() | stored.keys()
                    if stated.get(code) != stored.get(code)
                ]
    assert differing == []


def test_the_summary_names_publisher_year_edition_outcome_and_counts(twice: Twice) -> None:
    lines = [line for line in twice.first.out.splitlines() if "公共资源交易" in line]
    assert len(lines) == len(PUBLISHERS) * len(YEARS)
    shape = re.compile(
        r"^\S+中心 +(2017|2020|2021) +(narrative|form-2019|form-2021) +(loaded|flagged) +\d+ +\d+ +\d+ *$"
    )
    assert [line for line in lines if not shape.match(line)] == []
    assert "All 15 reports owed are in the warehouse" in twice.first.err
    assert str(twice.harvester.warehouse) in twice.first.err
    assert twice.harvester.prefect.ui_url in twice.first.err


def test_progress_is_told_where_there_is_no_terminal(twice: Twice) -> None:
    steps = re.findall(r"^\[(\d+)/20\]", twice.first.err, flags=re.MULTILINE)
    assert steps == [str(number) for number in range(1, 21)]


def test_the_second_run_says_unchanged_for_every_report(twice: Twice) -> None:
    assert twice.second.code == 0, twice.second
    outcomes = re.findall(r" (unchanged|loaded|flagged) ", twice.second.out)
    assert outcomes == ["unchanged"] * 15


def test_the_second_run_leaves_every_row_as_it_was(twice: Twice) -> None:
    assert twice.after == twice.before
    assert sum(len(found) for found in twice.before.values()) > 2000


def test_the_second_run_asks_on_condition_and_gets_nothing_again(twice: Twice) -> None:
    asked = [hit for hit in twice.hits if not hit.path.startswith("/robots.txt")]
    assert asked
    sent = [(hit.method, hit.path, hit.status) for hit in asked if hit.status != 304 and hit.method == "GET"]
    assert sent == []


def _ended_tasks(twice: Twice, run: str, count: int) -> list[dict[str, Any]]:
    """The task runs of a run, once the server has written down the end of so many: it does so a moment later."""
    deadline = time.monotonic() + 60
    while True:
        found: list[dict[str, Any]] = twice.harvester.api.post(
            "task_runs/filter", {"flow_runs": {"id": {"any_": [run]}}, "limit": 200}
        )
        ended = [task for task in found if task["state_type"] in ("COMPLETED", "FAILED", "CRASHED")]
        if len(ended) >= count or time.monotonic() > deadline:
            return found
        time.sleep(0.2)


def test_the_run_is_completed_and_recognisable_in_the_ui(twice: Twice) -> None:
    assert twice.first_api["name"] == "harvest 2017, 2020, 2021 · 5 sites"
    assert set(twice.first_api["tags"]) == {"harvest", "sample"}
    assert twice.first_api["state"]["type"] == "COMPLETED"
    assert twice.first_api["state"]["message"].startswith("All 15 reports owed are in the warehouse")
    tasks = _ended_tasks(twice, twice.first_api["id"], 21)
    names = sorted(task["name"] for task in tasks)
    told = {task["name"]: task["state"]["message"] for task in tasks}
    assert told["understand replica-jining"] == "3 of 3 reports read, 0 unchanged"
    assert re.fullmatch(r"(\d flagged, )?\d loaded|3 flagged", told["load replica-jining"])
    steps = ("discover", "fetch", "load", "understand")
    sites = ("daqing", "guyuan", "jining", "zhongwei", "zhumadian")
    assert names == sorted([*(f"{step} replica-{site}" for step in steps for site in sites), "prove"])


def test_a_site_with_nothing_new_says_so_and_has_no_steps_that_read(twice: Twice) -> None:
    tasks = _ended_tasks(twice, twice.second_api["id"], 11)
    sites = ("daqing", "guyuan", "jining", "zhongwei", "zhumadian")
    names = sorted(task["name"] for task in tasks)
    assert names == sorted([*(f"{step} replica-{site}" for step in ("discover", "fetch") for site in sites), "prove"])
    said = {task["state"]["message"].split(", ", 1)[1] for task in tasks if task["name"].startswith("fetch ")}
    assert said == {"nothing new: 3 unchanged"}


def test_the_run_leaves_its_artifacts(twice: Twice) -> None:
    found = twice.harvester.api.post(
        "artifacts/filter", {"flow_runs": {"id": {"any_": [twice.first_api["id"]]}}, "limit": 50}
    )
    by_key = {artifact["key"]: artifact for artifact in found if artifact["key"]}
    assert set(by_key) == {"harvest-progress", "harvest-summary", "harvest-sites", "harvest-attention", "coverage"}
    assert by_key["harvest-progress"]["data"] == 100.0
    table = json.loads(by_key["harvest-summary"]["data"])
    assert len(table) == 15
    assert {row["outcome"] for row in table} <= {"loaded", "flagged"}
    assert all(row["link"].startswith("http://127.0.0.") for row in table)
    sites = json.loads(by_key["harvest-sites"]["data"])
    assert {row["site"]: (row["owed"], row["new"] + row["flagged"]) for row in sites} == {
        f"replica-{name}": (3, 3) for name in ("daqing", "guyuan", "jining", "zhongwei", "zhumadian")
    }
    matrix = json.loads(by_key["coverage"]["data"])
    assert len(matrix) == 5
    assert {row[f"{year}年"].split()[0] for row in matrix for year in YEARS} <= {"loaded", "flagged"}
    assert by_key["harvest-attention"]["data"].startswith("# What needs attention")


def test_the_run_is_written_down_in_the_warehouse(twice: Twice) -> None:
    with Warehouse(str(twice.harvester.warehouse)) as warehouse:
        second, first = warehouse.runs()
    assert (first.state, second.state) == ("completed", "completed")
    assert first.id == twice.first_api["id"]
    assert sum(first.summary.values()) == 15
    assert second.summary == {"unchanged": 15}
    assert first.parameters["years"] == list(YEARS)


def test_three_figures_come_out_of_an_export_with_their_source(twice: Twice, tmp_path: Path) -> None:
    with Warehouse(str(twice.harvester.warehouse)) as warehouse:
        warehouse.export(tmp_path / "out", ExportOptions(formats=(Format.PARQUET,)))
        (report,) = warehouse.current_reports([2021], ["daqing-ggzy"])
    done = twice.harvester.run([sys.executable, "examples/three_figures.py", str(tmp_path / "out")])
    assert done.code == 0, done
    assert "  济宁市公共资源交易服务中心 2020: 7\n" in done.out
    assert "  济宁市公共资源交易服务中心 2020: 100.0 %\n" in done.out
    assert "大庆市公共资源交易中心 2021 政府集中采购" in done.out
    assert "11,561,862,563.21" in done.out
    assert f"document {report.document_sha256}\n  from {report.url}, fetched " in done.out


def test_a_report_published_later_is_the_only_new_one(twice: Twice) -> None:
    harvester = twice.harvester
    replicas = harvester.replicas
    changed = replace(truth("guyuan-ggzy", 2021))
    replicas.withdraw("replica-guyuan", "guyuan-ggzy", 2021)
    gone = harvester.harvest(years=(2021,))
    assert gone.code == 1, gone
    assert "not_published" in gone.out or "gone" in gone.out, gone
    replicas.publish("replica-guyuan", changed)
    back = harvester.harvest(years=(2021,))
    assert back.code == 0, back


def test_a_dry_run_shows_what_is_listed_and_keeps_nothing(harvester: Harvester) -> None:
    done = harvester.harvest("--dry-run", years=(2021,))
    assert done.code == 0, done
    assert done.out.count("located") == 5
    assert "nothing was stored" in done.err
    assert not harvester.warehouse.exists()
    assert all(hit.status != 404 for hit in harvester.replicas.log())


def test_one_publisher_of_one_site_is_harvested_alone(harvester: Harvester) -> None:
    done = harvester.harvest("--site", "jining-ggzy", years=(2020,))
    assert done.code == 0, done
    assert {hit.site for hit in harvester.replicas.log()} == {"replica-jining"}
    with Warehouse(str(harvester.warehouse)) as warehouse:
        (row,) = warehouse.ledger()
    assert (row.publisher, row.year, row.state.value) == ("jining-ggzy", 2020, "loaded")
