"""Rows with the right number of cells whose figures stand one place off: held back, never blamed on the publisher."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from schemas.report import Edition, Outcome, Report, Verdict
from tasks.parse import parse
from tasks.validate import judge
from tests.parse.build import blocks, whole_report

SOUND = {
    "new": ["9", "4", "0", "0", "1", "0", "14"],
    "granted": ["5", "3", "0", "0", "1", "0", "9"],
    "np_repeat": ["4", "1", "0", "0", "0", "0", "5"],
    "results_total": ["9", "4", "0", "0", "1", "0", "14"],
}
PROCEEDINGS = ["1", "0", "2", "4", "7", "3", "0", "0", "1", "4", "0", "2", "0", "0", "2"]


def lost(row: Sequence[str], place: int, *, left: bool) -> list[str]:
    """The row without one figure, the blank it leaves at the end to which the others did not move."""
    kept = [figure for at, figure in enumerate(row) if at != place]
    return [*kept, ""] if left else ["", *kept]


def held_back(report: Report) -> bool:
    judgement = judge(report)
    readings = [finding for finding in judgement.findings if finding.verdict is Verdict.READING]
    return judgement.outcome is Outcome.QUARANTINED and bool(readings)


@pytest.mark.parametrize("edition", [Edition.FORM_2021, Edition.FORM_2019])
@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("row", sorted(SOUND))
def test_a_slipped_row_of_table_3_is_held_back(row: str, left: bool, edition: Edition) -> None:
    for place in range(7):
        if place == (6 if left else 0):
            continue  # nothing moves: a blank as any other
        slipped = SOUND | {row: lost(SOUND[row], place, left=left)}
        assert held_back(parse(whole_report(edition, applications=slipped))), (row, place)


@pytest.mark.parametrize("left", [True, False])
def test_a_slipped_table_4_is_held_back(left: bool) -> None:
    for place in range(0 if left else 2, 14):  # the second of a group, moved right, adds up as it stands
        slipped = lost(PROCEEDINGS, place, left=left)
        assert held_back(parse(whole_report(applications=SOUND, proceedings=slipped))), place


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize(
    ("edition", "row", "figures"),
    [
        (Edition.FORM_2021, "normative_docs", ["7", "2", "41"]),
        (Edition.FORM_2019, "licensing", ["120", "-3", "877"]),
    ],
)
def test_a_slipped_row_of_table_2_is_held_back(edition: Edition, row: str, figures: list[str], left: bool) -> None:
    slipped = lost(figures, 1, left=left)
    assert held_back(parse(whole_report(edition, disclosure={row: slipped})))
    blanks = {row: slipped, "rules": ["", "", ""]}
    assert parse(whole_report(edition, disclosure=blanks)).doubts == ()


def test_two_figures_of_table_4_in_one_cell_are_held_back() -> None:
    merged = ["1", "04", "", "2", "7", *PROCEEDINGS[5:]]
    assert held_back(parse(whole_report(applications=SOUND, proceedings=merged)))


@pytest.mark.parametrize(
    "changed",
    [
        {"granted": ["5", "3", "0", "0", "1", "0", ""]},  # a total left out
        {"granted": ["", "3", "0", "0", "1", "0", "4"]},  # an applicant left out, the totals of the others wrong
        {"granted": ["6", "3", "0", "0", "1", "0", "9"]},
    ],
)
def test_what_a_publisher_printed_wrong_stays_his_own(changed: dict[str, list[str]]) -> None:
    report = parse(whole_report(applications=SOUND | changed))
    assert report.doubts == ()


def test_a_column_of_earlier_reports_is_no_report() -> None:
    from schemas.errors import ParseError

    titles = [f"甲市{year}年政府信息公开工作年度报告" for year in range(2012, 2020)]
    with pytest.raises(ParseError) as caught:
        parse(blocks("政府信息公开年报", *titles))
    assert caught.value.code == "parse.no_report"
    assert parse(blocks(titles[0], "一、概述", "全年公开信息12条。", *titles[1:3])).year == 2012
