"""The line at a host: spacing, windows, caps and holds, on a turned clock; and measured at real servers."""

from __future__ import annotations

import contextlib
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from schemas.errors import FetchTrouble
from schemas.site import Limits
from tasks.fetch import LocalGate, Pace, SystemClock
from tasks.fetch.address import registrable
from tasks.fetch.failures import fail
from tasks.fetch.gate import seconds_until_open
from tests.fetch.conftest import TurnedClock
from tests.fetch.servers import Reply, article, serve


def gate_on(clock, draw=0.0, max_wait=900.0):
    return LocalGate(clock, max_wait=max_wait, draw=lambda: draw)


def pass_through(gate, clock, pace, line="a.gov.cn", took=0.0, answered=True):
    with gate.turn(line, pace) as turn:
        if answered:
            turn.answered()
        clock.pass_by(took)
    return turn.waited


def test_requests_are_spaced_by_the_delay_and_the_jitter(clock):
    gate = gate_on(clock, draw=0.5)
    waits = [pass_through(gate, clock, Pace(2.0, jitter=1.0)) for _ in range(3)]
    assert waits == [0.0, 2.5, 2.5]


def test_the_pause_runs_from_the_answer_not_from_the_end_of_the_body(clock):
    gate = gate_on(clock)
    pass_through(gate, clock, Pace(2.0), took=1.5)
    assert pass_through(gate, clock, Pace(2.0)) == pytest.approx(0.5)


def test_after_a_request_without_an_answer_the_pause_runs_from_its_end(clock):
    gate = gate_on(clock)
    pass_through(gate, clock, Pace(2.0), took=30, answered=False)
    assert pass_through(gate, clock, Pace(2.0)) == pytest.approx(2.0)


def test_of_two_delays_in_one_line_the_longer_counts(clock):
    gate = gate_on(clock)
    pass_through(gate, clock, Pace(5.0))
    assert pass_through(gate, clock, Pace(1.0)) == pytest.approx(5.0)
    assert pass_through(gate, clock, Pace(3.0)) == pytest.approx(3.0)


def test_lines_do_not_wait_for_each_other(clock):
    gate = gate_on(clock)
    assert [pass_through(gate, clock, Pace(9.0), line) for line in ("a", "b", "c")] == [0.0, 0.0, 0.0]


def test_a_failed_request_gives_the_turn_back(clock):
    gate = gate_on(clock)
    with pytest.raises(ValueError, match="broken"), gate.turn("a", Pace(1.0)):
        raise ValueError("broken")
    assert pass_through(gate, clock, Pace(1.0), "a") == pytest.approx(1.0)


def test_a_hold_is_waited_for(clock):
    gate = gate_on(clock)
    gate.hold("a", 40)
    gate.hold("a", 10)  # a shorter one takes nothing away
    assert pass_through(gate, clock, Pace(1.0), "a") == pytest.approx(40)


def test_a_hold_longer_than_a_run_should_wait_is_refused(clock):
    gate = gate_on(clock, max_wait=60)
    gate.hold("a", 61)
    with pytest.raises(FetchTrouble) as trouble, gate.turn("a", Pace(0)):
        pytest.fail("no turn was due")
    assert trouble.value.code == "fetch.rate_limited"
    assert clock.slept == []


@pytest.mark.parametrize(
    ("window", "utc", "seconds"),
    [
        (None, "12:00:00", 0),
        ("22:00-07:00", "14:00:00", 0),  # 22:00 in Beijing
        ("22:00-07:00", "22:59:59", 0),
        ("22:00-07:00", "23:00:00", 15 * 3600),  # 07:00 in Beijing
        ("22:00-07:00", "13:59:30", 30),
        ("01:00-05:00", "17:00:00", 0),
        ("01:00-05:00", "21:00:00", 20 * 3600),
        ("00:00-00:00", "09:13:00", 0),
    ],
)
def test_windows_are_beijing_time_and_may_run_over_midnight(window, utc, seconds):
    now = datetime.fromisoformat(f"2024-01-15T{utc}").replace(tzinfo=UTC)
    assert seconds_until_open(window, now) == seconds


def test_a_window_that_opens_soon_is_waited_for():
    clock = TurnedClock("2024-01-15T13:50:00+00:00")
    assert pass_through(gate_on(clock), clock, Pace(0, window="22:00-07:00")) == pytest.approx(600)


def test_outside_the_window_nothing_is_asked():
    clock = TurnedClock("2024-01-15T04:00:00+00:00")
    with pytest.raises(FetchTrouble) as trouble, gate_on(clock).turn("a", Pace(0, window="22:00-07:00")):
        pytest.fail("no turn was due")
    assert trouble.value.code == "fetch.outside_window"
    assert trouble.value.recoverable


def test_a_daily_cap_ends_at_midnight_in_beijing():
    clock = TurnedClock("2024-01-15T15:00:00+00:00")
    gate, pace = gate_on(clock), Pace(0, daily_cap=2)
    pass_through(gate, clock, pace)
    pass_through(gate, clock, pace)
    with pytest.raises(FetchTrouble) as trouble:
        pass_through(gate, clock, pace)
    assert trouble.value.code == "fetch.daily_cap"
    clock.pass_by(3600)
    pass_through(gate, clock, pace)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.jining.gov.cn", "jining.gov.cn"),
        ("dlrk.jining.gov.cn", "jining.gov.cn"),
        ("jining.gov.cn", "jining.gov.cn"),
        ("www.xz.gov.cn", "xz.gov.cn"),
        ("xxgk.some.nx.cn", "some.nx.cn"),
        ("www.zwsggzy.cn", "zwsggzy.cn"),
        ("a.b.example.org", "example.org"),
        ("127.0.0.3", "127.0.0.3"),
        ("::1", "::1"),
        ("localhost", "localhost"),
    ],
)
def test_the_domain_a_body_registered_is_told_from_its_category(host, domain):
    assert registrable(host) == domain


@pytest.mark.parametrize(("shared", "waited"), [(True, 4.0), (False, 0.0)])
def test_hosts_of_one_domain_share_a_line_unless_told_otherwise(make_client, records, shared, waited):
    with serve({"/a.html": Reply(article())}, host="127.0.0.1") as server:
        client = make_client(resolve=lambda *_: [(socket.AF_INET, "127.0.0.1")], share_by_domain=shared)
        hosts = [f"{name}.jiashi.gov.cn:{server.port}" for name in ("www", "hrss")]
        site = server.site(aliases=tuple(hosts), limits=Limits(delay=4, jitter=0))
        for host in hosts:
            client.fetch(f"http://{host}/a.html", site=site)
    first_at_second_host = next(one for one in records if one.url == f"http://{hosts[1]}/robots.txt")
    assert first_at_second_host.waited == pytest.approx(waited)


def test_a_gate_of_ones_own_decides_over_every_request(make_client, clock):
    """The door for a lease that several workers share."""
    passed: list[tuple[str, Pace]] = []

    class Shared(LocalGate):
        def turn(self, line, pace):
            passed.append((line, pace))
            if len(passed) > 2:
                raise fail("fetch.daily_cap", "used up by another worker", line)
            return super().turn(line, pace)

    with serve({"/a.html": Reply(article())}) as server:
        client = make_client(gate=Shared(clock, max_wait=900))
        site = server.site(limits=Limits(delay=2, jitter=1, window="00:00-00:00", daily_cap=9))
        client.fetch(server.url("/a.html"), site=site)
        with pytest.raises(FetchTrouble) as trouble:
            client.fetch(server.url("/a.html"), site=site)
        assert len(server.seen) == 2
    assert passed[0] == (server.host, Pace(2, 1, "00:00-00:00", 9))
    assert trouble.value.where == server.url("/a.html")
    assert trouble.value.evidence.status is None


def test_servers_see_the_delay_kept_while_many_hosts_go_on_at_once(make_client):
    """Threads outnumber hosts, so that requests queue at each host; spacing is measured where it matters."""
    hosts, per_host, delay = 12, 8, 0.03
    running: list[int] = []
    together: list[int] = []
    lock = threading.Lock()

    def answer(_):
        with lock:
            running.append(1)
            together.append(len(running))
        threading.Event().wait(0.01)
        with lock:
            running.pop()
        return Reply(article())

    client = make_client(clock=SystemClock())
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(serve({f"/{n}.html": answer for n in range(per_host)})) for _ in range(hosts)]
        sites = {server.netloc: server.site(limits=Limits(delay=delay, jitter=0.01)) for server in servers}
        work = [(server, n) for n in range(per_host) for server in servers]
        with ThreadPoolExecutor(hosts * 2) as pool:
            jobs = [pool.submit(client.fetch, at.url(f"/{n}.html"), site=sites[at.netloc]) for at, n in work]
            for job in jobs:
                job.result()
    for server in servers:
        times = sorted(seen.at for seen in server.seen)
        assert len(times) == per_host + 1, "each page once, and robots.txt"
        assert min(later - earlier for earlier, later in pairwise(times)) >= delay
        assert server.connections == 1
    assert max(together) > 1, "hosts wait for themselves only"
