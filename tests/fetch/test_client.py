"""Documents and pages from a well-behaved server: bytes, names, evidence, identity, connection reuse."""

from __future__ import annotations

import pickle
from hashlib import sha256

import pytest

from schemas.discovery import PageRequest
from schemas.errors import FetchTrouble
from schemas.fetched import Validators
from tasks.fetch import PoliteClient
from tests.fetch.servers import Reply, article, make_site, serve

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"\n%%EOF"


def test_a_document_comes_with_its_bytes_hash_name_and_evidence(client, records):
    with serve({"/P020240123.pdf": Reply(PDF, content_type="application/pdf")}) as server:
        fetched = client.fetch(server.url("/P020240123.pdf"), site=server.site())
    assert fetched.content == PDF
    assert fetched.sha256 == sha256(PDF).hexdigest()
    assert fetched.media_type == "application/pdf"
    assert fetched.name == "P020240123.pdf"
    evidence = fetched.evidence
    assert evidence.status == 200
    assert evidence.robots == "absent"
    assert evidence.peer == server.host
    assert evidence.bytes_received == len(PDF)
    assert evidence.headers["content-type"] == "application/pdf"
    assert evidence.trouble is None
    assert [one.url for one in records] == [server.url("/robots.txt"), server.url("/P020240123.pdf")]


def test_the_server_learns_who_asks_and_how_to_reach_them(make_client):
    with serve({"/a.html": Reply(article())}) as server:
        client = make_client(contact="archive@example.org")
        client.fetch(server.url("/a.html"), site=server.site())
    agents = {one.headers["User-Agent"] for one in server.seen}
    assert agents == {client.settings.user_agent}
    assert "nianbao/" in client.settings.user_agent
    assert "mailto:archive@example.org" in client.settings.user_agent


def test_a_family_may_add_headers_but_not_change_who_asks(client):
    headers = (("X-Requested-With", "XMLHttpRequest"), ("User-Agent", "Mozilla/5.0"), ("Cookie", "a=b"))
    with serve({"/list": Reply(b"{}", content_type="application/json")}) as server:
        client.page(PageRequest(server.url("/list"), headers=headers), server.site())
    (seen,) = server.asked("/list")
    assert seen.headers["X-Requested-With"] == "XMLHttpRequest"
    assert seen.headers["User-Agent"].startswith("nianbao/")
    assert "Cookie" not in seen.headers


def test_the_referer_is_sent(client):
    with serve({"/a.html": Reply(article())}) as server:
        client.fetch(server.url("/a.html"), site=server.site(), referer=server.url("/列表/"))
    assert server.asked("/a.html")[0].headers["Referer"] == server.url("/%E5%88%97%E8%A1%A8/")


def test_a_page_is_decoded_text(client):
    text = "<html><head><meta charset=gb2312></head><body>" + "镕堃喆政府信息公开" * 30 + "</body></html>"
    with serve({"/list.html": Reply(text.encode("gb18030"), content_type="text/html")}) as server:
        page = client.page(PageRequest(server.url("/list.html")), server.site())
    assert page.text == text
    assert page.status == 200
    assert page.url == server.url("/list.html")


def test_a_form_and_json_are_posted(client):
    with serve({"/search": Reply(b"[]", content_type="application/json")}) as server:
        form = PageRequest(server.url("/search"), method="POST", form=(("currpage", "2"), ("vc_title", "年报")))
        json = PageRequest(server.url("/search"), method="POST", json='{"pageNo": 1}')
        client.page(form, server.site())
        client.page(json, server.site())
    first, second = server.asked("/search")
    assert first.body == b"currpage=2&vc_title=%E5%B9%B4%E6%8A%A5"
    assert first.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert second.body == b'{"pageNo": 1}'
    assert second.headers["Content-Type"].startswith("application/json")


def test_a_form_of_a_get_goes_into_the_address(client):
    with serve({"/search": Reply(b"[]", content_type="application/json")}) as server:
        client.page(PageRequest(server.url("/search?a=1"), form=(("q", "年报"),)), server.site())
    assert server.seen[-1].path == "/search?a=1&q=%E5%B9%B4%E6%8A%A5"


def test_short_answers_of_list_interfaces_are_the_familys_business(client):
    xml = b"<datastore></datastore>"
    with serve({"/dataproxy.jsp": Reply(xml, content_type="text/xml"), "/empty": Reply(b"")}) as server:
        assert client.page(PageRequest(server.url("/dataproxy.jsp")), server.site()).text == xml.decode()
        assert client.page(PageRequest(server.url("/empty")), server.site()).text == ""


def test_one_connection_is_kept_for_all_requests_to_a_host(client):
    with serve({f"/{number}.html": Reply(article(text=f"第{number}篇" * 50)) for number in range(8)}) as server:
        for number in range(8):
            client.fetch(server.url(f"/{number}.html"), site=server.site())
        assert server.connections == 1


def test_an_unchanged_document_is_not_sent_again(client):
    def answer(seen):
        if seen.headers.get("If-None-Match") == '"v1"':
            return Reply(b"", 304)
        return Reply(PDF, headers=(("ETag", '"v1"'),), content_type="application/pdf")

    with serve({"/a.pdf": answer}) as server:
        again = client.fetch(server.url("/a.pdf"), site=server.site(), validators=Validators(etag='"v1"'))
        changed = client.fetch(server.url("/a.pdf"), site=server.site(), validators=Validators(etag='"v0"'))
    assert again.not_modified
    assert again.content is None
    assert again.evidence.status == 304
    assert changed.content == PDF
    assert changed.evidence.headers["etag"] == '"v1"'


def test_a_304_that_was_not_asked_for_is_no_answer(client):
    with serve({"/a.pdf": Reply(b"", 304)}) as server, pytest.raises(FetchTrouble) as trouble:
        client.fetch(server.url("/a.pdf"), site=server.site())
    assert trouble.value.code == "fetch.bad_answer"


def test_validators_are_not_sent_to_where_a_redirect_leads(client):
    """An old home page would call itself unchanged, and the lost document would seem to be there still."""
    with serve({"/a.pdf": Reply(b"", 302, (("Location", "/b.pdf"),)), "/b.pdf": Reply(PDF)}) as server:
        site = server.site()
        since = Validators(last_modified="Mon, 15 Jan 2024 00:00:00 GMT")
        client.fetch(server.url("/a.pdf"), site=site, validators=since)
        assert "If-Modified-Since" in server.asked("/a.pdf")[0].headers
        assert "If-Modified-Since" not in server.asked("/b.pdf")[0].headers
        known = Validators(last_modified=since.last_modified, url=server.url("/b.pdf"))
        client.fetch(server.url("/a.pdf"), site=site, validators=known)
        assert "If-Modified-Since" not in server.asked("/a.pdf")[1].headers
        assert server.asked("/b.pdf")[1].headers["If-Modified-Since"] == since.last_modified


def test_a_host_of_another_registered_site_is_asked_by_that_sites_rules(make_client):
    with serve() as first, serve({"/a.html": Reply(article())}) as second:
        other = second.site(id="other-site")
        client = make_client(sites=[first.site(), other])
        assert client.fetch(second.url("/a.html"), site=first.site()).evidence.status == 200


def test_a_host_that_nobody_registered_is_not_asked(client, records):
    with serve() as known, serve({"/a.html": Reply(article())}) as foreign:
        with pytest.raises(FetchTrouble) as trouble:
            client.fetch(foreign.url("/a.html"), site=known.site())
        assert foreign.seen == []
    assert trouble.value.code == "fetch.off_site"
    assert trouble.value.evidence is not None
    assert records[-1].trouble == "fetch.off_site"


def test_an_alias_of_a_site_is_its_host(client):
    with serve() as main, serve({"/a.html": Reply(article())}) as moved:
        site = main.site(aliases=(moved.netloc,))
        assert client.fetch(moved.url("/a.html"), site=site).evidence.status == 200


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/a.pdf",
        "file:///etc/passwd",
        "javascript:void(0)",
        "http:///a",
        "http://user:secret@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1/a\r\nHost: evil",
        "",
    ],
)
def test_what_is_not_a_plain_web_address_is_refused_unasked(client, url):
    with pytest.raises(FetchTrouble) as trouble:
        client.fetch(url, site=make_site("127.0.0.1"))
    assert trouble.value.code == "fetch.bad_url"
    assert trouble.value.evidence.trouble == "fetch.bad_url"


def test_a_trouble_keeps_its_evidence_on_the_way_between_processes(client):
    with serve() as server, pytest.raises(FetchTrouble) as trouble:
        client.fetch(server.url("/gone.html"), site=server.site())
    copy = pickle.loads(pickle.dumps(trouble.value))
    assert (copy.code, copy.where, copy.recoverable) == ("fetch.not_found", server.url("/gone.html"), False)
    assert copy.evidence == trouble.value.evidence
    assert copy.evidence.status == 404
    assert copy.content == trouble.value.content


def test_cookie_values_are_no_evidence(client):
    with serve({"/a.html": Reply(article(), headers=(("Set-Cookie", "JSESSIONID=secret; Path=/"),))}) as server:
        fetched = client.fetch(server.url("/a.html"), site=server.site())
        client.fetch(server.url("/a.html"), site=server.site())
    assert fetched.evidence.headers["set-cookie"] == "JSESSIONID"
    assert server.asked("/a.html")[1].headers["Cookie"] == "JSESSIONID=secret"


def test_a_client_works_again_after_it_was_closed():
    with serve({"/a.html": Reply(article())}) as server, PoliteClient() as client:
        client.fetch(server.url("/a.html"), site=server.site())
        client.close()
        assert client.fetch(server.url("/a.html"), site=server.site()).evidence.status == 200
