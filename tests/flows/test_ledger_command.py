"""`nianbao ledger` and `nianbao coverage`: where every report that is owed stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas.ledger import LedgerState
from schemas.report import Reason
from tasks.load import Warehouse
from tests.flows.cli import Done, in_process
from tests.flows.makers import publisher


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse in which two publishers owe two years."""
    folder = tmp_path_factory.mktemp("data")
    bodies = [publisher("guyuan-ggzy", name="固原市公共资源交易中心"), publisher("b", name="乙市财政局")]
    with Warehouse(str(folder / "warehouse.sqlite")) as warehouse:
        warehouse.migrate()
        warehouse.sync_publishers(bodies)
        warehouse.owe([body.id for body in bodies], [2020, 2021])
        captcha = Reason("fetch.captcha", "the page asks for a captcha")
        warehouse.mark("b", 2021, LedgerState.BLOCKED, captcha, next_action="open it in a browser")
    return folder


def run(data: Path, *words: str) -> Done:
    return in_process(*words, "--data", str(data))


def test_one_line_for_each_report_that_is_owed_with_reason_and_next_action(data: Path) -> None:
    done = run(data, "ledger")
    assert done.code == 0, done.err
    lines = [line for line in done.out.splitlines() if "202" in line]
    assert len(lines) == 4
    (blocked,) = [line for line in lines if "blocked" in line]
    for words in ("乙市财政局", "2021", "fetch.captcha", "open it in a browser"):
        assert words in blocked


def test_json_has_one_object_per_line(data: Path) -> None:
    rows = [json.loads(line) for line in run(data, "ledger", "--json", "--state", "blocked").out.splitlines()]
    (row,) = rows
    assert (row["publisher"], row["year"], row["state"], row["reason"]) == ("b", 2021, "blocked", "fetch.captcha")
    assert row["deadline"] == "2022-01-31"


def test_years_states_sites_and_publishers_narrow_it_down(data: Path) -> None:
    assert len(run(data, "ledger", "--json", "--year", "2015-2020").out.splitlines()) == 2
    assert len(run(data, "ledger", "--json", "--site", "b").out.splitlines()) == 2
    by_site = run(data, "ledger", "--json", "--site", "guyuan")
    assert {json.loads(line)["publisher"] for line in by_site.out.splitlines()} == {"guyuan-ggzy"}
    assert run(data, "ledger", "--site", "atlantis").code == 2


def test_the_matrix_has_a_row_for_each_publisher_and_a_column_for_each_year(data: Path) -> None:
    done = run(data, "coverage")
    heading, *rows = [line.split() for line in done.out.splitlines() if line.strip()]
    assert heading[-2:] == ["2020", "2021"]
    assert {row[0]: row[1:] for row in rows} == {
        "固原市公共资源交易中心": ["expected", "expected"],
        "乙市财政局": ["expected", "blocked"],
    }
