"""Virtual time keeps every pause in its place, and a simulated season ends with a verdict on every report."""

from __future__ import annotations

from benchmarks.country import START, country
from benchmarks.simulate import Costs, Run, season
from benchmarks.virtual_time import Future, Slots, VirtualQueue, VirtualTime


def test_threads_that_sleep_side_by_side_take_as_long_as_the_longest() -> None:
    clock, queue = VirtualTime(START), None
    queue = VirtualQueue(clock)
    clock.begin()
    for seconds in (3600.0, 60.0):
        Future(clock, lambda s=seconds: clock.sleep(s)).add_done_callback(queue.put)
    queue.get()
    assert clock.monotonic() == 60.0
    queue.get()
    assert clock.monotonic() == 3600.0


def test_a_resource_that_one_may_hold_takes_as_long_as_all_together() -> None:
    clock = VirtualTime(START)
    queue, slots = VirtualQueue(clock), Slots(clock)

    def hold() -> None:
        with slots:
            clock.sleep(10)

    clock.begin()
    for _ in range(3):
        Future(clock, hold).add_done_callback(queue.put)
    for _ in range(3):
        queue.get()
    assert clock.monotonic() == 30.0
    assert slots.held == 30.0


def test_a_season_has_a_verdict_on_every_report_that_is_out() -> None:
    result = season(0.003, 8, Costs(read=0.06, load=0.025))
    listed = sum(portal.documents for portal in country(0.003))
    assert result.reports >= listed * 0.5
    assert 0 < result.loaded <= result.reports
    assert result.requests > result.loaded
    assert result.limit in result.busy
    assert all(0 <= share <= 1.01 for share in result.busy.values())


def test_the_gate_keeps_its_pause_in_virtual_time() -> None:
    portals = country(0.003)
    run = Run(portals, 4, Costs(read=0.06, load=0.025))
    run.run()
    pause = min(portal.site.limits.delay for portal in portals)
    busiest = max(portal.pages + portal.documents for portal in portals if not portal.manners.dead)
    refused = any(portal.manners.refuses_after is not None for portal in portals)
    assert refused or run.clock.monotonic() >= busiest * pause
