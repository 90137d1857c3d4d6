"""Decisions of people: append-only, applied at every load, expired when their source changes, taken back at will."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import tasks.validate as validation
from schemas.errors import LoadError
from schemas.ledger import LedgerState
from schemas.report import (
    Certainty,
    Doubt,
    Edition,
    FactState,
    Finding,
    Judgement,
    Outcome,
    Reason,
    Report,
    Severity,
    Verdict,
)
from schemas.tables import DecisionKind
from tasks.load import LoadResult, LoadStatus, Warehouse
from tasks.load.cells import form_cells
from tasks.load.snapshot import snapshot
from tests.load.samples import DAY, fact, load, loaded, report

WHO = {"by": "王敏", "why": "与原件核对"}

FIGURES: dict[str, str | None] = {
    **{cell["code"]: "0" for cell in form_cells() if "form-2021" in cell["editions"]},
    "t4.review_upheld": "2",
    "t4.review_corrected": "1",
    "t4.review_total": "3",
}
"""Every cell of the form, so that the checks have nothing to say."""


def _doubtful(upheld: str = "2", raw: str | None = None, **more: Any) -> Report:
    """A report with one cell that the parser is not sure of."""
    facts = tuple(
        fact(code, upheld, raw=raw or upheld, certainty=Certainty.DOUBTFUL)
        if code == "t4.review_upheld"
        else fact(code, value)
        for code, value in FIGURES.items()
    )
    doubt = Doubt("parse.row_incomplete", "a cell is smudged", ("t4.review_upheld",))
    return report(2021, {}, facts=facts, doubts=(doubt,), **more)


def _load(warehouse: Warehouse, read: Report, *, document: str = "a", day: int = 0, parser: str = "1.0") -> LoadResult:
    """Judge and load as the pipeline does."""
    from datetime import timedelta

    return warehouse.load(
        "lanshi-office",
        2021,
        document_sha=document * 64,
        url=f"http://127.0.0.1/{document}.pdf",
        media_type="application/pdf",
        judgement=validation.judge(read),
        parser_version=parser,
        fetched_at=DAY + timedelta(days=day),
        judge=validation,
    )


def _value(warehouse: Warehouse, code: str) -> Decimal | None:
    return next(row.value for row in warehouse.facts(codes=[code]))


def _row(warehouse: Warehouse, table: str, **where: Any) -> dict[str, Any]:
    rows = snapshot(warehouse.engine)[table]
    return next(row for row in rows if all(row[name] == value for name, value in where.items()))


def test_an_accepted_reading_becomes_current_at_the_next_load(warehouse: Warehouse) -> None:
    doubted = _load(warehouse, _doubtful())
    assert doubted.status is LoadStatus.QUARANTINED
    decision = warehouse.accept(doubted.report_id, **WHO)
    assert (decision.id, decision.kind, decision.active) == ("lanshi-office.2021.c1", DecisionKind.ACCEPT, True)
    (due,) = warehouse.due()
    assert (due.publisher, due.year, due.document_sha256) == ("lanshi-office", 2021, "a" * 64)
    done = _load(warehouse, _doubtful())
    assert (done.status, done.report_id) == (LoadStatus.NEW, doubted.report_id)
    assert warehouse.due() == []
    assert _row(warehouse, "report", id=done.report_id)["accepted_by"] == decision.id
    assert warehouse.ledger()[0].state is LedgerState.LOADED


def test_a_reparse_never_resets_a_decision(warehouse: Warehouse) -> None:
    doubted = _load(warehouse, _doubtful())
    warehouse.accept(doubted.report_id, **WHO)
    _load(warehouse, _doubtful())
    before = snapshot(warehouse.engine)
    again = _load(warehouse, _doubtful(), parser="1.1")
    assert again.status is LoadStatus.UNCHANGED
    after = snapshot(warehouse.engine)
    for row in (*before["report"], *after["report"]):
        row.pop("parser_version")
    assert after == before


def test_the_same_decision_twice_is_one(warehouse: Warehouse) -> None:
    doubted = _load(warehouse, _doubtful())
    first = warehouse.accept(doubted.report_id, **WHO)
    assert warehouse.accept(doubted.report_id, by="李强", why="again") == first
    _load(warehouse, _doubtful())
    assert warehouse.accept(doubted.report_id, **WHO) == first
    assert len(warehouse.decisions("lanshi-office", 2021)) == 1


def test_an_acceptance_ends_when_the_document_is_read_otherwise(warehouse: Warehouse) -> None:
    doubted = _load(warehouse, _doubtful())
    decision = warehouse.accept(doubted.report_id, **WHO)
    other = _load(warehouse, _doubtful("7"), parser="1.1")
    assert (other.status, other.expired) == (LoadStatus.QUARANTINED, (decision.id,))
    _, ended = warehouse.decisions("lanshi-office", 2021)
    assert (ended.kind, ended.undoes, ended.decided_by) == (DecisionKind.EXPIRE, decision.id, "nianbao")


def test_an_overridden_cell_is_checked_anew_and_keeps_what_was_read(warehouse: Warehouse) -> None:
    doubted = _load(warehouse, _doubtful("22"))
    decision = warehouse.override(doubted.report_id, "t4.review_upheld", Decimal(2), **WHO)
    done = _load(warehouse, _doubtful("22"))
    assert done.status is LoadStatus.NEW
    row = _row(warehouse, "fact", report_id=done.report_id, code="t4.review_upheld")
    assert (row["value"], row["value_read"], row["raw"], row["corrected_by"], row["reached_by"]) == (
        Decimal(2),
        Decimal(22),
        "22",
        decision.id,
        "decision",
    )
    (shown,) = [one for one in warehouse.view("fact_provenance") if one["code"] == "t4.review_upheld"]
    assert (shown["corrected_by"], shown["value_read"]) == (decision.id, Decimal(22))
    assert _load(warehouse, _doubtful("22")).touched is False


@pytest.mark.parametrize(("named", "holds"), [(None, ("unknown", "none")), ("万元", ("万元", "decision"))])
def test_a_unit_inferred_from_the_figure_that_was_read_does_not_outlive_it(
    warehouse: Warehouse, named: str | None, holds: tuple[str, str]
) -> None:
    cell = "t2.central_procurement.amount"
    read = report(2020, {}, facts=(fact(cell, "0", unit="元", unit_source="inferred"),), edition=Edition.FORM_2019)
    stored = _load(warehouse, read)
    warehouse.override(stored.report_id, cell, Decimal("4711.25"), unit=named, **WHO)
    done = _load(warehouse, read)
    row = _row(warehouse, "fact", report_id=done.report_id, code=cell)
    assert (row["value"], row["unit"], row["unit_source"]) == (Decimal("4711.25"), *holds)


def test_a_wrong_override_is_caught_by_the_checks(warehouse: Warehouse) -> None:
    doubted = _load(warehouse, _doubtful())
    warehouse.override(doubted.report_id, "t4.review_upheld", Decimal(200), **WHO)
    done = _load(warehouse, _doubtful())
    assert done.outcome == "flagged", "the parts no longer add up to the total"


def test_an_override_ends_when_its_cell_changes_and_lives_when_others_do(warehouse: Warehouse) -> None:
    doubted = _load(warehouse, _doubtful("22"))
    decision = warehouse.override(doubted.report_id, "t4.review_upheld", Decimal(2), **WHO)
    elsewhere = _load(warehouse, _doubtful("22", title="更正后的年度报告"), document="b", day=5)
    assert (elsewhere.status, elsewhere.expired) == (LoadStatus.NEW, ())
    changed = _load(warehouse, _doubtful("5"), document="c", day=9)
    assert changed.expired == (decision.id,)
    assert changed.status is LoadStatus.QUARANTINED
    assert _value(warehouse, "t4.review_upheld") == 2, "the version before stays current"


def test_a_late_repeat_of_an_old_document_ends_no_decision(warehouse: Warehouse) -> None:
    _load(warehouse, _doubtful("5"), document="a")
    doubted = _load(warehouse, _doubtful("22"), document="b", day=5)
    warehouse.override(doubted.report_id, "t4.review_upheld", Decimal(2), **WHO)
    _load(warehouse, _doubtful("22"), document="b", day=5)
    assert _load(warehouse, _doubtful("5"), document="a").expired == ()
    assert all(one.active for one in warehouse.decisions("lanshi-office", 2021))


def test_a_second_override_replaces_the_first(warehouse: Warehouse) -> None:
    doubted = _load(warehouse, _doubtful("22"))
    first = warehouse.override(doubted.report_id, "t4.review_upheld", Decimal(3), **WHO)
    second = warehouse.override(doubted.report_id, "t4.review_upheld", Decimal(2), **WHO)
    _load(warehouse, _doubtful("22"))
    assert _value(warehouse, "t4.review_upheld") == 2
    assert {one.id for one in warehouse.decisions("lanshi-office", 2021) if one.active} == {second.id}
    assert first.id != second.id


def test_a_cell_can_be_decided_to_be_blank(warehouse: Warehouse) -> None:
    doubted = _load(warehouse, _doubtful())
    warehouse.override(doubted.report_id, "t4.review_upheld", None, **WHO)
    _load(warehouse, _doubtful())
    (row,) = warehouse.facts(codes=["t4.review_upheld"])
    assert (row.value, row.state) == (None, FactState.BLANK.value)


def test_a_decision_taken_back_is_undone_at_the_next_load(warehouse: Warehouse) -> None:
    doubted = _load(warehouse, _doubtful())
    before = snapshot(warehouse.engine)
    decision = warehouse.accept(doubted.report_id, **WHO)
    _load(warehouse, _doubtful())
    back = warehouse.reopen(decision.id, **WHO)
    assert warehouse.reopen(decision.id, by="李强", why="again").id == back.id, "twice is once"
    assert _load(warehouse, _doubtful()).status is LoadStatus.QUARANTINED
    after = snapshot(warehouse.engine)
    for table in ("report", "fact", "finding", "statistic"):
        assert after[table] == before[table]
    assert warehouse.current_reports() == []


def test_an_override_taken_back_brings_the_figure_back_that_was_read(warehouse: Warehouse) -> None:
    read = report(2021, FIGURES)
    stored = _load(warehouse, read)
    decision = warehouse.override(stored.report_id, "t4.review_upheld", Decimal(9), **WHO)
    assert _load(warehouse, read).report_id != stored.report_id
    assert _value(warehouse, "t4.review_upheld") == 9
    warehouse.reopen(decision.id, **WHO)
    back = _load(warehouse, read)
    assert (back.status, back.current_id) == (LoadStatus.CHANGED, stored.report_id)
    assert _value(warehouse, "t4.review_upheld") == 2
    assert not _load(warehouse, read).touched


def test_an_override_taken_back_leaves_nothing_where_the_reading_is_doubted(warehouse: Warehouse) -> None:
    doubted = _load(warehouse, _doubtful("22"))
    decision = warehouse.override(doubted.report_id, "t4.review_upheld", Decimal(2), **WHO)
    assert _load(warehouse, _doubtful("22")).status is LoadStatus.NEW
    warehouse.reopen(decision.id, **WHO)
    assert _load(warehouse, _doubtful("22")).status is LoadStatus.QUARANTINED
    assert warehouse.current_reports() == []
    assert warehouse.ledger()[0].state is LedgerState.QUARANTINED
    assert not _load(warehouse, _doubtful("22")).touched


def test_a_dismissed_finding_no_longer_holds_the_report_back(warehouse: Warehouse) -> None:
    read = report(2021, FIGURES, doubts=(Doubt("parse.row_incomplete", "a stray mark", ("t4.review_total",)),))
    doubted = _load(warehouse, read)
    assert doubted.status is LoadStatus.QUARANTINED
    key = _row(warehouse, "finding", check_code="parse.row_incomplete")["key"]
    decision = warehouse.dismiss(doubted.report_id, str(key), **WHO)
    done = _load(warehouse, read)
    assert done.status is LoadStatus.NEW
    assert _row(warehouse, "finding", check_code="parse.row_incomplete")["dismissed_by"] == decision.id
    assert all(row["check_code"] != "parse.row_incomplete" for row in warehouse.view("current_findings"))


def test_a_dismissal_does_not_excuse_what_the_findings_do_not_say(warehouse: Warehouse) -> None:
    """The pipeline may hold a report back for a reason of its own: then only accepting it helps."""
    note = Finding("M_SCOPE", Severity.INFO, Verdict.PUBLISHER, "the scope is not stated", None, None, ())
    judged = Judgement(
        Outcome.QUARANTINED, Reason("harvest.wrong_report", "another body's"), report(2021, FIGURES), (note,)
    )
    first = load(warehouse, judged)
    warehouse.dismiss(first.report_id, "M_SCOPE", **WHO)
    again = warehouse.load(
        "lanshi-office",
        2021,
        document_sha="a" * 64,
        url="http://127.0.0.1/a.pdf",
        media_type=None,
        judgement=judged,
        parser_version="1.0",
        fetched_at=DAY,
        judge=validation,
    )
    assert (again.status, again.outcome) == (LoadStatus.QUARANTINED, "quarantined")


def test_a_dismissal_ends_when_the_finding_says_something_else(warehouse: Warehouse) -> None:
    wrong = {**FIGURES, "t4.review_total": "4"}
    first = _load(warehouse, report(2021, wrong))
    assert first.outcome == "flagged"
    key = str(_row(warehouse, "finding", check_code="T4_REVIEW_TOTAL")["key"])
    decision = warehouse.dismiss(first.report_id, key, **WHO)
    assert _load(warehouse, report(2021, wrong)).outcome == "loaded"
    other = _load(warehouse, report(2021, {**FIGURES, "t4.review_total": "9"}), document="b", day=3)
    assert (other.outcome, other.expired) == ("flagged", (decision.id,))


def test_a_finding_between_reports_can_be_dismissed_and_stays_so(warehouse: Warehouse) -> None:
    load(warehouse, loaded(2020, {"t3.carried_out.total": "1"}, sections=()), year=2020, document="a")
    second = load(warehouse, loaded(2021, {"t3.carried_in.total": "2"}, sections=()), document="b")
    warehouse.cross_check()
    assert warehouse.ledger(years=[2021])[0].state is LedgerState.FLAGGED
    key = str(_row(warehouse, "finding", check_code="T3_CARRY_OVER")["key"])
    decision = warehouse.dismiss(second.report_id, key, **WHO)
    assert warehouse.ledger(years=[2021])[0].state is LedgerState.LOADED
    warehouse.cross_check()
    assert warehouse.ledger(years=[2021])[0].state is LedgerState.LOADED
    warehouse.reopen(decision.id, **WHO)
    assert warehouse.ledger(years=[2021])[0].state is LedgerState.FLAGGED


def test_a_chosen_document_is_the_report_until_an_unknown_one_appears(warehouse: Warehouse) -> None:
    first = _load(warehouse, report(2021, FIGURES), document="a")
    _load(warehouse, report(2021, {**FIGURES, "t4.review_total": None}), document="b", day=5)
    decision = warehouse.choose("lanshi-office", 2021, "a" * 64, **WHO)
    for due in warehouse.due():
        figures = FIGURES if due.document_sha256[0] == "a" else {**FIGURES, "t4.review_total": None}
        _load(warehouse, report(2021, figures), document=due.document_sha256[0], day=0)
    assert [row.id for row in warehouse.current_reports()] == [first.report_id]
    _load(warehouse, report(2021, {**FIGURES, "t4.review_total": None}), document="b", day=9)
    assert [row.id for row in warehouse.current_reports()] == [first.report_id], "it was known and not chosen"
    assert warehouse.choose("lanshi-office", 2021, "a" * 64, **WHO).id == decision.id
    newer = _load(warehouse, report(2021, {**FIGURES, "t4.review_pending": None}), document="c", day=12)
    assert (newer.expired, newer.current_id) == ((decision.id,), newer.report_id)


def test_a_doubt_about_a_document_that_was_not_chosen_waits_for_nobody(warehouse: Warehouse) -> None:
    _load(warehouse, report(2021, FIGURES), document="a")
    _load(warehouse, _doubtful("9"), document="b", day=5)
    assert warehouse.ledger()[0].next_action == "review"
    warehouse.choose("lanshi-office", 2021, "a" * 64, **WHO)
    _load(warehouse, report(2021, FIGURES), document="a")
    entry = warehouse.ledger()[0]
    assert (entry.state, entry.next_action, entry.review_report_id) == (LedgerState.LOADED, None, None)


def test_a_choice_taken_back_lets_the_latest_document_count_again(warehouse: Warehouse) -> None:
    _load(warehouse, report(2021, FIGURES), document="a")
    second = _load(warehouse, report(2021, {**FIGURES, "t4.review_total": None}), document="b", day=5)
    decision = warehouse.choose("lanshi-office", 2021, "a" * 64, **WHO)
    _load(warehouse, report(2021, FIGURES), document="a")
    warehouse.reopen(decision.id, **WHO)
    _load(warehouse, report(2021, {**FIGURES, "t4.review_total": None}), document="b", day=5)
    assert [row.id for row in warehouse.current_reports()] == [second.report_id]


@pytest.mark.parametrize(
    "decide",
    [
        lambda house, _report: house.accept("lanshi-office.2021.0000000000", **WHO),
        lambda house, report_id: house.accept(report_id, **WHO),
        lambda house, report_id: house.override(report_id, "stat.s3_received", Decimal(1), **WHO),
        lambda house, report_id: house.dismiss(report_id, "T3_BALANCE", **WHO),
        lambda house, _report: house.choose("lanshi-office", 2021, "f" * 64, **WHO),
        lambda house, _report: house.reopen("lanshi-office.2021.c9", **WHO),
        lambda house, report_id: house.override(report_id, "t4.review_total", Decimal(1), by=" ", why="x"),
        lambda house, report_id: house.override(report_id, "t4.review_total", Decimal(1), by="x", why=""),
    ],
)
def test_a_decision_about_nothing_or_by_nobody_is_refused(warehouse: Warehouse, decide: Any) -> None:
    done = _load(warehouse, report(2021, FIGURES))
    before = snapshot(warehouse.engine, everything=True)
    with pytest.raises(LoadError) as refusal:
        decide(warehouse, done.report_id)
    assert refusal.value.code in {"load.no_case", "load.unknown_report", "load.no_name"}
    assert snapshot(warehouse.engine, everything=True) == before


def test_a_load_that_cannot_apply_a_decision_says_so(warehouse: Warehouse) -> None:
    doubted = _load(warehouse, _doubtful("22"))
    warehouse.override(doubted.report_id, "t4.review_upheld", Decimal(2), **WHO)
    with pytest.raises(LoadError) as refusal:
        load(warehouse, validation.judge(_doubtful("22")))
    assert refusal.value.code == "load.no_judge"
