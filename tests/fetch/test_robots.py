"""robots.txt comes first: RFC 9309 decides what its absence, its errors and its rules mean."""

from __future__ import annotations

import pytest

from schemas.errors import FetchTrouble
from schemas.site import Limits
from tests.fetch.servers import Raw, Reply, article, html, redirect, serve

PAGE = {"/a.html": Reply(article()), "/private/a.html": Reply(article())}


def robots(text: str, **options) -> dict:
    return {**PAGE, "/robots.txt": Reply(text.encode(), content_type="text/plain", **options)}


def trouble_of(client, server, path="/a.html"):
    with pytest.raises(FetchTrouble) as trouble:
        client.fetch(server.url(path), site=server.site())
    return trouble.value


def test_rules_for_all_hold_for_us(client):
    with serve(robots("User-agent: *\nDisallow: /private/\n")) as server:
        assert client.fetch(server.url("/a.html"), site=server.site()).evidence.robots == "allowed"
        trouble = trouble_of(client, server, "/private/a.html")
        assert server.asked("/private/a.html") == []
    assert trouble.code == "fetch.robots_disallowed"
    assert not trouble.recoverable
    assert trouble.evidence.robots == "disallowed"


def test_rules_in_our_name_go_before_those_for_all(client):
    text = "User-agent: *\nDisallow: /\n\nUser-agent: Nianbao\nDisallow: /private/\n"
    with serve(robots(text)) as server:
        assert client.fetch(server.url("/a.html"), site=server.site()).evidence.robots == "allowed"
        assert trouble_of(client, server, "/private/a.html").code == "fetch.robots_disallowed"


def test_the_longest_rule_wins_and_patterns_count(client):
    text = "User-agent: *\nDisallow: /private/\nAllow: /private/a.html$\nDisallow: /*.pdf$\n"
    with serve({**robots(text), "/x.pdf": Reply(b"%PDF-")}) as server:
        assert client.fetch(server.url("/private/a.html"), site=server.site()).evidence.robots == "allowed"
        assert trouble_of(client, server, "/x.pdf").code == "fetch.robots_disallowed"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 412])
def test_a_robots_txt_that_is_not_there_allows_all(client, status):
    with serve({**PAGE, "/robots.txt": Reply(b"", status)}) as server:
        assert client.fetch(server.url("/a.html"), site=server.site()).evidence.robots == "absent"


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_robots_txt_with_a_server_error_forbids_all_for_now(client, status):
    with serve({**PAGE, "/robots.txt": Reply(b"", status)}) as server:
        trouble = trouble_of(client, server)
        assert server.asked() == []
    assert trouble.code == "fetch.robots_unreachable"
    assert trouble.recoverable
    assert trouble.evidence.robots == "unreachable"


def test_a_robots_txt_that_breaks_off_forbids_all_for_now(client):
    with serve({**PAGE, "/robots.txt": Raw(lambda _seen, _handler: None)}) as server:
        assert trouble_of(client, server).code == "fetch.robots_unreachable"
        assert server.asked() == []


def test_an_unreachable_robots_txt_is_asked_again_later(client, clock):
    with serve({**PAGE, "/robots.txt": Reply(b"", 500)}) as server:
        trouble_of(client, server)
        asked = len(server.seen)
        trouble_of(client, server)
        assert len(server.seen) == asked, "not asked again at once"
        server.routes["/robots.txt"] = Reply(b"")
        clock.pass_by(client.settings.robots_retry)
        assert client.fetch(server.url("/a.html"), site=server.site()).evidence.robots == "allowed"


def test_a_challenge_at_robots_txt_is_called_a_challenge(client):
    shell = b"<script>document.cookie='__jsl_clearance=1';location.reload()</script>"
    with serve({**PAGE, "/robots.txt": Reply(shell, 521)}) as server:
        assert trouble_of(client, server).code == "fetch.challenge"


def test_robots_txt_is_asked_once_and_kept_for_a_day(client, clock):
    with serve(robots("User-agent: *\nDisallow:\n")) as server:
        for _ in range(3):
            client.fetch(server.url("/a.html"), site=server.site())
        assert len(server.asked("/robots.txt")) == 1
        clock.pass_by(86_400)
        client.fetch(server.url("/a.html"), site=server.site())
        assert len(server.asked("/robots.txt")) == 2


def test_a_web_page_in_place_of_robots_txt_has_no_rules(client):
    with serve({**PAGE, "/robots.txt": Reply(html("<p>Disallow: /</p>").encode())}) as server:
        assert client.fetch(server.url("/a.html"), site=server.site()).evidence.status == 200


def test_robots_txt_may_be_redirected_on_the_site(client):
    text = Reply(b"User-agent: *\nDisallow: /\n", content_type="text/plain")
    with serve({**PAGE, "/robots.txt": redirect("/static/robots.txt"), "/static/robots.txt": text}) as server:
        assert trouble_of(client, server).code == "fetch.robots_disallowed"


def test_a_robots_txt_that_leads_off_the_site_or_in_circles_is_not_there(client):
    for location in ("http://www.example.org/robots.txt", "/robots.txt"):
        with serve({**PAGE, "/robots.txt": redirect(location)}) as server:
            assert client.fetch(server.url("/a.html"), site=server.site()).evidence.robots == "absent"


def test_of_an_endless_robots_txt_the_first_500_kib_count(client):
    rules = "User-agent: *\nDisallow: /private/\n" + "# filler\n" * 70_000 + "Disallow: /\n"
    with serve(robots(rules)) as server:
        assert client.fetch(server.url("/a.html"), site=server.site()).evidence.robots == "allowed"
        assert trouble_of(client, server, "/private/a.html").code == "fetch.robots_disallowed"


def test_a_byte_order_mark_does_not_hide_the_first_rule(client):
    with serve(robots("\ufeffUser-agent: *\nDisallow: /\n")) as server:
        assert trouble_of(client, server).code == "fetch.robots_disallowed"


@pytest.mark.parametrize("line", ["Crawl-delay: 7", "Request-rate: 1/7"])
def test_a_crawl_delay_longer_than_ours_is_kept(client, line):
    with serve(robots(f"User-agent: *\n{line}\n")) as server:
        site = server.site(limits=Limits(delay=2, jitter=0))
        client.fetch(server.url("/a.html"), site=site)
        evidence = client.fetch(server.url("/a.html"), site=site).evidence
    assert evidence.delay == 7
    assert evidence.waited == pytest.approx(7, abs=0.01)


def test_a_crawl_delay_shorter_than_ours_changes_nothing(client):
    with serve(robots("User-agent: *\nCrawl-delay: 1\n")) as server:
        evidence = client.fetch(server.url("/a.html"), site=server.site(limits=Limits(delay=3, jitter=0))).evidence
    assert evidence.delay == 3


def test_each_port_has_a_robots_txt_of_its_own(client):
    with serve(robots("User-agent: *\nDisallow: /\n")) as strict, serve(PAGE, host=strict.host) as open_one:
        assert trouble_of(client, strict).code == "fetch.robots_disallowed"
        assert client.fetch(open_one.url("/a.html"), site=open_one.site()).evidence.robots == "absent"


def test_robots_txt_of_the_host_a_redirect_leads_to_counts_too(client):
    with serve(robots("User-agent: *\nDisallow: /\n")) as target, serve({"/a": redirect(target.url("/a.html"))}) as own:
        with pytest.raises(FetchTrouble) as trouble:
            client.fetch(own.url("/a"), site=own.site(aliases=(target.netloc,)))
        assert target.asked() == []
    assert trouble.value.code == "fetch.robots_disallowed"
