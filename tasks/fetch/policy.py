"""Which site a host belongs to, and so how it may be asked: limits, TLS exceptions, hosts it may send us to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from schemas.settings import FetchSettings
from schemas.site import Limits, Site, Tls
from tasks.fetch.address import Address, matches, registrable, split_entry
from tasks.fetch.failures import fail


@dataclass(frozen=True, slots=True)
class HostPolicy:
    """How one host is asked. `queue` names the line that it waits in."""

    queue: str
    limits: Limits
    tls: Tls
    allow_private: bool


class Policies:
    """The registry as the fetcher needs it: by host. Sites handed in later (a probe) are looked at as they come."""

    def __init__(self, sites: Iterable[Site], settings: FetchSettings) -> None:
        self._settings = settings
        self._by_host: dict[str, list[Site]] = {}
        self._wildcards: list[tuple[str, Site]] = []
        for site in sites:
            for entry in hosts_of(site):
                if entry.startswith("*."):
                    self._wildcards.append((entry, site))
                else:
                    key = split_entry(entry)[0].removeprefix("www.")
                    self._by_host.setdefault(key, []).append(site)

    def site_of(self, address: Address) -> Site | None:
        """The registered site that the address is on."""
        for site in self._by_host.get(address.host.removeprefix("www."), ()):
            if covers(site, address):
                return site
        return next((site for entry, site in self._wildcards if matches(address, entry)), None)

    def admit(self, address: Address, site: Site | None) -> Site | None:
        """The site by whose rules a first address is asked; None for a host that nobody registered.

        Raises `fetch.off_site` when a site was named and neither it nor another registered one covers the address.
        """
        if site is not None and covers(site, address):
            return site
        found = self.site_of(address)
        if found is None and site is not None:
            raise fail(
                "fetch.off_site",
                f"{address.host}:{address.port} is not a host of {site.id} nor of any other registered site",
                address.url,
            )
        return found

    def policy(self, address: Address, site: Site | None) -> HostPolicy:
        """How the address is asked by the rules of that site (None: of the settings)."""
        queue = registrable(address.host) if self._settings.share_by_domain else address.host
        if site is None:
            return HostPolicy(queue, self._settings.default_limits, Tls(), allow_private=False)
        return HostPolicy(queue, site.limits, site.tls, site.allow_private)


def hosts_of(site: Site) -> frozenset[str]:
    """All hosts of a site: those it names and those its entries stand on (an entry may be on an odd port)."""
    return site.hosts | {urlsplit(entry.url).netloc.lower() for entry in site.entries}


def covers(site: Site, address: Address) -> bool:
    """Whether the address is on one of the site's hosts; the host itself is looked at first, entries may be many."""
    return (
        matches(address, site.host)
        or any(matches(address, alias) for alias in site.aliases)
        or any(matches(address, urlsplit(entry.url).netloc) for entry in site.entries)
    )


def may_follow(site: Site | None, start: Address, target: Address) -> bool:
    """Whether a redirect to the target stays on the site; without a site, on the host it started from."""
    if site is not None:
        return covers(site, target)
    if (start.host, start.port) == (target.host, target.port):
        return True
    standard = start.port in (80, 443)
    return standard and matches(target, f"[{start.host}]" if ":" in start.host else start.host)
