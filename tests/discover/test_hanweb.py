"""Hanweb: the jpage datastore and its dataproxies, the annual-report viewer, jpaas, and the look-alike."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from schemas.discovery import Discovery, PageRequest
from schemas.errors import DiscoverError
from schemas.site import Entry, PublisherEntry
from tasks.discover import discover
from tests.discover.fakesite import BASE, Answer, FakeSite, page, site, years

COLUMN = "/col/col1234/index.html"
PROXY = "/module/web/jpage/dataproxy.jsp"
AREA = "12370800664437539U"
VIEWER = "/module/xxgk/xxgkAnnualReport.jsp"
ALL = range(2034, 2014, -1)


def record(year: int, shape: str = "li") -> str:
    title = f"甲市公共资源交易中心{year}年政府信息公开工作年度报告"
    link = f"<a href='/art/{year + 1}/1/8/art_1234_{year}.html' title='{title}' target=\"_blank\">{title[:12]}…</a>"
    if shape == "table":
        return f"<table><tr><td>{link}</td><td>[{year + 1}-01-08]</td></tr></table>"
    if shape == "tr":
        return f"<tr><td>{link}</td><td>{year + 1}-01-\n08</td></tr>"
    return f'<li><i></i>{link}<span class="t rig">\n{year + 1}-01-\n08</span></li>'


def store(records: list[str], total: int | None = None) -> str:
    inside = "".join(f"<record><![CDATA[ {item} ]]></record>" for item in records)
    told = f"<totalrecord>{total}</totalrecord><totalpage>9</totalpage>" if total is not None else ""
    query = "page=1&webid=9&path=/&columnid=1234&unitid=777&permissiontype=0"
    group = f'<nextgroup><![CDATA[<a href="{PROXY}?{query}"></a>]]></nextgroup>'
    return f"<datastore>{told}{group}<recordset><div class='x'><ul></ul></div>{inside}</recordset></datastore>"


def column(count: int = 20, shown: int = 9, shape: str = "li", per: int = 3, groups: int = 3) -> str:
    first = store([record(year, shape) for year in ALL[:count]][:shown])
    return page(
        f'<div id="777"><script type="text/xml">{first}</script></div>'
        "<script>var param_777 ="
        f" {{col:1,webid:9,path:'/',columnid:1234,sourceContentType:1,"
        f"unitid:'777',webname:'%E7%94%B2',permissiontype:0}};"
        f"$('#777').jpage({{ totalRecord:{count}, groupSize:{groups},"
        f" perPage:{per}, proxyUrl:'{PROXY}', ajaxParam:param_777 }});</script>"
    )


def values(request: PageRequest) -> dict[str, str]:
    return {name: found[0] for name, found in parse_qs(urlsplit(request.url).query).items()} | dict(request.form)


def windows(request: PageRequest) -> str:
    asked = values(request)
    first, last = int(asked.get("startrecord", 1)), int(asked.get("endrecord", 9))
    return store([record(year) for year in ALL[first - 1 : last]], 20)


def only_pages(size: int = 3) -> Answer:
    def answer(request: PageRequest) -> str:
        number = int(values(request).get("page", 1))
        return store([record(year) for year in ALL[(number - 1) * size : number * size]], 20)

    return answer


def posted_windows_only(request: PageRequest) -> str:
    return windows(request) if request.method == "POST" and values(request).get("unitid") == "777" else store([])


def look(fake: FakeSite, entry: Entry | str = COLUMN, wanted: range = years(2008, 2035)) -> Discovery:
    return discover(site(entry), wanted, fake)


@pytest.mark.parametrize("shape", ["li", "table", "tr"])
def test_a_column_that_fits_into_its_first_group_needs_no_proxy(shape: str) -> None:
    fake = FakeSite({COLUMN: column(6, 6, shape)})
    found = look(fake)
    assert (len(found.candidates), found.complete, found.announced_total, found.looks[0].family) == (
        6,
        True,
        6,
        "hanweb_jpage",
    )
    assert found.candidates[0].listed_on == "2035-01-08"
    assert found.candidates[0].title.endswith("年度报告")


@pytest.mark.parametrize("proxy", [windows, posted_windows_only, only_pages(3), only_pages(9)])
def test_servers_of_windows_and_servers_of_pages_are_both_read_to_the_end(proxy: Answer) -> None:
    found = look(FakeSite({COLUMN: column(), PROXY: proxy}))
    assert (len(found.candidates), found.entries, found.complete, found.problems) == (20, 20, True, ())


@pytest.mark.parametrize("answer", ["<datastore><recordset></recordset></datastore>", "", "<html>error</html>"])
def test_a_proxy_that_answers_nothing_is_a_broken_chain_and_not_the_end(answer: str) -> None:
    fake = FakeSite({COLUMN: column(), PROXY: answer})
    found = look(fake)
    assert [code for code, _ in found.problems] == ["discover.chain_broken"]
    assert len(found.candidates) == 9


def test_a_proxy_that_repeats_the_first_group_is_noticed() -> None:
    found = look(FakeSite({COLUMN: column(), PROXY: store([record(year) for year in ALL[:9]], 20)}))
    assert [code for code, _ in found.problems] == ["discover.chain_broken"]


def test_a_column_of_plain_articles_without_a_datastore_is_read() -> None:
    fake = FakeSite({COLUMN: page("<ul>" + "".join(record(year) for year in ALL[:4]) + "</ul>")})
    found = look(fake)
    assert (len(found.candidates), found.complete, found.looks[0].family) == (4, True, "hanweb_jpage")


def test_of_two_components_the_one_with_reports_counts() -> None:
    news = "".join(
        f"<record><![CDATA[<li><a href='/art/2024/1/{n}/art_9_{n}.html'>甲市召开第{n}次工作会议"
        f"</a>2024-01-0{n}</li>]]></record>"
        for n in range(1, 9)
    )
    other = f'<div id="9"><script type="text/xml"><datastore><recordset>{news}</recordset></datastore></script></div>'
    found = look(FakeSite({COLUMN: column(6, 6).replace('<div id="777">', other + '<div id="777">')}))
    assert (found.entries, len(found.candidates), found.complete) == (6, 6, True)


# -- the viewer ------------------------------------------------------------------------------------------------------

ENTRY = Entry(url=BASE + VIEWER, publisher="centre", params={"area": AREA})


def report(year: int, title: str | None = None) -> str:
    title = f"甲市公共资源交易中心{year}年政府信息公开工作年度报告" if title is None else title
    day = f"<p>发布时间:{year + 1}-01-16 10:00:00</p>" if title else ""
    return f"<html><body><p>{title}</p>{day}<p>一、总体情况</p><p>政府信息公开{'工作' * 40}</p></body></html>"


def viewer(published: range, **shown: str) -> Answer:
    def answer(request: PageRequest) -> str:
        asked = values(request)
        if asked.get("area") != AREA or int(asked["fbtime"]) not in published:
            return "<html><head></head><body> </body></html>"
        return report(int(asked["fbtime"]), shown.get("title"))

    return answer


def test_the_viewer_gives_one_report_for_each_year_that_is_published() -> None:
    fake = FakeSite({VIEWER: viewer(range(2018, 2022))})
    found = look(fake, ENTRY, years(2015, 2024))
    assert sorted(item.year or 0 for item in found.candidates) == [2018, 2019, 2020, 2021]
    assert {item.kind for item in found.candidates} == {"viewer"}
    assert {item.listed_on for item in found.candidates} == {"2019-01-16", "2020-01-16", "2021-01-16", "2022-01-16"}
    assert found.complete  # an empty answer means not published
    assert all(f"area={AREA}" in request.url and "fbtime=" in request.url for request in fake.requests)


def test_a_viewer_page_without_title_is_the_report_of_the_year_asked() -> None:
    found = look(FakeSite({VIEWER: viewer(range(2020, 2021), title="")}), ENTRY, years(2020, 2020))
    assert [(item.year, item.title, item.publisher) for item in found.candidates] == [(2020, "", "centre")]


def test_a_drifted_name_in_the_viewer_still_belongs_to_the_area() -> None:
    fake = FakeSite({VIEWER: viewer(range(2020, 2021), title="甲市招标投标中心2020年政府信息公开工作年度报告")})
    assert [item.publisher for item in look(fake, ENTRY, years(2020, 2020)).candidates] == ["centre"]


def test_a_viewer_that_ignores_the_year_does_not_invent_reports() -> None:
    fake = FakeSite({VIEWER: report(2021)})
    found = look(fake, ENTRY, years(2018, 2020))
    assert found.candidates == ()


def test_a_viewer_that_never_shows_anything_is_doubted() -> None:
    found = look(FakeSite({VIEWER: viewer(range(0))}), ENTRY, years(2015, 2024))
    assert [code for code, _ in found.problems] == ["discover.nothing_recognised"]


def test_a_viewer_that_shows_a_notice_is_not_understood_rather_than_empty() -> None:
    with pytest.raises(DiscoverError) as raised:
        look(FakeSite({VIEWER: "<body>系统维护,请稍后</body>"}), ENTRY, years(2020, 2020))
    assert raised.value.code == "discover.layout_unknown"


def test_a_viewer_without_area_says_what_is_missing() -> None:
    with pytest.raises(DiscoverError) as raised:
        look(FakeSite({}), Entry(url=BASE + VIEWER, publisher="centre"), years(2020, 2020))
    assert raised.value.code == "discover.params_missing"


def test_viewer_and_article_of_one_report_are_both_kept() -> None:
    branch = PublisherEntry(id="centre", name="甲市公共资源交易中心", credit_code=AREA)
    entries = (ENTRY, Entry(url=BASE + COLUMN, publisher="centre"))
    fake = FakeSite({VIEWER: viewer(range(2033, 2034)), COLUMN: column(6, 6)})
    found = discover(site(*entries, publishers=(branch,)), years(2033, 2033), fake)
    assert sorted(item.kind for item in found.candidates) == ["page", "viewer"]


def test_the_directory_is_searched_page_by_page() -> None:
    def search(request: PageRequest) -> str:
        number = int(values(request)["currpage"])
        part = "".join(
            "<tr><td>·</td><td><a"
            f" href='/art/{y + 1}/1/8/art_1234_{y}.html'>甲市公共资源交易中心{y}年政府信息公开工作年度报告"
            f"</a></td><td>{y + 1}-01-08</td></tr>"
            for y in ALL[(number - 1) * 3 : number * 3]
        )
        return f"<table>{part}</table><div>共3页 第{number}页</div>"

    start = "/col/col33381/index.html?vc_xxgkarea=11370800004312466C-ZF&number=B0303&jh=263"
    fake = FakeSite(
        {
            start: page("<div id='tree'></div><script src='/module/xxgk/tree.jsp?area='></script>"),
            "/module/xxgk/search.jsp": search,
        }
    )
    found = look(fake, start)
    assert (len(found.candidates), found.pages >= 3, found.looks[0].family) == (9, True, "hanweb_xxgk")
    assert all(values(request)["area"] == "11370800004312466C-ZF" for request in fake.requests[1:])


# -- jpaas -----------------------------------------------------------------------------------------------------------

UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"


def jpaas_page() -> str:
    return page(
        f"<script src='/jpaas-publish-server/script/unitbuild.js' url='{UNIT}' "
        "queryData=\"{'webId':'52b8','tplSetId':'0d1c','pageType':'column','tagId':'当前栏目list','editType':'null','pageId':'8a4f'}\"></script>"
    )


def unit(count: int, *, only_json: bool) -> Answer:
    def answer(request: PageRequest) -> str:
        asked = values(request)
        if only_json:
            asked = json.loads(asked.get("paramJson", "{}"))
        number, size = int(asked.get("pageNo", 1)), int(asked.get("pageSize", 15))
        rows = "".join(
            f"<li><a href='/zwgk/nb/art/{y + 1}/art_{y:032x}.html'"
            f" title='甲市公共资源交易中心{y}年政府信息公开工作年度报告'>…</a><span>{y + 1}-01-08</span></li>"
            for y in ALL[:count][(number - 1) * size : number * size]
        )
        return json.dumps({"success": True, "code": "200", "data": {"html": f"<ul>{rows}</ul>"}})

    return answer


@pytest.mark.parametrize("only_json", [False, True])
@pytest.mark.parametrize("count", [6, 15, 20])
def test_jpaas_pages_are_asked_in_the_manner_the_server_obeys(only_json: bool, count: int) -> None:
    fake = FakeSite({COLUMN: jpaas_page(), UNIT: unit(count, only_json=only_json)})
    found = look(fake)
    assert (len(found.candidates), found.complete, found.looks[0].family) == (count, True, "jpaas")
    assert all("parseType=bulidstatic" in request.url and "webId=52b8" in request.url for request in fake.requests[1:])


def test_a_jpaas_answer_without_html_is_not_understood() -> None:
    with pytest.raises(DiscoverError) as raised:
        look(FakeSite({COLUMN: jpaas_page(), UNIT: json.dumps({"success": False, "data": None})}))
    assert raised.value.code == "discover.layout_unknown"


# -- the look-alike --------------------------------------------------------------------------------------------------

MESSAGES = "/EpointWebBuilder/messageController/getMessage.do"


def messages(largest: int, *, missing_above: bool) -> Answer:
    def answer(request: PageRequest) -> str | None:
        asked = values(request)
        first, last = int(asked["startrecord"]), int(asked["endrecord"])
        if dict(request.headers).get("Referer") is None or (int(asked["perpage"]) > largest and missing_above):
            return None
        rows = [] if int(asked["perpage"]) > largest else [record(year) for year in ALL[first - 1 : last]]
        return f"cb({json.dumps({'result': store(rows, 20)})})"

    return answer


@pytest.mark.parametrize("largest", [50, 20, 15, 10])
@pytest.mark.parametrize("missing_above", [True, False])
def test_the_lookalike_is_asked_with_a_window_it_answers(largest: int, missing_above: bool) -> None:
    start = page(f"<script>$('#l').jpage({{columnId:'abc-1', proxyUrl:'{MESSAGES}'}})</script><div id='l'></div>")
    found = look(
        FakeSite({"/tzs/nb/nb.html": start, MESSAGES: messages(largest, missing_above=missing_above)}),
        "/tzs/nb/nb.html",
    )
    assert (len(found.candidates), found.complete, found.looks[0].family) == (20, True, "truecms")


def test_entities_in_a_next_group_do_not_spoil_its_address() -> None:
    text = column().replace("?page=1&webid", "?page=1&amp;webid")
    fake = FakeSite({COLUMN: text, PROXY: only_pages(3)})
    assert look(fake).complete
    assert not [path for path in fake.asked if re.search(r"&amp;|amp%3B", path)]


def test_a_jpaas_page_that_shows_page_one_itself_is_read_beyond_it() -> None:
    shown = "".join(record(year) for year in ALL[:15])
    fake = FakeSite(
        {COLUMN: jpaas_page().replace("<script src", f"<ul>{shown}</ul><script src"), UNIT: unit(20, only_json=False)}
    )
    assert {item.year for item in look(fake).candidates} == set(ALL)


def test_a_jpaas_unit_that_fails_beside_a_rendered_page_is_told() -> None:
    shown = "".join(record(year) for year in ALL[:15])
    fake = FakeSite({COLUMN: jpaas_page().replace("<script src", f"<ul>{shown}</ul><script src"), UNIT: "{}"})
    found = look(fake)
    assert len(found.candidates) == 15
    assert [code for code, _ in found.problems] == ["discover.layout_unknown"]


def test_a_component_without_any_total_is_read_until_it_is_empty() -> None:
    fake = FakeSite({COLUMN: column().replace("totalRecord:20, ", ""), PROXY: only_pages(9)})
    found = look(fake)
    assert {item.year for item in found.candidates} == set(ALL)


def test_a_component_that_states_a_total_of_none_is_believed() -> None:
    found = look(FakeSite({COLUMN: column(0)}))
    assert (found.candidates, found.announced_total, found.complete) == ((), 0, True)


LOOKALIKE_PAGE = page(f"<script>$('#l').jpage({{columnId:'abc-1', proxyUrl:'{MESSAGES}'}})</script><div id='l'></div>")


def test_a_quote_that_a_script_escapes_is_no_broken_answer() -> None:
    def answer(request: PageRequest) -> str:
        return str(messages(50, missing_above=True)(request)).replace("href='", "href=\\'")  # type: ignore[operator]

    found = look(FakeSite({"/tzs/nb/nb.html": LOOKALIKE_PAGE, MESSAGES: answer}), "/tzs/nb/nb.html")
    assert (len(found.candidates), found.complete) == (20, True)


def test_an_answer_of_the_lookalike_that_cannot_be_read_is_told() -> None:
    def answer(request: PageRequest) -> str:
        whole = str(messages(10, missing_above=True)(request))  # type: ignore[operator]
        return whole if values(request)["startrecord"] == "1" else whole.replace("title=", '" title=', 1)

    fake = FakeSite({"/tzs/nb/nb.html": LOOKALIKE_PAGE, MESSAGES: answer})
    found = look(fake, "/tzs/nb/nb.html")
    assert found.problems


@pytest.mark.parametrize("told", ["perPage:pageSize", "groupSize:window.groups", "totalRecord:total"])
def test_a_setting_that_a_script_computes_does_not_break_the_look(told: str) -> None:
    name = told.partition(":")[0]
    text = re.sub(rf"{name}:\d+", told, column())
    found = look(FakeSite({COLUMN: text, PROXY: only_pages(3)}))
    assert found.candidates


def test_an_address_that_is_none_breaks_nothing() -> None:
    text = column().replace(f'href="{PROXY}?', 'href="http://[x?')
    assert look(FakeSite({COLUMN: text, PROXY: only_pages(3)})).candidates
