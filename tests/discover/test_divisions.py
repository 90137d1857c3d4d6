"""How a column divides: years in the query, boxes with a 更多, years and entries that only a script opens."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from schemas.discovery import Discovery, PageRequest
from schemas.errors import DiscoverError
from tasks.discover import discover
from tests.discover.fakesite import Answer, FakeSite, page, site, years

YEARS = range(2023, 2016, -1)
COLUMN = "/gkml/nb_77/"
OPTIONS = "".join(f"<option value={year}>{year}年度</option>" for year in YEARS)


def title(year: int) -> str:
    return f"甲市公共资源交易中心{year}年度政府信息公开年报"


def rows(some: range) -> str:
    return "".join(
        f"<li><a href='/w/{year}/{90000 + year}.html'>{title(year)}</a><u>{year + 1}/1/9</u></li>" for year in some
    )


def look(pages: dict[str, Answer], column: str = COLUMN) -> Discovery:
    return discover(site(column), years(2008, 2025), FakeSite(pages))


def found_years(found: Discovery) -> list[int | None]:
    return sorted(item.year for item in found.candidates if item.year)[::-1]


def test_years_in_the_query_of_one_address_are_walked() -> None:
    def answer(request: PageRequest) -> str:
        year = int(parse_qs(urlsplit(request.url).query).get("nd", ["2023"])[0])
        bar = "".join(f"<a href='nb.jsp?lm=4&nd={other}'>{other}年</a>" for other in YEARS)
        return page(f"<div>{bar}</div><ul>{rows(range(year, year - 1, -1))}</ul>")

    found = look({"/gkml/nb.jsp": answer}, "/gkml/nb.jsp?lm=4")
    assert found_years(found) == list(YEARS)
    assert found.complete


def test_lists_made_by_a_program_at_the_top_do_not_take_in_the_whole_site() -> None:
    fake = FakeSite({"/list.action": page(f"<ul>{rows(YEARS)}</ul><a href='/other/nb/'>政府信息公开年报</a>")})
    found = discover(site("/list.action?id=3"), years(2008, 2025), fake)
    assert found.complete
    assert set(fake.asked) == {"/list.action?id=3"}


@pytest.mark.parametrize("rest", ["./bm/", "/elsewhere/list_9/"])
@pytest.mark.parametrize("heading", ["部门年报", "市直单位"])
def test_a_box_with_more_leads_to_the_rest_of_its_reports(rest: str, heading: str) -> None:
    newest = rows(range(2023, 2020, -1))
    box = f"<div><div><h3>{heading}</h3><a href='{rest}'>更多&gt;&gt;</a></div><ul>{newest}</ul></div>"
    below = f"{COLUMN}bm/" if rest.startswith(".") else rest
    found = look({COLUMN: page(box), below: page(f"<ul>{rows(YEARS)}</ul>")})
    assert found_years(found) == list(YEARS)
    assert found.complete


def test_a_more_of_something_else_is_not_followed() -> None:
    news = "<div><h3>要闻</h3><a href='/xw/'>更多</a><ul><li><a href='/xw/1.html'>本市召开会议</a></li></ul></div>"
    fake = FakeSite({COLUMN: page(f"<ul>{rows(YEARS)}</ul>{news}")})
    assert discover(site(COLUMN), years(2008, 2025), fake).complete
    assert set(fake.asked) == {COLUMN}


@pytest.mark.parametrize(
    "bar",
    [
        "".join(f"<li onclick='year({year})'>{year}年</li>" for year in YEARS),
        "".join(f"<a href='javascript:year({year})'>{year}</a>" for year in YEARS),
        f"<select onchange='year(this.value)'>{OPTIONS}</select>",
    ],
)
def test_years_that_only_a_script_opens_leave_the_look_incomplete(bar: str) -> None:
    found = look({COLUMN: page(f"{bar}<ul>{rows(range(2023, 2022, -1))}</ul>")})
    assert [code for code, _ in found.problems] == ["discover.scripted_entries"]
    assert "2022" in found.problems[0][1]
    shown = look({COLUMN: page(f"{bar}<ul>{rows(YEARS)}</ul>")})  # tabs over what the page already holds
    assert shown.complete


def test_titles_that_only_a_script_opens_leave_the_look_incomplete() -> None:
    closed = f"<li><a href='javascript:;' onclick=\"show('99')\">{title(2016)}</a><u>2017/1/9</u></li>"
    found = look({COLUMN: page(f"<ul>{rows(YEARS)}{closed}</ul>")})
    assert found_years(found) == list(YEARS)
    assert [code for code, _ in found.problems] == ["discover.scripted_entries"]


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"<li><a onclick='show({year})'>{title(year)}</a></li>" for year in YEARS),
        f"<ul id=l></ul><script>var l={[{'t': title(year), 'u': f'/{year}.html'} for year in YEARS]};</script>",
    ],
)
def test_a_list_without_a_single_address_needs_a_browser(body: str) -> None:
    with pytest.raises(DiscoverError) as error:
        look({COLUMN: page(body)})
    assert error.value.code == "discover.needs_browser"


@pytest.mark.parametrize("name", ["data-url", "data-href", "data-link"])
def test_an_address_that_stands_beside_an_empty_one_is_taken(name: str) -> None:
    body = "".join(f"<li><a href='#' {name}='/w/{90000 + year}.html'>{title(year)}</a></li>" for year in YEARS)
    found = look({COLUMN: page(f"<ul>{body}</ul>")})
    assert found_years(found) == list(YEARS)
    assert found.complete


@pytest.mark.parametrize("label", ["{y}年", "{y}年度", "{y}", "{y}年年报"])
def test_files_that_are_called_after_their_year_alone_are_the_reports(label: str) -> None:
    body = "".join(f"<li><a href='/up/{y}nb.pdf'>{label.format(y=y)}</a><b>{y + 1}-01-09</b></li>" for y in YEARS)
    found = look({COLUMN: page(f"<ul>{body}</ul>")})
    assert found_years(found) == list(YEARS)
    assert {item.kind for item in found.candidates} == {"attachment"}
