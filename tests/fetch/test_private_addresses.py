"""Nothing inside a private network is reached, whatever the name, the redirect or the resolver says."""

from __future__ import annotations

import socket

import pytest

from schemas.errors import FetchTrouble
from tasks.fetch.address import is_public
from tests.fetch.servers import Reply, article, make_site, redirect, serve


def trouble_of(client, url, site):
    with pytest.raises(FetchTrouble) as trouble:
        client.fetch(url, site=site)
    return trouble.value


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "127.255.0.9",
        "10.0.0.5",
        "172.16.3.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "239.255.255.250",
        "255.255.255.255",
        "240.0.0.1",
        "198.18.0.1",
        "192.0.2.7",
        "::",
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12:3456::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2002:c0a8:101::1",
        "2001:0:102:304:0:0:f5ff:fffe",
    ],
)
def test_addresses_that_are_not_public_are_known(ip):
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["1.2.4.8", "202.96.128.86", "2400:da00::6666", "::ffff:1.2.4.8", "64:ff9b::102:408"])
def test_public_addresses_are_known(ip):
    assert is_public(ip)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "017700000001"])
def test_loopback_in_any_spelling_is_refused(client, host):
    with serve({"/a.html": Reply(article())}, host="127.0.0.1") as server:
        netloc = f"{host}:{server.port}"
        trouble = trouble_of(client, f"http://{netloc}/a.html", make_site(netloc, allow_private=False))
        assert server.connections == 0
    assert trouble.code == "fetch.private_address"
    assert not trouble.recoverable


def test_without_any_site_private_addresses_are_refused_too(client):
    with serve({"/a.html": Reply(article())}) as server:
        assert trouble_of(client, server.url("/a.html"), None).code == "fetch.private_address"
        assert server.connections == 0


@pytest.mark.parametrize("family_and_ip", [(socket.AF_INET, "10.1.2.3"), (socket.AF_INET6, "::1")])
def test_a_public_name_that_leads_inside_is_refused(make_client, family_and_ip):
    client = make_client(resolve=lambda *_: [family_and_ip])
    trouble = trouble_of(client, "http://www.jiashi.gov.cn/a.html", make_site("www.jiashi.gov.cn", allow_private=False))
    assert trouble.code == "fetch.private_address"
    assert family_and_ip[1] in trouble.message


@pytest.fixture
def public_loopback(monkeypatch):
    """Take some loopback addresses for public ones: a test cannot have a public address of its own."""
    taken: set[str] = set()
    monkeypatch.setattr("tasks.fetch.dial.is_public", lambda ip: ip in taken or is_public(ip))
    return taken


def test_a_redirect_inside_is_refused_even_to_a_host_of_the_site(make_client, public_loopback):
    with serve({"/secret": Reply(article())}) as inside, serve() as outside:
        public_loopback.add(outside.host)
        names = {"www.jiashi.gov.cn": outside.host, "old.jiashi.gov.cn": inside.host}
        client = make_client(resolve=lambda host, *_: [(socket.AF_INET, names[host])], contact="a@example.org")
        outside.routes["/a.html"] = redirect(f"http://old.jiashi.gov.cn:{inside.port}/secret")
        hosts = (f"www.jiashi.gov.cn:{outside.port}", f"old.jiashi.gov.cn:{inside.port}")
        site = make_site(hosts[0], aliases=hosts[1:], allow_private=False)
        trouble = trouble_of(client, f"http://{hosts[0]}/a.html", site)
        assert inside.connections == 0
    assert trouble.code == "fetch.private_address"
    assert trouble.evidence.redirects == (f"http://{hosts[0]}/a.html",)


def test_the_address_that_was_checked_is_the_one_connected_to(make_client, public_loopback):
    """DNS rebinding: the name is resolved once per connection, and what was checked is what is dialled."""
    with (
        serve({"/a.html": Reply(article(), headers=(("Connection", "close"),))}) as good,
        serve({"/a.html": Reply(article("内部"))}, host="127.0.0.1") as inside,
    ):
        public_loopback.add(good.host)
        answers: list[str] = []

        def rebinding(*_):
            answers.append(good.host if len(answers) < 2 else inside.host)
            return [(socket.AF_INET, answers[-1])]

        good.routes["/robots.txt"] = Reply(b"", headers=(("Connection", "close"),))
        client = make_client(resolve=rebinding, contact="a@example.org")
        netloc = f"www.jiashi.gov.cn:{good.port}"
        site = make_site(netloc, allow_private=False)
        assert client.fetch(f"http://{netloc}/a.html", site=site).content == article()
        assert len(answers) == 2, "one look-up for each of the two connections"
        assert trouble_of(client, f"http://{netloc}/a.html", site).code == "fetch.private_address"
        assert inside.connections == 0


def test_of_several_addresses_only_the_public_ones_are_tried(make_client, public_loopback):
    with serve({"/a.html": Reply(article())}) as good:
        public_loopback.add(good.host)
        mixed = [(socket.AF_INET, "10.0.0.1"), (socket.AF_INET, good.host)]
        client = make_client(resolve=lambda *_: mixed, contact="a@example.org")
        netloc = f"www.jiashi.gov.cn:{good.port}"
        fetched = client.fetch(f"http://{netloc}/a.html", site=make_site(netloc, allow_private=False))
    assert fetched.evidence.peer == good.host


def test_when_the_first_address_does_not_answer_the_next_one_is_tried(make_client):
    with serve({"/a.html": Reply(article())}) as good:
        both = [(socket.AF_INET, "127.77.250.250"), (socket.AF_INET, good.host)]
        client = make_client(resolve=lambda *_: both)
        netloc = f"www.jiashi.gov.cn:{good.port}"
        assert client.fetch(f"http://{netloc}/a.html", site=make_site(netloc)).evidence.peer == good.host


def test_the_permission_of_one_site_is_no_permission_for_another(make_client):
    with serve({"/a.html": Reply(article())}) as own, serve({"/a.html": Reply(article())}) as other:
        strict = other.site(id="strict-site", allow_private=False)
        client = make_client(sites=[own.site(), strict])
        client.fetch(own.url("/a.html"), site=own.site())
        assert trouble_of(client, other.url("/a.html"), own.site()).code == "fetch.private_address"
        assert other.connections == 0


def test_a_public_host_is_not_asked_by_someone_who_cannot_be_reached(make_client, public_loopback):
    with serve({"/a.html": Reply(article())}) as server:
        public_loopback.add(server.host)
        site = server.site(allow_private=False)
        trouble = trouble_of(make_client(), server.url("/a.html"), site)
        assert server.connections == 0
        assert make_client(contact="a@example.org").fetch(server.url("/a.html"), site=site).evidence.status == 200
    assert trouble.code == "fetch.no_contact"


def test_the_address_family_can_be_chosen(make_client):
    asked: list[int] = []

    def resolve(_host, _port, family):
        asked.append(family)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    for family in ("any", "ipv4", "ipv6"):
        trouble_of(
            make_client(resolve=resolve, address_family=family), "http://www.a.gov.cn/", make_site("www.a.gov.cn")
        )
    assert asked == [socket.AF_UNSPEC, socket.AF_INET, socket.AF_INET6]
