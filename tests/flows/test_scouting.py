"""A look at live sites: what a probe tells from a home page, and what a scout counts, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from flows.scouting import probe_site, scout_site, talking_client
from infra.replica.registry import replica_sites
from infra.replica.server import Replicas, running
from infra.replica.sites import build
from schemas.errors import NianbaoError
from schemas.site import Limits
from tasks.discover.registry import read_registry

NAMES = ("replica-vsb", "replica-gkmlpt", "replica-zhumadian")
TODAY = date(2025, 5, 1)
NO_WAIT = Limits(delay=0, jitter=0)


@pytest.fixture(scope="module")
def replicas() -> Iterator[Replicas]:
    with running(sites=build(NAMES)) as server:
        yield server


@pytest.mark.parametrize("name", NAMES)
def test_a_probe_finds_the_column_from_an_address_and_proposes_a_sound_entry(
    replicas: Replicas, tmp_path: Path, name: str
) -> None:
    entry = replica_sites(replicas.port, names=(name,))[0]
    found = probe_site(entry.entries[0].url, allow_private=True, today=TODAY, limits=NO_WAIT)
    (tmp_path / "probed.yaml").write_text(found.entry, "utf-8")
    registry = read_registry(tmp_path)
    assert [str(fault) for fault in registry.faults] == []
    assert registry.sites[0].host == entry.host
    assert any(sentence.startswith("Column: http") for sentence in found.sentences)
    assert any("2023: " in sentence for sentence in found.sentences)


def test_a_probe_of_a_site_that_refuses_says_so(replicas: Replicas) -> None:
    entry = replica_sites(replicas.port, names=("replica-vsb",))[0]
    replicas.set("replica-vsb", "challenge", "521")
    try:
        with pytest.raises(NianbaoError) as error:
            probe_site(entry.entries[0].url, allow_private=True, today=TODAY, limits=NO_WAIT)
    finally:
        replicas.unset("replica-vsb")
    assert error.value.code == "fetch.challenge"


def test_a_scout_counts_what_stands_there(replicas: Replicas) -> None:
    entry = replica_sites(replicas.port, names=("replica-vsb",))[0]
    entry = entry.model_copy(update={"limits": NO_WAIT})
    with talking_client([entry]) as client:
        seen = scout_site(client, entry, range(2008, 2025))
    assert seen.complete
    assert sum(seen.by_year.values()) >= len(seen.by_year) > 0
