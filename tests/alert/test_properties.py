"""The state of alerts under any history: any troubles, looks that break off, replays, and runs out of order."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.alerts import AlertRow, Message, MessageKind, RunNews, RunOutcome
from schemas.ledger import LedgerState
from tasks.alert import decide
from tests.alert.makers import report, routes, run, site

QUICK = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ROUTES = routes({"to": ["ops", "boss"], "severity": "info", "digest": "always"})
CODES = ("fetch.challenge", "fetch.timeout", "discover.chain_broken")
SITES = ("lanshi", "beishi")
ENDS = (
    (LedgerState.LOADED, None),
    (LedgerState.FLAGGED, None),
    (LedgerState.FAILED, "parse.no_report"),
    (LedgerState.QUARANTINED, "validate.doubtful_figures"),
    (LedgerState.NOT_PUBLISHED, "harvest.not_published"),
    (LedgerState.BLOCKED, "fetch.forbidden"),
    (LedgerState.EXPECTED, None),
)


@dataclass
class Desk:
    """What `process` does, with dictionaries for the database."""

    rows: dict[str, AlertRow]
    seen: set[tuple[str, str]]
    messages: dict[str, Message]

    def process(self, news: RunNews) -> int:
        """Returns how many messages were written."""
        if (news.run_id, news.part) in self.seen:
            return 0
        self.seen.add((news.run_id, news.part))
        decision = decide(news, self.rows, ROUTES, news.at)
        self.rows |= {row.key: row for row in decision.alerts}
        assert not set(self.messages) & {message.id for message in decision.messages}
        self.messages |= {message.id: message for message in decision.messages}
        return len(decision.messages)


def desk() -> Desk:
    return Desk({}, set(), {})


@st.composite
def looks(draw: st.DrawFn, number: int) -> RunNews:
    """What a run may tell: each site looked at or not, to the end or not, with any troubles; each report likewise."""
    sites = [
        site(name, *sorted(draw(st.sets(st.sampled_from(CODES)))), complete=draw(st.booleans()))
        for name in SITES
        if draw(st.booleans())
    ]
    reports = [
        report(*draw(st.sampled_from(ENDS)), publisher=name, site=None) for name in ("p1", "p2") if draw(st.booleans())
    ]
    return run(number, sites=sites, reports=reports, outcome=draw(st.sampled_from(RunOutcome)))


histories = st.integers(1, 7).flatmap(lambda length: st.tuples(*(looks(number) for number in range(1, length + 1))))


def truth(history: tuple[RunNews, ...]) -> dict[str, bool]:
    """What each site's alert should be, told by the rule in words: the newest look that could tell decides."""
    open_: dict[str, bool] = {}
    for news in history:
        for looked in news.sites:
            found = {problem.code for problem in looked.problems}
            for code in CODES:
                key = f"site/{looked.site}/{code}"
                if code in found:
                    open_[key] = True
                elif looked.complete and key in open_:
                    open_[key] = False
    return open_


@QUICK
@given(histories)
def test_in_order_an_alert_is_open_exactly_while_its_cause_is_the_newest_that_is_known(
    history: tuple[RunNews, ...],
) -> None:
    book = desk()
    for news in history:
        book.process(news)
    assert {key: row.open for key, row in book.rows.items() if key.startswith("site/")} == truth(history)


@QUICK
@given(histories)
def test_in_order_the_count_is_the_number_of_runs_that_saw_it_since_it_opened(history: tuple[RunNews, ...]) -> None:
    book = desk()
    counts: dict[str, int] = {}
    for news in history:
        book.process(news)
        seen = {f"site/{one.site}/{problem.code}" for one in news.sites for problem in one.problems}
        for key in seen:
            counts[key] = counts.get(key, 0) + 1
            assert book.rows[key].times == counts[key]
        counts = {key: number for key, number in counts.items() if book.rows[key].open}


@QUICK
@given(histories, st.data())
def test_replays_change_nothing_and_send_nothing(history: tuple[RunNews, ...], data: st.DataObject) -> None:
    once, often = desk(), desk()
    for place, news in enumerate(history):
        once.process(news)
        often.process(news)
        for again in data.draw(st.lists(st.sampled_from(history[: place + 1]), max_size=4)):
            assert often.process(again) == 0
    assert often.rows == once.rows
    assert often.messages == once.messages


@QUICK
@given(histories, st.data())
def test_in_any_order_what_the_newest_look_saw_is_open(history: tuple[RunNews, ...], data: st.DataObject) -> None:
    """News that come late may leave an alert open that is over (the next look closes it), never the other way."""
    book = desk()
    for news in data.draw(st.permutations(history)):
        book.process(news)
    for key, wanted in truth(history).items():
        if wanted:
            assert book.rows[key].open, key


@QUICK
@given(histories, st.data())
def test_a_last_complete_look_closes_what_is_over_whatever_came_before(
    history: tuple[RunNews, ...], data: st.DataObject
) -> None:
    book = desk()
    for news in data.draw(st.permutations(history)):
        book.process(news)
    good = [report(LedgerState.LOADED, publisher=name, site=None) for name in ("p1", "p2")]
    last = run(99, sites=[site(name) for name in SITES], reports=good, outcome=RunOutcome.COMPLETED)
    book.process(last)
    assert not [row for row in book.rows.values() if row.open]


@QUICK
@given(histories)
def test_a_report_has_one_trouble_at_a_time_beside_its_lateness(history: tuple[RunNews, ...]) -> None:
    book = desk()
    for news in history:
        book.process(news)
        for publisher in ("p1", "p2"):
            codes = {row.code for row in book.rows.values() if row.open and row.subject == publisher}
            assert len(codes - {"alert.late", "alert.unseen"}) <= 1, codes


@QUICK
@given(histories)
def test_every_opening_and_closing_is_told_in_the_digest_of_its_run(history: tuple[RunNews, ...]) -> None:
    book = desk()
    for news in history:
        before = dict(book.rows)
        book.process(news)
        moved = [row for key, row in book.rows.items() if row.open != (key in before and before[key].open)]
        digests = [m for m in book.messages.values() if (m.run_id, m.kind) == (news.run_id, MessageKind.DIGEST)]
        assert {message.receiver for message in digests} == {"ops", "boss"}
        for row in moved:
            assert all(row.name in message.body and row.code in message.body for message in digests), row.key


@QUICK
@given(histories)
def test_parts_told_on_the_way_do_not_change_the_end(history: tuple[RunNews, ...]) -> None:
    """Each run told in one go, or first site by site and then as a whole: the same alerts with the same counts."""
    whole, parted = desk(), desk()
    for news in history:
        whole.process(news)
        for one in news.sites:
            part = run(int(news.run_id.removeprefix("run-")), sites=[one], outcome=None, part=one.site)
            parted.process(part)
        parted.process(news)
    assert parted.rows == whole.rows
