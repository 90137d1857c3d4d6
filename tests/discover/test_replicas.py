"""Every family against the replica sites over real HTTP: exactly what is planted, on every kind of site and quirk."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date

import pytest
import requests

from infra.replica.registry import replica_sites
from infra.replica.server import Replicas, running
from infra.replica.sites import ALL, build
from infra.replica.truth import sample_truth
from schemas.discovery import Discovery, Page, PageRequest
from schemas.errors import FetchTrouble, NianbaoError
from schemas.site import Site
from tasks.discover import discover
from tasks.discover.links import key
from tasks.discover.versions import group

YEARS = range(2008, 2027)
# Switches that a family gets over without losing anything, and the sites they mean something for (none: all).
HARMLESS = [
    ("no_title_attribute", True, ()), ("hidden_links", True, ()), ("date_breaks", True, ()), ("empty_once", True, ()),
    ("referer", True, ()), ("xhr", True, ()), ("parameters", "json", ("replica-jpaas",)),
    ("index_base", 0, ("replica-rest",)), ("index_base", 1, ("replica-rest",)), ("wrapped", True, ("replica-rest",)),
    ("proxy", "page", ("replica-jining",)), ("proxy", "window", ("replica-jining",)),
    ("charset", "undeclared", ()), ("charset", "wrong", ()),
    ("proxy", "encrypted", ("replica-jining",)), ("viewer_title", "none", ("replica-jining",)),
]  # fmt: skip
# Switches after which the look must not be called complete, or must be refused.
HARMFUL = [("page2_same", True), ("stub_pages", True), ("js_list", True), ("soft_404", "page"), ("proxy", "empty")]


@pytest.fixture(scope="module")
def server() -> Iterator[Replicas]:
    with running(sites=build(ALL)) as replicas:
        yield replicas


@pytest.fixture
def replicas(server: Replicas) -> Iterator[Replicas]:
    server.forget()
    yield server
    for name in server.urls:
        server.unset(name)


def get(request: PageRequest) -> Page:
    """The smallest possible fetcher: one plain request, UTF-8 or else GB18030."""
    answer = requests.request(
        request.method,
        request.url,
        data=request.json.encode() if request.json is not None else dict(request.form) or None,
        headers={**dict(request.headers), **({"Content-Type": "application/json"} if request.json else {})},
        timeout=20,
    )
    if answer.status_code >= 400:
        code = "fetch.not_found" if answer.status_code == 404 else "fetch.server_error"
        raise FetchTrouble(code, str(answer.status_code), where=request.url)
    try:
        text = answer.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = answer.content.decode("gb18030")
    return Page(request, answer.url, answer.status_code, text)


def entry(replicas: Replicas, name: str) -> Site:
    return replica_sites(replicas.port, names=(name,))[0]


def planted(replicas: Replicas, name: str) -> set[tuple[str, int]]:
    own = {body.id for body in entry(replicas, name).publishers}
    return {item.key for _, item in replicas.site(name).placed() if item.key and item.key[0] in own}


def found(look: Discovery) -> set[tuple[str | None, int | None]]:
    return {(item.publisher, item.year) for item in look.candidates}


@pytest.mark.parametrize("name", ALL)
def test_exactly_the_planted_reports_are_found_twice_and_the_new_one_when_published(
    replicas: Replicas, name: str
) -> None:
    site = entry(replicas, name)
    first = discover(site, YEARS, get)
    assert first.problems == ()
    assert found(first) == planted(replicas, name)
    second = discover(site, YEARS, get)
    assert {key(item.url) for item in second.candidates} == {key(item.url) for item in first.candidates}

    truths = [item.truth for _, item in replicas.site(name).placed() if item.truth]
    own = next(truth.publisher for truth in truths if truth.publisher.id == site.publishers[0].id)
    replicas.publish(name, sample_truth(own, 2025))
    try:
        bodies = tuple(body.model_copy(update={"owed_to": 2025}) for body in site.publishers)
        grown = site.model_copy(update={"publishers": bodies})
        third = discover(grown, YEARS, get)
        assert found(third) - found(first) == {(own.id, 2025)}
    finally:
        replicas.withdraw(name, own.id, 2025)


@pytest.mark.parametrize("name", ALL)
def test_no_report_is_opened_to_find_it(replicas: Replicas, name: str) -> None:
    site = entry(replicas, name)
    look = discover(site, range(2023, 2025), get)
    asked = {hit.path for hit in replicas.log(name)}
    base = replicas.urls[name]
    opened = [item.url for item in look.candidates if item.kind != "viewer" and item.url.removeprefix(base) in asked]
    assert look.candidates
    assert asked
    assert opened == []


@pytest.mark.parametrize(("switch", "value", "names"), HARMLESS)
def test_what_portals_do_differently_costs_no_report(
    replicas: Replicas, switch: str, value: object, names: tuple[str, ...]
) -> None:
    for name in names or ALL:
        replicas.set(name, switch, value)
        look = discover(entry(replicas, name), YEARS, get)
        replicas.unset(name)
        assert (found(look), look.problems) == (planted(replicas, name), ()), name


@pytest.mark.parametrize(("switch", "value"), HARMFUL)
def test_what_portals_do_wrong_is_never_silent(replicas: Replicas, switch: str, value: object) -> None:
    for name in ALL:
        replicas.set(name, switch, value, on="all" if switch == "proxy" else "list")
        with contextlib.suppress(NianbaoError):  # a refusal to read on is an answer, too
            look = discover(entry(replicas, name), YEARS, get)
            assert look.problems or found(look) == planted(replicas, name), name
        replicas.unset(name)


def test_only_what_is_new_is_looked_for_with_since(replicas: Replicas) -> None:
    site = entry(replicas, "replica-hostile")
    look = discover(site, YEARS, get, since=date(2025, 1, 1))
    assert found(look) == {(site.publishers[0].id, 2024)}
    assert look.pages < discover(site, YEARS, get).pages
    assert not look.complete


def test_another_family_in_the_registry_finds_the_same_or_says_so(replicas: Replicas) -> None:
    """A site that changed its system: nothing is lost in silence."""
    for name in ALL:
        site = entry(replicas, name)
        if any(one.params.get("area") for one in site.entries):
            continue
        for wrong in ("trs", "vsb"):
            try:
                look = discover(site.model_copy(update={"family": wrong}), YEARS, get)
            except NianbaoError:
                continue
            assert look.problems or found(look) == planted(replicas, name), (name, wrong)


def test_a_viewer_and_its_articles_are_two_copies_of_one_report(replicas: Replicas) -> None:
    look = discover(entry(replicas, "replica-jining"), YEARS, get)
    both = [item for item in group(look.candidates) if item.year == 2024]
    assert [[copy.kind for copy in item.copies] for item in both] == [["page", "viewer"]]
