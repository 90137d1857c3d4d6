"""Cases for people: what waits, everything about one, and how it reads."""

from __future__ import annotations

from decimal import Decimal

import pytest

import tasks.validate as validation
from schemas.errors import LoadError
from schemas.report import Certainty, Finding, Judgement, Outcome, Reason, Severity, Verdict
from tasks.load import Warehouse
from tasks.load.case_page import case_markdown
from tests.load.samples import fact, load, loaded, report

ROW = {f"t3.granted.{column}": "1" for column in ("natural_person", "business", "research")}


def _doubted(value: str = "20") -> Judgement:
    """Table 3 with a total that was inferred and is not proved."""
    facts = (
        *(fact(code, figure) for code, figure in ROW.items()),
        fact("t3.granted.total", value, raw=f" {value}\n", certainty=Certainty.DOUBTFUL, reached_by="split"),
        fact("t3.new.total", "7"),
    )
    finding = Finding(
        "T3_ROW_TOTAL",
        Severity.ERROR,
        Verdict.READING,
        "3 | 20",
        "3",
        value,
        ("t3.granted.total", "t3.granted.business"),
    )
    reason = Reason("validate.doubtful_figures", "a cell was inferred and nothing proves it")
    return Judgement(Outcome.QUARANTINED, reason, report(2021, facts=facts), (finding,))


def test_what_waits_is_listed_until_it_is_settled(warehouse: Warehouse) -> None:
    load(warehouse, loaded(2020), year=2020)
    done = load(warehouse, _doubted(), document="b")
    assert [(entry.publisher, entry.year, entry.next_action) for entry in warehouse.cases()] == [
        ("lanshi-office", 2021, "review")
    ]
    warehouse.accept(done.report_id, by="王敏", why="与原件核对")
    assert [entry.next_action for entry in warehouse.cases()] == ["reload"]
    load(warehouse, loaded(), document="c", day=3)
    assert [entry.next_action for entry in warehouse.cases()] == ["reload"], "another document does not settle it"
    load(warehouse, _doubted(), document="b", judge=validation)
    assert warehouse.cases() == []


def test_a_case_tells_what_is_in_doubt_and_what_counts_meanwhile(warehouse: Warehouse) -> None:
    first = load(warehouse, loaded(2021, {"t3.granted.total": "3"}))
    second = load(warehouse, _doubted(), document="b", day=2)
    found = warehouse.case("lanshi-office", 2021)
    assert (found.doubted.id, found.current and found.current.id) == (second.report_id, first.report_id)
    assert found.doubtful() == {"t3.granted.total", "t3.granted.business"}
    assert [one.check for one in found.findings] == ["T3_ROW_TOTAL"]
    readings = {version.version: cells["t3.granted.total", ""].value for version, cells in found.readings}
    assert readings == {1: Decimal(3), 2: Decimal(20)}
    assert warehouse.findings(second.report_id)[0].cells == ("t3.granted.total", "t3.granted.business")


def test_a_case_reads_as_a_page_with_the_doubtful_cells_marked(warehouse: Warehouse) -> None:
    load(warehouse, loaded(2021, {"t3.granted.total": "3"}))
    done = load(warehouse, _doubted(), document="b", day=2)
    warehouse.override(done.report_id, "t3.granted.total", Decimal(3), by="王敏", why="与原件核对")
    page = case_markdown(warehouse.case("lanshi-office", 2021))
    assert page.startswith("# 岚市人民政府办公室 2021\n")
    assert "| 予以公开 | 1 | **⚠ 1** | 1 | (not found) |" in page.replace("(not found) | (not found) | ", "")
    assert "**⚠ 20**" in page
    assert "3 \\| 20" in page, "a bar in a message does not break the table"
    assert "| t3.granted.total | 1 | 3 | 3 | label | exact | page 2, row 1, column 2 |" in page
    assert "| t3.granted.total | 2 | 20 |  20  | split | doubtful | page 2, row 1, column 2 |" in page
    assert "本年新收申请" not in page, "rows without a doubt stay out"
    assert f"(http://127.0.0.1/lanshi-office/2021/{'b'}.pdf)" in page
    assert "| lanshi-office.2021.c1 | override | t3.granted.total | 3 | 与原件核对 | 王敏 |" in page


def test_a_reading_of_nothing_is_a_case_too(warehouse: Warehouse) -> None:
    load(warehouse, Judgement(Outcome.QUARANTINED, Reason("read.blank_template", "an empty form"), None))
    page = case_markdown(warehouse.case("lanshi-office", 2021))
    assert "`read.blank_template`: an empty form" in page


def test_a_year_of_which_nothing_was_read_is_no_case(warehouse: Warehouse) -> None:
    warehouse.owe(["lanshi-office"], [2021])
    with pytest.raises(LoadError) as refusal:
        warehouse.case("lanshi-office", 2021)
    assert refusal.value.code == "load.no_case"
