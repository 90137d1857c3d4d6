"""Bounds, early stops, totals and attribution: what the walk does whatever the family."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.discovery import Discovery
from schemas.errors import DiscoverError, FetchTrouble, SettingsError
from schemas.site import Entry, PublisherEntry
from tasks.discover import discover
from tests.discover.fakesite import BASE, CENTRE, FakeSite, page, site, years
from tests.discover.test_trs import COLUMN, listing, pager, row

BRANCH = PublisherEntry(id="branch", name="甲市公共资源交易服务中心乙区分中心")


def look(fake: FakeSite, wanted: range = years(2008, 2025), since: date | None = None) -> Discovery:
    return discover(site(COLUMN), wanted, fake, since=since)


def test_no_years_no_requests() -> None:
    fake = FakeSite({})
    assert discover(site(COLUMN), [], fake) == Discovery("example", (), 0, 0)
    assert not fake.requests


def test_only_the_years_asked_for_are_candidates() -> None:
    found = look(FakeSite(listing()), range(2020, 2022))
    assert sorted(item.year or 0 for item in found.candidates) == [2020, 2021]


def test_deeper_pages_are_left_out_when_no_year_owed_can_stand_there() -> None:
    fake = FakeSite(listing())  # five a page: 2024-01 … 2020-01 on page 1
    found = look(fake, range(2022, 2024))
    assert found.complete
    assert found.pages == 1


def test_an_unsorted_list_is_read_to_its_end() -> None:
    rows = [row(2010, number=7), *(row(year) for year in range(2023, 2015, -1))]  # an old entry pinned on top
    fake = FakeSite(
        {
            COLUMN: page(f"<ul>{''.join(rows[:6])}</ul>{pager(2, 0)}"),
            f"{COLUMN}index_1.html": page(f"<ul>{''.join(rows[6:])}</ul>"),
        }
    )
    assert look(fake, range(2022, 2024)).pages == 2


def test_since_stops_early_and_the_look_is_partial() -> None:
    fake = FakeSite(listing())
    found = look(fake, since=date(2023, 1, 1))
    assert [item.year for item in found.candidates] == [2023, 2022]
    assert found.pages == 1
    assert not found.complete
    assert found.looks[0].partial


def test_fewer_entries_than_announced_is_told() -> None:
    body = f"<ul>{row(2021)}{row(2020)}</ul><div>共3条记录 1/1页</div>"
    found = look(FakeSite({COLUMN: page(body)}))
    assert found.problems[0][0] == "discover.chain_broken"
    assert "announces 3 entries, 2 were seen" in found.problems[0][1]


def test_a_column_that_never_ends_meets_its_bound() -> None:
    def endless(request: object) -> str:
        text = str(getattr(request, "url", ""))
        number = int(text.rsplit("=", 1)[1]) if "=" in text else 1
        entry = (
            f"<li><a href='/t20220128_{number}.html'>甲市公共资源交易中心2021年政府信息公开工作年度报告"
            "</a>2022-01-28</li>"
        )
        return page(f"<ul>{entry}</ul><a href='?page={number + 1}'>下一页</a>")

    entry = Entry(url=f"{BASE}{COLUMN}", publisher="centre", params={"max_pages": "7"})
    found = discover(site(entry), years(2008, 2025), FakeSite({COLUMN: endless}))
    assert found.problems[0][0] == "discover.bound_reached"
    assert found.pages == 7


def test_a_next_link_that_leads_back_ends_as_broken_and_not_for_ever() -> None:
    rows = f"<ul>{row(2021)}{row(2020)}</ul>"
    fake = FakeSite(
        {COLUMN: page(f"{rows}<a href='b.html'>下一页</a>"), f"{COLUMN}b.html": page(f"{rows}<a href='./'>下一页</a>")}
    )
    found = look(fake)
    assert found.problems[0][0] == "discover.chain_broken"
    assert sum(fake.asked.values()) == 2


def test_a_body_is_never_given_the_report_of_its_branch_or_of_a_stranger() -> None:
    rows = (
        row(2021)
        + row(2021, "甲市公共资源交易服务中心乙区分中心", 2)
        + row(2021, "甲市财政局", 3)
        + row(2020, "甲市公共资源交易服务中心", 4)
    )
    fake = FakeSite({COLUMN: page(f"<ul>{rows}</ul>")})
    found = discover(site(COLUMN, publishers=(CENTRE, BRANCH)), years(2008, 2025), fake)
    assert {(item.publisher, item.year) for item in found.candidates} == {
        ("centre", 2021),
        ("branch", 2021),
        ("centre", 2020),
    }
    assert [item.written for item in found.foreign] == ["甲市财政局"]
    assert found.complete


def test_a_title_without_agency_belongs_to_the_columns_publisher() -> None:
    fake = FakeSite({COLUMN: page(f"<ul>{row(2021, '')}</ul>")})
    assert [item.publisher for item in look(fake).candidates] == ["centre"]
    shared = site(Entry(url=f"{BASE}{COLUMN}"))
    assert [item.publisher for item in discover(shared, years(2008, 2025), fake).candidates] == [None]


def test_a_name_that_almost_fits_is_told_when_the_report_is_missing() -> None:
    fake = FakeSite({COLUMN: page(f"<ul>{row(2021, '甲市公共资源交易管理中心')}{row(2020)}</ul>")})
    found = look(fake)
    assert [code for code, _ in found.problems] == ["discover.publisher_unmatched"]
    assert [item.year for item in found.candidates] == [2020]
    assert found.doubts == (("centre", "discover.publisher_unmatched"),)
    assert not found.complete_for("centre")


def test_a_report_on_a_strange_host_is_left_out_and_told() -> None:
    entry = "<li><a href='http://copy.example.com/t20220128_9.html'>甲市公共资源交易中心2021年政府信息公开工作年度报告</a>2022-01-28</li>"
    found = look(FakeSite({COLUMN: page(f"<ul>{entry}{row(2020)}</ul>")}))
    assert [item.year for item in found.candidates] == [2020]
    assert [code for code, _ in found.problems] == ["discover.foreign_host"]
    assert not found.complete_for("centre")


def test_a_report_on_another_government_host_is_kept() -> None:
    entry = "<li><a href='http://ggzy.other.gov.cn/t20220128_9.html'>甲市公共资源交易中心2021年政府信息公开工作年度报告</a>2022-01-28</li>"
    found = look(FakeSite({COLUMN: page(f"<ul>{entry}</ul>")}))
    assert [item.url for item in found.candidates] == ["http://ggzy.other.gov.cn/t20220128_9.html"]
    assert found.complete


def test_reports_of_years_that_are_not_owed_are_not_candidates() -> None:
    young = PublisherEntry(id="centre", name="甲市公共资源交易中心", owed_from=2015, owed_to=2018)
    found = discover(site(COLUMN, publishers=(young,)), years(2008, 2025), FakeSite(listing()))
    assert sorted(item.year or 0 for item in found.candidates) == [2015, 2016, 2017, 2018]


def test_a_family_that_does_not_fit_says_which_one_the_page_looks_like() -> None:
    fake = FakeSite({COLUMN: "{}"})
    with pytest.raises(DiscoverError) as raised:
        discover(site(COLUMN, family="gkmlpt"), years(2008, 2025), fake)
    assert raised.value.code in ("discover.layout_unknown", "discover.needs_browser")


def test_a_family_that_does_not_exist_is_an_error_of_the_registry() -> None:
    with pytest.raises(SettingsError) as raised:
        discover(site(COLUMN, family="tars"), years(2008, 2025), FakeSite(listing()))
    assert raised.value.code == "settings.registry"


def test_a_site_that_moved_to_another_system_is_still_read() -> None:
    found = discover(site(COLUMN, family="lonsun"), years(2008, 2025), FakeSite(listing()))
    assert len(found.candidates) == 15


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(2009, 2024), st.sampled_from(["", "甲市公共资源交易中心", "甲市财政局"])),
        min_size=1,
        max_size=40,
    ),
    st.integers(1, 9),
    st.sampled_from([-1, 0]),
)
def test_whatever_stands_in_a_sound_column_is_found_once_and_nothing_else(
    entries: list[tuple[int, str]], per_page: int, shift: int
) -> None:
    rows = [row(year, name, number) for number, (year, name) in enumerate(entries, start=10)]
    parts = [rows[at : at + per_page] for at in range(0, len(rows), per_page)]
    pages = {
        COLUMN if number == 1 else f"{COLUMN}index_{number + shift}.html": page(
            f"<ul>{''.join(part)}</ul>{pager(len(parts), number - 1)}"
        )
        for number, part in enumerate(parts, start=1)
    }
    found = look(FakeSite(pages), years(2009, 2024))
    mine = [year for year, name in entries if name != "甲市财政局"]
    assert found.complete
    assert sorted(item.year or 0 for item in found.candidates) == sorted(mine)
    assert found.entries == len(entries)
    assert len(found.foreign) == len(entries) - len(mine)


@pytest.mark.parametrize("control", ["onclick='toPage(2)' href='javascript:;'", "href='javascript:toPage(2)'"])
def test_a_next_control_without_an_address_is_never_the_silent_end(control: str) -> None:
    found = look(FakeSite({COLUMN: page(f"<ul>{row(2021)}{row(2020)}</ul><a {control}>下一页</a>")}))
    assert [code for code, _ in found.problems] == ["discover.chain_broken"]


@pytest.mark.parametrize("control", ["href='javascript:;'", "href='#'", "class='disabled' href='javascript:toPage(2)'"])
def test_a_dead_next_control_is_the_end(control: str) -> None:
    assert look(FakeSite({COLUMN: page(f"<ul>{row(2021)}{row(2020)}</ul><a {control}>下一页</a>")})).complete


def test_a_pager_inside_the_list_is_no_entry() -> None:
    rows_ = f"<ul>{row(2021)}{row(2020)}<li><a href='index_1.html'>下一页</a></li></ul>"
    fake = FakeSite(
        {COLUMN: page(rows_), f"{COLUMN}index_1.html": page(f"<ul>{row(2019)}<li><a href='./'>上一页</a></li></ul>")}
    )
    found = look(fake)
    assert (found.entries, found.complete, len(found.candidates)) == (3, True, 3)


def test_a_page_that_always_ends_inside_a_tag_is_cut_off_however_often_it_comes() -> None:
    whole = str(listing()[COLUMN])
    cut = whole[: whole.rindex("<li>") + 20]
    with pytest.raises(FetchTrouble) as raised:
        look(FakeSite({COLUMN: cut}))
    assert raised.value.code == "fetch.truncated"


def test_a_page_that_always_ends_between_two_entries_is_cut_off_however_often_it_comes() -> None:
    whole = str(listing()[COLUMN])
    with pytest.raises(FetchTrouble) as raised:
        look(FakeSite({COLUMN: whole[: whole.rindex("<li>")]}))
    assert raised.value.code == "fetch.truncated"


def test_a_page_cut_off_in_its_middle_is_asked_again_and_then_told() -> None:
    whole = page(f"<ul>{row(2021)}{row(2020)}</ul>{pager(2, 0)}")
    answers = iter([whole[:500], whole[:600]])
    with pytest.raises(FetchTrouble) as raised:
        look(FakeSite({COLUMN: lambda _: next(answers)}))
    assert raised.value.code == "fetch.truncated"


def test_a_site_that_never_closes_its_pages_is_read_all_the_same() -> None:
    text = page(f"<ul>{row(2021)}{row(2020)}</ul>").replace("</body></html>", "")
    assert look(FakeSite({COLUMN: text})).complete


def test_a_page_with_fewer_entries_than_its_neighbours_is_told() -> None:
    pages = listing(per_page=4)
    third = f"{COLUMN}index_2.html"
    pages[third] = str(pages[third]).replace(row(2015), "").replace(row(2014), "")
    found = look(FakeSite(pages))
    assert [code for code, _ in found.problems] == ["discover.chain_broken"]
    assert "page 3 shows 2 entries where others show 4" in found.problems[0][1]


def test_a_page_that_is_the_first_again_but_for_one_entry_breaks_the_chain() -> None:
    pages = listing()
    first = str(pages[COLUMN])
    pages[f"{COLUMN}index_1.html"] = first.replace(row(2021), row(2013, number=9))
    found = look(FakeSite(pages))
    assert [code for code, _ in found.problems] == ["discover.chain_broken"]


def test_a_last_page_that_overlaps_with_the_one_before_is_read() -> None:
    pages = listing()
    pages[f"{COLUMN}index_2.html"] = page("<ul>" + "".join(row(year) for year in range(2013, 2008, -1)) + "</ul>")
    pages[f"{COLUMN}index_1.html"] = page(
        "<ul>" + "".join(row(year) for year in range(2018, 2010, -1)) + f"</ul>{pager(3, 1)}"
    )
    found = look(FakeSite(pages))
    assert {item.year for item in found.candidates} == set(range(2009, 2024))


def table(*entries: tuple[str, int]) -> str:
    return (
        "<table>"
        + "".join(
            f"<tr><td>{n}</td><td>{body}</td><td><a href='t{year + 1}0128_{n}.html'>"
            f"{year}年政府信息公开工作年度报告</a></td><td>{year + 1}-01-28</td></tr>"
            for n, (body, year) in enumerate(entries, 1)
        )
        + "</table>"
    )


def test_a_body_named_in_a_cell_beside_the_title_counts() -> None:
    fake = FakeSite({COLUMN: page(table(("甲市公共资源交易中心", 2021), ("甲市财政局", 2021), ("甲市审计局", 2021)))})
    for entry in (COLUMN, Entry(url=BASE + COLUMN)):
        found = discover(site(entry), years(2008, 2025), fake)
        assert [(item.publisher, item.written) for item in found.candidates] == [("centre", "甲市公共资源交易中心")]
        assert {item.written for item in found.foreign} == {"甲市财政局", "甲市审计局"}


def test_one_poster_named_beside_all_entries_does_not_take_them_from_their_column() -> None:
    fake = FakeSite({COLUMN: page(table(("来源：甲市人民政府办公室", 2021), ("来源：甲市人民政府办公室", 2020)))})
    assert [item.publisher for item in look(fake).candidates] == ["centre", "centre"]
