"""A whole harvest of small sites that are odd in one way each: gates, re-issues, too few reports. No Prefect."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from benchmarks.harvesters import loop
from flows.parameters import HarvestParameters
from flows.summary import ReportLine
from infra.replica.documents import render
from infra.replica.documents.html import fragment
from infra.replica.model import Publisher, ReportTruth
from infra.replica.sample import sample_truth
from tasks.load import Warehouse

BODY = Publisher("odd", "青川县水利局", "我局")
TWIN = Publisher("twin", "青川县水利局", "我局")  # the same name over other figures: a first issue with errors
YEARS = [2021, 2022]
COLUMN = "/zfgk/nb/"


@dataclass
class Odd:
    """One site: what it answers by path and query, (media type, bytes)."""

    data: Path
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    address: str = ""
    yields: dict[str, int] = field(default_factory=dict)

    def page(self, path: str, title: str, inner: str) -> None:
        body = f"<h2>{title}</h2><div class='zw'>{inner}</div>"
        text = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
        self.pages[path] = ("text/html; charset=utf-8", text.encode())

    def listing(self, *rows: tuple[str, str, str]) -> None:
        """The column: address, title, day."""
        items = "".join(f"<li><a href='{path}'>{title}</a><i>{day}</i></li>" for path, title, day in rows)
        self.page(COLUMN, "政府信息公开年报", f"<ul>{items}</ul>")

    def harvest(self) -> dict[int, ReportLine]:
        entry = {
            "id": "odd-site", "name": "青川", "host": self.address, "allow_private": True, "sample": True,
            "publishers": [{"id": "odd", "name": BODY.name, "owed_from": 2021}], "yields": self.yields,
            "entries": [{"url": f"http://{self.address}{COLUMN}", "publisher": "odd"}],
            "limits": {"delay": 0, "jitter": 0},
        }  # fmt: skip
        registry = self.data / "odd.yaml"
        registry.write_text(yaml.safe_dump(entry, allow_unicode=True), "utf-8")
        found = loop(HarvestParameters(years=YEARS, registry=str(registry), data=str(self.data)))
        return {line.year: line for line in found}

    def figures(self, year: int) -> dict[str, Decimal | None]:
        with Warehouse(f"sqlite:///{self.data / 'warehouse.sqlite'}") as warehouse:
            return {fact.code: fact.value for fact in warehouse.facts(years=[year], publishers=["odd"])}


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[Odd]:
    site = Odd(tmp_path)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = site.pages.get(self.path, ("text/html", b""))
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.address = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


def each_year(make: Callable[[int, ReportTruth], None], publisher: Publisher = BODY) -> None:
    for year in YEARS:
        make(year, sample_truth(publisher, year))


def row(year: int, title: str, number: int = 1) -> tuple[str, str, str]:
    return f"{COLUMN}{year + 1}01/t{year + 1}0118_{number}{year}.html", title, f"{year + 1}-01-18"


def test_a_gate_between_the_page_and_its_file_is_passed(odd: Odd) -> None:
    rows = []

    def make(year: int, truth: ReportTruth) -> None:
        place = row(year, truth.title)
        gate, door = f"/pages/attach/downloadztbattach?g={year}", f"/ztbAttachDownloadAction.action?g={year}"
        odd.pages[door] = ("application/octet-stream", render(truth, "docx"))
        odd.page(gate, "附件下载", f"<a href='{door}'>点击下载</a>")
        odd.page(place[0], truth.title, f"<p>附件：<a href='{gate}'>{truth.title}.docx</a></p>")
        rows.append(place)

    each_year(make)
    odd.listing(*rows)
    assert {year: line.outcome for year, line in odd.harvest().items()} == dict.fromkeys(YEARS, "loaded")


def test_of_a_report_and_its_reissue_the_reissue_is_loaded(odd: Odd) -> None:
    rows = []

    def first(year: int, truth: ReportTruth) -> None:
        place = row(year, truth.title)
        odd.page(place[0], truth.title, fragment(truth))
        rows.append(place)

    def again(year: int, truth: ReportTruth) -> None:
        place = row(year, f"{truth.title}（更正）", number=2)
        odd.page(place[0], truth.title, fragment(truth))
        rows.append(place)

    each_year(first, TWIN)
    each_year(again)
    odd.listing(*rows)
    assert {line.outcome for line in odd.harvest().values()} == {"loaded"}
    truth = sample_truth(BODY, 2021)
    loaded = odd.figures(2021)
    assert {code: loaded[code] for code in truth.cells} == dict(truth.cells)


def test_a_site_with_fewer_reports_than_it_must_have_is_not_used(odd: Odd) -> None:
    truth = sample_truth(BODY, 2021)
    place = row(2021, truth.title)
    odd.page(place[0], truth.title, fragment(truth))
    odd.listing(place)
    odd.yields = {"min": 2}
    lines = odd.harvest()
    assert {line.reason_code for line in lines.values()} == {"discover.yield_low"}
    odd.yields = {"min": 1}
    assert odd.harvest()[2021].outcome == "loaded"
