"""Several copies of one report: all kept, one read first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schemas.discovery import Candidate
from tasks.discover.versions import group, ordered


def copy(url: str, **more: object) -> Candidate:
    plain: dict[str, object] = {"title": "", "year": 2021, "listed_on": None, "found_at": "http://a/", "publisher": "p"}
    return Candidate(url=url, **{**plain, **more})  # type: ignore[arg-type]


PAGE = copy("http://a/1.html", listed_on="2022-01-28")
VIEWER = copy("http://a/v.jsp", kind="viewer")
PDF = copy("http://a/1.pdf", kind="attachment")
DOCX = copy("http://a/1.docx", kind="attachment")
PICTURE = copy("http://a/2.html", version="image")
AGAIN = copy("http://a/9.pdf", kind="attachment", version="reissue")
CUT = copy("http://a/3.html", precision="guess")
LATER = copy("http://a/4.html", listed_on="2022-06-06")


def test_text_is_read_before_print_before_picture() -> None:
    assert ordered([PICTURE, PDF, VIEWER, DOCX, PAGE]) == (PAGE, VIEWER, DOCX, PDF, PICTURE)


def test_a_reissue_is_read_before_what_it_replaces_and_a_doubtful_title_last() -> None:
    assert ordered([CUT, PAGE, AGAIN])[0] == AGAIN
    assert ordered([CUT, PAGE, PDF])[-1] == CUT


def test_of_two_like_copies_the_newer_comes_first() -> None:
    assert ordered([PAGE, LATER]) == (LATER, PAGE)


def test_copies_are_grouped_by_body_and_year_and_none_is_lost() -> None:
    other = copy("http://a/o.html", publisher="q")
    older = copy("http://a/old.html", year=2020)
    found = group([PAGE, PDF, other, older])
    assert [(item.publisher, item.year, len(item.copies)) for item in found] == [
        ("p", 2021, 2),
        ("q", 2021, 1),
        ("p", 2020, 1),
    ]
    assert found[0].first == PAGE


def test_what_has_no_year_or_body_is_never_put_together() -> None:
    found = group(
        [
            copy("http://a/x.html", year=None),
            copy("http://a/y.html", year=None),
            copy("http://a/z.html", publisher=None),
        ]
    )
    assert [len(item.copies) for item in found] == [1, 1, 1]


@given(st.permutations([PAGE, VIEWER, PDF, DOCX, PICTURE, AGAIN, CUT, LATER]))
def test_the_order_does_not_depend_on_the_order_of_finding(copies: list[Candidate]) -> None:
    assert ordered(copies) == ordered([PAGE, VIEWER, PDF, DOCX, PICTURE, AGAIN, CUT, LATER])
