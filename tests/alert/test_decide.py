"""An alert opens, is counted while it lasts, and closes when its cause is gone, not when nobody looked."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from schemas.alert_routes import AlertRoutes
from schemas.alerts import AlertRow, Decision, MessageKind, Resolution, RunNews, RunOutcome, Waiting
from schemas.ledger import LedgerState
from schemas.site import BodyKind
from tasks.alert import decide
from tests.alert.makers import DAY, START, open_keys, report, routes, run, site

ROUTES = routes()
CHALLENGE = "site/lanshi/fetch.challenge"


class Book:
    """Alerts as they stand after each run, without a database."""

    def __init__(self, told: AlertRoutes = ROUTES) -> None:
        self.routes = told
        self.rows: dict[str, AlertRow] = {}

    def process(self, news: RunNews, waiting: tuple[Waiting, ...] = ()) -> Decision:
        decision = decide(news, self.rows, self.routes, news.at, waiting)
        self.rows |= {row.key: row for row in decision.alerts}
        return decision

    def open(self) -> list[str]:
        return open_keys(self.rows.values())


def digest_of(decision: Decision, receiver: str = "ops") -> str:
    found = [one.body for one in decision.messages if (one.kind, one.receiver) == (MessageKind.DIGEST, receiver)]
    assert len(found) == 1
    return found[0]


def kinds(decision: Decision) -> list[str]:
    return [message.kind.value for message in decision.messages]


def test_a_refusal_opens_an_alert_and_is_told_at_once_and_in_the_digest() -> None:
    decision = Book().process(run(1, sites=[site("lanshi", "fetch.challenge")]))
    assert decision.opened == (CHALLENGE,)
    assert kinds(decision) == ["immediate", "digest"]
    assert "加速乐" in decision.messages[0].title
    assert "We do not solve challenges" in decision.messages[0].body


def test_a_refusal_that_lasts_is_counted_and_only_in_the_digest() -> None:
    book = Book()
    for number in (1, 2, 3):
        decision = book.process(run(number, sites=[site("lanshi", "fetch.challenge")]))
    assert (decision.opened, decision.repeated, decision.closed) == ((), (CHALLENGE,), ())
    assert book.rows[CHALLENGE].times == 3
    assert kinds(decision) == ["digest"]
    assert "seen by 3 runs since 2026-02-03" in digest_of(decision)


def test_a_refusal_that_is_over_is_closed_and_said_to_be_over() -> None:
    book = Book()
    book.process(run(1, sites=[site("lanshi", "fetch.challenge")]))
    decision = book.process(run(2, sites=[site("lanshi")]))
    assert decision.closed == (CHALLENGE,)
    assert kinds(decision) == ["recovered", "digest"]
    assert decision.messages[0].title.startswith("[nianbao] recovered: browser challenge")
    assert "Recovered: 1" in digest_of(decision)
    assert book.rows[CHALLENGE].resolution is Resolution.RECOVERED


def test_a_trouble_that_comes_back_opens_anew_and_says_so() -> None:
    book = Book()
    for number, codes in enumerate((["fetch.challenge"], [], ["fetch.challenge"]), 1):
        decision = book.process(run(number, sites=[site("lanshi", *codes)]))
    assert decision.opened == (CHALLENGE,)
    assert (book.rows[CHALLENGE].episode, book.rows[CHALLENGE].times) == (2, 1)
    assert "opened 2 times" in digest_of(decision)


@pytest.mark.parametrize(
    "sites",
    [(), (site("beishi"),), (site("lanshi", complete=False),), (site("lanshi", "fetch.timeout"),)],
    ids=["no site", "another site", "the look broke off", "another trouble"],
)
def test_a_run_that_could_not_look_closes_nothing(sites: tuple[object, ...]) -> None:
    book = Book()
    book.process(run(1, sites=[site("lanshi", "fetch.challenge")]))
    decision = book.process(run(2, sites=sites))  # type: ignore[arg-type]
    assert decision.closed == ()
    assert CHALLENGE in book.open()
    assert book.rows[CHALLENGE].times == 1


def test_a_warning_of_a_look_that_was_complete_does_not_keep_another_alert_open() -> None:
    book = Book()
    book.process(run(1, sites=[site("lanshi", "fetch.challenge")]))
    book.process(run(2, sites=[site("lanshi", "discover.foreign_host", complete=True)]))
    assert book.open() == ["site/lanshi/discover.foreign_host"]


def test_reports_that_suffer_from_their_site_are_told_by_one_alert() -> None:
    reports = [
        report(LedgerState.BLOCKED, "fetch.challenge", publisher="p1"),
        report(LedgerState.FAILED, "fetch.host_stopped", publisher="p2"),
        report(LedgerState.FAILED, "parse.no_report", publisher="p3"),
    ]
    decision = Book().process(run(1, sites=[site("lanshi", "fetch.challenge")], reports=reports))
    assert decision.opened == ("report/p3/2025/parse.no_report", CHALLENGE)


def test_reports_alone_have_alerts_of_their_own_told_at_once_in_one_message() -> None:
    reports = [report(LedgerState.FAILED, "fetch.archive_corrupt", publisher=f"p{number}") for number in range(40)]
    decision = Book().process(run(1, reports=reports))
    assert len(decision.opened) == 40
    assert kinds(decision) == ["immediate", "digest"]
    assert decision.messages[0].title.endswith("p0办公室 2025 and 39 more reports")


def test_a_report_with_another_trouble_closes_the_old_alert_without_a_recovery() -> None:
    book = Book()
    book.process(run(1, reports=[report(LedgerState.QUARANTINED, "validate.doubtful_figures")]))
    decision = book.process(run(2, reports=[report(LedgerState.FAILED, "parse.no_report")]))
    assert book.open() == ["report/lanshi-office/2025/parse.no_report"]
    closed = book.rows["report/lanshi-office/2025/validate.doubtful_figures"]
    assert (closed.resolution, closed.resolved_by) == (Resolution.REPLACED, "parse.no_report")
    assert "now parse.no_report" in digest_of(decision)
    assert "Recovered" not in digest_of(decision)


@pytest.mark.parametrize("after", [LedgerState.LOADED, LedgerState.FLAGGED])
def test_a_report_that_is_there_closes_its_alerts(after: LedgerState) -> None:
    book = Book()
    book.process(run(1, reports=[report(LedgerState.FAILED, "parse.no_report")]))
    assert book.process(run(2, reports=[report(after)])).closed == ("report/lanshi-office/2025/parse.no_report",)
    assert book.open() == []


def test_a_report_on_its_way_closes_nothing() -> None:
    book = Book()
    book.process(run(1, reports=[report(LedgerState.FAILED, "parse.no_report", year=2026)]))
    book.process(run(2, reports=[report(LedgerState.FETCHED, year=2026)]))
    assert book.open() == ["report/lanshi-office/2026/parse.no_report"]


def test_a_failure_without_a_reason_is_an_alert_all_the_same() -> None:
    decision = Book().process(run(1, reports=[report(LedgerState.FAILED)]))
    assert decision.opened == ("report/lanshi-office/2025/alert.unexplained",)


@pytest.mark.parametrize("outcome", [RunOutcome.FAILED, RunOutcome.CRASHED])
def test_a_run_that_failed_is_told_at_once_and_recovers_with_the_next_of_its_kind(outcome: RunOutcome) -> None:
    book = Book()
    assert kinds(book.process(run(1, outcome=outcome))) == ["immediate", "digest"]
    assert book.process(run(2, outcome=RunOutcome.CANCELLED)).closed == ()
    assert book.process(run(3, kind="watch")).closed == ()
    assert book.process(run(4)).closed == ("run/harvest/alert.run_failed",)


def test_too_many_in_quarantine_raise_an_alert_until_they_are_worked_off() -> None:
    book = Book(routes(quarantined_above=10))
    assert book.process(run(1, quarantined=10)).opened == ()
    fresh = [report(LedgerState.QUARANTINED, "validate.doubtful_figures")]
    decision = book.process(run(2, quarantined=11, reports=fresh))
    assert "11 reports wait in quarantine, 1 of them new in this run." in digest_of(decision)
    assert book.process(run(3, quarantined=None)).closed == ()
    assert "ledger/quarantine/alert.many_quarantined" in book.process(run(4, quarantined=9)).closed


def test_older_news_do_not_change_what_newer_ones_said() -> None:
    book = Book()
    book.process(run(1, sites=[site("lanshi", "fetch.challenge")]))
    book.process(run(5, sites=[site("lanshi")]))
    late = book.process(run(3, sites=[site("lanshi", "fetch.challenge")]))
    assert (late.opened, late.repeated) == ((), ())
    book.process(run(7, sites=[site("lanshi", "fetch.challenge")]))
    assert book.process(run(6, sites=[site("lanshi")])).closed == ()
    assert book.open() == [CHALLENGE]


def test_an_older_sighting_does_not_make_a_newer_one_forgotten() -> None:
    book = Book()
    for number, codes in ((5, ["fetch.challenge"]), (3, ["fetch.challenge"]), (4, [])):
        decision = book.process(run(number, sites=[site("lanshi", *codes)]))
        assert (decision.repeated, decision.closed) == ((), ())
    assert book.open() == [CHALLENGE]
    assert book.rows[CHALLENGE].seen_run == "run-5"


def test_parts_of_one_run_count_once_and_share_one_digest() -> None:
    book = Book()
    sick = site("lanshi", "fetch.challenge")
    early = book.process(run(1, part="lanshi", outcome=None, sites=[sick]))
    assert kinds(early) == ["immediate"]
    end = book.process(run(1, sites=[sick, site("beishi", "discover.chain_broken")]))
    assert kinds(end) == ["digest"]
    assert "New: 2" in digest_of(end)
    assert book.rows[CHALLENGE].times == 1


def test_a_digest_tells_of_what_earlier_parts_of_the_run_closed() -> None:
    book = Book()
    book.process(run(1, sites=[site("lanshi", "fetch.challenge")]))
    book.process(run(2, part="lanshi", outcome=None, sites=[site("lanshi")]))
    assert "Recovered: 1" in digest_of(book.process(run(2)))


def test_a_receiver_that_cannot_be_told_is_told_of_to_the_others() -> None:
    told = routes({"to": ["ops", "boss"]})
    book = Book(told)
    waiting = (Waiting("boss", 3, START, "alert.unreachable", "no connection: Connection refused"),)
    decision = book.process(run(1), waiting)
    assert decision.opened == ("receiver/boss/alert.undelivered",)
    assert [message.receiver for message in decision.messages] == ["ops"]
    assert "3 waiting since 2026-02-02 09:00" in digest_of(decision)
    assert book.process(run(2)).closed == ("receiver/boss/alert.undelivered",)


ENDS: Mapping[str, list[bool]] = {
    "always": [True, True, True, True],
    "problems": [True, True, True, False],
    "changes": [True, False, True, False],
    "never": [False, False, False, False],
}


@pytest.mark.parametrize("wish", ENDS)
def test_how_often_a_digest_is_sent_is_up_to_the_route(wish: str) -> None:
    every = {"to": ["every"], "severity": "info", "digest": "always"}
    book = Book(routes(every, {"to": ["ops"], "digest": wish, "immediate": False}))
    sites = [site("lanshi", "fetch.challenge")], [site("lanshi", "fetch.challenge")], [site("lanshi")], [site("lanshi")]
    found = [
        any(message.receiver == "ops" for message in book.process(run(number, sites=looked)).messages)
        for number, looked in enumerate(sites, 1)
    ]
    assert found == ENDS[wish]


def test_alerts_go_to_those_who_want_their_severity_and_region() -> None:
    told = routes(
        {"to": ["all"], "severity": "error"},
        {"to": ["gansu"], "regions": ["620000"]},
        {"to": ["beijing"], "regions": ["11"]},
        {"to": ["lanshi"], "regions": ["620100"], "severity": "error"},
    )
    reports = [
        report(LedgerState.FAILED, "fetch.not_found", publisher="warned"),  # a warning
        report(LedgerState.FAILED, "parse.no_report", publisher="failed"),  # an error
        report(LedgerState.FAILED, "parse.no_report", publisher="nowhere", region=None),
    ]
    decision = Book(told).process(run(1, reports=reports))
    heard = {
        message.receiver: [name for name in ("warned", "failed", "nowhere") if name in message.body]
        for message in decision.messages
    }
    assert heard == {"all": ["failed", "nowhere"], "gansu": ["warned", "failed"], "lanshi": ["failed"]}
    assert decision.unrouted == ()


def test_an_alert_that_no_route_takes_is_counted_as_reaching_nobody() -> None:
    told = routes({"to": ["all"], "severity": "error"})
    warned = report(LedgerState.FAILED, "fetch.not_found")
    assert Book(told).process(run(1, reports=[warned])).unrouted == ("report/lanshi-office/2025/fetch.not_found",)


def test_without_routes_alerts_are_tracked_and_nobody_is_told() -> None:
    decision = Book(AlertRoutes()).process(run(1, sites=[site("lanshi", "fetch.challenge")]))
    assert (decision.opened, decision.messages, decision.unrouted) == ((CHALLENGE,), (), (CHALLENGE,))


def test_each_mail_address_gets_a_message_of_its_own() -> None:
    mail = {"service": "email", "host": "smtp.example.org", "sender": "a@example.org", "to": ["b@x.org", "c@x.org"]}
    told = routes({"to": ["office"], "digest": "always"}, receivers={"office": mail})
    decision = Book(told).process(run(1))
    assert [message.target for message in decision.messages] == ["b@x.org", "c@x.org"]
    assert len({message.id for message in decision.messages}) == 2


def test_a_graver_severity_given_by_the_caller_counts() -> None:
    told = routes({"to": ["all"], "severity": "error"})
    grave = report(LedgerState.FAILED, "fetch.not_found", severity="error")
    assert Book(told).process(run(1, reports=[grave])).unrouted == ()


LATE = "report/lanshi-office/2025/alert.late"
MISSING = report(LedgerState.NOT_PUBLISHED, "harvest.not_published")


def day(month: int, number: int) -> int:
    """The number of the run on that day of 2026."""
    return (START.replace(month=month, day=number) - START) // DAY


@pytest.mark.parametrize(
    ("kind", "on", "late"),
    [
        (BodyKind.DEPARTMENT, day(1, 31), False),
        (BodyKind.DEPARTMENT, day(2, 1), True),
        (BodyKind.GOVERNMENT, day(2, 1), False),
        (BodyKind.GOVERNMENT, day(3, 31), False),
        (BodyKind.GOVERNMENT, day(4, 1), True),
    ],
)
def test_who_is_late_is_told_from_the_day_after_the_legal_deadline(kind: BodyKind, on: int, late: bool) -> None:
    missing = report(LedgerState.NOT_PUBLISHED, "harvest.not_published", kind=kind)
    assert Book().process(run(on, reports=[missing])).opened == ((LATE,) if late else ())


def test_the_deadline_ends_with_the_day_in_china() -> None:
    last_minute = START.replace(month=1, day=31, hour=15, minute=59)  # 23:59 in Beijing
    for minutes, late in ((0, ()), (1, (LATE,))):
        now = last_minute.replace(hour=15 + (59 + minutes) // 60, minute=(59 + minutes) % 60)
        assert decide(run(1, reports=[MISSING]), {}, ROUTES, now).opened == late


def test_late_reports_are_listed_by_deadline_with_their_days() -> None:
    reports = [
        report(LedgerState.NOT_PUBLISHED, "harvest.not_published", publisher=f"p{number}", year=year)
        for number, year in ((1, 2025), (2, 2025), (3, 2024))
    ]
    text = digest_of(Book().process(run(day(2, 10), reports=reports)))
    assert "Late against the law (条例 art. 49): 3" in text
    assert "due 2026-01-31, 10 days ago (2, all new): p1办公室 2025, p2办公室 2025" in text
    assert "due 2025-01-31, 375 days ago (1, all new): p3办公室 2024" in text


def test_lateness_ends_when_the_report_is_there_in_whatever_state() -> None:
    book = Book()
    book.process(run(1, reports=[MISSING]))
    book.process(run(2, reports=[report(LedgerState.QUARANTINED, "validate.doubtful_figures")]))
    assert book.rows[LATE].resolution is Resolution.REPLACED
    book.process(run(3, reports=[report(LedgerState.LOADED)]))
    assert book.open() == []


def test_lateness_is_not_disproved_by_a_site_that_cannot_be_looked_at() -> None:
    book = Book()
    book.process(run(1, reports=[MISSING]))
    book.process(run(2, reports=[report(LedgerState.BLOCKED, "fetch.forbidden")]))
    assert book.open() == [LATE, "report/lanshi-office/2025/fetch.forbidden"]


def test_a_site_that_cannot_be_looked_at_does_not_make_a_publisher_late() -> None:
    decision = Book().process(run(day(2, 10), reports=[report(LedgerState.BLOCKED, "fetch.forbidden")]))
    assert decision.opened == ("report/lanshi-office/2025/fetch.forbidden",)


def test_a_report_that_no_run_looked_for_is_told_of_after_the_deadline() -> None:
    book = Book()
    assert book.process(run(day(2, 10), reports=[report(LedgerState.EXPECTED)])).opened == (
        "report/lanshi-office/2025/alert.unseen",
    )
    book.process(run(day(2, 11), reports=[MISSING]))
    assert book.open() == [LATE]


def test_years_before_the_first_one_wanted_and_days_of_grace_raise_nothing() -> None:
    old = report(LedgerState.NOT_PUBLISHED, "harvest.not_published", year=2018, kind=BodyKind.GOVERNMENT)
    assert Book().process(run(1, reports=[old])).opened == ()
    patient = routes(absence={"from_year": 2008, "grace_days": 10})
    assert Book(patient).process(run(1, reports=[old])).opened == ("report/lanshi-office/2018/alert.late",)
    assert Book(patient).process(run(day(2, 10), reports=[MISSING])).opened == ()
    assert Book(patient).process(run(day(2, 11), reports=[MISSING])).opened == (LATE,)
