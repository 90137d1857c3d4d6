"""What a site lists against what the registry expects of it: too few block, too many warn."""

from __future__ import annotations

import pytest

from schemas.discovery import Discovery
from schemas.site import Entry, Yields
from tasks.discover import discover
from tests.discover.fakesite import BASE, Answer, FakeSite, page, site, years
from tests.discover.test_trs import COLUMN, listing, row


def look(
    low: int | None, high: int | None, pages: dict[str, Answer] | None = None, wanted: range = years(2008, 2025)
) -> Discovery:
    entry = site(COLUMN).model_copy(update={"yields": Yields(min=low, max=high)})
    return discover(entry, wanted, FakeSite(pages or listing()))  # fifteen reports


@pytest.mark.parametrize(("low", "high"), [(None, None), (15, 15), (0, 40)])
def test_a_count_within_the_bounds_is_no_matter(low: int | None, high: int | None) -> None:
    found = look(low, high)
    assert (found.complete, found.warnings, len(found.usable)) == (True, (), 15)


def test_too_few_block_the_site() -> None:
    found = look(16, None)
    assert [code for code, _ in found.problems] == ["discover.yield_low"]
    assert "15 reports" in found.problems[0][1]
    assert (found.usable, found.complete, found.complete_for("centre")) == ((), False, False)


def test_too_many_warn_and_are_used() -> None:
    found = look(None, 14)
    assert [code for code, _ in found.warnings] == ["discover.yield_high"]
    assert (found.complete, len(found.usable)) == (True, 15)


def test_the_years_asked_for_do_not_change_the_count() -> None:
    unsorted = "".join(row(year) for year in (2013, 2023, 2015, 2020))
    found = look(5, None, {COLUMN: page(f"<ul>{unsorted}</ul>")}, range(2023, 2024))
    assert [code for code, _ in found.problems] == ["discover.yield_low"]
    assert look(4, None, {COLUMN: page(f"<ul>{unsorted}</ul>")}, range(2023, 2024)).complete


def test_a_look_that_stopped_at_the_years_asked_for_cannot_tell_that_there_are_too_few() -> None:
    found = look(15, None, wanted=range(2022, 2024))
    assert found.pages == 1
    assert found.complete


def test_copies_of_one_report_and_those_of_other_bodies_are_not_counted() -> None:
    copies = row(2023) + row(2023, number=2) + row(2022) + row(2022, "甲市财政局", 3)
    found = look(2, 2, {COLUMN: page(f"<ul>{copies}</ul>")})
    assert (found.complete, found.warnings) == (True, ())


def test_a_viewer_is_asked_only_for_the_years_wanted_and_cannot_tell_either() -> None:
    viewer = "/module/xxgk/xxgkAnnualReport.jsp"
    body = f"<html><body>甲市公共资源交易中心2021年政府信息公开工作年度报告<p>{'公开情况。' * 40}</p></body></html>"
    entry = Entry(url=f"{BASE}{viewer}?area=1", publisher="centre")
    entry_site = site(entry).model_copy(update={"yields": Yields(min=9)})
    assert discover(entry_site, range(2021, 2022), FakeSite({viewer: body})).complete
