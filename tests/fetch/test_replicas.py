"""The quirks of real portals, as the replica sites show them, end in the document or under their right name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.replica.registry import replica_sites
from infra.replica.server import Replicas, running
from infra.replica.sites import build
from schemas.discovery import PageRequest
from schemas.errors import FetchTrouble
from schemas.fetched import Validators

NAME = "replica-zhongwei"  # a TRS portal whose reports are PDF files


@pytest.fixture(scope="module")
def replicas() -> Iterator[Replicas]:
    with running(sites=build((NAME,))) as handle:
        yield handle


@pytest.fixture
def portal(replicas):
    """The replica, put back in order after each test."""
    replicas.unset(NAME)
    replicas.forget()
    yield replicas
    replicas.unset(NAME)


@pytest.fixture
def site(replicas):
    (found,) = replica_sites(replicas.port, names=(NAME,))
    return found


@pytest.fixture
def report(replicas) -> str:
    """The address of one report."""
    found = replicas.site(NAME)
    return replicas.urls[NAME] + next(
        path for column, item in found.placed() if (path := found.address_of(item, column)).endswith(".pdf")
    )


@pytest.mark.parametrize(
    ("quirk", "value"),
    [
        (None, None),
        ("gzip", "forced"),
        ("gzip", "unlabelled"),
        ("cookie", "jar"),
        ("robots", "comments"),
        ("robots", "absent"),
        ("robots", "forbidden"),
        ("robots", "crawl-delay"),
        ("slow", 0.05),
        ("drip", 0.001),
    ],
)
def test_quirks_that_a_guest_can_live_with_change_nothing(make_client, portal, site, report, quirk, value):
    sound = make_client().fetch(report, site=site).content
    if quirk:
        portal.set(NAME, quirk, value)
    client = make_client()
    assert client.fetch(report, site=site).content == sound
    assert "政府信息公开" in client.page(PageRequest(site.entries[0].url), site).text


@pytest.mark.parametrize("value", ["undeclared", "header", "wrong"])
def test_lists_in_any_charset_are_read(make_client, portal, site, value):
    sound = make_client().page(PageRequest(site.entries[0].url), site).text
    portal.set(NAME, "charset", value)
    page = make_client().page(PageRequest(site.entries[0].url), site)
    assert [line for line in page.text.splitlines() if "<li" in line] == [
        line for line in sound.splitlines() if "<li" in line
    ]


REFUSED = {
    ("robots", "disallow"): "fetch.robots_disallowed",
    ("robots", "error"): "fetch.robots_unreachable",
    ("challenge", "521"): "fetch.challenge",
    ("challenge", "412"): "fetch.challenge",
    ("challenge", "202"): "fetch.challenge",
    ("challenge", "c3vk"): "fetch.challenge",
    ("cookie", "loop"): "fetch.challenge",
    ("captcha", True): "fetch.captcha",
    ("forbidden", True): "fetch.forbidden",
    ("rate_limit", 0): "fetch.rate_limited",
    ("soft_404", "page"): "fetch.soft_404",
    ("soft_404", "home"): "fetch.soft_404",
    ("soft_404", "upgrading"): "fetch.maintenance",
    ("unavailable", 1): "fetch.server_error",
    ("broken", True): "fetch.server_error",
    ("truncate", True): "fetch.truncated",
    ("offsite", "http://www.example.org/x"): "fetch.off_site_redirect",
    ("moved", "http://www.example.org"): "fetch.moved",
}


@pytest.mark.parametrize(("quirk", "value"), REFUSED)
def test_troubles_have_their_name_for_lists_and_documents_alike(make_client, portal, site, report, quirk, value):
    portal.set(NAME, quirk, value)
    client = make_client(retries=0)
    with pytest.raises(FetchTrouble) as of_document:
        client.fetch(report, site=site)
    with pytest.raises(FetchTrouble) as of_list:
        client.page(PageRequest(site.entries[0].url), site)
    assert (of_document.value.code, of_list.value.code) == (REFUSED[quirk, value],) * 2
    assert of_document.value.evidence.trouble == of_document.value.code


def test_a_web_page_under_the_name_of_the_file_is_no_document(make_client, portal, site, report):
    portal.set(NAME, "html_as_file")
    with pytest.raises(FetchTrouble) as trouble:
        make_client().fetch(report, site=site)
    assert trouble.value.code in ("fetch.soft_404", "fetch.wrong_type")
    assert trouble.value.content.lstrip().startswith(b"<")


def test_a_list_that_only_scripts_fill_needs_a_browser(make_client, portal, site):
    portal.set(NAME, "js_list")
    with pytest.raises(FetchTrouble) as trouble:
        make_client().page(PageRequest(site.entries[0].url), site)
    assert trouble.value.code == "fetch.needs_browser"


@pytest.mark.parametrize("quirk", ["meta_refresh", "script_jump"])
def test_a_list_that_sends_its_reader_on_is_followed(make_client, portal, site, report, quirk):
    portal.set(NAME, quirk, report.removeprefix(portal.urls[NAME]), on="list")
    page = make_client().page(PageRequest(site.entries[0].url), site)
    assert page.url == report


def test_a_site_that_is_down_is_no_empty_site(make_client, portal, site, report):
    portal.down(NAME)
    try:
        with pytest.raises(FetchTrouble) as trouble:
            make_client(retries=0).fetch(report, site=site)
    finally:
        portal.up(NAME)
    assert trouble.value.code == "fetch.network"


def test_an_unchanged_report_is_not_sent_twice(make_client, portal, site, report):
    client = make_client()
    first = client.fetch(report, site=site)
    headers = first.evidence.headers
    again = client.fetch(report, site=site, validators=Validators(headers.get("etag"), headers.get("last-modified")))
    assert again.not_modified
    assert portal.log(NAME)[-1].bytes == 0
