"""TRS columns: page-2 conventions, folders whose year lies, direct files, stubs and repetitions."""

from __future__ import annotations

import pytest

from schemas.discovery import Discovery, PageRequest
from schemas.errors import DiscoverError, FetchTrouble
from schemas.site import Entry, PublisherEntry
from tasks.discover import discover
from tests.discover.fakesite import BASE, CENTRE, Answer, FakeSite, page, site, years

COLUMN = "/zwgk/bmxxgkml/ggzyjyzx/xxgknb_30082/"


def row(year: int, name: str = "甲市公共资源交易中心", number: int = 1) -> str:
    title = f"{name}{year}年政府信息公开工作年度报告"
    return (
        f"<li><a href='./{year + 1}01/t{year + 1}0128_{number}{year}.html'"
        f" title='{title}'>{title[:14]}…</a><b>{year + 1}-01-28</b></li>"
    )


def pager(pages: int, current: int, name: str = "index", ending: str = "html") -> str:
    return f'<script>createPageHTML({pages}, {current}, "{name}", "{ending}");</script>'


def listing(
    column: str = COLUMN,
    *,
    name: str = "index",
    ending: str = "html",
    shift: int = -1,
    per_page: int = 5,
    stub: bool = False,
) -> dict[str, Answer]:
    """Reports 2009-2023 on pages of five. `shift` -1: index_1 is page 2; 0: index_2 is."""
    rows = [row(year) for year in range(2023, 2008, -1)]
    pages = [rows[at : at + per_page] for at in range(0, len(rows), per_page)]
    made: dict[str, Answer] = {}
    for number, part in enumerate(pages, start=1):
        text = page(
            f"<div class='zz'><ul class='zz'>{''.join(part)}</ul></div>{pager(len(pages), number - 1, name, ending)}"
        )
        if stub and number > 1:
            text = "<html><head><title></title></head><body></body></html>"
        if number == 1:
            made[column] = text
            made[f"{column}{name}.{ending}"] = text
        else:
            made[f"{column}{name}_{number + shift}.{ending}"] = text
    return made


def look(fake: FakeSite, *entries: Entry | str, wanted: range = years(2008, 2025)) -> Discovery:
    return discover(site(*(entries or (COLUMN,))), wanted, fake)


def found_years(found: Discovery) -> list[int | None]:
    return sorted((item.year for item in found.candidates), key=lambda year: year or 0)


@pytest.mark.parametrize("name", ["index", "list"])
@pytest.mark.parametrize("shift", [-1, 0])
@pytest.mark.parametrize("ending", ["html", "htm", "shtml"])
def test_both_conventions_for_page_two_are_read_to_the_end(name: str, shift: int, ending: str) -> None:
    found = look(FakeSite(listing(name=name, shift=shift, ending=ending)))
    assert found_years(found) == list(range(2009, 2024))
    assert found.complete
    assert (found.pages, found.entries) == (3, 15)


def test_index_1_that_is_page_one_again_is_not_taken_for_page_two() -> None:
    pages = listing(shift=0)
    pages[f"{COLUMN}index_1.html"] = pages[COLUMN]
    fake = FakeSite(pages)
    found = look(fake)
    assert found_years(found) == list(range(2009, 2024))
    assert found.complete


def test_the_convention_once_found_is_kept() -> None:
    fake = FakeSite(listing(shift=0, per_page=2))
    assert look(fake).complete
    missed = [path for path in fake.asked if path not in fake.pages]
    assert missed == [f"{COLUMN}index_1.html"]  # tried once, for page 2 only


def test_stub_pages_make_the_look_incomplete() -> None:
    found = look(FakeSite(listing(stub=True)))
    assert [code for code, _ in found.problems] == ["discover.chain_broken"]
    assert not found.complete
    assert found_years(found) == [2019, 2020, 2021, 2022, 2023]  # what was seen is kept


def test_a_missing_middle_page_is_a_broken_chain() -> None:
    pages = listing()
    del pages[f"{COLUMN}index_2.html"]
    found = look(FakeSite(pages))
    assert [code for code, _ in found.problems] == ["discover.chain_broken"]


def test_a_server_that_gives_page_one_for_every_page_is_noticed() -> None:
    pages = listing()
    pages |= {f"{COLUMN}index_{number}.html": pages[COLUMN] for number in range(1, 4)}
    found = look(FakeSite(pages))
    assert [code for code, _ in found.problems] == ["discover.chain_broken"]


def test_an_empty_page_is_asked_once_more() -> None:
    pages = listing()
    second = f"{COLUMN}index_1.html"
    full, asked = pages[second], []

    def at_second_try(_: PageRequest) -> str | None:
        asked.append(1)
        return str(full) if len(asked) > 1 else page("")

    found = look(FakeSite({**pages, second: at_second_try}))
    assert found.complete
    assert len(asked) == 2


def test_a_pager_with_blanks_or_other_names_is_understood() -> None:
    for call in (
        "createPageHTML( 3 ,0 , 'index' , 'html' )",
        "createPage(3,0,'index','html')",
        'getCreatePageHTML(3, 0, "index", "html")',
    ):
        pages = listing()
        pages[COLUMN] = str(pages[COLUMN]).replace('createPageHTML(3, 0, "index", "html")', call)
        assert look(FakeSite(pages)).entries == 15


def test_a_count_in_a_variable_is_understood() -> None:
    pages = listing()
    pages[COLUMN] = str(pages[COLUMN]).replace('createPageHTML(3, 0, "index", "html");', "var countPage = 3;")
    assert look(FakeSite(pages)).entries == 15


def test_one_page_without_any_pager_is_complete() -> None:
    found = look(FakeSite({COLUMN: page(f"<ul>{row(2021)}{row(2020)}</ul>")}))
    assert found.complete
    assert found_years(found) == [2020, 2021]


def test_year_folders_that_lie_and_unit_folders_are_walked() -> None:
    top = "/zwgk/zfxxgk/zfxxgknb/"
    fake = FakeSite(
        {
            top: page("<div><a href='./2020n/'>2020年</a><a href='./2023n_51464/'>2023年</a></div>"),
            f"{top}2020n/": page(
                "<p><a href='./szfgzbm/'>市政府工作部门</a><a href='szfzssydw/'>市政府直属事业单位</a></p>"
            ),
            f"{top}2023n_51464/": page(
                "<p><a href='./szfgzbm/'>市政府工作部门</a><a href='szfzssydw/'>市政府直属事业单位</a></p>"
            ),
            f"{top}2020n/szfgzbm/": page(f"<ul>{row(2020, '甲市财政局')}{row(2020, '甲市审计局', 2)}</ul>"),
            f"{top}2020n/szfzssydw/": page(f"<ul>{row(2020)}{row(2020, '甲市档案馆', 2)}</ul>"),
            f"{top}2023n_51464/szfgzbm/": page(f"<ul>{row(2023, '甲市财政局')}</ul>"),
            f"{top}2023n_51464/szfzssydw/": page(f"<ul>{row(2024)}{row(2023, number=3)}</ul>"),
        }
    )
    found = look(fake, top)
    assert found_years(found) == [2020, 2023, 2024]
    assert found.complete
    assert {item.publisher for item in found.candidates} == {"centre"}
    assert {item.written for item in found.foreign} == {"甲市财政局", "甲市审计局", "甲市档案馆"}


def test_the_navigation_beside_and_above_a_column_is_not_walked() -> None:
    bar = "<div><a href='/zwgk/zfxxgk/'>政府信息公开</a><a href='/zwgk/zfxxgk/zfxxgkzn/'>政府信息公开指南</a></div>"
    fake = FakeSite({"/zwgk/zfxxgk/zfxxgknb/": page(f"{bar}<ul>{row(2021)}</ul>")})
    assert look(fake, "/zwgk/zfxxgk/zfxxgknb/").complete
    assert list(fake.asked) == ["/zwgk/zfxxgk/zfxxgknb/"]


def test_a_directory_of_agencies_leads_to_their_report_columns_only() -> None:
    top = "/zwgk/bmxxgkml/"
    inner = (
        "<a href='./zn/'>政府信息公开指南</a><a href='./fgwj/'>规范性文件</a><a href='./{slug}/'>政府信息公开年报</a>"
    )
    fake = FakeSite(
        {
            top: page("<a href='./sczj/'>市财政局</a><a href='./sggzyjyzx/'>市公共资源交易中心</a>"),
            f"{top}sczj/": page(inner.format(slug="xxgknb_1")),
            f"{top}sggzyjyzx/": page(inner.format(slug="xxganb_1222")),
            f"{top}sczj/xxgknb_1/": page(f"<ul>{row(2021, '甲市财政局')}</ul>"),
            f"{top}sggzyjyzx/xxganb_1222/": page(f"<ul>{row(2021)}</ul>"),
        }
    )
    found = look(fake, top)
    assert (found_years(found), found.complete, len(found.foreign)) == ([2021], True, 1)
    assert not [path for path in fake.asked if "zn" in path or "fgwj" in path]


def test_a_row_of_links_named_after_years_may_be_reports_themselves() -> None:
    article = page("<h1>甲市公共资源交易中心2021年政府信息公开工作年度报告</h1><p>一、总体情况</p>")
    fake = FakeSite({COLUMN: page("<ul><li><a href='./2021.html'>2021年</a></li></ul>"), f"{COLUMN}2021.html": article})
    found = look(fake)
    assert [(item.year, item.kind) for item in found.candidates] == [(2021, "page")]


def test_direct_files_in_the_list_are_attachments() -> None:
    entry = (
        "<li><a href='./202202/P020220128371234567890.pdf'>甲市公共资源交易中心2021年政府信息公开工作年度报告"
        "</a>2022-01-28</li>"
    )
    found = look(FakeSite({COLUMN: page(f"<ul>{entry}{row(2020)}</ul>")}))
    assert {item.year: item.kind for item in found.candidates} == {2021: "attachment", 2020: "page"}


def test_lookalikes_in_the_column_are_no_candidates() -> None:
    wrong = "".join(
        f"<li><a href='./202201/t2022010{n}_{n}.html'>{title}</a>2022-01-0{n}</li>"
        for n, title in enumerate(
            ("甲市2021年政府网站工作年度报表", "甲市2021年法治政府建设年度报告", "一图读懂2021年政府信息公开年报"), 1
        )
    )
    found = look(FakeSite({COLUMN: page(f"<ul>{wrong}{row(2021)}</ul>")}))
    assert (len(found.candidates), found.entries, found.complete) == (1, 4, True)


def test_a_column_whose_titles_are_all_something_else_is_told() -> None:
    rows = "".join(
        f"<li><a href='./t2022010{n}_{n}.html'>甲市召开第{n}次全体会议研究工作</a>2022-01-0{n}</li>"
        for n in range(1, 5)
    )
    found = look(FakeSite({COLUMN: page(f"<ul>{rows}</ul>")}))
    assert [code for code, _ in found.problems] == ["discover.nothing_recognised"]


def test_a_column_that_says_it_is_empty_is_complete_and_empty() -> None:
    found = look(FakeSite({COLUMN: page("<div class='TRS_x'>暂无相关信息</div>")}))
    assert (found.candidates, found.complete, found.announced_total) == ((), True, 0)


def test_an_unknown_template_is_raised_and_never_zero_rows() -> None:
    with pytest.raises(DiscoverError) as raised:
        look(FakeSite({COLUMN: page("<div>欢迎访问本网站</div>")}))
    assert raised.value.code == "discover.layout_unknown"


@pytest.mark.parametrize(
    "body",
    [
        "<div id='app'></div><script src='/js/app.js'></script>",
        "<ul><li v-for='x in list'>{{x.title}}</li></ul><script>new Vue({})</script>",
    ],
)
def test_a_list_that_only_a_browser_fills_is_named_so(body: str) -> None:
    with pytest.raises(DiscoverError) as raised:
        look(FakeSite({COLUMN: page(body)}))
    assert raised.value.code == "discover.needs_browser"


def test_a_frame_on_the_same_host_is_entered() -> None:
    fake = FakeSite(
        {
            COLUMN: page("<iframe src='./inner/index.html'></iframe>"),
            f"{COLUMN}inner/index.html": page(f"<ul>{row(2021)}</ul>"),
        }
    )
    assert found_years(look(fake)) == [2021]


@pytest.mark.parametrize(
    "shell",
    [
        "<html><head><meta http-equiv='refresh' content=\"0; url=./nb/\"></head></html>",
        "<script>location.replace('./nb/');</script>",
    ],
)
def test_a_shell_that_jumps_to_a_constant_address_is_followed_once(shell: str) -> None:
    fake = FakeSite({COLUMN: shell, f"{COLUMN}nb/": page(f"<ul>{row(2021)}</ul>")})
    assert found_years(look(fake)) == [2021]


def test_a_refusal_is_passed_on_and_not_worked_around() -> None:
    def refuse(request: PageRequest) -> str:
        raise FetchTrouble("fetch.challenge", "a script computes a cookie", where=request.url)

    fake = FakeSite({COLUMN: refuse})
    with pytest.raises(FetchTrouble) as raised:
        look(fake)
    assert raised.value.code == "fetch.challenge"
    assert sum(fake.asked.values()) == 1


def test_a_refusal_on_page_two_ends_the_chain_without_trying_other_names() -> None:
    def refuse(request: PageRequest) -> str:
        raise FetchTrouble("fetch.forbidden", "403", where=request.url)

    pages = listing()
    fake = FakeSite({COLUMN: pages[COLUMN], f"{COLUMN}index_1.html": refuse})
    found = look(fake)
    assert found.problems[0][0] == "fetch.forbidden"
    assert sum(fake.asked.values()) == 2


def test_one_entry_that_fails_does_not_lose_the_others() -> None:
    other = PublisherEntry(id="other", name="甲市财政局")
    entries = (Entry(url=f"{BASE}{COLUMN}", publisher="centre"), Entry(url=f"{BASE}/gone/", publisher="other"))
    found = discover(site(*entries, publishers=(CENTRE, other)), years(2008, 2025), FakeSite(listing()))
    assert found_years(found) == list(range(2009, 2024))
    assert not found.complete
    assert found.complete_for("centre")
    assert not found.complete_for("other")


@pytest.mark.parametrize(
    "body",
    [
        "<div v-if='!rows.length'>暂无数据</div><li v-for='x in rows'>{{x.title}}</li><script>new Vue({})</script>",
        "<div class='l'>数据加载中…</div><div>暂无信息</div><script>$.get('/a')</script>",
    ],
)
def test_a_template_that_holds_the_words_for_empty_is_not_empty(body: str) -> None:
    with pytest.raises(DiscoverError) as raised:
        look(FakeSite({COLUMN: page(body)}))
    assert raised.value.code == "discover.needs_browser"


def test_an_empty_box_beside_articles_does_not_make_the_page_empty() -> None:
    shown = "".join(f"<i><b><a href='/info/10/{n}.htm'>公告</a></b></i><hr>" for n in range(5))
    with pytest.raises(DiscoverError) as raised:
        look(FakeSite({COLUMN: page(f"<div>暂无内容</div>{shown}")}))
    assert raised.value.code == "discover.layout_unknown"
