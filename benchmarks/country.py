"""A country to simulate: portals of provinces, cities and counties with the bodies that publish on them, and how they
behave. All invented; the proportions are those of `docs/scale.md`."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.site import Entry, Limits, PublisherEntry, Site

PROVINCES, CITIES, COUNTIES = 31, 333, 2843
YEARS_LISTED = 17
_BODIES = {"province": 35, "city": 32, "county": 15}  # median of the bodies that publish on a portal
_ON_CITY_PLATFORM = 0.35  # of the cities run one platform for their counties: one domain, one line
START = datetime(2026, 1, 20, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Manners:
    """How a host answers. Seconds; `outage` is a span of virtual time in which it does not answer at all."""

    latency: float
    rate: float  # bytes per second
    refuses_after: int | None = None  # challenges (瑞数, 521 …) from that request on; 0: always
    dead: bool = False  # no address, or a TLS handshake that fails
    outage: tuple[float, float] | None = None
    errors: float = 0.002  # share of answers 503


@dataclass(frozen=True, slots=True)
class Portal:
    """A site with what it publishes this season."""

    site: Site
    manners: Manners
    documents: int  # reports of the year that are out
    pages: int  # list pages to read until the end of its columns
    attachments: float  # share of reports whose page leads to a file


def country(share: float, seed: int = 1) -> list[Portal]:
    """A share of the country's portals, the same for the same seed."""
    draw = random.Random(seed)
    cities = max(1, round(CITIES * share))
    found = [
        _portal(draw, f"province-{number}", f"www.sheng{number}.gov.cn", "province")
        for number in range(max(1, round(PROVINCES * share)))
    ]
    found += [_portal(draw, f"city-{number}", f"www.shi{number}.gov.cn", "city") for number in range(cities)]
    platforms = {number for number in range(cities) if draw.random() < _ON_CITY_PLATFORM}
    for number in range(max(1, round(COUNTIES * share))):
        city = number % cities
        host = f"xian{number}.shi{city}.gov.cn" if city in platforms else f"www.xian{number}.gov.cn"
        found.append(_portal(draw, f"county-{number}", host, "county"))
    return found


def _portal(draw: random.Random, name: str, host: str, level: str) -> Portal:
    bodies = max(1, round(_BODIES[level] * draw.lognormvariate(0, 0.5)))
    publishers = tuple(
        PublisherEntry(id=f"{name}-{number}", name=f"{name}第{number}局", owed_from=2008) for number in range(bodies)
    )
    site = Site(
        id=name,
        name=name,
        host=host,
        family="trs",
        publishers=publishers,
        entries=(Entry(url=f"http://{host}/xxgknb/"),),
        limits=Limits(),
    )
    return Portal(
        site,
        _manners(draw),
        documents=sum(draw.random() < 0.93 for _ in range(bodies)),
        pages=-(-bodies * YEARS_LISTED // 15),
        attachments=draw.choice((0.0, 0.2, 0.8)),
    )


def _manners(draw: random.Random) -> Manners:
    kind = draw.random()
    begins = draw.uniform(0, 6 * 3600)
    return Manners(
        latency=min(8.0, draw.lognormvariate(-1.2, 0.8)),
        rate=draw.lognormvariate(12.8, 0.7),
        refuses_after=0 if kind < 0.04 else draw.randint(5, 60) if kind < 0.08 else None,
        dead=0.08 <= kind < 0.095,
        outage=(begins, begins + draw.uniform(600, 7200)) if 0.095 <= kind < 0.15 else None,
    )
