"""A second harvest asks for everything again and works out nothing again: real sites, a real warehouse, no Prefect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from benchmarks.harvesters import loop
from flows.parameters import HarvestParameters
from flows.readers import Readers
from flows.summary import ReportLine
from infra.replica.registry import write_registry
from infra.replica.server import Replicas, running
from tasks.load import Warehouse
from tasks.load.snapshot import snapshot

SITES = ("replica-guyuan", "replica-jining")
YEARS = [2020, 2021]


@dataclass
class Watch:
    """What the reading processes were asked for."""

    looked_into: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)

    def forget(self) -> None:
        self.looked_into.clear()
        self.read.clear()


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
    assert (watch.looked_into, watch.read) == ([], [])
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
    assert watch.read == []
    assert harvest.rows() == rows
    reissued(harvest.replicas, "replica-guyuan", "guyuan-ggzy", 2020)
    watch.forget()
    after = harvest.run()
    assert after["guyuan-ggzy", 2020].outcome in ("loaded", "flagged")
    assert after["guyuan-ggzy", 2021].outcome == "unchanged"
    assert len(set(watch.read)) == 1
