"""How years are written on the command line."""

from __future__ import annotations

from datetime import datetime

import pytest
import typer

from flows.cli.options import years_of

TODAY = datetime(2026, 5, 1).astimezone()


@pytest.mark.parametrize(
    ("written", "years"),
    [
        (None, ()),
        (["2021"], (2021,)),
        (["2021", "2017", "2021"], (2017, 2021)),
        (["2015-2018"], (2015, 2016, 2017, 2018)),
        (["2020 – 2021", "2008"], (2008, 2020, 2021)),
        (["2026"], (2026,)),
    ],
)
def test_years_and_ranges_are_sorted_and_named_once(written: list[str] | None, years: tuple[int, ...]) -> None:
    assert years_of(written, today=TODAY) == years


@pytest.mark.parametrize(
    "written", ["21", "2021-", "2021,2022", "2022-2021", "2007", "2005-2010", "2027", "２０２１", ""]
)
def test_what_is_no_report_year_is_refused_with_the_words_typed(written: str) -> None:
    with pytest.raises(typer.BadParameter) as caught:
        years_of([written], today=TODAY)
    assert written in caught.value.message
