"""The replica sites over real HTTP: validators, switches, the log, and control while they run."""

from __future__ import annotations

import gzip
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from infra.replica.server import Replicas, running
from infra.replica.sites import FAMILIES, FIVE, Ask, build, crowd, specs
from infra.replica.sites.faults import FAULTS, SWITCHES, broken
from infra.replica.truth import sample_truth

LIST = "/zwgk/bmxxgkml/sggzyjyzx/xxgknb_51423/"
TIMEOUT = 10


@pytest.fixture(scope="module")
def server() -> Iterator[Replicas]:
    with running(sites=build((*FIVE, "replica-hostile"))) as replicas:
        yield replicas


@pytest.fixture
def replicas(server: Replicas) -> Iterator[Replicas]:
    server.forget()
    yield server
    for name in server.urls:
        server.unset(name)


@pytest.fixture
def page(replicas: Replicas) -> str:
    return replicas.urls["replica-hostile"] + "/zwgk/zfxxgk/zfxxgknb/"


def ask(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=TIMEOUT, allow_redirects=False)


def test_each_site_has_an_address_of_its_own_and_all_one_port(replicas: Replicas) -> None:
    addresses = {url.split("//")[1].split(":")[0] for url in replicas.urls.values()}
    assert addresses == {f"127.0.0.{n}" for n in (11, 12, 13, 14, 15, 34)}
    for name, url in replicas.urls.items():
        assert replicas.site(name).portal in ask(f"{url}/").content.decode("utf-8")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("replica-guyuan", LIST),
        ("replica-guyuan", f"{LIST}list_1.html"),
        ("replica-jining", "/module/xxgk/xxgkAnnualReport.jsp?area=12370800664437539U&fbtime=2020"),
        ("replica-jining", "/module/web/jpage/dataproxy.jsp?columnid=33381&startrecord=46&endrecord=90&perpage=15"),
        ("replica-daqing", "/daqing/c100365/list_2.shtml"),
        ("replica-zhumadian", "/html/site_gov/articles/202201/149003.html"),
        ("replica-zhongwei", "/robots.txt"),
    ],
)
def test_every_page_answers_conditional_requests(replicas: Replicas, name: str, path: str) -> None:
    url = replicas.urls[name] + path
    first = ask(url)
    assert first.status_code == 200
    again = ask(url, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert ask(url, **{"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 304
    assert ask(url, **{"If-None-Match": '"other"'}).status_code == 200


def test_files_answer_conditional_requests_until_they_are_replaced(replicas: Replicas) -> None:
    url = replicas.url_of("replica-zhongwei", "zhongwei-ggzy", 2018)
    first = ask(url)
    assert first.headers["Content-Type"] == "application/pdf"
    assert ask(url, **{"If-None-Match": first.headers["ETag"]}).status_code == 304
    truth = sample_truth("zhongwei-ggzy", 2018)
    replicas.replace("replica-zhongwei", replace(truth, sections=truth.sections[:-1]))
    second = ask(url, **{"If-None-Match": first.headers["ETag"], "If-Modified-Since": first.headers["Last-Modified"]})
    assert second.status_code == 200
    assert second.content != first.content


def test_a_published_report_is_listed_and_can_be_withdrawn(replicas: Replicas) -> None:
    url = replicas.publish("replica-daqing", sample_truth("daqing-ggzy", 2025))
    assert ask(url).status_code == 200
    listed = ask(replicas.urls["replica-daqing"] + "/daqing/c100365/list.shtml").text
    assert url.rsplit("/", 1)[1] in listed
    replicas.withdraw("replica-daqing", "daqing-ggzy", 2025)
    assert ask(url).status_code == 404
    with pytest.raises(KeyError):
        replicas.url_of("replica-daqing", "daqing-ggzy", 2025)


def test_a_list_is_newer_after_any_change_even_of_an_old_report(replicas: Replicas) -> None:
    url = replicas.urls["replica-guyuan"] + LIST
    before = ask(url)
    replicas.withdraw("replica-guyuan", "guyuan-ggzy", 2016)
    shorter = ask(url, **{"If-Modified-Since": before.headers["Last-Modified"]})
    assert shorter.status_code == 200
    again = replicas.publish("replica-guyuan", sample_truth("guyuan-ggzy", 2016))
    assert ask(url, **{"If-Modified-Since": shorter.headers["Last-Modified"]}).status_code == 200
    assert ask(again).status_code == 200


def test_the_log_tells_who_asked_what_and_when(replicas: Replicas) -> None:
    for number in range(3):
        ask(f"{replicas.urls['replica-guyuan']}{LIST}?n={number}", **{"User-Agent": "tester/1"})
    hits = replicas.log("replica-guyuan")
    assert [hit.path for hit in hits] == [f"{LIST}?n={number}" for number in range(3)]
    assert {hit.user_agent for hit in hits} == {"tester/1"}
    assert {hit.host for hit in hits} == {replicas.urls["replica-guyuan"].removeprefix("http://")}
    assert [hit.status for hit in hits] == [200] * 3
    assert hits[0].at <= hits[1].at <= hits[2].at
    assert replicas.log("replica-daqing") == []


def test_a_site_that_is_down_refuses_connections_until_it_is_up(replicas: Replicas) -> None:
    url = replicas.urls["replica-jining"] + "/"
    session = requests.Session()
    assert session.get(url, timeout=TIMEOUT).status_code == 200
    replicas.down("replica-jining")
    with pytest.raises(requests.ConnectionError):
        session.get(url, timeout=TIMEOUT)
    assert ask(replicas.urls["replica-daqing"] + "/").status_code == 200
    replicas.up("replica-jining")
    assert session.get(url, timeout=TIMEOUT).status_code == 200


def test_unknown_switches_are_refused(replicas: Replicas) -> None:
    with pytest.raises(KeyError, match="no switch"):
        replicas.set("replica-guyuan", "telepathy")
    assert set(FAULTS) <= set(SWITCHES)


@pytest.mark.parametrize(
    ("switch", "value", "status", "words"),
    [
        ("challenge", "521", 521, "__jsl_clearance"),
        ("challenge", "412", 412, "$_ts"),
        ("challenge", "202", 202, "$_ts"),
        ("challenge", "c3vk", 200, "C3VK"),
        ("captcha", True, 200, "验证码"),
        ("forbidden", True, 403, "403"),
        ("unavailable", 7, 503, "503"),
        ("broken", True, 500, "NullPointerException"),
        ("soft_404", "page", 200, "404"),
        ("soft_404", "upgrading", 200, "系统升级中"),
        ("js_list", True, 200, "chunk-vendors"),
        ("empty_once", True, 200, ""),
        ("script_jump", "/zwgk/else.html", 200, "location.replace"),
        ("meta_refresh", "/zwgk/else.html", 200, 'http-equiv="refresh"'),
        ("hidden_links", True, 200, "jumpToDetail('./2"),
    ],
)
def test_switches_turn_pages_into_what_portals_send(
    replicas: Replicas, page: str, switch: str, value: object, status: int, words: str
) -> None:
    sound = ask(page).content.decode()
    replicas.set("replica-hostile", switch, value)
    answer = ask(page)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert answer.content.decode() != sound
    replicas.unset("replica-hostile", switch)
    assert ask(page).content.decode() == sound


def test_refusals_carry_the_headers_of_their_kind(replicas: Replicas, page: str) -> None:
    replicas.set("replica-hostile", "unavailable", 7)
    assert ask(page).headers["Retry-After"] == "7"
    replicas.unset("replica-hostile")
    replicas.set("replica-hostile", "rate_limit", "2/5")
    answers = [ask(page) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "5"
    replicas.unset("replica-hostile")
    replicas.set("replica-hostile", "challenge", "521")
    assert "__jsluid" in ask(page).headers["Set-Cookie"]


def test_redirects_lead_home_away_or_in_circles(replicas: Replicas, page: str) -> None:
    replicas.set("replica-hostile", "soft_404", "home", on="detail")
    detail = replicas.url_of("replica-hostile", "kunping-ggzy", 2020)
    assert (ask(detail).status_code, ask(detail).headers["Location"]) == (301, "/")
    assert ask(page).status_code == 200
    replicas.unset("replica-hostile")
    replicas.set("replica-hostile", "offsite", "http://127.0.0.99/elsewhere")
    assert ask(page).headers["Location"] == "http://127.0.0.99/elsewhere"
    replicas.unset("replica-hostile")
    replicas.set("replica-hostile", "moved", "http://127.0.0.98")
    assert ask(page).headers["Location"] == "http://127.0.0.98/zwgk/zfxxgk/zfxxgknb/"
    replicas.unset("replica-hostile")
    replicas.set("replica-hostile", "cookie", "jar")
    assert requests.get(page, timeout=TIMEOUT).status_code == 200
    replicas.set("replica-hostile", "cookie", "loop")
    with pytest.raises(requests.TooManyRedirects):
        requests.get(page, timeout=TIMEOUT)


def test_the_index_can_answer_for_every_article(replicas: Replicas, page: str) -> None:
    replicas.set("replica-hostile", "soft_404", "index", on="detail")
    assert ask(replicas.url_of("replica-hostile", "kunping-ggzy", 2020)).content == ask(page).content


@pytest.mark.parametrize("value", ["undeclared", "header", "wrong"])
def test_pages_can_be_gbk_whatever_they_say(replicas: Replicas, page: str, value: str) -> None:
    replicas.set("replica-hostile", "charset", value)
    answer = ask(page)
    assert "坤屏市" in answer.content.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        answer.content.decode("utf-8")
    assert (b"charset=utf-8" in answer.content) is (value == "wrong")
    assert ("gb2312" in answer.headers["Content-Type"]) is (value == "header")


def test_bodies_can_be_packed_unasked(replicas: Replicas, page: str) -> None:
    sound = ask(page).content
    replicas.set("replica-hostile", "gzip", "forced")
    assert ask(page).headers["Content-Encoding"] == "gzip"
    assert ask(page).content == sound
    replicas.set("replica-hostile", "gzip", "unlabelled")
    assert gzip.decompress(ask(page).content) == sound


def test_bodies_can_end_early_or_drip(replicas: Replicas, page: str) -> None:
    replicas.set("replica-hostile", "truncate")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ask(page)
    replicas.unset("replica-hostile")
    sound = ask(page).content
    replicas.set("replica-hostile", "drip", 0.001)
    assert ask(page).content == sound


def test_an_error_page_can_stand_under_a_files_name(replicas: Replicas) -> None:
    direct = replicas.url_of("replica-zhongwei", "zhongwei-ggzy", 2018)
    replicas.set("replica-zhongwei", "html_as_file")
    answer = ask(direct)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"<!DOCTYPE html>")


def test_lists_can_repeat_or_lose_their_further_pages(replicas: Replicas) -> None:
    first, second = (replicas.urls["replica-guyuan"] + LIST + name for name in ("", "list_1.html"))
    rows = ask(first).text.split('"xxgk_wrap"')[1].split("createPage")[0]
    assert rows not in ask(second).text
    replicas.set("replica-guyuan", "page2_same")
    assert rows in ask(second).text
    replicas.unset("replica-guyuan")
    replicas.set("replica-guyuan", "stub_pages")
    assert len(ask(second).content) < 420
    assert len(ask(first).content) > 1000


def test_error_pages_can_be_latin_and_say_nothing_of_it(replicas: Replicas, page: str) -> None:
    replicas.set("replica-hostile", "latin_errors")
    answer = ask(f"{page}nothing.html")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/html"
    assert "demandée" in answer.content.decode("iso-8859-1")


def test_pages_can_come_without_validators_or_late(replicas: Replicas, page: str) -> None:
    replicas.set("replica-hostile", "no_validators")
    assert not {"ETag", "Last-Modified"} & set(ask(page).headers)
    replicas.set("replica-hostile", "slow", 0.05)
    site = replicas.site("replica-hostile")
    late = Ask("GET", "/zwgk/zfxxgk/zfxxgknb/")
    assert broken(site, late, site.answer(late)).delay == 0.05
    assert ask(page).status_code == 200


def test_services_can_want_a_referer_or_a_script_header(replicas: Replicas) -> None:
    proxy = replicas.urls["replica-jining"] + "/module/web/jpage/dataproxy.jsp?columnid=33381&startrecord=1&endrecord=9"
    replicas.set("replica-jining", "referer")
    assert ask(proxy).status_code == 404
    assert ask(proxy, Referer="http://127.0.0.13/").status_code == 200
    replicas.unset("replica-jining")
    replicas.set("replica-jining", "xhr")
    assert ask(proxy).status_code == 404
    assert ask(proxy, **{"X-Requested-With": "XMLHttpRequest"}).status_code == 200


def test_rows_can_lose_their_full_titles_and_break_their_dates(replicas: Replicas) -> None:
    url = replicas.urls["replica-jining"] + "/col/col33381/index.html"
    assert "title='济宁市" in ask(url).content.decode()
    replicas.set("replica-jining", "no_title_attribute")
    replicas.set("replica-jining", "date_breaks")
    text = ask(url).content.decode()
    assert "title='济宁市" not in text
    assert 'class="sp_time rig">\n2025' in text
    replicas.set("replica-jining", "viewer_title", "none")
    viewer = "/module/xxgk/xxgkAnnualReport.jsp?area=12370800664437539U&fbtime=2020"
    assert "发布时间" not in ask(replicas.urls["replica-jining"] + viewer).content.decode()


@pytest.mark.parametrize(
    ("kind", "status"),
    [("allow", 200), ("comments", 200), ("disallow", 200), ("absent", 404), ("forbidden", 403), ("error", 503)],
)
def test_robots_come_in_every_kind_and_no_switch_breaks_them(replicas: Replicas, kind: str, status: int) -> None:
    replicas.set("replica-hostile", "robots", kind)
    replicas.set("replica-hostile", "forbidden")
    answer = ask(replicas.urls["replica-hostile"] + "/robots.txt")
    assert answer.status_code == status
    assert ("Disallow: /\n" in answer.text) is (kind == "disallow")


def test_a_pdf_can_be_shown_in_a_viewer_and_an_article_split(replicas: Replicas) -> None:
    url = replicas.url_of("replica-guyuan", "guyuan-ggzy", 2021)
    replicas.set("replica-guyuan", "viewer", "iframe")
    assert "viewer.html?file=.%2FP0" in ask(url).text
    replicas.set("replica-guyuan", "viewer", "object")
    assert 'type="application/pdf"' in ask(url).text
    article = replicas.url_of("replica-hostile", "kunping-ggzy", 2020)
    whole = ask(article).content.decode()
    replicas.set("replica-hostile", "split")
    parts = [ask(url).content.decode() for url in (article, article.replace(".html", "_1.html"))]
    assert 'createPageHTML(2, 0, "t' in parts[0]
    assert 'createPageHTML(2, 1, "t' in parts[1]
    assert whole.count("<tr") == sum(part.count("<tr") for part in parts)
    assert all(len(part) < len(whole) for part in parts)


def test_many_hosts_can_run_at_once() -> None:
    with running(sites=crowd(30)) as replicas:
        for url in replicas.urls.values():
            assert ask(f"{url}/zwgk/xxgknb/").status_code == 200
        assert len(replicas.log()) == 30


def test_two_sets_of_replicas_find_ports_of_their_own(replicas: Replicas) -> None:
    with running() as second:
        assert second.port != replicas.port
        assert ask(second.urls["replica-guyuan"] + LIST).status_code == 200


def test_a_taken_port_is_an_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.13", 0))
        taken.listen()
        with pytest.raises(OSError), running(port=taken.getsockname()[1]):  # noqa: PT011 - the kernel's own error
            pass


SERVE = """
from infra.replica.server import serve
serve(0, ready=lambda replicas: print(replicas.urls["replica-daqing"], flush=True))
"""


def test_serving_in_the_foreground_ends_with_a_signal() -> None:
    with subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert ask(f"{url}/daqing/c100365/list.shtml").status_code == 200
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_every_family_has_a_site_and_every_site_a_family() -> None:
    assert {spec["family"] for spec in specs().values()} == set(FAMILIES)
