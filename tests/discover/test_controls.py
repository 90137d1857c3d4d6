"""Pagers without a plain 下一页: numbers, arrows, pictures, 尾页, scripts, 加载更多, totals that stand alone."""

from __future__ import annotations

import pytest

from schemas.discovery import Discovery
from tasks.discover import discover
from tests.discover.fakesite import Answer, FakeSite, page, site, years

COLUMN = "/zfgk/ndbg/"
ALL = range(2023, 2011, -1)


def rows(some: range) -> str:
    found = "".join(
        f"<li><a href='/zfgk/{year + 1}02/t{year + 1}0207_{year}.html'>甲市公共资源交易中心{year}年政府信息公开年报</a>"
        f"<i>{year + 1}-02-07</i></li>"
        for year in some
    )
    return f"<ul>{found}</ul>"


def paged(pager: str, name: str = "p{n}.html", size: int = 5, column: str = COLUMN) -> dict[str, Answer]:
    """Twelve reports on three pages. In `pager` NEXT, LAST and HERE stand for numbers; after `~` is the last page's."""
    parts = [ALL[at : at + size] for at in range(0, len(ALL), size)]
    made: dict[str, Answer] = {}
    for number, part in enumerate(parts, start=1):
        inner, _, final = pager.partition("~")
        words = inner if number < len(parts) else final
        words = words.replace("NEXT", str(number + 1)).replace("LAST", str(len(parts))).replace("HERE", str(number))
        made[column if number == 1 else column + name.replace("{n}", str(number))] = page(rows(part) + words)
    return made


def look(pages: dict[str, Answer], column: str = COLUMN) -> Discovery:
    return discover(site(column), years(2008, 2025), FakeSite(pages))


def complete(found: Discovery, count: int = 12) -> bool:
    return (len(found.candidates), found.problems) == (count, ())


NUMBERS = "<div>" + "".join(f"<a href='p{number}.html'>{number}</a> " for number in (1, 2, 3)) + "</div>"


def test_links_that_are_only_numbers_are_followed() -> None:
    assert complete(look(paged(NUMBERS + "~" + NUMBERS)))


@pytest.mark.parametrize(
    "sign", ["→", "&gt;", "下翻", "<i class='r'></i>", "<img src='/n.gif' alt='下一页'>", "<img src='/n.gif'>", "Next"]
)
def test_whatever_stands_for_next_beside_numbers(sign: str) -> None:
    link = f"<a href='pNEXT.html'>{sign}</a>"
    assert complete(look(paged(f"{NUMBERS}{link}~{NUMBERS}<span>{sign}</span>")))


def test_a_picture_alone_says_next() -> None:
    assert complete(look(paged("<a href='pNEXT.html'><img src='/n.gif' alt='下一页'></a>~")))


def test_numbers_in_a_window_that_moves() -> None:
    window = "<p><a href='pHERE.html'>HERE</a><a href='pNEXT.html'>NEXT</a></p>"
    assert complete(look(paged(window + "~<p><a href='p2.html'>2</a><b>3</b></p>")))


def test_a_missing_page_among_numbers_breaks_the_chain() -> None:
    pages = paged(NUMBERS + "~" + NUMBERS)
    del pages[f"{COLUMN}p3.html"]
    found = look(pages)
    assert [code for code, _ in found.problems] == ["discover.chain_broken"]


def test_the_days_of_a_calendar_are_no_pages() -> None:
    days = "".join(f"<a href='/rl/day.jsp?d=2024-02-{day:02d}'>{day}</a>" for day in range(1, 29))
    fake = FakeSite({COLUMN: page(rows(ALL) + f"<table><tr><td>{days}</td></tr></table>")})
    assert complete(discover(site(COLUMN), years(2008, 2025), fake))
    assert set(fake.asked) == {COLUMN}


def test_an_arrow_into_the_folder_of_the_page_is_its_next() -> None:
    first = "<p><b>1</b><a href='nb/1.htm'>2</a><a href='nb/1.htm'>&gt;</a>"
    pages: dict[str, Answer] = {
        "/zfgk/nb.htm": page(rows(range(2023, 2017, -1)) + first),
        "/zfgk/nb/1.htm": page(rows(range(2017, 2011, -1)) + "<p><a href='../nb.htm'>1</a><b>2</b></p>"),
    }
    assert complete(look(pages, "/zfgk/nb.htm"))


def test_the_address_of_the_last_page_tells_those_between() -> None:
    link = "<p><a href='./'>首页</a> <a href='pLAST.html'>尾页</a></p>"
    assert complete(look(paged(f"{link}~{link}")))


def test_the_call_behind_the_last_page_tells_how_many_there_are() -> None:
    calls = "<a href='javascript:void(0)' onclick='go(NEXT)'>下一页</a><a onclick='go(LAST)'>尾页</a>"
    assert complete(look(paged(f"{calls}~{calls}", "index_{n}.html")))


def test_a_button_that_loads_more_is_no_end() -> None:
    found = look({COLUMN: page(rows(range(2023, 2018, -1)) + "<div onclick='more()'>点击加载更多</div>")})
    assert [code for code, _ in found.problems] == ["discover.chain_broken"]


def test_a_hidden_button_and_a_link_to_more_are_not_waited_for() -> None:
    words = "<div style='display:none'>加载更多</div><a href='/other/'>查看更多</a>"
    assert complete(look({COLUMN: page(rows(ALL) + words)}))


@pytest.mark.parametrize("words", ["共12条", "总记录数：12", "共有 12 条记录", "（共12条信息）"])
def test_a_total_that_stands_alone_is_compared(words: str) -> None:
    assert complete(look({COLUMN: page(rows(ALL) + f"<div>{words}</div>")}))
    short = look({COLUMN: page(rows(range(2023, 2018, -1)) + f"<div>{words}</div>")})
    assert [code for code, _ in short.problems] == ["discover.chain_broken"]


def test_a_post_back_behind_a_picture_is_found_by_its_number() -> None:
    target = "/List.aspx"

    def make(number: int) -> str:
        some = ALL[(number - 1) * 6 : number * 6]
        other = 3 - number
        link = f"<a href=\"javascript:__doPostBack('Pager1','{other}')\"><img src='/{other}.gif'></a>"
        return page(
            f"<form><input type=hidden name=__VIEWSTATE value=v>{rows(some)}总页数：2 当前第{number}页{link}</form>"
        )

    pages: dict[str, Answer] = {target: lambda request: make(int(dict(request.form).get("__EVENTARGUMENT", "1")))}
    assert complete(look(pages, target))
