"""Which of a report's documents is the report, and when none of them may be loaded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from flows.pipeline import Examined
from flows.plan import Owed
from flows.work.decide import Reading, decide
from flows.work.gather import Document
from flows.work.hands import Held
from infra.replica.documents import render
from infra.replica.truth import truth
from schemas.report import Finding, Judgement, Outcome, Reason, Report, Severity, Verdict
from schemas.site import PublisherEntry
from tasks.parse import parse
from tasks.read import read
from tasks.validate import judge
from tests.flows.makers import publisher

GUYUAN = publisher("guyuan-ggzy", name="固原市公共资源交易中心")
OWED = Owed("guyuan-ggzy", 2021)
REPORT = parse(read(render(truth("guyuan-ggzy", 2021), "html")))
TEXT_ONLY = replace(REPORT, facts=())


def reading(name: str, report: Report | None, outcome: Outcome = Outcome.LOADED, code: str | None = None) -> Reading:
    held = Held(f"http://127.0.0.1/{name}", name * 4, None, name, datetime(2022, 1, 1, tzinfo=UTC))
    judgement = Judgement(outcome, Reason(code, "because") if code else None, report)
    return Document(held, name), Examined(judgement, name * 4, "text/html")


def chosen(
    *readings: Reading, owed: Owed = OWED, entry: PublisherEntry = GUYUAN
) -> tuple[str | None, Outcome | None, str | None]:
    found = decide(owed, entry, readings)
    judgement = found.examined.judgement if found.examined else None
    reason = judgement.reason if judgement else found.reason
    name = found.document.title if found.document else None
    return name, judgement.outcome if judgement else None, reason.code if reason else None


def test_the_document_with_the_most_cells_is_the_report() -> None:
    assert chosen(reading("page", TEXT_ONLY), reading("file", REPORT)) == ("file", Outcome.LOADED, None)


def test_of_equals_the_first_in_the_list_is_read() -> None:
    assert chosen(reading("page", REPORT), reading("file", REPORT))[0] == "page"


def test_a_doubtful_page_gives_way_to_a_sure_file_with_as_many_cells() -> None:
    doubtful = reading("page", REPORT, Outcome.QUARANTINED, "validate.doubtful_figures")
    assert chosen(doubtful, reading("file", REPORT)) == ("file", Outcome.LOADED, None)


def test_a_page_with_less_never_hides_a_file_that_was_not_read_surely() -> None:
    doubtful = reading("file", REPORT, Outcome.QUARANTINED, "validate.doubtful_figures")
    found = chosen(reading("page", TEXT_ONLY), doubtful)
    assert found == ("file", Outcome.QUARANTINED, "validate.doubtful_figures")


def test_the_reason_of_a_broken_file_counts_and_not_that_of_the_page_around_it() -> None:
    page = reading("page", None, Outcome.QUARANTINED, "read.empty_body")
    file = reading("file", None, Outcome.QUARANTINED, "read.damaged")
    assert chosen(page, file) == ("file", Outcome.QUARANTINED, "read.damaged")


def test_two_readings_that_differ_are_a_doubt() -> None:
    changed = replace(REPORT.facts[0], value=Decimal(7), raw="7")
    other = replace(REPORT, facts=(changed, *REPORT.facts[1:]))
    name, outcome, code = chosen(reading("page", REPORT), reading("file", other))
    assert (name, outcome) == ("page", Outcome.QUARANTINED)
    assert code == "validate.readings_differ"


def _corrected() -> tuple[Report, Reading]:
    changed = replace(REPORT.facts[0], value=Decimal(7), raw="7")
    return replace(REPORT, facts=(changed, *REPORT.facts[1:])), reading("first", REPORT)


def test_a_reissue_replaces_the_first_issue_and_is_not_compared_with_it() -> None:
    corrected, first = _corrected()
    document, examined = reading("second", corrected)
    again = (replace(document, version="reissue"), examined)
    assert chosen(first, again) == chosen(again, first) == ("second", Outcome.LOADED, None)


def test_a_document_that_calls_itself_a_reissue_is_one() -> None:
    corrected, first = _corrected()
    titled = replace(corrected, title=f"{REPORT.title}（更正）")
    assert chosen(first, reading("second", titled)) == ("second", Outcome.LOADED, None)


def test_a_reissue_that_was_not_read_surely_does_not_let_the_first_issue_pass() -> None:
    corrected, first = _corrected()
    document, examined = reading("second", corrected, Outcome.QUARANTINED, "validate.doubtful_figures")
    found = chosen(first, (replace(document, version="reissue"), examined))
    assert found == ("second", Outcome.QUARANTINED, "validate.doubtful_figures")


def test_a_note_on_what_was_wrong_is_not_the_report() -> None:
    _, first = _corrected()
    document, examined = reading("note", TEXT_ONLY)
    assert chosen((replace(document, version="correction"), examined), first) == ("first", Outcome.LOADED, None)


def test_another_years_report_is_quarantined() -> None:
    found = chosen(reading("page", REPORT), owed=Owed("guyuan-ggzy", 2020))
    assert found == ("page", Outcome.QUARANTINED, "harvest.wrong_report")


def test_a_report_that_does_not_say_its_year_is_not_loaded_for_one() -> None:
    nameless = replace(REPORT, year=None, title_year=None, period_year=None)
    assert chosen(reading("page", nameless))[2] == "harvest.wrong_report"


def test_another_bodys_report_is_quarantined() -> None:
    others = replace(
        REPORT, publisher="银川市公共资源交易中心", title="银川市公共资源交易中心2021年政府信息公开工作年度报告"
    )
    assert chosen(reading("page", others)) == ("page", Outcome.QUARANTINED, "harvest.wrong_report")


def test_a_branch_is_not_its_parent() -> None:
    branch = replace(REPORT, title="固原市公共资源交易中心西吉分中心2021年政府信息公开工作年度报告")
    assert chosen(reading("page", branch))[2] == "harvest.wrong_report"


def test_findings_of_a_wrong_report_are_kept_for_the_person_who_looks() -> None:
    finding = Finding("T3_BALANCE", Severity.ERROR, Verdict.PUBLISHER, "does not add up")
    document, examined = reading("page", REPORT)
    flagged = replace(examined, judgement=Judgement(Outcome.FLAGGED, None, REPORT, (finding,)))
    found = decide(Owed("guyuan-ggzy", 2020), GUYUAN, [(document, flagged)])
    assert found.examined is not None
    assert found.examined.judgement.findings == (finding,)


def test_text_is_not_loaded_while_a_file_that_may_hold_the_tables_is_missing() -> None:
    trouble = ("http://127.0.0.1/P0.pdf", Reason("fetch.server_error", "status 503"))
    found = decide(OWED, GUYUAN, [reading("page", TEXT_ONLY)], [trouble])
    assert found.document is None
    assert found.reason == trouble[1]
    assert found.url == trouble[0]


def test_a_page_with_tables_is_loaded_though_its_copy_is_missing() -> None:
    trouble = ("http://127.0.0.1/P0.pdf", Reason("fetch.not_found", "status 404"))
    found = decide(OWED, GUYUAN, [reading("page", REPORT)], [trouble])
    assert found.examined is not None
    assert found.examined.judgement.outcome is Outcome.LOADED


def test_nothing_but_trouble_ends_with_the_trouble() -> None:
    trouble = ("http://127.0.0.1/a", Reason("fetch.captcha", "the page asks for a captcha"))
    found = decide(OWED, GUYUAN, [], [trouble])
    assert (found.reason, found.url) == (trouble[1], trouble[0])


def test_the_sample_is_itself_a_sound_report() -> None:
    assert judge(REPORT).outcome is Outcome.LOADED
