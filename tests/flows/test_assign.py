"""Which report is each link that discovery found?"""

from __future__ import annotations

from flows.assign import assign
from flows.plan import Owed, Unit, plan
from schemas.discovery import Candidate
from tests.flows.makers import publisher, site

TITLE = "甲市财政局政府信息公开工作年度报告"


def link(url: str, year: int | None = 2021, whose: str | None = "a", **more: str) -> Candidate:
    return Candidate(f"http://127.0.0.1/{url}", TITLE, year, None, "http://127.0.0.1/", publisher=whose, **more)


def unit(*names: str, years: tuple[int, ...] = (2020, 2021), chosen: tuple[str, ...] = ()) -> Unit:
    return plan([site("s", *map(publisher, names))], years, chosen)[0]


def test_links_are_sorted_by_publisher_and_year() -> None:
    found = assign(unit("a", "b"), [link("1"), link("2", 2020), link("3", 2020, "b")])
    assert list(found.reports) == [Owed("a", 2020), Owed("a", 2021), Owed("b", 2020)]


def test_a_year_or_publisher_that_only_reading_can_tell_stays_open() -> None:
    found = assign(unit("a", "b"), [link("1", None), link("2", 2021, None)])
    assert not found.reports
    assert len(found.open) == 2


def test_what_nobody_asked_for_is_passed_over_and_counted() -> None:
    found = assign(
        unit("a", "b", years=(2021,), chosen=("a",)), [link("1", 2019), link("2", 2021, "b"), link("3", None, "b")]
    )
    assert (found.reports, found.open, found.passed_over) == ({}, (), 2)


def test_copies_of_one_report_are_kept_together_pages_first_and_pictures_last() -> None:
    links = [
        link("picture", version="image"),
        link("1.pdf", kind="attachment"),
        link("viewer", kind="viewer"),
        link("page"),
    ]
    ((_, ranked),) = assign(unit("a"), links).reports.items()
    assert [candidate.url.rsplit("/", 1)[1] for candidate in ranked] == ["page", "viewer", "1.pdf", "picture"]


def test_the_same_link_on_two_lists_counts_once() -> None:
    ((_, ranked),) = assign(unit("a"), [link("1"), link("1")]).reports.items()
    assert len(ranked) == 1
