"""Who owes what: units of work from the registry and the years."""

from __future__ import annotations

import pytest

from flows.plan import Owed, plan
from schemas.errors import SettingsError
from tests.flows.makers import publisher, site


def test_every_publisher_owes_every_year_it_existed() -> None:
    old = publisher("a", owed_from=2015, owed_to=2020)
    (unit,) = plan([site("s", old)], [2014, 2015, 2020, 2021])
    assert unit.owed == (Owed("a", 2015), Owed("a", 2020))
    assert unit.years == (2015, 2020)


def test_a_site_that_owes_nothing_is_not_visited() -> None:
    assert plan([site("s", publisher("a", owed_from=2020))], [2019]) == ()


def test_a_publisher_may_be_chosen_alone_from_a_shared_site() -> None:
    shared = site("s", publisher("a"), publisher("b"))
    (unit,) = plan([shared, site("t", publisher("c"))], [2021], ["b"])
    assert unit.owed == (Owed("b", 2021),)
    assert [entry.id for entry in unit.publishers] == ["a", "b"], "the others are known, to tell their reports apart"


def test_sites_that_share_a_publisher_are_one_unit() -> None:
    sites = [site("x", publisher("a")), site("y", publisher("b")), site("z", publisher("a"), publisher("b"))]
    (unit,) = plan(sites, [2021])
    assert {entry.id for entry in unit.sites} == {"x", "y", "z"}
    assert unit.owed == (Owed("a", 2021), Owed("b", 2021))


def test_sites_without_a_common_publisher_stay_apart() -> None:
    units = plan([site("x", publisher("a")), site("y", publisher("b"))], [2021])
    assert [unit.name for unit in units] == ["x", "y"]


def test_an_unknown_name_is_refused_before_anything_is_done() -> None:
    with pytest.raises(SettingsError) as caught:
        plan([site("s", publisher("a"))], [2021], ["s", "nobody"])
    assert caught.value.code == "settings.unknown_site"
    assert "nobody" in caught.value.message
