"""The statistical annexes before 2019: provincial rows and columns, other years' columns, lost borders."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal
from functools import cache

import pytest

from flows.pipeline import examine
from infra.replica.annexes import local_cells, stat_cells
from infra.replica.model import Publisher
from schemas.forms import form
from schemas.report import Edition, Judgement, Outcome
from tests.proof.pages import bare_page

Rows = list[list[str]]
QUARANTINED = Outcome.QUARANTINED
INTRODUCTION = (
    "<p>临江市人民政府2016年政府信息公开工作年度报告</p>"
    "<p>本报告的统计期限自2016年1月1日起至2016年12月31日止。</p><p>一、概述</p><p>公开工作平稳开展。</p><p>二、附表</p>"
)


@cache
def national() -> Mapping[str, Decimal | None]:
    stated = {"published": 1832, "new": 12, "meetings": 3, "trainings": 2, "trainees": 120}
    return stat_cells(random.Random(4), stated)


@cache
def local() -> Mapping[str, Decimal | None]:
    return local_cells(Publisher("linjiang", "临江市人民政府", "我市", "government"), 2016)


def national_rows() -> Rows:
    """统计指标, 单位, 统计数; groups carry dashes."""
    rows = [["统计指标", "单位", "统计数"]]
    for row in form(Edition.STAT_2014).tables["stat"].blocks[0].rows:
        group = row.kind == "group"
        value = "——" if group else str(national()[f"stat.{row.code}"])
        rows.append([(row.number or "") + row.labels[0], row.unit or "——", value])
    return rows


def local_rows() -> Rows:
    """指标名称, 计量单位, the year, all years."""
    rows = [["指标名称", "计量单位", "2016年度", "历年累计"]]
    for row in form(Edition.STAT_LOCAL).tables["local"].blocks[0].rows:
        values = [str(local()[f"local.{row.code}.{column}"]) for column in ("year_value", "cumulative")]
        rows.append([row.labels[0], row.unit or "", *values])
    return rows


def as_page(rows: Rows) -> bytes:
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return bare_page(f"{INTRODUCTION}<table>{table}</table>").encode()


def as_text(rows: Rows, cell: str, end: str) -> bytes:
    head = INTRODUCTION.replace("<p>", "").replace("</p>", "\n")
    return (head + end.join(cell.join(row) for row in rows) + "\n").encode()


def verdict(data: bytes, name: str = "report.html") -> Judgement:
    found = examine(data, name=name)
    assert found.trace is None, found.trace
    return found.judgement


def read_back(judgement: Judgement) -> dict[str, Decimal | None]:
    assert judgement.outcome is not QUARANTINED, judgement.reason
    assert judgement.report is not None
    return {fact.code: fact.value for fact in judgement.report.facts}


def with_column(rows: Rows, at: int, head: str, value: str = "7") -> Rows:
    return [[*row[:at], head if number == 0 else value, *row[at:]] for number, row in enumerate(rows)]


def test_the_national_form_is_read_to_the_last_row() -> None:
    assert read_back(verdict(as_page(national_rows()))) == national()


@pytest.mark.parametrize(("cell", "end"), [("\t", "\n"), (" ", "\n"), ("\n", "\n")], ids=["tabs", "blanks", "lines"])
def test_flattened_annexes_with_borders_between_cells_are_read(cell: str, end: str) -> None:
    assert read_back(verdict(as_text(national_rows(), cell, end), "report.txt")) == national()
    assert read_back(verdict(as_text(local_rows(), cell, end), "report.txt")) == local()


@pytest.mark.parametrize("rows", [national_rows, local_rows], ids=["national", "local"])
def test_an_annex_whose_cells_ran_together_is_told_not_overlooked(rows: object) -> None:
    assert callable(rows)
    judgement = verdict(as_text(rows(), "", "\n"), "report.txt")
    assert judgement.reason is not None
    assert judgement.reason.code == "parse.table_flattened"


def test_rows_that_a_province_added_are_kept_with_their_label() -> None:
    rows = national_rows()
    rows[6:6] = [["其中：机构领导", "条", "12"], ["行政执法", "条", "5"]]
    judgement = verdict(as_page(rows))
    found = read_back(judgement)
    assert {code: found[code] for code in national()} == national()
    assert judgement.report is not None
    added = [(fact.raw, fact.unit) for fact in judgement.report.facts if "unknown" in fact.code]
    assert added == [("12", "条"), ("5", "条")]


def test_an_added_row_beside_a_missing_one_may_be_that_one() -> None:
    rows = national_rows()
    rows[4] = ["网上公开数", "条", rows[4][2]]
    assert verdict(as_page(rows)).outcome is QUARANTINED


@pytest.mark.parametrize("whole", ["统计数", "合计", "全区"])
def test_the_column_of_the_whole_is_the_publishers_own(whole: str) -> None:
    rows = with_column(with_column(national_rows(), 3, "区直单位"), 4, "乡镇街道")
    rows[0][2] = whole
    assert read_back(verdict(as_page(rows))) == national()


def test_columns_of_parts_without_a_whole_are_nobodys() -> None:
    rows = with_column(with_column(national_rows(), 3, "区直单位"), 4, "乡镇街道")
    rows[0][2] = "区政府"
    judgement = verdict(as_page(rows))
    assert judgement.reason is not None
    assert judgement.reason.code == "parse.columns_unknown"


def test_columns_are_told_by_their_headings_not_by_their_place() -> None:
    swapped = [[label, unit, total, year] for label, unit, year, total in local_rows()]
    assert read_back(verdict(as_page(swapped))) == local()
    assert read_back(verdict(as_page(with_column(local_rows(), 2, "2015年度")))) == local()
    assert read_back(verdict(as_page(with_column(local_rows(), 0, "序号")))) == local()


def test_the_heading_of_another_year_is_the_publishers_fault() -> None:
    rows = local_rows()
    rows[0][2] = "2015年度"
    judgement = verdict(as_page(rows))
    assert read_back(judgement) == local()
    assert "L_HEADER_YEAR" in {finding.check for finding in judgement.findings}


def test_a_label_without_its_number_is_told() -> None:
    rows = [row[:2] if row[0].endswith("政府网站公开政府信息数") else row for row in national_rows()]
    judgement = verdict(as_page(rows))
    assert judgement.reason is not None
    assert judgement.reason.code == "parse.row_without_values"


def test_numbers_without_their_label_are_told() -> None:
    rows = local_rows()
    rows[3] = ["", *rows[3][1:]]
    rows[4] = [rows[4][0], rows[4][1], "", ""]
    rows.insert(5, ["", "", "3", "9"])
    assert verdict(as_page(rows)).outcome is QUARANTINED


def test_rows_of_the_national_form_that_are_gone_are_told() -> None:
    rows = national_rows()
    judgement = verdict(as_page(rows[:40]))
    assert judgement.reason is not None
    assert judgement.reason.code == "parse.rows_missing"


def test_a_row_that_lost_one_of_two_values_is_told() -> None:
    rows = local_rows()
    rows[4] = rows[4][:3]
    judgement = verdict(as_page(rows))
    assert judgement.reason is not None
    assert judgement.reason.code == "parse.row_incomplete"


def test_labels_with_typing_faults_are_known() -> None:
    faults = {"当面申请数": "当面申请书", "接受行政申诉、举报数": "接受行政诉讼、举报数"}
    rows = [[faults.get(row[0], row[0]), *row[1:]] for row in local_rows()]
    assert read_back(verdict(as_page(rows))) == local()


@pytest.mark.parametrize("panels", [2, 3])
def test_an_annex_in_panels_side_by_side_is_read(panels: int) -> None:
    head, *rows = national_rows()
    height = -(-len(rows) // panels)
    beside = [[cell for panel in range(panels) for cell in (rows[panel * height :][at : at + 1] or [[""] * 3])[0]]
              for at in range(height)]  # fmt: skip
    assert read_back(verdict(as_page([head * panels, *beside]))) == national()
    assert read_back(verdict(as_text([head * panels, *beside], "\t", "\n"), "report.txt")) == national()
