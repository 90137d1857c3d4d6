"""Look: one site's report columns, read to their end, into links and a proof of completeness."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from flows.work.hands import Hands
from schemas.discovery import Discovery, Page, PageRequest
from schemas.errors import NianbaoError
from schemas.site import Site
from tasks.discover import discover


def look(site: Site, years: Collection[int], hands: Hands, *, since: date | None = None) -> Discovery:
    """What the site lists for these years and may be fetched. A site that cannot be looked through is a Discovery with
    the problem."""

    def get(request: PageRequest) -> Page:
        return hands.page(request, site)

    try:
        found = discover(site, years, get, since=since, turns=hands.turns)
        return replace(found, candidates=found.usable)
    except NianbaoError as error:
        return Discovery(site.id, (), 0, 0, problems=((error.code, error.message),))
    finally:
        hands.written()
