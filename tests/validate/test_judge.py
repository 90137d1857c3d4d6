"""The verdict: sound reports are loaded, publishers' errors flagged, our doubts quarantined."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from schemas.checks import checks
from schemas.forms import form
from schemas.reasons import reason_code, reason_codes
from schemas.report import (
    Certainty,
    Doubt,
    Edition,
    FactState,
    Finding,
    Judgement,
    Outcome,
    Report,
    Severity,
    Verdict,
)
from tasks.validate import judge
from tests.validate.build import doubtful, fact, sound_cells, sound_report, with_fact, without


def told(judgement: Judgement, check: str) -> list[Finding]:
    return [finding for finding in judgement.findings if finding.check == check]


def reason(judgement: Judgement) -> str | None:
    return judgement.reason.code if judgement.reason else None


@pytest.mark.parametrize("edition", [Edition.FORM_2021, Edition.FORM_2019])
def test_a_sound_report_is_loaded_without_a_finding(edition: Edition) -> None:
    judgement = judge(sound_report(edition))
    assert judgement.outcome is Outcome.LOADED
    assert judgement.reason is None
    assert judgement.findings == ()


def test_totals_printed_as_zero_are_the_publishers_error() -> None:
    """Table 4 with 10 + 1 and 5 cases whose totals say 0; table 2 of 2021 beside table 3 of 2019."""
    cells = {code: value for code, value in sound_cells(Edition.FORM_2019).items() if not code.startswith("t2.")}
    cells |= {code: value for code, value in sound_cells().items() if code.startswith("t2.")}
    cells |= {"t4.review_total": 0, "t4.after_total": 0}
    report = replace(
        sound_report(),
        edition=Edition.MIXED,
        table_editions={"t2": Edition.FORM_2021, "t3": Edition.FORM_2019},
        facts=tuple(
            fact(code, value, unit="万元" if code.endswith("amount") else "件") for code, value in cells.items()
        ),
    )
    judgement = judge(report)
    assert judgement.outcome is Outcome.FLAGGED
    assert judgement.reason is None
    errors = [finding for finding in judgement.findings if finding.severity is Severity.ERROR]
    assert [(finding.check, finding.verdict) for finding in errors] == [
        ("T4_REVIEW_TOTAL", Verdict.PUBLISHER),
        ("T4_AFTER_TOTAL", Verdict.PUBLISHER),
    ]
    assert (errors[0].left, errors[0].right) == ("11", "0")
    assert "t4.review_total" in errors[0].cells
    assert told(judgement, "M_EDITION_MIXED")
    # Each table is checked by its own edition: nothing is missing from table 3 for want of the rows of 2021.
    assert not told(judgement, "T3_ROWS_MISSING")


def test_a_single_wrong_cell_is_told_where_its_row_and_column_meet() -> None:
    judgement = judge(sound_report(cells={"t3.granted.business": 2}))
    assert judgement.outcome is Outcome.FLAGGED
    failing = {(finding.check, finding.cells[-1]) for finding in judgement.findings}
    assert ("T3_ROW_TOTAL", "t3.granted.total") in failing
    assert ("T3_RESULTS_SUM_2021", "t3.results_total.business") in failing
    assert all(finding.verdict is Verdict.PUBLISHER for finding in judgement.findings)


def test_the_same_error_on_a_doubtful_cell_is_our_doubt() -> None:
    judgement = judge(doubtful(sound_report(cells={"t3.granted.business": 2}), "t3.granted.business"))
    assert judgement.outcome is Outcome.QUARANTINED
    assert reason(judgement) == "validate.doubtful_figures"
    assert all(finding.verdict is Verdict.READING for finding in told(judgement, "T3_ROW_TOTAL"))


def test_a_proved_cell_may_blame_the_publisher() -> None:
    report = with_fact(sound_report(cells={"t4.review_total": 12}), "t4.review_upheld", certainty=Certainty.PROVED)
    judgement = judge(report)
    assert judgement.outcome is Outcome.FLAGGED
    assert told(judgement, "T4_REVIEW_TOTAL")[0].verdict is Verdict.PUBLISHER


def test_a_cell_that_nothing_proves_is_held_back_even_when_no_check_fails() -> None:
    judgement = judge(doubtful(sound_report(), "t2.licensing.decisions"))
    assert judgement.outcome is Outcome.QUARANTINED
    assert reason(judgement) == "validate.doubtful_figures"
    assert judgement.findings[0].cells == ("t2.licensing.decisions",)


def test_doubts_of_the_parser_become_findings_with_their_own_code() -> None:
    doubt = Doubt("parse.row_incomplete", "table 3, row 3.其他: six cells", ("t3.other_other.total",))
    judgement = judge(replace(sound_report(), doubts=(doubt,)))
    assert judgement.outcome is Outcome.QUARANTINED
    assert reason(judgement) == "parse.row_incomplete"
    found = told(judgement, "parse.row_incomplete")[0]
    assert (found.verdict, found.severity, found.cells) == (
        Verdict.READING,
        Severity.ERROR,
        ("t3.other_other.total",),
    )
    assert judgement.reason is not None
    assert "3.其他" in judgement.reason.message


def test_a_doubt_that_no_room_lists_is_grave() -> None:
    judgement = judge(replace(sound_report(), doubts=(Doubt("parse.never_heard_of", "?"),)))
    assert judgement.outcome is Outcome.QUARANTINED


def test_nothing_read_is_not_a_report_of_zeros() -> None:
    empty = Report(publisher="某局", year=2020, title="某局2020年度报告", edition=Edition.NARRATIVE)
    judgement = judge(empty)
    assert judgement.outcome is Outcome.QUARANTINED
    assert reason(judgement) == "validate.nothing_read"
    assert judgement.report is empty


@pytest.mark.parametrize("edition", [Edition.FORM_2021, Edition.FORM_2019])
def test_a_form_with_blank_cells_only_is_a_template(edition: Edition) -> None:
    report = replace(sound_report(edition, dict.fromkeys(sound_cells(edition))), publisher=None, year=None)
    judgement = judge(report)
    assert judgement.outcome is Outcome.QUARANTINED
    assert reason(judgement) == "validate.blank_template"


@pytest.mark.parametrize("mark", ["/", "无", "—"])
def test_a_form_filled_with_marks_for_nothing_is_no_template(mark: str) -> None:
    cells = sound_cells(Edition.FORM_2021)
    report = sound_report(Edition.FORM_2021, dict.fromkeys(cells))
    report = replace(report, facts=tuple(replace(fact, raw=mark) for fact in report.facts))
    assert judge(report).outcome is Outcome.LOADED


def test_blank_totals_are_derived_and_never_compared() -> None:
    """A publisher that leaves zeros and the totals of all results blank, and prints the sum of results alone."""
    cells: dict[str, int | str | None] = {
        code: value or None for code, value in sound_cells(Edition.FORM_2019).items() if code.startswith("t3.")
    }
    for row in form(Edition.FORM_2019).tables["t3"].blocks[0].rows:
        if row.kind == "value" and row.code not in ("new", "carried_in", "carried_out"):
            cells[f"t3.{row.code}.total"] = None
    judgement = judge(sound_report(Edition.FORM_2019, cells))
    assert judgement.outcome is Outcome.LOADED
    assert {finding.check for finding in judgement.findings} == {"T3_TOTAL_BLANK"}
    derived = judgement.findings[0]
    assert derived.severity is Severity.INFO
    assert "t3.granted.total = 5" in derived.message


def test_blanks_beside_zeros_raise_no_alarm() -> None:
    blanks = {f"t3.other_overdue_fee.{column}": None for column in ("natural_person", "business", "total")}
    assert judge(sound_report(cells=blanks)).outcome is Outcome.LOADED


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"publisher": None}, "validate.publisher_unknown"),
        ({"year": None}, "validate.year_unknown"),
        ({"year": 2019}, "validate.year_contradicted"),
    ],
)
def test_a_report_without_its_name_or_year_is_held_back(changes: dict[str, None], code: str) -> None:
    judgement = judge(replace(sound_report(), **changes))
    assert judgement.outcome is Outcome.QUARANTINED
    assert reason(judgement) == code


def test_a_title_of_another_year_than_the_period_flags_the_report() -> None:
    report = replace(sound_report(), period=(date(2020, 1, 1), date(2020, 12, 31)), period_year=2020)
    judgement = judge(report)
    assert judgement.outcome is Outcome.FLAGGED
    assert [finding.check for finding in judgement.findings] == ["M_TITLE_PERIOD"]


def test_a_deleted_row_of_zeros_flags_but_a_deleted_row_with_figures_is_doubted() -> None:
    harmless = judge(without(sound_report(), "t3.np_publication."))
    assert harmless.outcome is Outcome.FLAGGED
    assert [(one.check, one.verdict) for one in harmless.findings] == [("T3_ROWS_MISSING", Verdict.PUBLISHER)]
    lost = judge(without(sound_report(), "t3.granted."))
    assert lost.outcome is Outcome.QUARANTINED
    assert told(lost, "T3_ROWS_MISSING")[0].verdict is Verdict.READING
    assert all(one.verdict is Verdict.READING for one in told(lost, "T3_RESULTS_SUM_2021"))


def test_cells_lost_from_a_row_are_our_doubt() -> None:
    judgement = judge(without(sound_report(), "t3.np_publication.business"))
    assert judgement.outcome is Outcome.QUARANTINED
    assert reason(judgement) == "validate.cells_missing"
    assert told(judgement, "validate.cells_missing")[0].cells == ("t3.np_publication.business",)


def test_a_cell_lost_from_table_four_is_our_doubt() -> None:
    judgement = judge(without(sound_report(), "t4.direct_other"))
    assert judgement.outcome is Outcome.QUARANTINED
    assert told(judgement, "T4_COLUMNS")[0].verdict is Verdict.READING
    assert (told(judgement, "T4_COLUMNS")[0].left, told(judgement, "T4_COLUMNS")[0].right) == ("14", "15")


@pytest.mark.parametrize("table", ["t2", "t3", "t4"])
def test_a_lost_table_is_our_doubt_and_told_once(table: str) -> None:
    report = without(sound_report(), f"{table}.")
    assert reason(judge(report)) == "validate.table_missing"
    said = replace(report, doubts=(Doubt("parse.table_missing", f"{table} was not found"),))
    assert reason(judge(said)) == "parse.table_missing"
    assert not told(judge(said), "validate.table_missing")


def test_a_cell_read_twice_with_two_values_is_our_doubt() -> None:
    report = sound_report()
    twice = replace(report, facts=(*report.facts, fact("t3.new.total", 8)))
    assert reason(judge(twice)) == "validate.cell_twice"
    same = replace(report, facts=(*report.facts, fact("t3.new.total", 9)))
    assert judge(same).outcome is Outcome.LOADED


def test_many_wrong_rows_look_like_a_shifted_column_and_not_like_a_slip() -> None:
    shifted = {
        f"t3.{row}.{column}": value
        for row in ("new", "carried_in", "granted", "partial", "unable_not_held", "results_total", "carried_out")
        for column, value in (("natural_person", 0), ("research", 3))
    }
    judgement = judge(sound_report(cells=shifted))
    assert judgement.outcome is Outcome.QUARANTINED
    assert all(finding.verdict is Verdict.READING for finding in told(judgement, "T3_ROW_TOTAL"))


def test_a_second_reading_that_agrees_changes_nothing() -> None:
    report = sound_report()
    assert judge(report, second=sound_report()).outcome is Outcome.LOADED


def test_a_second_reading_that_differs_is_told_cell_by_cell() -> None:
    second = with_fact(sound_report(), "t2.licensing.decisions", value=Decimal(505))
    second = with_fact(second, "t3.new.research", value=None, state=FactState.BLANK)
    judgement = judge(sound_report(), second=second)
    assert judgement.outcome is Outcome.QUARANTINED
    assert reason(judgement) == "validate.readings_differ"
    found = told(judgement, "validate.readings_differ")
    assert [(one.cells, one.left, one.right) for one in found] == [
        (("t2.licensing.decisions",), "550", "505"),
        (("t3.new.research",), "0", None),
    ]


def test_a_table_that_only_one_reading_has_is_not_compared_but_another_year_is() -> None:
    second = without(sound_report(), "t4.")
    assert judge(sound_report(), second=second).outcome is Outcome.LOADED
    other = judge(sound_report(), second=replace(sound_report(), year=2022))
    assert reason(other) == "validate.readings_differ"


def test_a_contradiction_between_text_and_table_flags_with_both_sides() -> None:
    judgement = judge(
        sound_report(
            cells={
                "t3.new.natural_person": 8,
                "t3.new.total": 10,
                "t3.carried_out.natural_person": 3,
                "t3.carried_out.total": 3,
            }
        )
    )
    # 9 in the text is neither 10 new nor 10 + 1 carried in.
    assert judgement.outcome is Outcome.FLAGGED
    found = told(judgement, "N_APPLICATIONS_RECEIVED")[0]
    assert (found.verdict, found.left, found.right, found.cells) == (
        Verdict.PUBLISHER,
        "9",
        "10",
        ("t3.new.total",),
    )


def test_words_in_a_cell_are_neither_blank_nor_zero() -> None:
    report = with_fact(sound_report(), "t4.review_total", value=None, state=FactState.REMARK, remark="详见附件")
    judgement = judge(report)
    assert judgement.outcome is Outcome.LOADED
    assert judgement.findings == ()


def test_form_and_date_warnings_do_not_flag() -> None:
    judgement = judge(replace(sound_report(), published_on="2022-05-12"))
    assert judgement.outcome is Outcome.LOADED
    assert [finding.check for finding in judgement.findings] == ["M_DEADLINE"]


def test_the_kind_of_publisher_from_the_registry_decides_the_deadline() -> None:
    report = replace(sound_report(), publisher="某某某", published_on="2022-02-10")
    assert not judge(report, kind="government").findings
    assert [finding.check for finding in judge(report, kind="department").findings] == ["M_DEADLINE"]


def test_information_never_changes_the_outcome() -> None:
    zeros = {code: 0 for code in sound_cells() if code.startswith(("t3.", "t4."))}
    judgement = judge(replace(sound_report(cells=zeros), statistics=()))
    assert judgement.outcome is Outcome.LOADED
    assert [finding.check for finding in judgement.findings] == ["T3_ALL_ZERO"]


def test_the_reason_counts_what_else_holds_the_report_back() -> None:
    doubts = tuple(Doubt("parse.row_incomplete", f"row {number}") for number in range(3))
    judgement = judge(replace(sound_report(), doubts=doubts))
    assert judgement.reason is not None
    assert "2 more" in judgement.reason.message


def test_every_code_of_this_room_is_listed_with_a_remedy() -> None:
    from tasks.validate import frames, reading, verdict

    used = {
        value
        for module in (frames, reading, verdict)
        for value in vars(module).values()
        if isinstance(value, str) and value.startswith("validate.")
    }
    assert used == {code for code in reason_codes() if code.startswith("validate.")}
    for code in used:
        listed = reason_code(code)
        assert listed is not None
        assert listed.remedy


def test_findings_of_checks_carry_their_code_and_severity() -> None:
    for finding in judge(sound_report(cells={"t4.review_total": 12, "t2.rules.issued": -1})).findings:
        assert finding.severity is checks()[finding.check].severity
