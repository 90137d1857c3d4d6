"""Who is late, by the law and by habit; which sites list less; who refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flows.plan import Owed, plan
from flows.scouting import Scouted
from flows.watch_tables import late_rows, page, refusal_rows, terminal_tables, yield_rows
from flows.watching import Watch, late, refusals, usual_date, usual_days, yields
from schemas.ledger import LedgerRow, LedgerState
from tasks.load import ReportRow
from tests.flows.makers import publisher, site

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def row(state: LedgerState = LedgerState.NOT_PUBLISHED, code: str | None = None, key: str = "a") -> LedgerRow:
    return LedgerRow(key, "甲", 2025, state, code, None, NOW, 0, None, date(2026, 1, 31))


def report(year: int, published: str | None) -> ReportRow:
    return ReportRow(
        f"a.{year}", "a", "甲", year, 1, True, "loaded", None, None, "form-2021", {}, None, published,
        "http://a/", "0", None, "1", False, NOW, NOW,
    )  # fmt: skip


HABIT = [report(2022, "2023-01-12"), report(2023, "2024年1月14日"), report(2024, "2025-01-16")]


def test_late_by_law_is_counted_from_the_day_after_the_deadline() -> None:
    assert late([row()], [], date(2026, 1, 31), grace_days=14) == ()
    (one,) = late([row()], [], date(2026, 2, 3), grace_days=14)
    assert (one.by_law, one.by_habit, one.usual) == (3, None, None)


def test_late_by_habit_is_told_before_the_law_says_so() -> None:
    assert late([row()], HABIT, date(2026, 1, 28), grace_days=14) == ()
    (one,) = late([row()], HABIT, date(2026, 1, 29), grace_days=14)
    assert (one.usual, one.by_law, one.by_habit) == (date(2026, 1, 14), None, 15)


def test_what_is_there_is_not_late() -> None:
    assert late([row(LedgerState.LOADED), row(LedgerState.GONE)], HABIT, date(2026, 12, 1), grace_days=0) == ()


def test_one_year_is_no_habit_and_a_day_before_the_year_ends_none_either() -> None:
    assert usual_date(usual_days(HABIT[:1]).get("a"), 2025) is None
    assert usual_days([report(2022, "2022-12-01"), report(2023, None), report(2024, "2025-13-40")]) == {}


def scouted(name: str, by_year: dict[str, int], *problems: tuple[str, str]) -> Scouted:
    return Scouted(name, 1, 1, by_year, problems, complete=not problems)


def test_less_than_last_year_is_said_only_after_a_look_to_the_end() -> None:
    units = plan([site("s", publisher("a"))], [2025])
    held = {Owed("a", 2024)}
    assert [one.less for one in yields(units, {"s": scouted("s", {"2024": 1})}, held, [2025])] == [True]
    assert [one.less for one in yields(units, {"s": scouted("s", {"2024": 1, "2025": 1})}, held, [2025])] == [False]
    broken = scouted("s", {}, ("fetch.network", "no route"))
    assert [one.less for one in yields(units, {"s": broken}, held, [2025])] == [False]
    (unasked,) = yields(units, {}, held, [2025])
    assert (unasked.listed, unasked.less) == (None, False), "not counted is not zero"


def test_refusals_are_told_from_sites_that_could_not_be_looked_through() -> None:
    units = plan([site("s", publisher("a")), site("t", publisher("b"))], [2025])
    rows = [row(LedgerState.BLOCKED, "fetch.challenge")]
    seen = {
        "s": scouted("s", {}, ("fetch.challenge", "a challenge")),
        "t": scouted("t", {}, ("fetch.network", "no route")),
    }
    refused, blind = refusals(units, rows, seen)
    assert [(one.site, one.code, one.reports) for one in refused] == [("s", "fetch.challenge", 1)]
    assert blind == (("t", "fetch.network", "no route"),)


def test_the_page_and_the_tables_name_each_case_with_its_link() -> None:
    units = plan([site("s", publisher("a"))], [2025])
    refused, _ = refusals(units, [row(LedgerState.BLOCKED, "fetch.challenge")], {})
    found = Watch(
        late([row(code="harvest.not_published")], [], date(2026, 2, 3), grace_days=14),
        yields(units, {"s": scouted("s", {"2024": 2})}, (), [2025]),
        refused,
        (("t", "fetch.network", "no route"),),
        scouted=True,
    )
    text = page(found, lambda code: f"[{code}](handbook/{code})")
    assert "**甲 2025**: not_published, 3 days. [harvest.not_published](handbook/harvest.not_published)" in text
    assert "**s 2025**: 0 listed, 2 the year before" in text
    assert "**s**: [fetch.challenge](handbook/fetch.challenge)" in text
    assert "**t**: [fetch.network](handbook/fetch.network) no route" in text
    assert found.sentence() == (
        "1 reports are late against the law, 0 against their publisher's habit; 1 sites list less than last year, "
        "1 refuse us, 1 could not be looked through."
    )
    assert late_rows(found)[0]["days after usual"] == "—"
    assert yield_rows(found)[0]["less"] == "less"
    assert len(refusal_rows(found)) == 2
    assert len(terminal_tables(found)) == 3
