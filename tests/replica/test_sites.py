"""The replica sites as functions from a request to an answer: every planted report can be reached from its list."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest

from infra.replica.sites import ALL, FIVE, Answer, Ask, Column, ReplicaSite, build
from infra.replica.sites.faults import broken
from infra.replica.sites.static import guid
from infra.replica.truth import YEARS, sample_truth

SITES = {site.id: site for site in build(ALL)}


def get(site: ReplicaSite, address: str, **headers: str) -> Answer:
    parts = urlsplit(address)
    return site.answer(Ask("GET", parts.path, dict(parse_qsl(parts.query)), headers=headers))


def post(site: ReplicaSite, address: str, *, json_: object = None, **form: str) -> Answer:
    parts = urlsplit(address)
    body = json.dumps(json_).encode() if json_ is not None else b""
    return site.answer(Ask("POST", parts.path, dict(parse_qsl(parts.query)), form=form, body=body))


def text(answer: Answer) -> str:
    assert answer.status == 200
    return answer.bytes().decode("gb18030" if "gb2312" in (answer.media_type or "") else "utf-8")


def links(page: str, base: str) -> list[str]:
    found = re.findall(r"""href=(?:"([^"]*)"|'([^']*)')""", page)
    return [
        urlsplit(urljoin(f"http://host{base}", unescape(a or b))).geturl().removeprefix("http://host") for a, b in found
    ]


def assert_lists(site: ReplicaSite, column: Column, pages: list[tuple[str, str]]) -> None:
    """Every item of the column is linked from one of the pages, and its page answers."""
    found = {link for page, base in pages for link in links(page, base)}
    for item in column.items:
        address = site.address_of(item, column)
        assert address in found, (site.id, item.title)
        answer = get(site, address)
        assert answer.status == 200
        assert answer.role in ("detail", "file")


@pytest.mark.parametrize("name", ALL)
def test_every_site_has_ten_reports_of_its_publisher_and_neighbours_that_are_none(name: str) -> None:
    site = SITES[name]
    own = {item.key for _, item in site.placed() if item.truth and item.truth.publisher.id == site.spec["publisher"]}
    assert own == {(site.spec["publisher"], year) for year in YEARS}
    others = [item.title for _, item in site.placed() if item.truth is None]
    assert any("政府网站工作年度报表" in title for title in others)
    assert any("法治政府建设" in title or "图解" in title for title in others)
    assert max(column.pages() for column in site.columns) >= 2


@pytest.mark.parametrize("name", ALL)
def test_numbers_and_addresses_are_unique(name: str) -> None:
    site = SITES[name]
    addresses = [site.address_of(item, column) for column, item in site.placed()]
    assert len(addresses) == len(set(addresses))


@pytest.mark.parametrize("name", [*FIVE, "replica-hostile"])
def test_trs_lists_count_their_second_page_as_one(name: str) -> None:
    site = SITES[name]
    if site.family != "trs":
        return
    for column in site.columns:
        stem = column.options.get("page_name", "index")
        assert f'createPageHTML({column.pages()}, 0, "{stem}", "html")' in text(get(site, column.path))
        addresses = [column.path] + [f"{column.path}{stem}_{index}.html" for index in range(1, column.pages())]
        assert_lists(site, column, [(text(get(site, address)), address) for address in addresses])
        assert get(site, f"{column.path}{stem}_{column.pages()}.html").status == 404


def test_trs_attachments_have_the_names_of_the_system_and_a_reissue_keeps_its_address() -> None:
    site = build(("replica-zhongwei",))[0]
    column, item = next((c, i) for c, i in site.placed() if i.key == ("zhongwei-ggzy", 2021))
    page = text(get(site, site.address_of(item, column)))
    (href,) = [link for link in links(page, site.address_of(item, column)) if link.endswith(".pdf")]
    assert re.search(r"/202201/P0\d{17,18}\.pdf$", href)
    before = get(site, href).bytes()
    assert before.startswith(b"%PDF")
    site.replace(sample_truth("zhongwei-ggzy", 2022))
    site.replace(sample_truth("zhongwei-ggzy", 2021))
    assert get(site, href).bytes() == before
    assert get(site, href).changed != item.changed
    direct = next(i for _, i in site.placed() if i.direct)
    assert site.address_of(direct, column).endswith(".pdf")


def test_folders_above_the_columns_lead_down_to_them() -> None:
    site = SITES["replica-zhumadian"]
    top = "/zwgk/zfxxgk/zfxxgknb/"
    years = [link for link in links(text(get(site, top)), top) if link.startswith(top) and link != top]
    assert years == [f"{top}2020n/", f"{top}2022n_45120/", f"{top}2023n_51464/"]
    below = [link for year in years for link in links(text(get(site, year)), year) if link.startswith(year)]
    assert {column.path for column in site.columns} == set(below)


def test_the_year_folder_lies_and_the_old_system_still_answers() -> None:
    site = SITES["replica-zhumadian"]
    assert "时间:2022年01月29日" in text(get(site, "/html/site_gov/articles/202201/149003.html"))
    column = next(column for column in site.columns if "2023n" in column.path and "szfzssydw" in column.path)
    assert ("zhumadian-ggzy", 2024) in {item.key for item in column.items}
    twice = [c.path for c, item in site.placed() if item.key == ("zhumadian-ggzy", 2021)]
    assert len(twice) == 2


def test_the_jpage_column_holds_the_first_window_and_the_proxy_the_rest() -> None:
    site = SITES["replica-jining"]
    column = site.columns[0]
    page = text(get(site, column.path))
    assert page.count("<record>") == 45
    assert f"totalRecord:{len(column.items)}" in page
    rest = text(
        post(
            site,
            "/module/web/jpage/dataproxy.jsp?startrecord=46&endrecord=90&perpage=15",
            columnid="33381",
            unitid="42158",
            webid="85",
        )
    )
    assert f"<totalrecord>{len(column.items)}</totalrecord>" in rest
    assert_lists(site, column, [(page, column.path), (rest, column.path)])


def test_the_proxy_can_obey_the_page_only_or_hide_its_ids() -> None:
    site = build(("replica-jining",))[0]
    proxy = "/module/web/jpage/dataproxy.jsp?columnid=33381&startrecord=46&endrecord=90&perpage=15"
    site.quirks["proxy"] = ("page", "all")
    assert text(get(site, proxy)) == text(get(site, proxy.replace("startrecord=46&endrecord=90", "page=1")))
    assert text(get(site, proxy + "&page=2")) != text(get(site, proxy + "&page=1"))
    site.quirks["proxy"] = ("encrypted", "all")
    page = text(get(site, "/col/col33381/index.html"))
    assert "columnid=33381&" not in page.split("</nextgroup>")[0]
    assert len(get(site, proxy + "&page=2").bytes()) < 60


def test_the_viewer_shows_a_report_by_area_and_year_and_nothing_for_a_missing_year() -> None:
    site = SITES["replica-jining"]
    viewer = "/module/xxgk/xxgkAnnualReport.jsp?area=12370800664437539U&fbtime="
    page = text(get(site, f"{viewer}2020"))
    assert "济宁市公共资源交易服务中心2020年政府信息公开工作年度报告" in page
    assert "发布时间:2021-01-19" in page
    assert "<title></title>" in page
    nothing = re.sub(r"<[^>]+>", "", text(get(site, f"{viewer}2010")))
    assert nothing.strip() == ""
    branch = text(get(site, "/module/xxgk/xxgkAnnualReport.jsp?fbtime=2022&area=12370812F50341961E"))
    assert "兖州分中心2022年" in branch


def test_ucap_lists_count_from_one_and_articles_carry_no_day() -> None:
    for name in ("replica-daqing", "replica-ucap"):
        site = SITES[name]
        column = site.columns[0]
        stem = column.options.get("page_name", "list")
        first = f"{column.path}{stem}.shtml"
        page = text(get(site, first))
        assert f'createPageHTML("page_div",{column.pages()},1,"{stem}","shtml",{len(column.items)})' in page
        assert get(site, column.path).status == 404
        addresses = [first] + [f"{column.path}{stem}_{n}.shtml" for n in range(2, column.pages() + 1)]
        assert_lists(site, column, [(text(get(site, a)), a) for a in addresses])
        channel = column.options["channel"]
        listed = json.loads(text(get(site, f"/common/search/{channel}?_isAgg=true&_isJson=true&_pageSize=100&page=1")))
        assert len(listed["data"]["results"]) == listed["data"]["total"] == len(column.items)
    article = SITES["replica-daqing"].address_of(column.items[0], column)
    assert re.search(r"/\d{6}/", article)


def test_jpaas_pages_count_only_inside_param_json() -> None:
    site = SITES["replica-jpaas"]
    column = site.columns[0]
    query = re.search(r'queryData="(\{[^"]+\})"', text(get(site, column.path)))
    assert query
    pairs = dict(re.findall(r"'(\w+)':'([^']*)'", query.group(1)))
    assert pairs["parseType"] == "bulidstatic"

    def unit(**more: str) -> str:
        ask = Ask("GET", "/api-gateway/jpaas-publish-server/front/page/build/unit", {**pairs, **more})
        return str(json.loads(site.answer(ask).bytes())["data"]["html"])

    pages = [unit(paramJson=json.dumps({"pageNo": number, "pageSize": "15"})) for number in (1, 2, 3)]
    assert unit(pageNo="2", pageSize="15") == pages[0]
    assert unit(paramJson=json.dumps({"pageNo": 4, "pageSize": "15"})) == ""
    assert_lists(site, column, [(page, column.path) for page in pages])


def test_webforms_page_by_post_back_with_the_state_of_the_page() -> None:
    site = SITES["replica-webforms"]
    column = site.columns[0]
    address = f"{column.path}?CategoryNum=003004"
    page = text(get(site, address))
    assert "charset=gb2312" in page
    state = re.search(r'name="__VIEWSTATE" id="__VIEWSTATE" value="([^"]+)"', page)
    assert state
    pages = [page]
    for number in range(2, column.pages() + 1):
        form = {"__VIEWSTATE": state.group(1), "__EVENTTARGET": "MoreInfoList1$Pager", "__EVENTARGUMENT": str(number)}
        pages.append(text(post(site, address, **form)))
        assert pages[-1] == text(get(site, f"{address}&pageing={number}"))
    assert post(site, address, __EVENTTARGET="MoreInfoList1$Pager", __EVENTARGUMENT="2").status == 404
    assert_lists(site, column, [(one, column.path) for one in pages])


@pytest.mark.parametrize(("switch", "value"), [("hidden_links", True), ("charset", "undeclared"), ("charset", "wrong")])
def test_switches_rewrite_a_site_that_speaks_gbk(switch: str, value: object) -> None:
    site = SITES["replica-webforms"]
    address = f"{site.columns[0].path}?CategoryNum=003004"
    sound = text(get(site, address))
    ask = Ask("GET", site.columns[0].path, {"CategoryNum": "003004"})
    site.quirks[switch] = (value, "all")
    answer = broken(site, ask, site.answer(ask))
    del site.quirks[switch]
    said = answer.bytes().decode("gb18030")
    assert (answer.status, said != sound) == (200, True)
    assert ("jumpToDetail('/TPFront/InfoDetail/" in said) is (switch == "hidden_links")


def test_the_rest_directory_counts_from_one_or_zero_and_may_want_params() -> None:
    site = build(("replica-rest",))[0]
    column = site.columns[0]
    assert "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a" in get(site, "/js/webBuilderCommon.js").bytes().decode()

    def ask(index: int, *, wrap: bool = False) -> dict[str, object]:
        asked = {"deptcode": "014001", "categorynum": "003004001", "pageIndex": index, "pageSize": 10}
        service = "/EWB-FRONT/rest/lightfrontaction/getgovinfolist"
        answer = post(site, service, json_={"params": asked} if wrap else asked)
        found: dict[str, object] = json.loads(answer.bytes())["custom"]
        return found

    assert ask(1)["total"] == len(column.items)
    assert ask(1) != ask(2)
    assert ask(0) == ask(1)
    site.quirks["index_base"] = (0, "all")
    assert ask(0) != ask(1)
    site.quirks["wrapped"] = (True, "all")
    assert ask(0)["total"] == 0
    assert ask(0, wrap=True)["total"] == len(column.items)
    for item in column.items:
        assert get(site, site.address_of(item, column)).status == 200
        assert guid(item) in site.address_of(item, column)


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("replica-static", "/gysggzyjy/016/2.html"),
        ("replica-jeecms", "/xxgknb/index_2.htm"),
        ("replica-webplus", "/xxgk/1207/list2.htm"),
        ("replica-siteserver", "/channels/205_2.html"),
        ("replica-aspnet", "/NewsLsit.aspx?ClassID=602&page=2"),
    ],
)
def test_static_lists_name_their_second_page_in_their_own_way(name: str, second: str) -> None:
    site = SITES[name]
    column = site.columns[0]
    addresses = [site.list_address(column, index) for index in range(column.pages())]  # type: ignore[attr-defined]
    assert addresses[1] == second
    assert second in links(text(get(site, addresses[0])), addresses[0])
    assert_lists(site, column, [(text(get(site, address)), address) for address in addresses])


def test_vsb_pages_run_downwards_and_files_stand_outside_the_body() -> None:
    site = SITES["replica-vsb"]
    column = site.columns[0]
    page = text(get(site, "/zwgk/xxgknb.htm"))
    assert f"/zwgk/xxgknb/{column.pages() - 1}.htm" in links(page, "/zwgk/xxgknb.htm")
    addresses = ["/zwgk/xxgknb.htm"] + [f"/zwgk/xxgknb/{n}.htm" for n in range(column.pages() - 1, 0, -1)]
    assert_lists(site, column, [(text(get(site, address)), address) for address in addresses])
    item = next(item for item in column.items if item.format == "pdf")
    article = text(get(site, site.address_of(item, column)))
    assert "download.jsp" in article.split("</form>")[1]
    file = next(link for link in links(article, "/") if "download.jsp" in link)
    assert get(site, file).bytes().startswith(b"%PDF")


def test_an_epoint_error_page_says_404_in_its_title_alone() -> None:
    answer = get(SITES["replica-static"], "/nothing.html")
    assert answer.status == 200
    assert "<title>404</title>" in answer.bytes().decode()


def test_lonsun_gives_further_pages_by_its_label_service() -> None:
    site = SITES["replica-lonsun"]
    column = site.columns[0]
    page = text(get(site, "/public/column/6596?type=4&action=list&catId=7012345"))
    assert f"pageCount:{column.pages()}" in page
    label = "/site/label/8888?labelName=publicInfoList&organId=6596&catId=7012345&pageSize=15&length=80&pageIndex="
    pages = [page] + [text(get(site, f"{label}{number}")) for number in range(2, column.pages() + 1)]
    assert_lists(site, column, [(one, "/") for one in pages])
    assert "暂无相关信息" in text(get(site, f"{label}9"))


def test_gkmlpt_lists_as_json_until_the_stated_count() -> None:
    site = SITES["replica-gkmlpt"]
    column = site.columns[0]
    assert "SID:'760001'" in text(get(site, "/gkmlpt/index"))
    addresses: list[str] = []
    for number in range(1, column.pages() + 1):
        data = json.loads(text(get(site, f"/gkmlpt/api/all/4321?page={number}&sid=760001")))
        assert data["classify"]["post_count"] == len(column.items)
        addresses += [urlsplit(article["url"]).path for article in data["articles"]]
    assert sorted(addresses) == sorted(site.address_of(item, column) for item in column.items)
    post_page = text(get(site, addresses[0]))
    assert "\\u003C" in post_page


def test_truecms_answers_jsonp_only_to_a_referer_and_small_pages() -> None:
    site = SITES["replica-truecms"]
    column = site.columns[0]
    proxy = "/EpointWebBuilder/messageController/getMessage.do?columnId=c0ffee12-77aa&callback=cb"
    assert get(site, f"{proxy}&startrecord=1&endrecord=20&perpage=20").status == 404
    assert "<record>" not in text(get(site, f"{proxy}&startrecord=1&endrecord=50&perpage=50", referer="x"))
    pages = [
        json.loads(text(get(site, f"{proxy}&startrecord={n}&endrecord={n + 19}&perpage=20", referer="x"))[3:-1])[
            "result"
        ]
        for n in (1, 21)
    ]
    assert_lists(site, column, [(page, column.path) for page in pages])


def test_a_new_report_appears_on_top_of_its_list() -> None:
    site = build(("replica-guyuan",))[0]
    before = text(get(site, site.columns[0].path))
    item = site.add(sample_truth("guyuan-ggzy", 2025))
    address = site.address_of(item, site.columns[0])
    assert address not in links(before, site.columns[0].path)
    assert links(text(get(site, site.columns[0].path)), site.columns[0].path).count(address) == 1
    assert get(site, address).status == 200
    site.withdraw("guyuan-ggzy", 2025)
    assert text(get(site, site.columns[0].path)) == before
