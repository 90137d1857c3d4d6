"""The two crawlers as commands: `python -m benchmarks.crawlers ours|scrapy FILE THREADS` fetches the URLs of a file.

Both obey robots.txt, ask a host one request after another, and hash every document; they print the seconds from the
first request to the last answer, the processor seconds of that time, and the hashes.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit


def with_client(urls: list[str], threads: int) -> list[str]:
    """The polite client without a pause between requests, a thread for each host under way."""
    from schemas.settings import FetchSettings
    from schemas.site import Limits, Site
    from tasks.fetch import PoliteClient

    by_host: dict[str, list[str]] = {}
    for url in urls:
        by_host.setdefault(urlsplit(url).netloc, []).append(url)
    sites = [
        Site.model_validate(
            {
                "id": f"host-{number}",
                "name": host,
                "host": host,
                "publishers": [{"id": f"body-{number}", "name": "机关"}],
                "entries": [{"url": f"http://{host}/"}],
                "limits": Limits(delay=0, jitter=0).model_dump(),
                "allow_private": True,
            }
        )
        for number, host in enumerate(by_host)
    ]

    with PoliteClient(FetchSettings(), sites=sites) as client, ThreadPoolExecutor(threads) as pool:

        def of_host(site: Site) -> list[str]:
            return [str(client.fetch(url, site=site).sha256) for url in by_host[site.host]]

        return [digest for found in pool.map(of_host, sites) for digest in found]


def with_scrapy(urls: list[str], threads: int) -> list[str]:
    """Scrapy with the same limits: so many requests at a time, one per host, no pause, robots.txt obeyed."""
    from scrapy import Spider
    from scrapy.crawler import CrawlerProcess

    found: list[str] = []

    class Reports(Spider):
        name = "reports"
        start_urls = urls

        def parse(self, response):  # type: ignore[no-untyped-def]
            found.append(sha256(response.body).hexdigest())

    process = CrawlerProcess(
        {
            "ROBOTSTXT_OBEY": True,
            "CONCURRENT_REQUESTS": threads,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "DOWNLOAD_DELAY": 0,
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
            "COOKIES_ENABLED": True,
            "RETRY_TIMES": 1,
            "USER_AGENT": "bench/1",
        }
    )
    process.crawl(Reports)
    process.start()
    return found


def main() -> None:
    name, file, threads = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    urls = file.read_text("utf-8").split()
    crawl = {"ours": with_client, "scrapy": with_scrapy}[name]
    if name == "scrapy":
        import scrapy.crawler  # noqa: F401
    else:
        import tasks.fetch  # noqa: F401 - imported before the clock starts, as the peer's is
    wall, cpu = time.perf_counter(), time.process_time()
    found = crawl(urls, threads)
    told = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "hashes": found}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
