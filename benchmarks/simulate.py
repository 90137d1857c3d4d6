"""A season in accelerated time: the real plan, driver, courier, gate, robots book and breaker on simulated hosts.

    python -m benchmarks.simulate [--share 0.05] [--workers 4 --workers 16 --workers 64] [--read-ms 60] [--load-ms 25]

Only three things are not real: the wire (hosts of `benchmarks.country` with their sizes, refusals and outages), the
reading and loading (they take the measured time of their one resource), and the clock. For each number of workers it
says how long the run takes, what the workers' time went into, how busy each resource was, and which one is the limit.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from benchmarks.country import START, Manners, Portal, country
from benchmarks.measure import Cost, measured
from benchmarks.virtual_time import Future, Slots, VirtualQueue, VirtualTime
from flows import driver
from flows.plan import Unit, plan
from flows.steps import BACKOFF, RETRIES
from flows.summary import ReportLine
from flows.work.decide import Understood
from flows.work.store import line
from schemas.discovery import Candidate, Discovery
from schemas.errors import FetchTrouble
from schemas.fetched import FetchEvidence
from schemas.report import Reason
from schemas.settings import FetchSettings
from tasks.fetch.address import parse
from tasks.fetch.courier import Courier
from tasks.fetch.ending import Ending
from tasks.fetch.failures import fail
from tasks.fetch.gate import Line, LocalGate
from tasks.fetch.policy import Policies
from tasks.fetch.trail import Errand
from tasks.fetch.wire import Answer, Answered, Call

YEAR = 2025
_LETTERS = "政府信息公开工作年度报告主动依申请规定受理答复"
_LINKS = "".join(f"<a href=/{number}.html>{_LETTERS * 3}{number}</a>" for number in range(15))
_LIST = f"<html><head><title>信息公开年报</title></head><body>{_LINKS}</body></html>"
_PDF = b"%PDF-1.4\n" + b"0" * 2000 + b"\n%%EOF\n"
_SIZES = {"page": 40_000, "document": 180_000}


@dataclass(frozen=True, slots=True)
class Costs:
    """Measured seconds of one document, and of one task run at the Prefect server."""

    read: float
    load: float
    server: float = 1 / 50
    client: float = 0.010  # of one task run at the client
    readers: int = 2


@dataclass
class Spent:
    """Seconds of the workers by what they went into, and what became of the requests."""

    by: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    documents: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, what: str, seconds: float) -> None:
        """Count seconds."""
        with self.lock:
            self.by[what] += seconds  # type: ignore[assignment]

    def evidence(self, told: FetchEvidence) -> None:
        """Count one attempt: its waiting, its exchange, its trouble."""
        with self.lock:
            self.requests += 1
            self.by["waiting for the host's turn"] += told.waited  # type: ignore[assignment]
            self.by["the network"] += told.elapsed  # type: ignore[assignment]
            if told.trouble:
                self.troubles[told.trouble] += 1


class Gate(LocalGate):
    """The gate of one process, its lines locked in virtual time."""

    def _line(self, name: str) -> Line:
        with self._lines_lock:
            return self._lines.setdefault(name, Line(cast("threading.Lock", Slots(cast("VirtualTime", self._clock)))))


class Wire:
    """Simulated hosts: latency, transfer, refusals, outages."""

    def __init__(self, clock: VirtualTime, portals: Sequence[Portal]) -> None:
        self._clock = clock
        self._manners = {portal.site.host: portal.manners for portal in portals}
        self._asked: Counter[str] = Counter()
        self._draw = random.Random(7)
        self.sent = True
        self.peer = "127.0.0.1"

    def exchange(self, call: Call, answered: Answered) -> Answer:
        """One request, in virtual time."""
        url = str(call.request.url)
        address = parse(url)
        manners = self._manners[address.host]
        self._asked[address.host] += 1
        self._fail(manners, url)
        self._clock.sleep(manners.latency)
        status, body, media_type, size = self._answer(manners, address.host, url)
        headers = {"content-type": media_type}
        answered(status, headers)
        self._clock.sleep(size / manners.rate)
        return Answer(status, headers, (), body, size, self.peer, ())

    def _fail(self, manners: Manners, url: str) -> None:
        if manners.dead:
            self._clock.sleep(0.1)
            raise fail("fetch.dns", "no address", url)
        if manners.outage is not None and manners.outage[0] <= self._clock.monotonic() < manners.outage[1]:
            self._clock.sleep(10)
            raise fail("fetch.timeout", "no connection within 10 s", url)

    def _answer(self, manners: Manners, host: str, url: str) -> tuple[int, bytes, str, int]:
        if url.endswith("/robots.txt"):
            return 404, b"", "text/plain", 0
        if manners.refuses_after is not None and self._asked[host] > manners.refuses_after:
            return 412, b"<html><head><script>var _$=1;</script></head></html>", "text/html", 2000
        if self._draw.random() < manners.errors:
            return 503, b"<html>busy</html>", "text/html", 500
        if url.endswith(".pdf"):
            return 200, _PDF, "application/pdf", _SIZES["document"]
        return 200, _LIST.encode(), "text/html; charset=utf-8", _SIZES["page"]


class Run:
    """One harvest of the season."""

    def __init__(self, portals: Sequence[Portal], workers: int, costs: Costs) -> None:
        self.portals = {portal.site.id: portal for portal in portals}
        self.costs = costs
        self.workers = workers
        self.clock = VirtualTime(START)
        self.spent = Spent()
        self.reading, self.writer, self.server = Slots(self.clock), Slots(self.clock), Slots(self.clock)
        self.occupied = Slots(self.clock, workers)
        self.ended: list[float] = []
        settings = FetchSettings(contact="ops@example.org", retries=1, backoff=1)
        sites = [portal.site for portal in portals]
        gate = Gate(self.clock, max_wait=settings.max_wait)
        wire = cast("Any", Wire(self.clock, portals))
        self.courier = Courier(settings, Policies(sites, settings), gate, wire, Ending(self.clock), self.spent.evidence)
        self.units = plan(sites, [YEAR])

    def run(self) -> tuple[ReportLine, ...]:
        """Drive all units to their end; their lines."""
        order = cast("Any", SimpleNamespace(parameters=SimpleNamespace(workers=self.workers), run_id="season"))
        hands = cast("Any", SimpleNamespace(dry=False, warehouse=None, run_id="season", told={}, forget=list))
        with _driven_by(self):
            self.clock.begin()
            summary = driver.Driver(order, self.units, hands).run()
            self.clock.end()
        return summary.lines

    # -- the steps, in virtual time ----------------------------------------------------------------------------

    def discover(self, _: Any, site: Any, __: Any) -> Discovery:
        """Read the lists of one site to their end."""
        portal = self.portals[site.id]
        for number in range(portal.pages):
            trouble = self._fetched(f"http://{site.host}/xxgknb/index_{number}.html", portal, "page")
            if trouble is not None:
                return Discovery(site.id, (), number, 0, problems=((trouble.code, trouble.message),))
        links = tuple(
            Candidate(f"http://{site.host}/doc/{number}.pdf", "年报", YEAR, None, site.host, publisher=entry.id)
            for number, entry in enumerate(site.publishers[: portal.documents])
        )
        return Discovery(site.id, links, portal.pages, portal.pages * 15)

    def fetch(self, _: Any, __: Unit, looks: dict[str, Discovery]) -> list[tuple[Candidate, FetchTrouble | None]]:
        """Fetch what the lists name; a report's page first where it leads to a file."""
        found = []
        for name, look in looks.items():
            portal = self.portals[name]
            for number, link in enumerate(look.candidates):
                if number < portal.attachments * len(look.candidates):
                    self._fetched(link.url.replace(".pdf", ".html"), portal, "page")
                found.append((link, self._fetched(link.url, portal, "document")))
        return found

    def understand(
        self, _: Any, unit: Unit, gathered: list[tuple[Candidate, FetchTrouble | None]]
    ) -> tuple[Understood, ...]:
        """Hold the reading processes for as long as the documents take all of them."""
        documents = sum(trouble is None for _, trouble in gathered)
        self._hold("reading", self.reading, documents * self.costs.read / self.costs.readers)
        owed = {report.publisher: report for report in unit.owed}
        return tuple(
            Understood(owed[str(link.publisher)], reason=Reason(trouble.code, trouble.message) if trouble else None)
            for link, trouble in gathered
        )

    def load(self, _: Any, unit: Unit, understood: tuple[Understood, ...]) -> tuple[ReportLine, ...]:
        """Hold the warehouse's one writer for as long as the reports take."""
        documents = sum(found.reason is None for found in understood)
        self._hold("loading", self.writer, documents * self.costs.load)
        self.spent.documents += documents
        self.ended.append(self.clock.monotonic())
        return tuple(
            line(unit, found.owed, "failed" if found.reason else "loaded", reason=found.reason) for found in understood
        )

    def _fetched(self, url: str, portal: Portal, kind: str) -> FetchTrouble | None:
        """One document, tried again as the run's steps do; its trouble when none came."""
        errand = Errand(parse(url), kind, 64 << 20, portal.site)
        for attempt in range(RETRIES + 1):
            try:
                self.courier.run(errand)
            except FetchTrouble as trouble:
                if not trouble.recoverable or attempt == RETRIES:
                    return trouble
                pause = BACKOFF * 2**attempt
                self.spent.add("waiting before a step is tried again", pause)
                self.clock.sleep(pause)
            else:
                return None
        raise AssertionError("the loop returns")

    def _hold(self, what: str, resource: Slots, seconds: float) -> None:
        begun = self.clock.monotonic()
        with resource:
            self.spent.add(f"waiting for the turn at {what}", self.clock.monotonic() - begun)
            self.clock.sleep(seconds)
        self.spent.add(what, seconds)

    def step(self, function: Callable[..., Any]) -> Any:
        """The function as a Prefect task looks to the driver."""

        def submit(*arguments: Any) -> Future:
            plain = [argument.unquote() if hasattr(argument, "unquote") else argument for argument in arguments]

            def work() -> Any:
                with self.occupied:
                    self.clock.sleep(self.costs.client)
                    self.spent.add("Prefect's client", self.costs.client)
                    return function(*plain)

            return Future(self.clock, work)

        return SimpleNamespace(submit=submit)


class _driven_by:  # noqa: N801 - a context manager that reads as a phrase
    """The driver's steps, queue and logger replaced by those of a run, while the body runs."""

    def __init__(self, run: Run) -> None:
        self._new = {
            "discover_step": run.step(run.discover),
            "fetch_step": run.step(run.fetch),
            "understand_step": run.step(run.understand),
            "load_step": run.step(run.load),
            "queue": SimpleNamespace(SimpleQueue=_queue_of(run.clock)),
            "get_run_logger": lambda: logging.getLogger("simulation"),
        }
        self._old = {name: getattr(driver, name) for name in self._new}

    def __enter__(self) -> None:
        for name, value in self._new.items():
            setattr(driver, name, value)

    def __exit__(self, *_: object) -> None:
        for name, value in self._old.items():
            setattr(driver, name, value)


def _queue_of(clock: VirtualTime) -> Any:
    class Queue(VirtualQueue):
        def __init__(self) -> None:
            super().__init__(clock)

        def __class_getitem__(cls, _: object) -> type[Queue]:
            return cls

    return Queue


@dataclass(frozen=True, slots=True)
class Result:
    """What one run came to; hours and shares."""

    workers: int
    hours: float
    half: float  # hours until half of the sites were done
    reports: int
    loaded: int
    requests: int
    busy: dict[str, float]  # share of the run in which each resource was busy
    spent: dict[str, float]  # share of the workers' time
    troubles: dict[str, int]
    limit: str
    cost: Cost


def season(share: float, workers: int, costs: Costs) -> Result:
    """Simulate one harvest of the season's reports on a share of the country's portals."""
    run = Run(country(share), workers, costs)
    with measured() as cost:
        lines = run.run()
    total = run.clock.monotonic()
    steps = 4 * len(run.units)
    busy = {
        "workers (sites at the same time)": run.occupied.held / (total * workers),
        "reading processes": run.reading.held / total,
        "warehouse's writer": run.writer.held / total,
        "Prefect server": steps * costs.server / total,
        "the busiest host": _busiest(run) / total,
    }
    used = sum(run.spent.by.values()) or 1.0
    return Result(
        workers=workers,
        hours=total / 3600,
        half=sorted(run.ended)[len(run.ended) // 2] / 3600 if run.ended else 0.0,
        reports=len(lines),
        loaded=sum(each.outcome == "loaded" for each in lines),
        requests=run.spent.requests,
        busy={name: round(value, 3) for name, value in busy.items()},
        spent={name: round(value / used, 3) for name, value in run.spent.by.most_common()},
        troubles=dict(run.spent.troubles.most_common()),
        limit=max(busy, key=lambda name: busy[name]),
        cost=cost,
    )


def _busiest(run: Run) -> float:
    """The longest time that one line of the gate was held: a registrable domain that many sites share."""
    gate = cast("Any", run.courier)._gate  # noqa: SLF001 - the simulation looks into what it drives
    return max((cast("Slots", state.lock).held for state in gate._lines.values()), default=0.0)  # noqa: SLF001


def main() -> None:
    parser = argparse.ArgumentParser(description="A season in accelerated time.")
    parser.add_argument("--share", type=float, default=0.05, help="of the country's portals")
    parser.add_argument("--workers", type=int, action="append", help="sites at the same time; may be given often")
    parser.add_argument("--read-ms", type=float, default=60.0, help="processor time to read and judge a document")
    parser.add_argument("--load-ms", type=float, default=25.0, help="time to load a report")
    parser.add_argument("--readers", type=int, default=2, help="reading processes")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    logging.getLogger("simulation").addHandler(logging.NullHandler())
    costs = Costs(options.read_ms / 1000, options.load_ms / 1000, readers=options.readers)
    for workers in options.workers or [4, 16, 64]:
        begun = time.perf_counter()
        result = season(options.share, workers, costs)
        if options.json:
            told = {name: getattr(result, name) for name in Result.__slots__ if name != "cost"}
            print(json.dumps(told, ensure_ascii=False))
            continue
        print(
            f"{workers} sites at the same time: {result.hours:.1f} h (half of the sites after {result.half:.1f} h), "
            f"{result.loaded:,} of {result.reports:,} reports loaded, {result.requests:,} requests; "
            f"simulated in {time.perf_counter() - begun:.0f} s"
        )
        print(f"  limit: {result.limit}")
        print(f"  busy: {', '.join(f'{name} {value:.0%}' for name, value in result.busy.items())}")
        print(f"  workers' time: {', '.join(f'{name} {value:.0%}' for name, value in result.spent.items())}")
        print(f"  troubles: {result.troubles}")


if __name__ == "__main__":
    main()
