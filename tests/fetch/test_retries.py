"""Trying again, backing off, and knowing when to stop."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

import pytest

from schemas.errors import FetchTrouble
from schemas.settings import FetchSettings
from schemas.site import Limits
from tasks.fetch.backoff import pause, retry_after
from tasks.fetch.breaker import Breaker
from tests.fetch.servers import Raw, Reply, article, free_port, html, make_site, redirect, serve

NOW = datetime(2024, 1, 15, 12, 0, tzinfo=UTC)


def fetch_trouble(client, url, site):
    with pytest.raises(FetchTrouble) as trouble:
        client.fetch(url, site=site)
    return trouble.value


def hang_up(_seen, _handler):
    """Close without an answer."""


@pytest.mark.parametrize("first", [Reply(b"", 500), Reply(b"", 503), Reply(b"", 429), Reply(b"<html>cut", length=500)])
def test_a_passing_trouble_is_tried_again(client, clock, records, first):
    with serve({"/a.html": [first, first, Reply(article())]}) as server:
        fetched = client.fetch(server.url("/a.html"), site=server.site())
    assert fetched.content == article()
    assert fetched.evidence.attempt == 3
    attempts = [(one.attempt, one.trouble is None) for one in records if one.url.endswith("/a.html")]
    assert attempts == [(1, False), (2, False), (3, True)]
    assert 2 * 0.5 + 4 * 0.5 <= sum(clock.slept) <= 2 + 4


def test_a_lost_connection_is_tried_again(client):
    with serve({"/a.html": Reply(article())}) as server:
        calls = []

        def flaky(seen, handler):
            calls.append(seen)
            if len(calls) > 1:
                server.routes["/a.html"] = Reply(article())

        server.routes["/a.html"] = Raw(flaky)
        assert client.fetch(server.url("/a.html"), site=server.site()).evidence.attempt == 3


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_what_will_not_change_is_asked_once(client, status):
    with serve({"/a.html": Reply(html("no").encode(), status)}) as server:
        fetch_trouble(client, server.url("/a.html"), server.site())
        assert len(server.asked("/a.html")) == 1


def test_retries_are_bounded_and_the_last_evidence_tells_how_many(make_client):
    client = make_client(retries=2)
    with serve({"/a.html": Reply(b"", 502)}) as server:
        trouble = fetch_trouble(client, server.url("/a.html"), server.site())
        assert len(server.asked("/a.html")) == 3
    assert trouble.code == "fetch.server_error"
    assert trouble.recoverable
    assert trouble.evidence.attempt == 3


def test_nobody_listening_is_a_network_trouble(client):
    port = free_port()
    trouble = fetch_trouble(client, f"http://127.0.0.1:{port}/a.html", make_site(f"127.0.0.1:{port}"))
    assert trouble.code == "fetch.network"
    assert trouble.evidence.peer is None


def test_a_name_that_does_not_exist_is_asked_once(make_client, clock):
    asked = []

    def unknown(host, port, family):
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    client = make_client(resolve=unknown)
    trouble = fetch_trouble(client, "http://www.nowhere.gov.cn/a.html", make_site("www.nowhere.gov.cn"))
    assert trouble.code == "fetch.dns"
    assert not trouble.recoverable
    assert (len(asked), clock.slept) == (1, [])


def test_a_busy_resolver_is_asked_again(make_client):
    asked = []

    def busy(host, port, family):
        asked.append(host)
        if len(asked) < 3:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return [(socket.AF_INET, server.host)]

    with serve({"/a.html": Reply(article())}) as server:
        client = make_client(resolve=busy)
        netloc = f"www.busy.gov.cn:{server.port}"
        assert client.fetch(f"http://{netloc}/a.html", site=make_site(netloc)).evidence.status == 200


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("Mon, 15 Jan 2024 12:02:00 GMT", 120),
        ("Mon, 15 Jan 2024 11:00:00 GMT", 0),
        ("Monday, 15-Jan-24 12:02:00 GMT", 120),
        ("999999999", 3600),
        ("Fri, 31 Dec 2099 23:59:59 GMT", 3600),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_capped(value, seconds):
    assert retry_after(value, NOW, cap=3600) == seconds


@pytest.mark.parametrize("value", ["30", "Mon, 15 Jan 2024 12:00:30 GMT"])
@pytest.mark.parametrize("status", [429, 503])
def test_the_server_decides_how_long_to_wait(client, clock, value, status):
    busy = Reply(b"", status, (("Retry-After", value),))
    with serve({"/a.html": [busy, Reply(article())]}) as server:
        evidence = client.fetch(server.url("/a.html"), site=server.site()).evidence
    assert evidence.waited == pytest.approx(30, abs=1)
    assert clock.slept == [pytest.approx(30, abs=1)]


def test_nobody_asks_the_host_while_it_wants_to_be_left_alone(make_client, clock):
    client = make_client(retries=0)
    with serve({"/a.html": Reply(b"", 429, (("Retry-After", "50"),)), "/b.html": Reply(article())}) as server:
        fetch_trouble(client, server.url("/a.html"), server.site())
        assert client.fetch(server.url("/b.html"), site=server.site()).evidence.waited == pytest.approx(50)


def test_a_wait_longer_than_the_run_should_take_ends_the_asking(client, clock):
    with serve({"/a.html": Reply(b"", 429, (("Retry-After", "7200"),)), "/b.html": Reply(article())}) as server:
        trouble = fetch_trouble(client, server.url("/a.html"), server.site())
        assert (trouble.code, trouble.evidence.attempt) == ("fetch.rate_limited", 1)
        assert fetch_trouble(client, server.url("/b.html"), server.site()).code == "fetch.rate_limited"
        assert server.asked("/b.html") == []
        clock.pass_by(7200)
        assert client.fetch(server.url("/b.html"), site=server.site()).evidence.status == 200


def test_backing_off_doubles_up_to_the_cap():
    settings = FetchSettings(backoff=2, backoff_cap=30)
    assert [pause(settings, attempt, 1.0) for attempt in range(1, 7)] == [2, 4, 8, 16, 30, 30]
    assert [pause(settings, attempt, 0.0) for attempt in range(1, 4)] == [1, 2, 4]


@pytest.mark.parametrize("status", [403, 412, 429])
def test_a_host_that_keeps_refusing_is_left_alone(make_client, status):
    client = make_client(retries=0, stop_after_refusals=3)
    routes = {f"/{n}.html": Reply(html("no").encode(), status) for n in range(5)}
    with serve(routes) as server:
        codes = [fetch_trouble(client, server.url(f"/{n}.html"), server.site()).code for n in range(5)]
        assert len(server.asked()) == 3
    assert codes[3:] == ["fetch.host_stopped"] * 2
    assert codes[0] != "fetch.host_stopped"
    assert list(client.stopped_hosts()) == [server.host]


def test_refusals_behind_redirects_add_up_too(make_client):
    client = make_client(retries=0, stop_after_refusals=2)
    routes = {f"/{n}": redirect("/no") for n in range(3)} | {"/no": Reply(b"", 403)}
    with serve(routes) as server:
        codes = [fetch_trouble(client, server.url(f"/{n}"), server.site()).code for n in range(3)]
    assert codes == ["fetch.forbidden", "fetch.forbidden", "fetch.host_stopped"]


def test_the_first_cause_is_told_before_the_stop(make_client):
    client = make_client(retries=5, stop_after_refusals=3)
    with serve({"/a.html": Reply(b"", 429)}) as server:
        trouble = fetch_trouble(client, server.url("/a.html"), server.site())
        assert len(server.asked("/a.html")) == 3
    assert trouble.code == "fetch.rate_limited"


def test_a_stopped_host_stops_no_other(make_client):
    client = make_client(stop_after_refusals=1)
    with serve({"/a.html": Reply(b"", 403)}) as bad, serve({"/a.html": Reply(article())}) as good:
        fetch_trouble(client, bad.url("/a.html"), bad.site())
        assert fetch_trouble(client, bad.url("/a.html"), bad.site()).code == "fetch.host_stopped"
        assert client.fetch(good.url("/a.html"), site=good.site()).evidence.status == 200


def test_a_proper_answer_in_between_ends_the_row(clock):
    breaker = Breaker(clock, refusals=2, failures=3, pause=60)
    for code in ("fetch.forbidden", "fetch.not_found", "fetch.forbidden", None, "fetch.forbidden", "fetch.soft_404"):
        breaker.answered("a", code)
        breaker.failed("a", "fetch.timeout")
        breaker.check("a", "")
        breaker.answered("a")
    breaker.answered("a", "fetch.forbidden")
    breaker.answered("a", "fetch.challenge")
    with pytest.raises(FetchTrouble) as trouble:
        breaker.check("a", "http://a/x")
    assert trouble.value.code == "fetch.host_stopped"


def test_a_host_that_is_down_is_not_tried_for_every_document(make_client):
    client = make_client(retries=1, stop_after_failures=2)
    with serve({"/robots.txt": Reply(b"")} | {f"/{n}": Raw(hang_up) for n in range(5)}) as server:
        codes = [fetch_trouble(client, server.url(f"/{n}"), server.site()).code for n in range(5)]
        assert len(server.asked()) == 4
    assert codes == ["fetch.network"] * 2 + ["fetch.host_stopped"] * 3


def test_a_host_that_failed_is_tried_again_after_a_pause(make_client, clock):
    client = make_client(retries=0, stop_after_failures=2, stop_pause=60)
    with serve({"/robots.txt": Reply(b""), "/a": Raw(hang_up), "/b": Reply(article())}) as server:
        site = server.site()
        codes = [fetch_trouble(client, server.url("/a"), site).code for _ in range(3)]
        clock.pass_by(60)
        codes += [fetch_trouble(client, server.url("/a"), site).code for _ in range(2)]
        clock.pass_by(60)
        assert client.fetch(server.url("/b"), site=site).evidence.status == 200
        codes += [fetch_trouble(client, server.url("/a"), site).code for _ in range(2)]
    down, stopped = "fetch.network", "fetch.host_stopped"
    assert codes == [down, down, stopped, down, stopped, down, down]


def test_a_host_that_refused_is_not_tried_again_in_the_run(make_client, clock):
    client = make_client(stop_after_refusals=1)
    with serve({"/a": Reply(b"", 403), "/b": Reply(article())}) as server:
        fetch_trouble(client, server.url("/a"), server.site())
        clock.pass_by(86_400)
        assert fetch_trouble(client, server.url("/b"), server.site()).code == "fetch.host_stopped"


def test_a_few_broken_pages_among_good_ones_do_not_stop_the_host(make_client):
    client = make_client(retries=3, stop_after_failures=3)
    with serve({"/good": Reply(article()), "/bad": Reply(b"", 500)}) as server:
        for _ in range(3):
            fetch_trouble(client, server.url("/bad"), server.site())
            fetch_trouble(client, server.url("/bad"), server.site())
            assert client.fetch(server.url("/good"), site=server.site()).evidence.status == 200
    assert client.stopped_hosts() == {}


def test_the_delay_holds_between_retries_too(make_client):
    client = make_client(backoff=0.001)
    with serve({"/a.html": [Reply(b"", 500), Reply(article())]}) as server:
        evidence = client.fetch(server.url("/a.html"), site=server.site(limits=Limits(delay=6, jitter=0))).evidence
    assert evidence.attempt == 2
    assert evidence.waited == pytest.approx(6, abs=0.1)
