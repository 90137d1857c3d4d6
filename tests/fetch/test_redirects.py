"""Redirects are followed by hand: within the site, not for ever, and not for what only a script could do."""

from __future__ import annotations

import pytest

from schemas.discovery import PageRequest
from schemas.errors import FetchTrouble
from tests.fetch.servers import Reply, article, html, redirect, serve


def trouble_of(client, url, site, **options):
    with pytest.raises(FetchTrouble) as trouble:
        client.fetch(url, site=site, **options)
    return trouble.value


def test_redirects_within_the_site_are_followed_and_remembered(client):
    routes = {"/a.html": redirect("/b/../c.html", 301), "/c.html": redirect("d.html"), "/d.html": Reply(article())}
    with serve(routes) as server:
        evidence = client.fetch(server.url("/a.html"), site=server.site()).evidence
    assert evidence.url == server.url("/a.html")
    assert evidence.redirects == (server.url("/a.html"), server.url("/c.html"))
    assert evidence.final_url == server.url("/d.html")


def test_a_redirect_to_an_alias_is_followed(client):
    with serve({"/a.html": Reply(article())}) as moved, serve({"/a.html": redirect(moved.url("/a.html"), 301)}) as old:
        site = old.site(aliases=(moved.netloc,))
        assert client.fetch(old.url("/a.html"), site=site).evidence.final_url == moved.url("/a.html")


@pytest.mark.parametrize(
    ("status", "code"),
    [(302, "fetch.off_site_redirect"), (307, "fetch.off_site_redirect"), (301, "fetch.moved"), (308, "fetch.moved")],
)
def test_a_redirect_to_a_foreign_host_is_not_followed(client, status, code):
    with (
        serve({"/a.html": Reply(article())}) as foreign,
        serve({"/a.html": redirect(foreign.url("/a.html"), status)}) as own,
    ):
        trouble = trouble_of(client, own.url("/a.html"), own.site())
        assert foreign.seen == []
    assert trouble.code == code
    assert foreign.netloc in trouble.message
    assert trouble.evidence.status == status


def test_another_registered_site_is_foreign_to_a_redirect(make_client):
    with serve({"/": Reply(article())}) as other, serve({"/a.html": redirect(other.url("/"))}) as own:
        client = make_client(sites=[own.site(), other.site(id="other-site")])
        assert trouble_of(client, own.url("/a.html"), own.site()).code == "fetch.off_site_redirect"


def test_another_port_of_the_host_is_foreign_unless_it_is_registered(client):
    with serve({"/a": Reply(article())}) as other, serve({"/a": redirect(other.url("/a"))}, host=other.host) as own:
        assert trouble_of(client, own.url("/a"), own.site()).code == "fetch.off_site_redirect"
        assert client.fetch(own.url("/a"), site=own.site(aliases=(other.netloc,))).evidence.status == 200


def test_a_post_becomes_a_get_only_where_the_standard_says_so(client):
    done = Reply(b"[]", content_type="application/json")
    routes = {"/302": redirect("/end"), "/303": redirect("/end", 303), "/307": redirect("/end", 307), "/end": done}
    with serve(routes) as server:
        for path in ("/302", "/303", "/307"):
            client.page(PageRequest(server.url(path), method="POST", form=(("a", "1"),)), server.site())
    assert [(one.method, one.body) for one in server.asked("/end")] == [("GET", b""), ("GET", b""), ("POST", b"a=1")]


def test_a_circle_is_left(client):
    with serve({"/a": redirect("/b"), "/b": redirect("/a")}) as server:
        assert trouble_of(client, server.url("/a"), server.site()).code == "fetch.redirect_loop"
    assert len(server.asked()) == 2


def test_a_chain_without_end_is_left(make_client):
    def onward(seen):
        return redirect(f"/a?{int(seen.path.partition('?')[2] or 0) + 1}")

    client = make_client(max_redirects=4)
    with serve({"/a": onward}) as server:
        assert trouble_of(client, server.url("/a"), server.site()).code == "fetch.redirect_loop"
    assert len(server.asked()) == 5


def test_a_plain_cookie_on_a_redirect_to_itself_is_kept(client):
    def guarded(seen):
        return (
            Reply(article())
            if "CT6T=1" in seen.headers.get("Cookie", "")
            else redirect("/a.html", 302, "CT6T=1; Path=/")
        )

    with serve({"/a.html": guarded}) as server:
        fetched = client.fetch(server.url("/a.html"), site=server.site())
    assert fetched.evidence.status == 200
    assert len(server.asked()) == 2


def test_a_redirect_to_itself_that_no_plain_cookie_satisfies_is_a_challenge(client):
    with serve({"/a.html": redirect("/a.html", 302, "CT6T=1; Path=/")}) as server:
        assert trouble_of(client, server.url("/a.html"), server.site()).code == "fetch.challenge"
    assert len(server.asked()) == 2


def test_a_circle_at_a_site_that_sets_cookies_anyway_is_just_a_circle(client):
    with serve({"/a": redirect("/b", 302, "JSESSIONID=1"), "/b": redirect("/b")}) as server:
        assert trouble_of(client, server.url("/a"), server.site()).code == "fetch.redirect_loop"


@pytest.mark.parametrize("kind", ["document", "list"])
def test_a_redirect_to_the_home_page_is_not_even_followed(client, kind):
    with serve({"/a.html": redirect("/", 301), "/": Reply(article())}) as server:
        request = PageRequest(server.url("/a.html"), purpose=kind)
        assert trouble_of(client, request, server.site()).code == "fetch.soft_404"
        assert server.asked("/") == []
        server.routes["/"] = redirect("/index.html")
        server.routes["/index.html"] = Reply(article())
        assert client.fetch(server.url("/"), site=server.site()).evidence.status == 200


def test_a_redirect_without_an_address_is_no_answer(client):
    with serve({"/a": Reply(b"", 302)}) as server:
        assert trouble_of(client, server.url("/a"), server.site()).code == "fetch.bad_answer"


@pytest.mark.parametrize("location", ["ftp://{host}/a", "file:///etc/passwd", "http://user:pw@{host}/", "http://[::1/"])
def test_a_redirect_to_something_else_than_the_web_is_refused(client, location):
    with serve() as server:
        server.routes["/a"] = redirect(location.format(host=server.netloc))
        assert trouble_of(client, server.url("/a"), server.site()).code == "fetch.bad_url"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_location_in_raw_chinese_bytes_is_understood(client, encoding):
    with serve({"/%E5%B9%B4%E6%8A%A5.html": Reply(article())}) as server:
        server.routes["/a"] = redirect("/年报.html".encode(encoding).decode("latin-1"))
        assert client.fetch(server.url("/a"), site=server.site()).evidence.final_url.endswith(
            "/%E5%B9%B4%E6%8A%A5.html"
        )


@pytest.mark.parametrize(
    "shell",
    [
        html("", "<meta http-equiv='Refresh' content='0; url=./new/'>"),
        html("", "<META HTTP-EQUIV=refresh CONTENT=\"0;URL='./new/'\">"),
        "<script>window.location.href='./new/';</script>",
        '<script type="text/javascript">\n<!--\nlocation.replace("./new/");\n//-->\n</script>正在跳转',
        "<html><body><script>top.location = './new/'</script></body></html>",
    ],
)
@pytest.mark.parametrize("kind", ["document", "page"])
def test_an_empty_page_that_names_its_successor_is_followed_once(client, shell, kind):
    with serve({"/old/": Reply(shell.encode()), "/old/new/": Reply(article())}) as server:
        request = PageRequest(server.url("/old/"), purpose="document" if kind == "document" else "list")
        evidence = client.fetch(request, site=server.site()).evidence
    assert evidence.final_url == server.url("/old/new/")
    assert evidence.redirects == (server.url("/old/"),)


def test_an_address_that_a_script_computes_is_not_followed(client):
    with serve({"/a.html": Reply(b"<script>location.href='/b' + n() + '.html';</script>")}) as server:
        assert trouble_of(client, server.url("/a.html"), server.site()).code == "fetch.needs_browser"
    assert len(server.asked()) == 1


def test_a_second_jump_is_not_followed(client):
    shell = b"<script>location.href='%s';</script>"
    with serve({"/a": Reply(shell % b"/b"), "/b": Reply(shell % b"/c"), "/c": Reply(article())}) as server:
        assert trouble_of(client, server.url("/a"), server.site()).code == "fetch.needs_browser"
    assert server.asked("/c") == []


def test_a_jump_to_a_foreign_host_is_a_move(client):
    with serve({"/": Reply(b"<script>location.href='http://www.example.org/';</script>")}) as server:
        assert trouble_of(client, server.url("/"), server.site()).code == "fetch.moved"


def test_a_page_with_content_that_reloads_itself_is_read_as_it_is(client):
    page = html("<p>" + "政府信息公开" * 40 + "</p>", "<meta http-equiv=refresh content='300; url=/elsewhere/'>")
    with serve({"/list/": Reply(page.encode())}) as server:
        assert client.page(PageRequest(server.url("/list/")), server.site()).text == page


def test_the_list_served_in_place_of_the_article_is_noticed(client):
    rows = "".join(
        f"<li><a href='./t{n}.html'>第{n}篇政府信息公开工作年度报告全文</a> 2024-01-{n}</li>" for n in range(10, 28)
    )
    counted = iter(range(1000))

    def listing(_):
        return Reply(html(f"<ul>{rows}</ul><p>访问量：{next(counted)}</p>").encode())

    with serve({"/nb/": listing, "/nb/t10.html": [listing(None), Reply(article())]}) as server:
        client.page(PageRequest(server.url("/nb/")), server.site())
        trouble = trouble_of(client, server.url("/nb/t10.html"), server.site())
        assert trouble.code == "fetch.soft_404"
        assert trouble.recoverable
        assert client.fetch(server.url("/nb/t10.html"), site=server.site()).content == article()
