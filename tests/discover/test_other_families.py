"""One test per system and quirk: Epoint in three generations, UCAP, Lonsun, gkmlpt, VSB, WebPlus and the rest."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from schemas.discovery import Discovery, PageRequest
from schemas.errors import DiscoverError
from schemas.site import Entry
from tasks.discover import discover
from tests.discover.fakesite import BASE, Answer, FakeSite, page, site, years

ALL = list(range(2023, 2011, -1))  # twelve reports


def name(year: int) -> str:
    return f"甲市公共资源交易中心{year}年政府信息公开工作年度报告"


def rows(some: list[int], href: str, tag: str = "li") -> str:
    return "".join(
        f"<{tag}><a href='{href.format(y=year)}' title='{name(year)}'>{name(year)}"
        f"</a><span>{year + 1}-01-15</span></{tag}>"
        for year in some
    )


def values(request: PageRequest) -> dict[str, str]:
    return {key: found[0] for key, found in parse_qs(urlsplit(request.url).query).items()} | dict(request.form)


def look(fake: FakeSite, entry: Entry | str, family: str = "auto") -> Discovery:
    return discover(site(entry, family=family), years(2008, 2025), fake)


def check(fake: FakeSite, entry: Entry | str, family: str, count: int = 12) -> Discovery:
    found = look(fake, entry)
    assert (len(found.candidates), found.problems, found.looks[0].family) == (count, (), family)
    return found


def in_pages(
    size: int, make: Callable[[list[int], int, int], str], address: Callable[[int, int], str]
) -> dict[str, Answer]:
    parts = [ALL[at : at + size] for at in range(0, len(ALL), size)]
    return {address(number, len(parts)): make(part, number, len(parts)) for number, part in enumerate(parts, 1)}


# -- static pagers ---------------------------------------------------------------------------------------------------


def test_ucap_counts_from_one_and_names_its_pages_so() -> None:
    def make(part: list[int], number: int, last: int) -> str:
        pager = f'<div id="pg"></div><script>createPageHTML("pg",{last},{number},"list","shtml",12);</script>'
        return page(f"<ul>{rows(part, '/x/c100/202301/{y:032x}.shtml')}</ul>{pager}")

    pages = in_pages(5, make, lambda number, _: "/x/c100/list.shtml" if number == 1 else f"/x/c100/list_{number}.shtml")
    found = check(FakeSite(pages), "/x/c100/list.shtml", "ucap")
    assert found.announced_total == 12


@pytest.mark.parametrize("door", ["/common/search", "/search", "/searchList"])
def test_ucap_lists_by_json_are_asked_through_the_door_that_answers(door: str) -> None:
    channel = "5d1e8fb0c7a94e2f9b63a0d41c7e58f2"

    def answer(request: PageRequest) -> str:
        number = int(values(request)["page"])
        part = ALL[(number - 1) * 5 : number * 5]
        results = [
            {
                "title": f"<em>{name(y)}</em>",
                "url": f"/x/c100/{y + 1}01/{y:032x}.shtml",
                "publishedTimeStr": f"{y + 1}-01-15 09:00:00",
            }
            for y in part
        ]
        return json.dumps({"data": {"total": 12, "rows": 5, "page": number, "results": results}})

    start = page(f"<div id='list'></div><script>var channelId = '{channel}'; $.get(url)</script><!-- _isJson=true -->")
    found = check(FakeSite({"/x/c100/index.shtml": start, f"{door}/{channel}": answer}), "/x/c100/index.shtml", "ucap")
    assert found.candidates[0].listed_on == "2024-01-15"
    assert "<em>" not in found.candidates[0].title


def test_vsb_runs_downwards_and_only_the_next_link_is_followed() -> None:
    def make(part: list[int], number: int, last: int) -> str:
        up = "xxgknb/" if number == 1 else ""
        after = f"<span class='p_next p_fun'><a href='{up}{last - number}.htm'>下页</a></span>" if number < last else ""
        listed = rows(part, "../info/1039/{y}.htm" if number == 1 else "../../info/1039/{y}.htm")
        return page(f"<ul>{listed}</ul><div><span>共12条</span><span>{number}/{last}</span>{after}</div>")

    pages = in_pages(
        5, make, lambda number, last: "/zwgk/xxgknb.htm" if number == 1 else f"/zwgk/xxgknb/{last - number + 1}.htm"
    )
    fake = FakeSite(pages)
    assert check(fake, "/zwgk/xxgknb.htm", "vsb").announced_total == 12
    assert set(fake.asked) == {"/zwgk/xxgknb.htm", "/zwgk/xxgknb/2.htm", "/zwgk/xxgknb/1.htm"}


def test_vsb_without_a_next_link_before_the_last_page_is_a_broken_chain() -> None:
    text = page(f"<ul>{rows(ALL[:5], '../info/1039/{y}.htm')}</ul><div><span>共12条</span><span>1/3</span></div>")
    assert [code for code, _ in look(FakeSite({"/zwgk/xxgknb.htm": text}), "/zwgk/xxgknb.htm").problems] == [
        "discover.chain_broken"
    ]


def test_webplus_numbers_its_pages_behind_the_name() -> None:
    def make(part: list[int], number: int, last: int) -> str:
        return page(
            f"<div id='wp_news_w6'><ul>{rows(part, '/c12a{y}/page.htm')}</ul><div>第{number}页/共{last}页</div></div>"
        )

    pages = in_pages(5, make, lambda number, _: "/xxgk/list.htm" if number == 1 else f"/xxgk/list{number}.htm")
    check(FakeSite(pages), "/xxgk/list.htm", "webplus")


@pytest.mark.parametrize("ending", ["jhtml", "htm"])
def test_jeecms_counts_from_one_and_its_page_one_twice_does_not_hurt(ending: str) -> None:
    def make(part: list[int], number: int, last: int) -> str:
        return page(
            f"<ul>{rows(part, '/notice/{y}.' + ending)}</ul><div>共12条记录"
            f" {number}/{last}页 <a onclick=\"go('index_2.{ending}')\">2</a></div>"
        )

    pages = in_pages(5, make, lambda number, _: f"/notice/index_{number}.{ending}")
    pages[f"/notice/index.{ending}"] = pages[f"/notice/index_1.{ending}"]
    check(FakeSite(pages), f"/notice/index.{ending}", "jeecms")


def test_siteserver_channels() -> None:
    def make(part: list[int], number: int, last: int) -> str:
        return page(f"<ul>{rows(part, '/contents/205/{y}.html')}</ul><div>第{number}页 共{last}页</div>")

    pages = in_pages(5, make, lambda number, _: "/channels/205.html" if number == 1 else f"/channels/205_{number}.html")
    check(FakeSite(pages), "/channels/205.html", "siteserver")


def test_siteserver_pages_beyond_the_static_ones_are_a_broken_chain() -> None:
    text = page(f"<ul>{rows(ALL[:5], '/contents/205/{y}.html')}</ul><div>第1页 共3页</div>")
    assert look(FakeSite({"/channels/205.html": text}), "/channels/205.html").problems[0][0] == "discover.chain_broken"


def test_epoint_static_pages_are_bare_numbers_and_the_pager_row_is_no_entry() -> None:
    def make(part: list[int], number: int, last: int) -> str:
        listed = "".join(
            f"<tr><td><a id='Rep_{y}' href='/g/016/{y + 1}0115/0123abcd-0000-1111-2222-{y:012x}.html'>{name(y)}"
            f"</a></td><td>{y + 1}-01-15</td></tr>"
            for y in part
        )
        return page(
            f"<table id='t'>{listed}<tr><td colspan='2'><span>{number}/{last}"
            "</span><a href='javascript:go()'>下页</a></td></tr></table>"
        )

    pages = in_pages(5, make, lambda number, _: "/g/016/list.html" if number == 1 else f"/g/016/{number}.html")
    fake = FakeSite(pages)
    found = look(fake, "/g/016/list.html")
    assert (len(found.candidates), found.entries, found.problems) == (12, 12, ())


def test_plain_numbered_folders_are_read_by_the_last_resort() -> None:
    def make(part: list[int], number: int, last: int) -> str:
        after = f"<a href='{number + 1}.html'>下一页</a>" if number < last else "<a href='javascript:;'>下一页</a>"
        return page(f"<ul>{rows(part, '/gk/{y}x.php')}</ul>{after}")

    check(FakeSite(in_pages(5, make, lambda number, _: f"/zfxxgknb/{number}.html")), "/zfxxgknb/1.html", "generic")


# -- pagers that post or ask -----------------------------------------------------------------------------------------


def webforms(mode: str) -> Answer:
    def answer(request: PageRequest) -> str:
        asked, last = values(request), 3
        number = 1
        if mode == "post" and request.method == "POST":
            assert asked["__VIEWSTATE"] == "abc/+="
            assert asked["CategoryNum"] == "003"
            number = int(asked["__EVENTARGUMENT"])
        elif mode != "post":
            number = int(asked.get(mode, 1))
        part = ALL[(number - 1) * 5 : number * 5]
        links = (
            f"<a href=\"javascript:__doPostBack('M$Pager','{number + 1}')\">下一页</a>"
            if mode == "post" and number < last
            else ""
        )
        hidden = "<input type='hidden' name='__VIEWSTATE' value='abc/+=' />"
        return page(
            f"<form method='post' action='MoreInfo.aspx?CategoryNum=003'>{hidden}"
            f"<ul>{rows(part, '/TPFront/InfoDetail/?InfoID={y}&CategoryNum=003')}"
            f"</ul><span>{number}/{last}</span>{links}</form>"
        )

    return answer


@pytest.mark.parametrize("mode", ["post", "Paging", "pageing"])
def test_epoint_webforms_by_post_back_or_by_query(mode: str) -> None:
    check(
        FakeSite({"/TPFront/MoreInfo.aspx": webforms(mode)}),
        "/TPFront/MoreInfo.aspx?CategoryNum=003",
        "epoint_webforms",
    )


def test_asp_net_lists_by_query() -> None:
    def answer(request: PageRequest) -> str:
        number = int(values(request).get("page", 1))
        return page(
            "<input type='hidden' name='__VIEWSTATE'/>"
            f"<ul>{rows(ALL[(number - 1) * 5 : number * 5], '/NewsView.aspx?NewsID={y}')}"
            f"</ul><div>第{number}页 共3页</div>"
        )

    check(FakeSite({"/NewsLsit.aspx": answer}), "/NewsLsit.aspx?ClassID=602", "aspnet")


def rest(*, base: int, wrapped: bool, size: int = 5) -> Answer:
    def answer(request: PageRequest) -> str:
        asked = json.loads(request.json or "{}")
        if wrapped != ("params" in asked):
            return json.dumps({"custom": {"data": [], "total": 0}})
        asked = asked.get("params", asked)
        assert asked["siteGuid"] == "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"
        index = max(int(asked["pageIndex"]) - base, 0)
        data = [
            {
                "title": f"<font color=red>{name(y)[:9]}</font>…",
                "realtitle": name(y),
                "infodate": f"{y + 1}-01-15",
                "infourl": f"/g/003/{y}.html",
            }
            for y in ALL[index * size : (index + 1) * size]
        ]
        return json.dumps({"custom": {"data": data, "total": len(ALL)}})

    return answer


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("wrapped", [False, True])
def test_epoint_rest_counts_from_zero_or_one_plain_or_wrapped(base: int, wrapped: bool) -> None:
    pages: dict[str, Answer] = {
        "/dynamic/zwgk/govInfoPub.html": page(
            "<script src='/js/webBuilderCommon.js'></script><div id='app'></div>"
            "<script>$.ajax(siteInfo.projectName + '/rest/lightfrontaction/getgovinfolist')</script>"
        ),
        "/js/webBuilderCommon.js": "var siteInfo={siteGuid:'7eb5f7f1-9041-43ad-8e13-8fcb82ea831a',"
        "projectName:'/EWB-FRONT'};",
        "/EWB-FRONT/rest/lightfrontaction/getgovinfolist": rest(base=base, wrapped=wrapped),
    }
    found = check(FakeSite(pages), "/dynamic/zwgk/govInfoPub.html?deptcode=014001&categorynum=003004", "epoint_rest")
    assert found.announced_total == 12


def test_a_list_service_that_wants_a_captcha_is_a_refusal() -> None:
    start = page(
        "<script>var u='/a/rest/frontAppCustomAction/getPageInfoListNewYzm';"
        " var siteGuid='7eb5f7f1-9041-43ad-8e13-8fcb82ea831a'</script>"
    )
    with pytest.raises(DiscoverError) as raised:
        look(FakeSite({"/x.html": start}), "/x.html?categorynum=003", "epoint_rest")
    assert raised.value.code == "discover.captcha"


def test_epoint_portal_list_with_form_and_string_in_content() -> None:
    def answer(request: PageRequest) -> str:
        asked = json.loads(dict(request.form)["params"])
        index = asked["pageIndex"]
        data = [
            {"title": name(y), "infodate": f"{y + 1}-01-15", "infoid": f"{y:032x}", "categorynum": "003001001"}
            for y in ALL[index * 5 : index * 5 + 5]
        ]
        return json.dumps({"content": json.dumps({"custom": {"count": 12, "infodata": data}})})

    entry = Entry(
        url=f"{BASE}/x.html",
        publisher="centre",
        params={
            "method": "/a/rest/frontAppCustomAction/getPageInfoListNew",
            "categorynum": "003001001",
            "siteguid": "g",
        },
    )
    found = discover(
        site(entry, family="epoint_rest"),
        years(2008, 2025),
        FakeSite({"/x.html": page("<div id='app'></div>"), "/a/rest/frontAppCustomAction/getPageInfoListNew": answer}),
    )
    assert (len(found.candidates), found.complete) == (12, True)
    assert found.candidates[0].url == f"{BASE}/003001/003001001/20240115/{2023:032x}.html"


SEARCH = "/inteligentsearch/rest/esinteligentsearch/getFullTextDataNew"
SEARCH_PAGE = "/gov/003001/003001001/second.html"


def full_text(known: list[int], *, as_string: bool) -> dict[str, Answer]:
    """A column whose page has only the full-text search; entries come without an address."""

    def answer(request: PageRequest) -> str:
        asked = json.loads(request.json or "{}")
        assert [one["equal"] for one in asked["condition"]] == ["003001001"]
        part = known[asked["pn"] : asked["pn"] + min(asked["rn"], 5)]
        records = [
            {"title": name(y), "linkurl": "", "infodate": f"{y + 1}-01-15 08:00", "infoid": f"{y:032x}",
             "categorynum": "003001001"}
            for y in part
        ]  # fmt: skip
        result = {"result": {"totalcount": len(known), "records": records}}
        return json.dumps({"content": json.dumps(result)} if as_string else result)

    script = f"<script>var categorynum='003001001'; $.post('{SEARCH}')</script>"
    return {SEARCH_PAGE: page(f"<div id='app'></div>{script}"), SEARCH: answer}


@pytest.mark.parametrize("as_string", [True, False])
def test_epoint_full_text_search_gives_the_entries_of_a_category(as_string: bool) -> None:
    found = check(FakeSite(full_text(ALL, as_string=as_string)), SEARCH_PAGE, "epoint_rest")
    assert found.candidates[0].url == f"{BASE}/gov/003001/003001001/20240115/{2023:032x}.html"


def test_a_full_text_search_that_knows_nothing_is_not_believed() -> None:
    with pytest.raises(DiscoverError) as raised:
        look(FakeSite(full_text([], as_string=True)), SEARCH_PAGE)
    assert raised.value.code == "discover.layout_unknown"


@pytest.mark.parametrize("told", [True, False])
def test_lonsun_lists_come_from_the_label_service(told: bool) -> None:
    def answer(request: PageRequest) -> str:
        asked = values(request)
        number = int(asked["pageIndex"])
        assert (asked["organId"], asked["catId"], asked["siteId"]) == ("6596", "7012", "6789")
        part = ALL[(number - 1) * 5 : number * 5]
        listed = "".join(
            f"<div class='n'><a title='{name(y)}' href='/public/6596/{y}.html'>{name(y)[:10]}…"
            f"</a><span>{y + 1}-01-15</span></div>"
            for y in part
        )
        return (
            (f"{listed}<script>var c={{pageCount:3}}</script>" if told else listed) if part else "<p>暂无相关信息</p>"
        )

    start = page(
        "<script>var organId='6596', catId='7012';</script><div id='l'></div>",
        head='<meta name="SiteId" content="6789"/>',
    )
    url = "/public/column/6596?type=4&action=list&catId=7012"
    check(FakeSite({url: start, "/site/label/8888": answer}), url, "lonsun")


def test_lonsun_may_stand_below_a_path_of_a_consolidated_site() -> None:
    def answer(request: PageRequest) -> str:
        return f"<ul>{rows(ALL[:3], '/hs/zwgk/public/6596/{y}.html')}</ul>pageCount:1"

    url = "/hs/zwgk/public/column/6596?type=4&catId=7012"
    fake = FakeSite({url: page("<div></div>"), "/hs/zwgk/site/label/8888": answer})
    assert len(look(fake, url).candidates) == 3


def gkmlpt(total: int | None) -> Answer:
    def answer(request: PageRequest) -> str:
        number = int(values(request)["page"])
        part = ALL[(number - 1) * 5 : number * 5]
        found = [
            {
                "id": y,
                "title": name(y),
                "url": f"{BASE}/gkmlpt/content/4/{y}/post_{y}.html",
                "created_at": 1390000000 + (y - 2013) * 31536000,
            }
            for y in part
        ]
        return json.dumps({"classify": {"post_count": total} if total else {}, "articles": found})

    return answer


@pytest.mark.parametrize("total", [12, None])
def test_gkmlpt_finds_its_category_in_the_tree(total: int | None) -> None:
    tree = [
        {"id": 1, "name": "机构职能", "children": []},
        {
            "id": 2,
            "name": "政府信息公开",
            "children": [{"id": 4321, "name": "政府信息公开年报", "jump_url": ""}, {"id": 9, "name": "网站年度报表"}],
        },
    ]
    start = page(
        f"<div id='app'></div><script>window._CONFIG = {{SID:'760001', TREE:{json.dumps(tree)}, X:1}};</script>"
    )
    found = check(FakeSite({"/gkmlpt/index": start, "/gkmlpt/api/all/4321": gkmlpt(total)}), "/gkmlpt/index", "gkmlpt")
    assert all(item.listed_on for item in found.candidates)


def test_gkmlpt_with_fewer_articles_than_counted_is_told() -> None:
    start = page('<script>window._CONFIG = {SID:\'76\', TREE:[{"id":4321,"name":"政府信息公开年报"}]};</script>')
    found = look(FakeSite({"/gkmlpt/index": start, "/gkmlpt/api/all/4321": gkmlpt(99)}), "/gkmlpt/index")
    assert found.problems[0][0] == "discover.chain_broken"


# -- legacy and the last resort --------------------------------------------------------------------------------------


def test_an_entry_may_be_the_report_itself() -> None:
    body = (
        "<h2>甲市公共资源交易中心2021年政府信息公开工作年度报告</h2>"
        "<div>投稿:a 来源: 时间:2022年01月29日</div><p>一、总体情况</p>"
    )
    news = (
        "<ul>"
        + rows([2022], "/html/site_gov/articles/202301/{y}.html").replace("政府信息公开工作年度报告", "工作会议召开")
        + "</ul>"
    )
    entry = Entry(url=f"{BASE}/html/site_gov/articles/202201/149003.html", publisher="centre")
    found = look(FakeSite({"/html/site_gov/articles/202201/149003.html": page(news + body)}), entry)
    assert [(item.url, item.year, item.kind) for item in found.candidates] == [(entry.url, 2021, "page")]
    assert found.complete


def test_a_legacy_column_is_read() -> None:
    fake = FakeSite({"/html/site_gov/nb/": page(f"<ul>{rows(ALL, '/html/site_gov/articles/202201/{y}.html')}</ul>")})
    check(fake, "/html/site_gov/nb/", "legacy")


def test_the_last_resort_raises_when_it_sees_no_report_at_all() -> None:
    news = "".join(
        f"<li><a href='/xw/{n}.php'>甲市召开第{n}次全体工作会议部署</a>2024-01-0{n}</li>" for n in range(1, 9)
    )
    with pytest.raises(DiscoverError) as raised:
        look(FakeSite({"/x/": page(f"<ul>{news}</ul>")}), "/x/")
    assert raised.value.code == "discover.layout_unknown"


def test_the_last_resort_finds_a_pager_in_the_query() -> None:
    def answer(request: PageRequest) -> str:
        number = int(values(request).get("currentPage", 1))
        return page(
            f"<ul>{rows(ALL[(number - 1) * 5 : number * 5], '/eportal/a/{y}.php')}</ul><div>第{number}页 共3页</div>"
        )

    check(FakeSite({"/eportal/ui": answer}), "/eportal/ui?pageId=559300", "generic")
