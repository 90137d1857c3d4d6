"""Probe: from any page of a site to its column, and a registry entry to start from."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from schemas.discovery import PageRequest
from schemas.errors import FetchTrouble
from tasks.discover.probe import MAX_PAGES, probe
from tasks.discover.registry import read_registry
from tests.discover.fakesite import BASE, Answer, FakeSite, page
from tests.discover.test_trs import COLUMN, listing, row

TODAY = date(2025, 5, 1)


def portal() -> FakeSite:
    return FakeSite(
        {
            "/": page("<a href='/xw/'>新闻中心</a><a href='/zwgk/'>政务公开</a>"),
            "/zwgk/": page(
                "<a href='/zwgk/zn/'>政府信息公开指南</a><a"
                " href='/zwgk/zfxxgk/'>政府信息公开</a><a href='/wz/'>政府网站年度报表</a>"
            ),
            "/zwgk/zfxxgk/": page(f"<a href='{COLUMN}'>政府信息公开年报</a><a href='/zwgk/zd/'>法定主动公开内容</a>"),
            **listing(),
        }
    )


def test_from_the_home_page_the_column_is_found_and_read() -> None:
    found = probe(f"{BASE}/", portal(), today=TODAY)
    assert found.column == BASE + COLUMN
    assert found.family == "trs"
    assert list(found.by_year) == list(range(2023, 2008, -1))
    assert found.bodies == {"甲市公共资源交易中心": 15}
    assert [words for _, words in found.way] == ["", "政务公开", "政府信息公开", "政府信息公开年报"]


def test_the_entry_it_proposes_is_a_sound_registry_file(tmp_path: Path) -> None:
    found = probe(f"{BASE}/", portal(), today=TODAY)
    assert found.entry is not None
    (tmp_path / "example.yaml").write_text(found.entry, "utf-8")
    registry = read_registry(tmp_path)
    assert [str(fault) for fault in registry.faults] == []
    made = registry.sites[0]
    assert (made.host, made.family, made.entries[0].url) == ("www.example.gov.cn", "trs", BASE + COLUMN)
    assert made.publishers[0].name == "甲市公共资源交易中心"
    assert made.verified_on is None


def test_a_site_without_a_column_is_told_within_a_bounded_look() -> None:
    fake = FakeSite(
        {
            "/": page("".join(f"<a href='/a{n}/'>政务公开{n}</a>" for n in range(60))),
            **{f"/a{n}/": page("<p>无</p>") for n in range(60)},
        }
    )
    found = probe(f"{BASE}/", fake, today=TODAY)
    assert (found.column, found.entry) == (None, None)
    assert found.problems
    assert sum(fake.asked.values()) <= MAX_PAGES


def test_a_refusal_is_told_as_what_it_is() -> None:
    def refuse(request: PageRequest) -> str:
        raise FetchTrouble("fetch.captcha", "letters of a picture", where=request.url)

    found = probe(f"{BASE}/", FakeSite({"/": refuse}), today=TODAY)
    assert found.problems[0][0] == "fetch.captcha"


def test_a_directory_called_annual_reports_is_walked_to_its_agencies() -> None:
    pages: dict[str, Answer] = {
        "/": page("<a href='/zwgk/bm/'>政府信息公开年报</a>"),
        "/zwgk/bm/": page("<a href='./a/'>甲市财政局</a><a href='./b/'>甲市教育局</a>"),
    }
    for letter, body in (("a", "甲市财政局"), ("b", "甲市教育局")):
        pages[f"/zwgk/bm/{letter}/"] = page("<a href='./zn/'>公开指南</a><a href='./nb/'>信息公开年报</a>")
        pages[f"/zwgk/bm/{letter}/nb/"] = page(f"<ul>{''.join(row(year, body) for year in range(2023, 2018, -1))}</ul>")
    found = probe(f"{BASE}/", FakeSite(pages), today=TODAY)
    assert found.column == f"{BASE}/zwgk/bm/"
    assert found.family == "trs"
    assert found.bodies == {"甲市财政局": 5, "甲市教育局": 5}


def test_a_viewer_is_a_column_though_its_address_looks_like_an_article() -> None:
    viewer = "/module/xxgk/xxgkAnnualReport.jsp"

    def answer(request: PageRequest) -> str:
        year = request.url.rpartition("=")[2]
        words = "本局依法公开政府信息。" * 20
        return f"<html><body>甲市财政局{year}年政府信息公开工作年度报告<p>{words}</p></body></html>"

    home = f"<html><title>甲市</title><a href='{viewer}?area=1137&fbtime=2020'>政府信息公开年报</a></html>"
    found = probe(f"{BASE}/", FakeSite({"/": home, viewer: answer}), today=TODAY)
    assert found.family == "hanweb_xxgk"
    assert 2020 in found.by_year


def test_the_publisher_asked_for_is_the_one_proposed(tmp_path: Path) -> None:
    fake = portal()
    found = probe(f"{BASE}/", fake, today=TODAY, name="甲市：公共资源交易中心")
    (tmp_path / "example.yaml").write_text(found.entry or "", "utf-8")
    registry = read_registry(tmp_path)
    assert [str(fault) for fault in registry.faults] == []
    assert [body.name for body in registry.sites[0].publishers] == ["甲市：公共资源交易中心"]
