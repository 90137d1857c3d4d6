"""Real documents: every statutory cell that a person read by hand, and the five seed reports."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from schemas.report import Edition, Report
from tasks.parse import parse
from tasks.read import read

EXPECTED_FILES = [
    "hzq2023.pdf",
    *(f"pingtan{year}.html" for year in (2014, 2018, 2019, 2020, 2021, 2022)),
    *(f"czj{year}.html" for year in (2009, 2014, 2019, 2020)),
    "gaj2016.html",
    "scj2019.html",
    "shanghai_office2019.html",
]


def report_of(path: Path) -> Report:
    return parse(read(path.read_bytes(), name=path.name))


@pytest.mark.parametrize("name", EXPECTED_FILES)
def test_every_cell_read_by_hand_is_read_right(evidence: Path, name: str) -> None:
    expected = json.loads((evidence / "real" / "expected.json").read_text("utf-8"))[name]
    report = report_of(evidence / "real" / name)
    got = {fact.code: fact.value for fact in report.facts}
    want = {code: None if value is None else Decimal(value) for code, value in expected["cells"].items()}
    assert {code: got.get(code, "absent") for code in want} == want
    assert {table: edition.value for table, edition in report.table_editions.items()} == expected["table_editions"]
    assert report.doubts == ()


@pytest.mark.parametrize(
    ("name", "title", "edition", "year", "cells"),
    [
        ("000_2ec3d5720599a289.txt", "固原市公共资源交易中心", Edition.FORM_2021, 2021, 200),
        ("001_84cfd1913db39861.txt", "中卫市公共资源交易中心", Edition.NARRATIVE, 2017, 0),
        ("002_d9edef48b63a17cb.txt", "济宁市公共资源交易服务中心", Edition.FORM_2019, 2020, 198),
        ("003_d0c1c0b8a377efe0.txt", "大庆市公共资源交易中心", Edition.FORM_2019, 2021, 198),
        ("004_e2aee56f400c6b84.txt", "驻马店市公共资源交易中心", Edition.FORM_2021, 2021, 200),
    ],
)
def test_each_seed_report_is_read_to_the_last_cell(
    evidence: Path, name: str, title: str, edition: Edition, year: int, cells: int
) -> None:
    report = report_of(evidence / "seeds" / name)
    assert (report.publisher, report.edition, report.year, len(report.facts)) == (title, edition, year, cells)
    assert report.doubts == ()
    figures = {fact.code: fact.value for fact in report.facts if fact.value}
    special = {
        "002": {
            "t3.new.natural_person": 3, "t3.new.business": 4, "t3.new.total": 7,
            "t3.granted.natural_person": 3, "t3.granted.business": 4, "t3.granted.total": 7,
            "t3.results_total.natural_person": 3, "t3.results_total.business": 4, "t3.results_total.total": 7,
        },
        "003": {
            "t2.central_procurement.projects": Decimal(8850),
            "t2.central_procurement.amount": Decimal("11561862563.21"),
        },
    }  # fmt: skip
    assert figures == special.get(name[:3], {})


@pytest.mark.parametrize("name", ["suqian2023.txt", "suqian2024.txt", "kewei2024.md"])
def test_converted_texts_are_read_whole(evidence: Path, name: str) -> None:
    report = report_of(evidence / "real" / name)
    assert len(report.facts) == 200
    assert report.doubts == ()


def test_a_text_whose_cells_ran_together_is_doubted_and_proved_where_it_can_be(evidence: Path) -> None:
    report = report_of(evidence / "real" / "pingtan2019.txt")
    expected = json.loads((evidence / "real" / "expected.json").read_text("utf-8"))["pingtan2019.html"]["cells"]
    assert {doubt.code for doubt in report.doubts} == {"parse.table_flattened"}
    assert all(fact.value == Decimal(expected[fact.code]) for fact in report.facts)
