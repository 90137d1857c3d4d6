"""Leases of the lines at hosts: one holder, its life, its end, and who comes next."""

from __future__ import annotations

import time

import sqlalchemy as sa

from schemas.leases import Use
from schemas.tables import HostLease, table_of
from tasks.load import Warehouse
from tasks.load.engine import writing
from tasks.load.leases import SECONDS, HostLeases

LINE = "lanshi.gov.cn"
_LEASE = table_of(HostLease)


def aged(warehouse: Warehouse, seconds: float) -> None:
    """As if so much time had passed for the leases."""
    times = ("until", "asked_at", "held_until", "wanted_until")
    with writing(warehouse.engine) as connection:
        connection.execute(sa.update(_LEASE).values({name: _LEASE.c[name] - seconds for name in times}))


def test_a_line_has_one_holder_and_lines_are_apart(warehouse: Warehouse) -> None:
    leases = HostLeases(warehouse.engine)
    assert leases.take(LINE, "one", 2.0).yours
    assert leases.take(LINE, "one", 2.0).yours, "its own line is no obstacle"
    other = leases.take(LINE, "two", 2.0)
    assert (other.yours, other.wait > 0) == (False, True)
    assert leases.take("hedong.gov.cn", "two", 2.0).yours


def test_who_takes_a_line_goes_on_from_what_it_has_seen(warehouse: Warehouse) -> None:
    leases = HostLeases(warehouse.engine)
    first = leases.take(LINE, "one", 2.0)
    assert first.use is not None
    assert first.use.since is None, "nobody has asked there"
    leases.give_back("one", {LINE: Use(3.0, since=1.0, day="2026-03-01", asked=41)})
    grant = leases.take(LINE, "two", 2.0)
    assert grant.yours
    assert grant.use is not None
    assert grant.use.since is not None
    assert grant.use.since >= 0.99
    assert (grant.use.delay, grant.use.day, grant.use.asked) == (3.0, "2026-03-01", 41)


def test_a_holder_hears_that_somebody_waits_and_cannot_slip_back_before_him(warehouse: Warehouse) -> None:
    leases = HostLeases(warehouse.engine)
    leases.take(LINE, "one", 2.0)
    assert leases.renew("one", {LINE: Use(2.0)}).wanted == frozenset()
    leases.take(LINE, "two", 2.0)
    renewal = leases.renew("one", {LINE: Use(2.0)})
    assert (renewal.kept, renewal.wanted) == ({LINE}, {LINE})
    leases.give_back("one", {LINE: Use(2.0)})
    assert not leases.take(LINE, "one", 2.0).yours, "first the one who waits"
    assert leases.take(LINE, "two", 2.0).yours
    assert not leases.take(LINE, "three", 2.0).yours


def test_one_who_no_longer_waits_keeps_nobody_out(warehouse: Warehouse) -> None:
    leases = HostLeases(warehouse.engine)
    leases.take(LINE, "one", 2.0)
    leases.take(LINE, "gone", 2.0)
    leases.give_back("one", {LINE: Use(2.0)})
    aged(warehouse, 60)
    assert leases.take(LINE, "three", 2.0).yours


def test_a_lease_without_a_sign_of_life_ends_and_its_last_request_counts_as_late_as_may_be(
    warehouse: Warehouse,
) -> None:
    leases = HostLeases(warehouse.engine)
    leases.take(LINE, "killed", 9.0)
    aged(warehouse, SECONDS - 5)
    assert not leases.take(LINE, "next", 2.0).yours
    aged(warehouse, 6)
    grant = leases.take(LINE, "next", 2.0)
    assert grant.yours
    assert grant.use is not None
    assert grant.use.since is not None
    assert 0.5 < grant.use.since < 30, "counted from the end of the lease"
    assert grant.use.delay == 9.0
    late = leases.renew("killed", {LINE: Use(9.0)})
    assert late.kept == frozenset(), "one that only stood still hears that the line is gone"
    leases.give_back("killed", {LINE: Use(9.0)})
    assert not leases.take(LINE, "third", 2.0).yours, "and gives nothing back that is not its own"


def test_signs_of_life_prolong_a_lease(warehouse: Warehouse) -> None:
    leases = HostLeases(warehouse.engine)
    leases.take(LINE, "one", 2.0)
    for _ in range(3):
        aged(warehouse, SECONDS - 5)
        assert leases.renew("one", {LINE: Use(2.0, since=0.0)}).kept == {LINE}
    assert not leases.take(LINE, "two", 2.0).yours


def test_a_hold_binds_whoever_comes_and_the_longest_counts(warehouse: Warehouse) -> None:
    leases = HostLeases(warehouse.engine)
    leases.hold(LINE, 300)
    leases.hold(LINE, 20)
    assert 250 < leases.take(LINE, "one", 2.0).held <= 300


def test_times_are_those_of_the_database(warehouse: Warehouse) -> None:
    HostLeases(warehouse.engine).take(LINE, "one", 2.0)
    with warehouse.engine.connect() as connection:
        until = connection.execute(sa.select(_LEASE.c.until)).scalar_one()
    assert abs(until - SECONDS - time.time()) < 60, "seconds since 1970"
