"""Lists are found by structure: what a site calls its classes does not matter."""

from __future__ import annotations

import pytest

from schemas.discovery import Page, PageRequest
from tasks.discover.html import Document
from tasks.discover.links import join
from tasks.discover.rows import Group, main_list
from tests.discover.fakesite import BASE, page

URL = f"{BASE}/zwgk/nb/"


def read(markup: str, url: str = URL) -> Group:
    group = main_list(Document(Page(PageRequest(url), url, 200, page(markup))))
    assert group is not None
    return group


def title(year: int) -> str:
    return f"甲市公共资源交易中心{year}年政府信息公开工作年度报告"


YEARS = range(2023, 2018, -1)
SHAPES = {
    "list": (
        "<ul class='q1'>{rows}</ul>",
        "<li><a href='./{y}01/t{y}0128_{y}.html'>{t}</a><span>{y}-01-28</span></li>",
    ),
    "date first": ("<ul>{rows}</ul>", "<li><em>[{y}-01-28]</em><a href='./{y}01/t{y}0128_{y}.html'>{t}</a></li>"),
    "date inside the link": ("<div>{rows}</div>", "<p><a href='./t{y}0128_{y}.html'>{t}<span>{y}-01-28</span></a></p>"),
    "table": (
        "<table>{rows}</table>",
        "<tr><td>·</td><td><a href='t{y}0128_{y}.html'>{t}</a></td><td>{y}/1/28</td></tr>",
    ),
    "definition list": ("<dl>{rows}</dl>", "<dt>{y}-01-28</dt><dd><a href='t{y}0128_{y}.html'>{t}</a></dd>"),
    "two boxes": (
        "<div>{rows}</div>",
        "<ul><li><a href='t{y}0128_{y}.html'>{t}</a></li><li><i>{y}-01-28</i></li></ul>",
    ),
    "day in its own box": (
        "<ul>{rows}</ul>",
        "<li><b>28</b><i>{y}-01</i><h4><a href='t{y}0128_{y}.html'>{t}</a></h4></li>",
    ),
    "bare lines": ("<div>{rows}</div>", "<a href='t{y}0128_{y}.html'>{t}</a> {y}-01-28<br>"),
    "div cards": (
        "<div>{rows}</div>",
        "<div class='c'><div><a href='t{y}0128_{y}.html'>{t}</a></div><div>{y}.01.28</div></div>",
    ),
    "onclick": (
        "<ul>{rows}</ul>",
        "<li><a href='javascript:;' onclick=\"jump('./t{y}0128_{y}.html')\">{t}</a>{y}-01-28</li>",
    ),
    "row onclick": (
        "<ul>{rows}</ul>",
        "<li onclick=\"location.href='./t{y}0128_{y}.html'\">{t}<span>{y}-01-28</span></li>",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_list_of_any_shape_gives_its_entries(shape: str) -> None:
    around, row = SHAPES[shape]
    group = read(around.format(rows="".join(row.format(y=year + 1, t=title(year)) for year in YEARS)))
    assert [found.title for found in group.rows] == [title(year) for year in YEARS]
    assert [found.date for found in group.rows] == [f"{year + 1}-01-28" for year in YEARS]
    assert all(found.url.startswith(URL) and found.url.endswith(".html") for found in group.rows)


def test_a_list_cut_into_blocks_of_five_is_one_list() -> None:
    block = "<ul class='l'>{}</ul><div class='line'></div>"
    row = "<li><a href='t{y}0128_{n}.html'>{t}</a><span>{y}-01-28</span></li>"
    rows = [row.format(y=year, n=number, t=title(year - 1)) for number, year in enumerate(range(2024, 2009, -1))]
    group = read("".join(block.format("".join(rows[at : at + 5])) for at in range(0, 15, 5)))
    assert len(group.rows) == 15


def test_the_report_list_wins_over_a_longer_list_of_news_beside_it() -> None:
    news = "".join(
        f"<li><a href='/xw/t2024010{n}_{n}.html'>甲市召开第{n}次工作会议</a><span>2024-01-0{n}</span></li>"
        for n in range(1, 9)
    )
    reports = "".join(f"<li><a href='t{y}0128_{y}.html'>{title(y)}</a></li>" for y in (2021, 2022))
    group = read(f"<div class='left'><ul>{news}</ul></div><div class='right'><ul>{reports}</ul></div>")
    assert [row.title for row in group.rows] == [title(2021), title(2022)]


def test_the_full_title_of_the_attribute_replaces_a_cut_text() -> None:
    group = read(
        "<ul><li><a href='t20220128_1.html'"
        f" title='{title(2021)}'>甲市公共资源交易中心2021年政府…</a>2022-01-28</li></ul>"
    )
    assert group.rows[0].title == title(2021)


def test_an_attribute_that_says_nothing_does_not_replace_the_text() -> None:
    group = read(f"<ul><li><a href='t20220128_1.html' title='点击查看'>{title(2021)}</a>2022-01-28</li></ul>")
    assert group.rows[0].title == title(2021)


def test_a_file_beside_the_page_belongs_to_the_same_entry() -> None:
    row = (
        "<li><a href='t{y}0128_1.html'>{t}</a> <a"
        " href='P0{y}0128371234567890.pdf'>PDF下载</a> <span>{y}-01-28</span></li>"
    )
    group = read("<ul>" + "".join(row.format(y=year + 1, t=title(year)) for year in (2022, 2021)) + "</ul>")
    assert [row_.files for row_ in group.rows] == [(f"{URL}P0{y}0128371234567890.pdf",) for y in (2023, 2022)]


def test_a_vague_link_takes_the_words_of_its_row() -> None:
    row = "<tr><td>{t}</td><td>{y}-01-28</td><td><a href='t{y}0128_1.html'>查看</a></td></tr>"
    group = read("<table>" + "".join(row.format(y=year + 1, t=title(year)) for year in (2022, 2021)) + "</table>")
    assert [found.title for found in group.rows] == [title(2022), title(2021)]


def test_entries_that_are_files_themselves_are_entries() -> None:
    group = read(f"<ul><li><a href='./P020220128371234567890.pdf'>{title(2021)}</a><span>2022-01-28</span></li></ul>")
    assert group.rows[0].candidate(URL).kind == "attachment"


@pytest.mark.parametrize(
    "href",
    [
        "../nb/202201/t20220128_1.html",
        "/zwgk/nb/202201/t20220128_1.html",
        "./202201/./t20220128_1.html",
        " ./202201/t20220128_1.html\n",
    ],
)
def test_relative_addresses_become_the_same_absolute_one(href: str) -> None:
    group = read(f"<ul><li><a href='{href}'>{title(2021)}</a>2022-01-28</li></ul>")
    assert group.rows[0].url == f"{BASE}/zwgk/nb/202201/t20220128_1.html"


def test_navigation_alone_is_no_list() -> None:
    document = Document(Page(PageRequest(URL), URL, 200, page("<p>欢迎</p>")))
    assert main_list(document) is None


def test_a_query_that_looks_like_an_entity_stays_a_query() -> None:
    group = read(f"<ul><li><a href='/a.jsp?id=1&currentPage=2&copy=3'>{title(2021)}</a>2022-01-28</li></ul>")
    assert group.rows[0].url == f"{BASE}/a.jsp?id=1&currentPage=2&copy=3"


def test_a_viewer_whose_file_has_no_proper_address_breaks_nothing() -> None:
    assert join("http://www.example.gov.cn/a/", "/js/viewer.html?file=http%3A%2F%2F%5Bx") is not None
    assert join("http://www.example.gov.cn/a/", "/js/viewer.html?file=%2Fb.pdf") == "http://www.example.gov.cn/b.pdf"
