"""Which step is next: nobody waits in a line where he only waits, and the longest line is begun first."""

from __future__ import annotations

import pytest

from flows.plan import Unit, plan
from flows.ready import Ready, line_of
from tests.flows.makers import publisher, site


def units(**hosts: int) -> tuple[Unit, ...]:
    """A unit for each host (a dot for each underscore), with so many years owed."""
    sites = [
        site(
            name.replace("_", "-"),
            publisher(f"{name.replace('_', '-')}-office", owed_from=2025 - years),
            host=name.replace("_", "."),
        )
        for name, years in hosts.items()
    ]
    return plan(sites, range(2008, 2025))


def ready(**hosts: int) -> Ready[str]:
    found: Ready[str] = Ready(units(**hosts))
    for name in hosts:
        found.begin(line_of(site(host=name.replace("_", "."))), name)
    return found


def test_the_line_is_that_of_the_domain_and_an_address_is_its_own() -> None:
    assert line_of(site("a", host="www.zj.gov.cn")) == line_of(site("b", host="zfxxgk.zj.gov.cn:8080")) == "zj.gov.cn"
    assert line_of(site("a", host="127.0.0.11:8001")) == "127.0.0.11"


def test_the_largest_domain_is_begun_first_and_its_line_is_not_joined_while_others_are_free() -> None:
    steps = ready(small_cn=1, x_gov_cn=3, y_gov_cn=3, a_large_gov_cn=2, b_large_gov_cn=2)
    taken = [steps.take() for _ in range(4)]
    assert taken == [
        ("large.gov.cn", "a_large_gov_cn"),
        ("x.gov.cn", "x_gov_cn"),
        ("y.gov.cn", "y_gov_cn"),
        ("small.cn", "small_cn"),
    ]
    steps.done("x.gov.cn")
    assert steps.take() == ("large.gov.cn", "b_large_gov_cn"), "waiting in a line is better than doing nothing"
    assert not steps


def test_when_a_line_is_free_again_its_next_site_goes_before_smaller_domains() -> None:
    steps = ready(a_large_gov_cn=9, b_large_gov_cn=9, x_gov_cn=1, y_gov_cn=1)
    line, _ = steps.take()
    assert steps.take() == ("x.gov.cn", "x_gov_cn")
    steps.done(line)
    assert steps.take() == ("large.gov.cn", "b_large_gov_cn")


def test_steps_that_ask_nobody_go_first_and_units_under_way_before_new_ones() -> None:
    steps = ready(x_gov_cn=9, y_gov_cn=1)
    steps.go_on("z.gov.cn", "fetch z")
    steps.go_on(None, "load w")
    assert [steps.take() for _ in range(3)] == [(None, "load w"), ("z.gov.cn", "fetch z"), ("x.gov.cn", "x_gov_cn")]


def test_a_unit_under_way_does_not_wait_in_its_line_while_another_line_is_free() -> None:
    steps = ready(x_gov_cn=1)
    steps.go_on("z.gov.cn", "fetch z1")
    steps.go_on("z.gov.cn", "fetch z2")
    assert [steps.take()[1] for _ in range(3)] == ["fetch z1", "x_gov_cn", "fetch z2"]


def test_a_line_is_free_only_when_all_who_asked_there_are_done() -> None:
    steps = ready(a_large_gov_cn=1, b_large_gov_cn=1, c_large_gov_cn=1, x_gov_cn=1)
    for _ in range(2):
        steps.go_on("large.gov.cn", "fetch")
    assert [steps.take()[1] for _ in range(3)] == ["fetch", "x_gov_cn", "fetch"]
    steps.done("large.gov.cn")
    steps.go_on("y.gov.cn", "fetch y")
    assert steps.take() == ("y.gov.cn", "fetch y")


def test_nothing_is_lost_and_nothing_comes_twice() -> None:
    hosts = {f"s{number}_d{number % 7}_gov_cn": 1 + number % 5 for number in range(60)}
    steps = ready(**hosts)
    seen: list[str] = []
    under_way: list[str | None] = []
    while steps or under_way:
        while steps and len(under_way) < 4:
            line, step = steps.take()
            under_way.append(line)
            seen.append(step)
            if not step.startswith("then "):
                steps.go_on(line if len(seen) % 2 else None, f"then {step}")
        steps.done(under_way.pop(0))
    assert sorted(seen) == sorted([*hosts, *(f"then {name}" for name in hosts)])
    with pytest.raises((IndexError, StopIteration)):
        steps.take()
