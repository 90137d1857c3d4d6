"""Cells of real reports, read by hand: the faults that are known are told, and nothing else of the tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.report import Edition, Outcome, Report, Severity, Verdict
from tasks.validate import State, cells_of, check_years, judge
from tests.validate.build import fact

# What is wrong in the tables as they were published: check → number of findings (errors and warnings).
KNOWN = {
    "hzq2023.pdf": {"T4_REVIEW_TOTAL": 1, "T4_AFTER_TOTAL": 1},
    "pingtan2020.html": {"T3_RESULTS_SUM_2019": 2},
}
YEARS = ("2009", "2014", "2016", "2018", "2019", "2020", "2021", "2022", "2023")


def report_of(name: str, entry: dict[str, Any]) -> Report:
    editions = {table: Edition(edition) for table, edition in entry["table_editions"].items()}
    kinds = set(editions.values())
    return Report(
        publisher="某区人民政府",
        year=next(int(year) for year in YEARS if year in name),
        title=None,
        edition=kinds.pop() if len(kinds) == 1 else Edition.MIXED,
        table_editions=editions,
        facts=tuple(fact(code, value, unit=_unit(code)) for code, value in entry["cells"].items()),
    )


def _unit(code: str) -> str:
    return {"t2.admin_fees.amount": "万元", "t2.central_procurement.amount": "元"}.get(code, "件")


@pytest.fixture(scope="module")
def expected(evidence: Path) -> dict[str, Report]:
    data = json.loads((evidence / "real" / "expected.json").read_text("utf-8"))
    return {name: report_of(name, entry) for name, entry in data.items()}


def test_the_faults_of_real_tables_are_told_and_no_others(expected: dict[str, Report]) -> None:
    assert len(expected) == 14
    for name, report in expected.items():
        judgement = judge(report)
        told: dict[str, int] = {}
        for finding in judgement.findings:
            # The unit of procurement was supplied above without saying that it was printed.
            if finding.severity is not Severity.INFO and finding.check not in {
                "M_EDITION_OUTDATED",
                "M_EDITION_MIXED",
                "T2_2019_PROCUREMENT_UNIT",
            }:
                told[finding.check] = told.get(finding.check, 0) + 1
                assert finding.verdict is Verdict.PUBLISHER
        assert told == KNOWN.get(name, {}), name
        assert judgement.outcome in (Outcome.LOADED, Outcome.FLAGGED), name


def test_carry_over_holds_between_the_real_years_of_one_publisher(expected: dict[str, Report]) -> None:
    cells = {year: cells_of(expected[f"pingtan{year}.html"]) for year in (2019, 2020, 2021, 2022)}
    for year, own in cells.items():
        others = {other: found for other, found in cells.items() if other != year}
        results = [one for one in check_years(year, own, others) if one.check == "T3_CARRY_OVER"]
        assert sum(one.state is State.PASS for one in results) == 7 * (2 if year in (2020, 2021) else 1)
        assert not any(one.state is State.FAIL for one in results)
