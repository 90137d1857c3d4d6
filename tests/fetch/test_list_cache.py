"""List pages that did not change are not sent twice, in this run or the next."""

from __future__ import annotations

from hashlib import md5

import pytest

from schemas.discovery import PageRequest
from tasks.fetch import Archive, FolderListCache
from tests.fetch.servers import Reply, html, redirect, serve

LIST = html("<ul>" + "<li><a href='./a.html'>政府信息公开工作年度报告</a></li>" * 20 + "</ul>").encode("gb18030")


@pytest.fixture
def cache(tmp_path):
    return FolderListCache(tmp_path / "lists", Archive(tmp_path / "archive"))


def versioned(body: bytes, *, by: str = "etag") -> object:
    """A server that answers 304 to whoever has the body already."""
    etag, date = f'"{md5(body).hexdigest()}"', "Mon, 15 Jan 2024 00:00:00 GMT"

    def answer(seen):
        if seen.headers.get("If-None-Match") == etag or seen.headers.get("If-Modified-Since") == date:
            return Reply(b"", 304, content_type=None)
        validator = ("ETag", etag) if by == "etag" else ("Last-Modified", date)
        return Reply(body, headers=(validator,), content_type="text/html; charset=gb2312")

    return answer


@pytest.mark.parametrize("by", ["etag", "date"])
def test_an_unchanged_list_is_known_in_the_next_run(make_client, cache, records, by):
    with serve({"/list.html": versioned(LIST, by=by)}) as server:
        request = PageRequest(server.url("/list.html"))
        first = make_client(cache=cache).page(request, server.site())
        again = make_client(cache=cache).page(request, server.site())
    assert (first.not_modified, again.not_modified) == (False, True)
    assert again.text == first.text == LIST.decode("gb18030")
    assert (again.status, again.sha256, again.url) == (200, first.sha256, first.url)
    assert records[-1].status == 304
    assert records[-1].bytes_received == 0


def test_a_changed_list_is_read_anew(make_client, cache):
    changed = LIST.replace(b"./a.html", b"./b.html")
    with serve({"/list.html": versioned(LIST)}) as server:
        client = make_client(cache=cache)
        client.page(PageRequest(server.url("/list.html")), server.site())
        server.routes["/list.html"] = versioned(changed)
        assert "./b.html" in client.page(PageRequest(server.url("/list.html")), server.site()).text
        assert client.page(PageRequest(server.url("/list.html")), server.site()).not_modified


def test_behind_a_redirect_the_validators_go_to_where_they_came_from(make_client, cache):
    with serve({"/list/": redirect("/list/index.html"), "/list/index.html": versioned(LIST)}) as server:
        client = make_client(cache=cache)
        client.page(PageRequest(server.url("/list/")), server.site())
        again = client.page(PageRequest(server.url("/list/")), server.site())
    assert again.not_modified
    assert again.url == server.url("/list/index.html")
    assert all("If-None-Match" not in one.headers for one in server.asked("/list/"))


def test_a_known_list_whose_body_was_damaged_is_fetched_again(make_client, cache, tmp_path, caplog):
    with serve({"/list.html": versioned(LIST)}) as server:
        client = make_client(cache=cache)
        page = client.page(PageRequest(server.url("/list.html")), server.site())
        (kept,) = (tmp_path / "archive").glob(f"*/*/{page.sha256}")
        kept.chmod(0o644)
        kept.write_bytes(b"damaged, same name")
        again = client.page(PageRequest(server.url("/list.html")), server.site())
    assert again.text == page.text
    assert not again.not_modified
    assert "fetch.archive_corrupt" in caplog.text


def test_damage_in_the_cache_costs_traffic_only(make_client, cache, tmp_path):
    with serve({"/list.html": versioned(LIST)}) as server:
        client = make_client(cache=cache)
        client.page(PageRequest(server.url("/list.html")), server.site())
        for file in (tmp_path / "lists").rglob("*.json"):
            file.write_text("{broken")
        assert client.page(PageRequest(server.url("/list.html")), server.site()).text == LIST.decode("gb18030")


def test_a_list_without_validators_is_sent_again(make_client, cache):
    with serve({"/list.html": Reply(LIST)}) as server:
        client = make_client(cache=cache)
        pages = [client.page(PageRequest(server.url("/list.html")), server.site()) for _ in range(2)]
    assert [page.not_modified for page in pages] == [False, False]
    assert len(server.asked("/list.html")) == 2


def test_answers_to_forms_are_not_remembered(make_client, cache):
    with serve({"/search": versioned(LIST)}) as server:
        client = make_client(cache=cache)
        request = PageRequest(server.url("/search"), method="POST", form=(("page", "1"),))
        assert not any(client.page(request, server.site()).not_modified for _ in range(2))
