"""The news of a run reach alerting: troubles open alerts, what is there closes them, and a fault of telling is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.plan import Owed, plan
from flows.summary import ReportLine, RunSummary, SiteProblem
from flows.telling import Run, ledger_of, news_of, tell
from schemas.alerts import RunOutcome
from schemas.ledger import LedgerState
from schemas.report import Reason
from tasks.load import Warehouse
from tasks.load.alerts import AlertStore
from tests.flows.makers import publisher, site

UNITS = plan([site("s", publisher("a"))], [2020])
OWED = Owed("a", 2020)
REASON = Reason("fetch.captcha", "a picture with letters")


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    made = Warehouse(str(tmp_path / "warehouse.sqlite"))
    made.migrate()
    return made


def run(number: int) -> Run:
    return Run(f"run-{number}", "harvest", "harvest 2020 · 1 site", "http://127.0.0.1/runs", UNITS)


def line(outcome: str) -> ReportLine:
    return ReportLine("a", "甲", 2020, "s", outcome)


def test_a_refusal_opens_an_alert_and_a_look_to_the_end_closes_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NIANBAO_ALERTS", raising=False)
    before = ledger_of(UNITS, warehouse)
    warehouse.sync_publishers(UNITS[0].publishers)
    warehouse.owe(["a"], [2020])
    warehouse.mark("a", 2020, LedgerState.BLOCKED, REASON)
    refused = RunSummary((line("blocked:captcha"),), (SiteProblem("s", REASON.code, REASON.message),))
    news = news_of(run(1), RunOutcome.INCOMPLETE, "1 of 1 reports is not there.", before, warehouse, refused)
    assert [(one.before, one.after, one.reason_code) for one in news.reports] == [
        (None, LedgerState.BLOCKED, "fetch.captcha")
    ]
    assert [(one.site, one.complete) for one in news.sites] == [("s", False)]
    said = tell(news, warehouse)
    assert "opened" in said
    assert "site/s/fetch.captcha" in {row.key for row in AlertStore(warehouse.engine).alerts()}

    earlier = ledger_of(UNITS, warehouse)
    warehouse.mark("a", 2020, LedgerState.NOT_PUBLISHED, Reason("harvest.not_published", "read to its end"))
    seen = RunSummary((line("not_published"),))
    tell(news_of(run(2), RunOutcome.INCOMPLETE, "…", earlier, warehouse, seen), warehouse)
    assert "site/s/fetch.captcha" not in {row.key for row in AlertStore(warehouse.engine).alerts()}


def test_a_run_that_broke_off_says_nothing_of_sites_and_reports(warehouse: Warehouse) -> None:
    news = news_of(run(1), RunOutcome.CRASHED, "KeyError: 'x'", {}, warehouse)
    assert (news.sites, news.reports) == ((), ())
    tell(news, warehouse)
    (alert,) = AlertStore(warehouse.engine).alerts()
    assert alert.code == "alert.run_failed"


def test_a_look_that_was_not_to_the_end_closes_nothing(warehouse: Warehouse) -> None:
    partly = Run("r", "reparse", "reparse", None, UNITS, whole_looks=False)
    news = news_of(partly, RunOutcome.COMPLETED, "", {}, warehouse, RunSummary((line("loaded"),)))
    assert [one.complete for one in news.sites] == [False]


def test_a_fault_of_alerting_is_said_and_fails_nothing(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NIANBAO_ALERTS", str(tmp_path / "absent.yaml"))
    news = news_of(run(1), RunOutcome.COMPLETED, "", {}, warehouse, RunSummary(()))
    assert tell(news, warehouse).startswith("Alerts could not be told: SettingsError: settings.alerts")
