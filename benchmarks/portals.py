"""Replica portals in a process of their own: many hosts, two bodies each, a report a year as page and as PDF file.

python -m benchmarks.portals HOSTS YEARS REGISTRY     # ends with stdin; a line on stdin prints what was asked
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.replica.registry import entry
from infra.replica.server import running
from infra.replica.sites import ReplicaSite, site_from

BODIES = 2  # a host's government, with pages; and a centre, with PDF files
LAST = 2024


def years(count: int) -> range:
    """The newest `count` years that the replicas have."""
    return range(LAST - count + 1, LAST + 1)


def portals(hosts: int, count: int) -> list[ReplicaSite]:
    """Portals with a report of each of their bodies for each year."""
    return [site_from(_spec(number, [years(count)[0], LAST])) for number in range(hosts)]


def _spec(number: int, span: list[int]) -> dict[str, Any]:
    town, centre = f"town-{number}", f"centre-{number}"
    return {
        "id": f"replica-{town}",
        "portal": f"第{number + 1}镇人民政府",
        "address": f"127.0.{5 + number // 200}.{1 + number % 200}",
        "family": "trs",
        "publisher": town,
        "owed": tuple(span),
        "entries": [{"path": "/zwgk/xxgknb/", "publisher": town}, {"path": "/ggzy/xxgknb/", "publisher": centre}],
        "agencies": [
            {"id": town, "name": f"第{number + 1}镇人民政府", "short": "我镇"},
            {"id": centre, "name": f"第{number + 1}镇公共资源交易中心", "short": "中心"},
        ],
        "columns": [
            {
                "path": "/zwgk/xxgknb/",
                "name": "政府信息公开年报",
                "reports": [{"publisher": town, "years": span}],
            },
            {
                "path": "/ggzy/xxgknb/",
                "name": "中心信息公开年报",
                "reports": [{"publisher": centre, "years": span, "format": "pdf"}],
            },
        ],
    }


def _register(sites: list[ReplicaSite], port: int, folder: Path) -> None:
    """The registry of the portals, with both bodies of each."""
    folder.mkdir(parents=True, exist_ok=True)
    for site in sites:
        one = entry(site, port)
        first = one["publishers"][0]
        other = site.spec["agencies"][1]
        span = {"owed_from": first["owed_from"], "owed_to": first["owed_to"]}
        one["publishers"].append({"id": other["id"], "name": other["name"], **span})
        (folder / f"{site.id}.yaml").write_text(yaml.safe_dump(one, allow_unicode=True), "utf-8")


def _serve(hosts: int, count: int, folder: Path) -> None:
    sites = portals(hosts, count)
    with running(sites=sites) as replicas:
        _register(sites, replicas.port, folder)
        print("ready", flush=True)
        while sys.stdin.readline():
            hits = replicas.log()
            told = {
                "requests": len(hits),
                "bytes": sum(hit.bytes for hit in hits),
                "not_modified": sum(hit.status == 304 for hit in hits),
            }
            replicas.forget()
            print(json.dumps(told), flush=True)


@dataclass(frozen=True, slots=True)
class Portals:
    """Running portals."""

    child: subprocess.Popen[str]
    registry: Path
    hosts: int
    years: tuple[int, ...]

    @property
    def reports(self) -> int:
        """How many reports they hold."""
        return self.hosts * BODIES * len(self.years)

    def log(self) -> dict[str, int]:
        """Requests, bytes sent and answers 304 since the last look."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write("log\n")
        self.child.stdin.flush()
        found: dict[str, int] = json.loads(self.child.stdout.readline())
        return found


@contextmanager
def serving(hosts: int, count: int, folder: Path) -> Iterator[Portals]:
    """Portals in a process of their own, until the body ends."""
    words = [sys.executable, "-m", "benchmarks.portals", str(hosts), str(count), str(folder)]
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        if child.stdout.readline().strip() != "ready":
            raise RuntimeError("the portals did not start")
        yield Portals(child, folder, hosts, tuple(years(count)))
    finally:
        child.stdin.close()
        child.wait(60)
        child.stdout.close()


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
