"""A second harvest asks for everything again and works out nothing again: real sites, a real warehouse, no Prefect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from benchmarks import harvesters
from benchmarks.harvesters import loop
from flows.parameters import HarvestParameters
from flows.plan import Owed, Unit, plan
from flows.readers import Readers
from flows.registry import load_registry
from flows.summary import ReportLine
from flows.work.gather import Gathered
from flows.work.hands import Order, at_work
from flows.work.understand import as_they_were, understand
from infra.replica.registry import write_registry
from infra.replica.server import Replicas, running
from schemas.report import Reason
from tasks.load import Warehouse
from tasks.load.snapshot import snapshot

SITES = ("replica-guyuan", "replica-jining")
YEARS = [2020, 2021]


@dataclass
class Watch:
    """What the reading processes were asked for, and the units that took the steps that read and load."""

    looked_into: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    understood: list[str] = field(default_factory=list)

    def forget(self) -> None:
        self.looked_into.clear()
        self.read.clear()
        self.understood.clear()


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    told = Watch()
    look_into, examine = Readers.look_into, Readers.examine

    def looking(self: Readers, data: bytes, **more: Any) -> Any:
        told.looked_into.append(more["url"])
        return look_into(self, data, **more)

    def examining(self: Readers, jobs: Any) -> Any:
        asked = list(jobs)
        told.read += [job.url for job in asked]
        return examine(self, asked)

    def understanding(unit: Unit, *more: Any) -> Any:
        told.understood.append(unit.name)
        return understand(unit, *more)

    monkeypatch.setattr(harvesters, "understand", understanding)
    monkeypatch.setattr(Readers, "look_into", looking)
    monkeypatch.setattr(Readers, "examine", examining)
    return told


@dataclass
class Harvest:
    replicas: Replicas
    registry: Path
    data: Path

    def run(self) -> dict[tuple[str, int], ReportLine]:
        self.replicas.forget()
        found = loop(HarvestParameters(years=YEARS, registry=str(self.registry), data=str(self.data)))
        return {(line.publisher, line.year): line for line in found}

    def rows(self) -> dict[str, list[dict[str, object]]]:
        with Warehouse(str(self.data / "warehouse.sqlite")) as warehouse:
            return snapshot(warehouse.engine)

    def evidence(self) -> int:
        with Warehouse(str(self.data / "warehouse.sqlite")) as warehouse:
            return len(snapshot(warehouse.engine, everything=True)["fetch"])


@pytest.fixture
def harvest(tmp_path: Path) -> Iterator[Harvest]:
    with running() as replicas:
        registry = tmp_path / "sites"
        write_registry(registry, replicas.port, names=SITES)
        yield Harvest(replicas, registry, tmp_path / "data")


def outcomes(lines: dict[tuple[str, int], ReportLine]) -> set[str]:
    return {line.outcome for line in lines.values()}


def reissued(replicas: Replicas, name: str, publisher: str, year: int) -> None:
    """The same report at the same address, its last section left out."""
    truth = next(item.truth for _, item in replicas.site(name).placed() if item.key == (publisher, year))
    assert truth is not None
    replicas.replace(name, replace(truth, sections=truth.sections[:-1]))


def test_it_asks_as_often_and_reads_nothing(harvest: Harvest, watch: Watch) -> None:
    first = harvest.run()
    assert outcomes(first) <= {"loaded", "flagged"}
    assert watch.read
    assert watch.looked_into
    asked, rows, evidence = harvest.replicas.log(), harvest.rows(), harvest.evidence()
    assert evidence == len(asked), "every request leaves evidence"
    watch.forget()
    assert outcomes(harvest.run()) == {"unchanged"}
    assert (watch.looked_into, watch.read, watch.understood) == ([], [], [])
    assert sorted(hit.path for hit in harvest.replicas.log()) == sorted(hit.path for hit in asked)
    again = {hit.path for hit in harvest.replicas.log() if hit.status == 200}
    assert not again & {urlsplit(line.url).path for line in first.values() if line.url}
    assert harvest.evidence() == evidence + len(asked)
    assert harvest.rows() == rows


def test_a_document_that_was_replaced_is_the_only_one_read(harvest: Harvest, watch: Watch) -> None:
    harvest.run()
    name, publisher, year = "replica-guyuan", "guyuan-ggzy", 2021
    reissued(harvest.replicas, name, publisher, year)
    watch.forget()
    after = harvest.run()
    assert after.pop((publisher, year)).outcome in ("loaded", "flagged")
    assert outcomes(after) == {"unchanged"}
    assert watch.understood == [name]
    assert len(watch.read) == 2, "the file, and the page that it hangs on"
    assert {url.rsplit("/", 1)[0] for url in watch.read} == {
        harvest.replicas.url_of(name, publisher, year).rsplit("/", 1)[0]
    }


def test_what_was_kept_is_not_needed(harvest: Harvest, watch: Watch) -> None:
    harvest.run()
    rows = harvest.rows()
    for file in (harvest.data / "pages").rglob("*.json"):
        file.unlink()
    watch.forget()
    assert outcomes(harvest.run()) == {"unchanged"}
    assert watch.looked_into, "pages are looked into again for what they lead to"
    assert watch.read == []
    assert harvest.rows() == rows


def test_a_link_that_does_not_tell_its_year_is_read_once(harvest: Harvest, watch: Watch) -> None:
    for column in harvest.replicas.site("replica-guyuan").columns:
        column.items[:] = [
            replace(item, title="固原市公共资源交易中心政府信息公开工作年度报告")
            if item.key and item.key[0] == "guyuan-ggzy"
            else item
            for item in column.items
        ]
    assert outcomes(harvest.run()) <= {"loaded", "flagged"}
    rows = harvest.rows()
    watch.forget()
    assert outcomes(harvest.run()) == {"unchanged"}
    assert (watch.read, watch.understood) == ([], [])
    assert harvest.rows() == rows
    for file in (harvest.data / "pages" / "statements").rglob("*.json"):
        file.unlink()
    assert outcomes(harvest.run()) == {"unchanged"}
    assert watch.understood == ["replica-guyuan"], "only reading tells whose the report is"
    reissued(harvest.replicas, "replica-guyuan", "guyuan-ggzy", 2020)
    watch.forget()
    after = harvest.run()
    assert after["guyuan-ggzy", 2020].outcome in ("loaded", "flagged")
    assert after["guyuan-ggzy", 2021].outcome == "unchanged"
    assert len(set(watch.read)) == 1


def test_lines_of_reports_that_are_as_they_were_are_those_of_all_steps(
    harvest: Harvest, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    harvest.run()
    watch.forget()
    short = harvest.run()
    assert watch.understood == []
    monkeypatch.setattr(harvesters, "as_they_were", lambda *_: None)
    assert harvest.run() == short
    assert sorted(watch.understood) == sorted(SITES)


@pytest.mark.parametrize("troubles", [(), (("http://127.0.0.1/a.pdf", Reason("fetch.not_found", "404")),)])
def test_a_report_without_a_document_is_not_as_it_was(
    harvest: Harvest, troubles: tuple[tuple[str, Reason], ...]
) -> None:
    harvest.run()
    parameters = HarvestParameters(years=YEARS, registry=str(harvest.registry), data=str(harvest.data))
    (unit, *_) = plan(load_registry(parameters.registry), YEARS)
    owed = Owed(*unit.owed[0])
    with at_work(Order("again", parameters)) as hands:
        assert as_they_were(unit, [Gathered(owed, (), troubles)], hands) is None
        assert as_they_were(unit, [], hands) == ()
