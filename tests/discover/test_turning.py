"""Pages that come again unchanged are not taken apart again, and what is remembered of them is what they gave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from flows.work.memory import Memory
from infra.replica.registry import replica_sites
from infra.replica.server import Replicas, running
from infra.replica.sites import ALL, build
from infra.replica.truth import sample_truth
from schemas.discovery import Page, PageRequest
from tasks.discover import discover
from tasks.discover.families.base import HtmlFamily
from tasks.discover.turning import Turned
from tests.discover.test_replicas import YEARS, found, get

NAME = "replica-guyuan"


class Counted(Memory[Turned]):
    """Counts what it knew and what it did not."""

    def __init__(self, folder: Path, version: str = "1") -> None:
        super().__init__(folder, Turned, version)
        self.hits = self.misses = 0

    def get(self, *question: Any) -> Turned | None:
        known = super().get(*question)
        self.hits += known is not None
        self.misses += known is None
        return known


@pytest.fixture(scope="module")
def replicas() -> Iterator[Replicas]:
    with running(sites=build(ALL)) as sites:
        yield sites


def hashed(request: PageRequest) -> Page:
    """A page as the polite client gives it, with the hash of its bytes."""
    page = get(request)
    return replace(page, sha256=sha256(page.text.encode()).hexdigest())


@pytest.mark.parametrize("name", ALL)
def test_the_same_pages_give_the_same_of_every_family(replicas: Replicas, name: str, tmp_path: Path) -> None:
    (site,) = replica_sites(replicas.port, names=(name,))
    plain = discover(site, YEARS, hashed)
    first, second = Counted(tmp_path), Counted(tmp_path)
    assert discover(site, YEARS, hashed, turns=first) == plain
    assert discover(site, YEARS, hashed, turns=second) == plain
    assert first.misses > 0
    assert second.hits >= first.misses
    assert second.misses <= 1, "only a page that a family does not understand is looked at again"


def test_a_page_that_changed_is_looked_at_anew(replicas: Replicas, tmp_path: Path) -> None:
    (site,) = replica_sites(replicas.port, names=(NAME,))
    owing = tuple(body.model_copy(update={"owed_to": 2025}) for body in site.publishers)
    site = site.model_copy(update={"publishers": owing})
    turns = Counted(tmp_path)
    before = found(discover(site, YEARS, hashed, turns=turns))
    truths = [item.truth for _, item in replicas.site(NAME).placed() if item.truth]
    own = next(truth.publisher for truth in truths if truth.publisher.id == site.publishers[0].id)
    replicas.publish(NAME, sample_truth(own, 2025))
    try:
        assert found(discover(site, YEARS, hashed, turns=turns)) - before == {(own.id, 2025)}
    finally:
        replicas.withdraw(NAME, own.id, 2025)


def test_other_code_looks_at_everything_anew(replicas: Replicas, tmp_path: Path) -> None:
    (site,) = replica_sites(replicas.port, names=(NAME,))
    first, other = Counted(tmp_path, "1"), Counted(tmp_path, "2")
    discover(site, YEARS, hashed, turns=first)
    discover(site, YEARS, hashed, turns=other)
    assert (other.hits, other.misses) == (first.hits, first.misses)


def test_another_entry_of_the_registry_is_another_question(replicas: Replicas, tmp_path: Path) -> None:
    (site,) = replica_sites(replicas.port, names=(NAME,))
    discover(site, YEARS, hashed, turns=Counted(tmp_path))
    entries = tuple(entry.model_copy(update={"params": {"max_pages": "3"}}) for entry in site.entries)
    changed = Counted(tmp_path)
    discover(site.model_copy(update={"entries": entries}), YEARS, hashed, turns=changed)
    assert changed.hits == 0
    other = Counted(tmp_path)
    discover(site.model_copy(update={"family": "generic"}), YEARS, hashed, turns=other)
    assert other.misses > 0


def test_a_page_without_a_hash_and_one_not_understood_are_not_remembered(
    replicas: Replicas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site,) = replica_sites(replicas.port, names=(NAME,))
    turns = Counted(tmp_path)
    discover(site, YEARS, get, turns=turns)
    assert (turns.hits, turns.misses, list(tmp_path.iterdir())) == (0, 0, [])
    taken: list[str] = []
    real = HtmlFamily.turn

    def turn(self: HtmlFamily, page: Page) -> Any:
        taken.append(page.url)
        return real(self, page)

    monkeypatch.setattr(HtmlFamily, "turn", turn)
    discover(site, YEARS, hashed, turns=turns)
    once = len(taken)
    discover(site, YEARS, hashed, turns=turns)
    assert 0 < once == len(taken)
