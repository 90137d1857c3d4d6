"""Loading reports: once, again, anew, and in doubt. Every test runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from decimal import Decimal

import pytest

from schemas.blocks import Place
from schemas.errors import LoadError
from schemas.ledger import LedgerState
from schemas.report import FactState, Judgement, Outcome
from tasks.load import LoadStatus, Warehouse
from tasks.load.snapshot import snapshot
from tests.load.samples import fact, flagged, load, loaded, quarantined, report, statistic, unreadable


def _all_rows(warehouse: Warehouse) -> object:
    return snapshot(warehouse.engine, everything=True)


def test_a_first_report_is_new_and_current(warehouse: Warehouse) -> None:
    result = load(warehouse, loaded())
    assert (result.status, result.version, result.touched) == (LoadStatus.NEW, 1, True)
    (row,) = warehouse.current_reports()
    assert row.id == result.report_id == result.current_id
    assert (row.publisher, row.year, row.outcome, row.facts, row.statistics, row.sections) == (
        "lanshi-office",
        2021,
        "loaded",
        2,
        1,
        1,
    )
    assert row.document_sha256 == "a" * 64
    assert row.url.endswith("a.pdf")
    (entry,) = warehouse.ledger()
    assert (entry.state, entry.report_id, entry.reason_code) == (LedgerState.LOADED, row.id, None)


def test_the_same_again_touches_no_row(warehouse: Warehouse) -> None:
    load(warehouse, flagged(), run_id="first")
    before = _all_rows(warehouse)
    result = load(warehouse, flagged(), day=5, run_id="second")
    assert (result.status, result.touched) == (LoadStatus.UNCHANGED, False)
    assert _all_rows(warehouse) == before
    assert warehouse.ledger()[0].run_id == "first"


def test_a_new_parser_that_changes_nothing_keeps_the_version(warehouse: Warehouse) -> None:
    first = load(warehouse, loaded(), parser="1.0")
    again = load(warehouse, loaded(), parser="1.1")
    assert (again.status, again.report_id, again.version) == (LoadStatus.UNCHANGED, first.report_id, 1)
    assert [row.parser_version for row in warehouse.versions("lanshi-office", 2021)] == ["1.1"]


def test_a_new_parser_that_finds_a_cell_elsewhere_keeps_the_version_and_moves_the_place(warehouse: Warehouse) -> None:
    load(warehouse, loaded(facts=(fact("t3.new.total", "7"),)), parser="1.0")
    moved = fact("t3.new.total", "7", place=Place(page=3), reached_by="position")
    result = load(warehouse, loaded(facts=(moved,)), parser="1.1")
    assert (result.status, result.version) == (LoadStatus.UNCHANGED, 1)
    (row,) = warehouse.facts()
    assert (row.place, row.reached_by) == ({"page": 3}, "position")


def test_a_new_parser_that_reads_another_figure_makes_a_new_version(warehouse: Warehouse) -> None:
    first = load(warehouse, loaded(figures={"t3.new.total": "7"}), parser="1.0")
    second = load(warehouse, loaded(figures={"t3.new.total": "1"}), parser="1.1")
    assert (second.status, second.version, second.previous_id) == (LoadStatus.CHANGED, 2, first.report_id)
    (change,) = [found for found in warehouse.diff(first.report_id, second.report_id) if found.column == "value"]
    assert (change.kind, change.key, change.before, change.after) == ("fact", "t3.new.total", Decimal(7), Decimal(1))


def test_a_reissued_document_becomes_the_current_version_and_history_is_kept(warehouse: Warehouse) -> None:
    first = load(warehouse, loaded(), document="a", day=0)
    second = load(warehouse, loaded(figures={"t3.new.total": "8"}), document="b", day=10)
    assert (second.status, second.version, second.previous_id) == (LoadStatus.CHANGED, 2, first.report_id)
    assert [row.id for row in warehouse.current_reports()] == [second.report_id]
    assert [row.is_current for row in warehouse.versions("lanshi-office", 2021)] == [False, True]
    assert [row.value for row in warehouse.facts()] == [Decimal(8)]
    assert {row.value for row in warehouse.facts(report_id=first.report_id)} == {Decimal(7), Decimal(0)}
    changes = {(found.kind, found.key, found.column) for found in warehouse.diff(first.report_id, second.report_id)}
    assert ("fact", "t3.carried_in.total", "value") in changes, "a cell that is gone is a change"


def test_a_late_repeat_of_an_older_load_does_not_bring_it_back(warehouse: Warehouse) -> None:
    load(warehouse, loaded(), document="a", day=0)
    second = load(warehouse, loaded(figures={"t3.new.total": "8"}), document="b", day=10)
    before = _all_rows(warehouse)
    late = load(warehouse, loaded(), document="a", day=0)
    assert (late.status, late.touched, late.current_id) == (LoadStatus.UNCHANGED, False, second.report_id)
    assert _all_rows(warehouse) == before


def test_a_site_that_goes_back_to_the_old_file_makes_that_version_current_again(warehouse: Warehouse) -> None:
    first = load(warehouse, loaded(), document="a", day=0)
    load(warehouse, loaded(figures={"t3.new.total": "8"}), document="b", day=10)
    back = load(warehouse, loaded(), document="a", day=20)
    assert (back.status, back.report_id, back.version) == (LoadStatus.CHANGED, first.report_id, 1)
    assert [row.id for row in warehouse.current_reports()] == [first.report_id]


def test_a_quarantined_reading_is_kept_but_nothing_of_it_is_current(warehouse: Warehouse) -> None:
    result = load(warehouse, quarantined())
    assert (result.status, result.current_id) == (LoadStatus.QUARANTINED, None)
    assert warehouse.current_reports() == []
    assert list(warehouse.facts()) == []
    assert len(list(warehouse.facts(report_id=result.report_id))) == 2
    (entry,) = warehouse.ledger()
    assert (entry.state, entry.reason_code, entry.next_action, entry.report_id, entry.attempts) == (
        LedgerState.QUARANTINED,
        "parse.row_incomplete",
        "review",
        result.report_id,
        1,
    )
    assert load(warehouse, quarantined()).touched is False


def test_a_document_that_could_not_be_read_is_kept_as_quarantined(warehouse: Warehouse) -> None:
    result = load(warehouse, unreadable())
    (row,) = warehouse.versions("lanshi-office", 2021)
    assert (row.id, row.outcome, row.edition, row.facts) == (result.report_id, "quarantined", None, 0)
    assert warehouse.ledger()[0].reason_code == "read.blank_template"


def test_a_quarantined_reading_never_replaces_a_loaded_report_silently(warehouse: Warehouse) -> None:
    first = load(warehouse, loaded(), document="a")
    doubted = load(warehouse, quarantined(figures={"t3.new.total": "9"}), document="b", day=3)
    assert (doubted.status, doubted.current_id) == (LoadStatus.QUARANTINED, first.report_id)
    assert [row.id for row in warehouse.current_reports()] == [first.report_id]
    (entry,) = warehouse.ledger()
    assert (entry.state, entry.reason_code, entry.next_action, entry.review_report_id) == (
        LedgerState.LOADED,
        "load.newer_quarantined",
        "review",
        doubted.report_id,
    )
    assert "six values" in (entry.reason or "")


def test_a_reading_that_we_begin_to_doubt_stops_being_current(warehouse: Warehouse) -> None:
    first = load(warehouse, loaded(), parser="1.0")
    doubted = load(warehouse, quarantined(), parser="1.1")
    assert doubted.report_id == first.report_id, "the same figures of the same document"
    assert (doubted.current_id, doubted.previous_id) == (None, first.report_id)
    assert warehouse.current_reports() == []
    assert warehouse.ledger()[0].state is LedgerState.QUARANTINED


def test_a_doubt_that_a_new_parser_removes_makes_the_reading_current(warehouse: Warehouse) -> None:
    doubted = load(warehouse, quarantined(), parser="1.0")
    sure = load(warehouse, loaded(), parser="1.1")
    assert (sure.status, sure.report_id, sure.version) == (LoadStatus.NEW, doubted.report_id, 1)
    (entry,) = warehouse.ledger()
    assert (entry.state, entry.reason, entry.next_action) == (LedgerState.LOADED, None, None)


def test_a_new_verdict_on_the_same_figures_is_a_change_of_the_same_version(warehouse: Warehouse) -> None:
    first = load(warehouse, loaded())
    judged = load(warehouse, flagged())
    assert (judged.status, judged.report_id) == (LoadStatus.CHANGED, first.report_id)
    assert [row.state for row in warehouse.ledger_history("lanshi-office", 2021)] == ["expected", "loaded", "flagged"]


@pytest.mark.parametrize(
    "value", ["11561862563.21", "0.1", "-18", "24252.311082", "0", "1.50", "123456789012345678901234567890.123456789"]
)
def test_values_are_exact_to_the_last_digit(warehouse: Warehouse, value: str) -> None:
    load(warehouse, loaded(figures={"t2.central_procurement.amount": value}))
    (row,) = warehouse.facts()
    assert str(row.value) == value


@pytest.mark.parametrize(("value", "kept"), [("-0", "0"), ("1E+3", "1000"), ("-0.00", "0.00")])
def test_other_spellings_of_a_value_become_one(warehouse: Warehouse, value: str, kept: str) -> None:
    load(warehouse, loaded(figures={"t2.central_procurement.amount": value}))
    assert [str(row.value) for row in warehouse.facts()] == [kept]


def test_text_that_a_database_cannot_hold_is_marked_and_keeps_its_length(warehouse: Warehouse) -> None:
    broken = fact("t3.new.total", "7", raw="7\x00", remark="坏\ud800字")
    load(warehouse, loaded(facts=(broken,)))
    (row,) = warehouse.facts()
    assert (row.raw, row.remark) == ("7\ufffd", "坏\ufffd字")


def test_local_rows_without_a_code_are_told_apart_by_their_label(warehouse: Warehouse) -> None:
    rows = (
        fact("local.unknown_1.year_value", "3", label="公开栏数"),
        fact("local.unknown_2.year_value", None, label="查阅点数"),
        fact("local.l_published.year_value", "12", label="主动公开信息数"),
    )
    load(warehouse, loaded(facts=rows))
    assert [(row.code, row.row_key, row.value) for row in warehouse.facts()] == [
        ("local.l_published.year_value", "", Decimal(12)),
        ("local.unknown_1.year_value", "公开栏数", Decimal(3)),
        ("local.unknown_2.year_value", "查阅点数", None),
    ]


def test_the_same_metric_stated_twice_is_kept_twice(warehouse: Warehouse) -> None:
    stated = (statistic("发布信息", "420", start=90, end=99), statistic("发布信息", "1230", start=5, end=12))
    first = load(warehouse, loaded(statistics=stated))
    second = load(warehouse, loaded(statistics=stated[:1]), document="b", day=1)
    changes = warehouse.diff(first.report_id, second.report_id)
    assert ("statistic", "发布信息#2", "value", Decimal(420), None) in {
        (found.kind, found.key, found.column, found.before, found.after) for found in changes
    }


@pytest.mark.parametrize(
    ("judgement", "code"),
    [
        (loaded(facts=(fact("t3.new.total", "1"), fact("t3.new.total", "2"))), "load.duplicate_fact"),
        (loaded(facts=(fact("t3.new.total", None, state=FactState.NUMBER),)), "load.bad_row"),
        (loaded(facts=(fact("t3.new.total", "1", state=FactState.BLANK),)), "load.bad_row"),
        (loaded(facts=(fact("t3.new.total", "1E+400"),)), "load.bad_row"),
        (loaded(facts=(fact("t3.new.total", "NaN"),)), "load.bad_row"),
        (loaded(facts=(fact("nonsense", "1"),)), "load.bad_row"),
        (loaded(year=2020), "load.year_mismatch"),
        (Judgement(Outcome.LOADED, None, None), "load.year_mismatch"),
    ],
)
def test_bad_input_is_refused_with_its_reason_and_nothing_is_lost(
    warehouse: Warehouse, judgement: Judgement, code: str
) -> None:
    load(warehouse, loaded())
    before = _all_rows(warehouse)
    with pytest.raises(LoadError) as refusal:
        load(warehouse, judgement, document="b", day=1)
    assert refusal.value.code == code
    assert _all_rows(warehouse) == before


def test_a_quarantined_report_may_say_another_year(warehouse: Warehouse) -> None:
    assert load(warehouse, quarantined(year=2020)).status is LoadStatus.QUARANTINED


def test_a_publisher_that_is_not_registered_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(LoadError, match="nowhere") as refusal:
        load(warehouse, loaded(), publisher="nowhere")
    assert refusal.value.code == "load.unknown_publisher"


def test_facts_can_be_asked_for_by_year_publisher_and_code(warehouse: Warehouse) -> None:
    load(warehouse, loaded())
    load(warehouse, loaded(2020), year=2020, document="b")
    load(warehouse, loaded(), publisher="lanshi-city", document="c")
    found = warehouse.facts(years=[2021], publishers=["lanshi-city"], codes=["t3.new.total"])
    assert [(row.publisher, row.year, row.code) for row in found] == [("lanshi-city", 2021, "t3.new.total")]


def test_a_diff_with_an_unknown_report_says_so(warehouse: Warehouse) -> None:
    known = load(warehouse, loaded())
    with pytest.raises(LoadError) as refusal:
        warehouse.diff(known.report_id, "lanshi-office.2021.0000000000")
    assert refusal.value.code == "load.unknown_report"


def test_the_report_itself_is_stored_with_its_header(warehouse: Warehouse) -> None:
    load(warehouse, Judgement(Outcome.LOADED, None, report(scope="全市")))
    (row,) = warehouse.current_reports()
    assert (row.edition, row.table_editions, row.published_on, row.scope) == (
        "form-2021",
        {"t3": "form-2021"},
        "2022-01-20",
        "全市",
    )
    assert row.period is not None
    assert [day.isoformat() for day in row.period] == ["2021-01-01", "2021-12-31"]
