"""The guard before the warehouse: all failures at once, nothing dropped, raw cells kept."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from schemas.discovery import Candidate
from schemas.report import Edition, Finding, Judgement, Outcome, Report, Severity, Verdict
from tasks.validate import judge
from tasks.validate.frames import FrameReport, RejectedRow, hold_back, validate_frames
from tests.validate.build import fact, sound_report, with_fact


def only(report: FrameReport) -> RejectedRow:
    assert len(report.rejected) == 1
    return report.rejected[0]


def candidate(**changes: Any) -> Candidate:
    made = Candidate(
        "http://portal.test/1.html", "某局2021年政府信息公开工作年度报告", 2021, "2022-01-20", "http://portal.test/"
    )
    return replace(made, **changes)


def test_sound_reports_pass_whole() -> None:
    reports = [sound_report(), sound_report(Edition.FORM_2019)]
    found = validate_frames([*reports, judge(sound_report())])
    assert found.rejected == ()
    assert len(found.facts.ok) == 2 * 200 + 198
    assert len(found.statistics.ok) == 3
    assert all(isinstance(value, Decimal) for value in found.facts.ok["value"])


def test_exact_decimals_go_through_unchanged() -> None:
    report = with_fact(sound_report(), "t2.admin_fees.amount", value=Decimal("11561862563.21"), raw="11,561,862,563.21")
    frame = validate_frames([report]).facts.ok
    values = dict(zip(frame["code"], frame["value"], strict=True))
    assert str(values["t2.admin_fees.amount"]) == "11561862563.21"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"value": 9.0}, "value must be an exact decimal"),
        ({"value": Decimal("NaN")}, "a number has an exact value"),
        ({"value": None}, "a number has an exact value"),
        ({"code": "t3.brand_new.total"}, "code must be a code of schemas/forms"),
        ({"unit": " "}, "unit must be words"),
        ({"unit_source": "guess"}, "unit_source must be one of"),
        ({"raw": "7"}, "the digits of the value stand in the printed cell"),
        ({"reached_by": ""}, "reached_by must be words"),
    ],
)
def test_a_bad_cell_is_rejected_with_its_reason_and_the_raw_row(changes: dict[str, Any], reason: str) -> None:
    row = only(validate_frames([with_fact(sound_report(), "t3.new.total", **changes)]))
    assert any(reason in told for told in row.reasons)
    assert row.frame == "facts"
    assert row.row["raw"] == changes.get("raw", "9")
    assert set(row.row) >= {"code", "value", "raw", "unit", "state", "certainty"}


def test_a_zero_and_remarks_and_separators_agree_with_what_is_printed() -> None:
    report = with_fact(sound_report(), "t3.new.total", raw="９（含补正 2 件）")
    report = with_fact(report, "t2.licensing.decisions", value=Decimal(1550), raw="1,550件")
    report = with_fact(report, "t2.rules.issued", raw="零")
    assert validate_frames([report]).rejected == ()


def test_all_failures_are_told_at_once() -> None:
    report = with_fact(sound_report(), "t3.new.total", value=9.5)
    report = with_fact(report, "t3.new.business", raw="x1")
    report = with_fact(report, "t4.review_total", code="t4.nothing")
    report = replace(report, facts=(*report.facts, fact("t2.rules.issued", 0)))
    found = validate_frames([report, sound_report()], keys=["bad", "good"])
    assert [row.name for row in found.rejected] == [
        "t2.rules.issued",
        "t3.new.business",
        "t3.new.total",
        "t4.nothing",
        "t2.rules.issued",
    ]
    assert found.documents == {"bad"}
    assert len(found.facts.ok) + len(found.facts.rejected) == 401
    message = found.message("bad")
    assert message.startswith("5 rows break a rule")
    assert "t4.nothing: code must be a code of schemas/forms" in message


def test_a_cell_that_stands_twice_is_rejected_on_both_rows() -> None:
    report = sound_report()
    twice = replace(report, facts=(*report.facts, fact("t2.licensing.decisions", 505)))
    rows = validate_frames([twice]).rejected
    assert [row.row["value"] for row in rows] == [550, 505]
    assert {row.reasons for row in rows} == {("a cell stands once in a document",)}


def test_a_table_larger_than_its_form_is_rejected_as_a_group() -> None:
    report = sound_report()
    extra = tuple(fact(f"t4.{name}", 0) for name in ("x1", "x2"))
    rows = validate_frames([replace(report, facts=report.facts + extra)]).rejected
    assert sum("a table has at most the cells of its form" in row.reasons for row in rows) == 17


def test_statistics_keep_their_quote_and_their_whole() -> None:
    report = sound_report()
    (one,) = report.statistics
    bad = (replace(one, end=one.end + 1), replace(one, metric="x", relation="part_of"), replace(one, value=9.0))
    rows = validate_frames([replace(report, statistics=bad)]).rejected
    assert [row.reasons[0] for row in rows] == [
        "the quote is as long as its offsets say",
        "a relation names its whole",
        "value must be an exact decimal, no float and no NaN",
    ]


def test_findings_name_known_checks_and_exact_sides() -> None:
    good = Finding("T3_BALANCE", Severity.ERROR, Verdict.PUBLISHER, "…", "26", "20", ("t3.new.total",))
    bad = (
        replace(good, check="T3_MAGIC"),
        replace(good, left="2.6e1", message="another"),
        replace(good, message=" "),
    )
    rows = validate_frames([Judgement(Outcome.FLAGGED, None, None, (good, *bad))]).rejected
    assert [row.reasons[0] for row in rows] == [
        "check must be a check or a reason code",
        "left must be a decimal in digits",
        "message must be words, not empty",
    ]


def test_a_grave_doubt_and_a_loaded_report_exclude_each_other() -> None:
    doubt = Finding("parse.row_incomplete", Severity.ERROR, Verdict.READING, "…")
    assert validate_frames([Judgement(Outcome.QUARANTINED, None, None, (doubt,))]).rejected == ()
    row = only(validate_frames([Judgement(Outcome.LOADED, None, None, (doubt,))]))
    assert row.reasons == ("a report with a grave doubt about its reading is quarantined",)


def test_candidates_are_checked_by_site() -> None:
    links = [
        candidate(),
        candidate(url="ftp://portal.test/2.html"),
        candidate(url="http://portal.test/3.html", listed_on="20 January"),
        candidate(url="http://portal.test/4.html", listed_on="2020-01-20"),
        candidate(url="http://portal.test/5.html", kind="rumour"),
        candidate(url="http://portal.test/6.html", year=None, listed_on=None),
    ]
    found = validate_frames([], candidates={"portal": links})
    assert [row.reasons[0].split(" ", 1)[0] for row in found.rejected] == ["url", "listed_on", "a", "kind"]
    assert found.documents == {"portal"}
    assert len(found.candidates.ok) == 2


def test_a_judgement_with_rejected_rows_is_held_back_and_the_others_are_not() -> None:
    good, bad = judge(sound_report()), judge(with_fact(sound_report(), "t3.new.total", raw="1"))
    assert bad.outcome is Outcome.LOADED
    kept, held = hold_back([good, bad])
    assert kept is good
    assert held.outcome is Outcome.QUARANTINED
    assert held.reason is not None
    assert held.reason.code == "validate.rows_rejected"
    assert "t3.new.total" in held.reason.message
    assert held.report is bad.report


def test_a_reason_that_is_already_there_is_kept() -> None:
    empty = judge(Report(publisher="某局", year=2020, title="某局", edition=Edition.NARRATIVE))
    assert hold_back([empty]) == [empty]


def test_an_empty_batch_is_fine() -> None:
    found = validate_frames([])
    assert found.rejected == ()
    assert found.facts.ok.empty


def test_judging_does_not_import_pandera() -> None:
    code = "import sys, tasks.validate, tasks.validate.frames; print({'pandas', 'pandera'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
