"""Fetching alone: as fast as Scrapy under the same limits, and as fast as politeness allows."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.hosts import Hosts, address, hosts
from benchmarks.measure import command
from benchmarks.row import Row, Size, pick
from schemas.settings import FetchSettings
from schemas.site import Site
from tasks.fetch import PoliteClient

_AT_A_TIME = 16  # Scrapy's own default of CONCURRENT_REQUESTS


def against_scrapy(size: Size) -> Iterable[Row]:
    """The same documents of the same hosts: our documents per second as a share of Scrapy's."""
    with hosts(pick(size, 4, 50, 50), pick(size, 3, 20, 40)) as running, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "urls"
        file.write_text("\n".join(running.urls()), "utf-8")
        best: dict[str, dict[str, Any]] = {}
        wrong = None
        for _ in range(pick(size, 1, 3, 3)):
            for name in ("ours", "scrapy"):
                out, _ = command([sys.executable, "-m", "benchmarks.crawlers", name, str(file), str(_AT_A_TIME)])
                told = json.loads(out.splitlines()[-1])
                wrong = wrong or _difference(name, told["hashes"], running)
                kept = best.setdefault(name, told)
                kept["wall"], kept["cpu"] = min(kept["wall"], told["wall"]), min(kept["cpu"], told["cpu"])
        count = running.hosts * running.documents
        ours, theirs = best["ours"], best["scrapy"]
        yield Row(
            "fetch",
            f"{count:,} documents of {running.hosts} hosts, {_AT_A_TIME} at a time, one per host",
            "Scrapy, same limits: documents per second",
            theirs["wall"] / ours["wall"],
            "both have every document, by its hash",
            wrong,
            at_least=1.0,
            figures={
                "ours_per_s": round(count / ours["wall"]),
                "scrapy_per_s": round(count / theirs["wall"]),
                "ours_cpu_ms": round(ours["cpu"] * 1000 / count, 2),
                "scrapy_cpu_ms": round(theirs["cpu"] * 1000 / count, 2),
            },
        )


def pace(size: Size) -> Iterable[Row]:
    """Hosts at one request a second: how much of what the limits allow comes about."""
    count, seconds = pick(size, 3, 100, 100), pick(size, 2, 20, 60)
    with hosts(count, seconds + 1) as running:
        _asked_politely(running)
        log = running.log()
    spans = [times[-1] - times[0] for times in log]
    reached = sum(len(times) - 1 for times in log)
    allowed = sum(span for span in spans) if reached else 0.0
    closest = min(later - earlier for times in log for earlier, later in pairwise(times))
    slowest = max(times[-1] for times in log) - min(times[0] for times in log)
    wrong = None
    if any(len(times) != seconds + 1 for times in log):
        wrong = "not every host was asked for every document"
    elif closest < 1.0 - 0.005:  # the server's clock, not the client's
        wrong = f"two requests came {closest:.3f} s apart"
    # A host that got n + 1 requests could have had them in n seconds.
    yield Row(
        "pace",
        f"{count} hosts at 1 request/s each, for {seconds} s",
        "what the limits allow (1 request a second to each host, all at once)",
        min(reached / allowed, count * seconds / (slowest * count)),
        f"every document came, and no two requests closer than {closest:.3f} s at the host",
        wrong,
        at_least=0.95,
        figures={"per_host": round(reached / allowed, 4), "all_together": round(seconds / slowest, 4)},
    )


def _asked_politely(running: Hosts) -> None:
    sites = [_site(number, f"{address(number)}:{running.port}") for number in range(running.hosts)]
    with PoliteClient(FetchSettings(), sites=sites) as client, ThreadPoolExecutor(running.hosts) as pool:

        def ask(site: Site) -> None:
            for number in range(running.documents):
                client.fetch(f"http://{site.host}/doc/{number}.html", site=site)

        begun = time.monotonic()
        list(pool.map(ask, sites))
        assert time.monotonic() - begun >= running.documents - 1


def _site(number: int, host: str) -> Site:
    return Site.model_validate(
        {
            "id": f"host-{number}",
            "name": host,
            "host": host,
            "publishers": [{"id": f"body-{number}", "name": "机关"}],
            "entries": [{"url": f"http://{host}/"}],
            "limits": {"delay": 1.0, "jitter": 0.0},
            "allow_private": True,
        }
    )


def _difference(name: str, hashes: list[str], running: Hosts) -> str | None:
    missing = running.hashes() - set(hashes)
    if missing or len(hashes) != running.hosts * running.documents:
        return f"{name}: {len(hashes)} documents, {len(missing)} of those there missing"
    return None
