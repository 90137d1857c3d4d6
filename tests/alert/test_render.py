"""Messages fit their service, cannot call people or smuggle links, and say what to do."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.alerts import Message, MessageKind
from schemas.ledger import LedgerState
from schemas.reasons import reason_codes
from tasks.alert import decide
from tasks.alert.markup import DINGTALK, PLAIN, SLACK, WECOM
from tasks.alert.services import service_of
from tests.alert.makers import report, routes, run, site

SERVICES = {
    "email": {"service": "email", "host": "smtp.example.org", "sender": "a@x.org", "to": ["b@x.org"]},
    **{name: {"service": name, "address_env": "A"} for name in ("slack", "wecom", "dingtalk", "feishu", "webhook")},
}
ROUTES = routes({"to": list(SERVICES), "severity": "info", "digest": "always"}, receivers=SERVICES)
CODES = [code for code in reason_codes() if not code.startswith(("alert.", "settings."))]


def digests(number: int, *, name: str = "publisher", words: str = "") -> dict[str, Message]:
    """The digests of a run in which this many reports failed, for all reasons there are."""
    reports = [
        report(
            LedgerState.FAILED,
            CODES[one % len(CODES)],
            publisher=f"{name}-{one}",
            site=None,
            url=f"https://www.lanshi.gov.cn/art/2026/2/1/art_{one}.html",
            reason=words or None,
        )
        for one in range(number)
    ]
    decision = decide(run(1, reports=reports), {}, ROUTES, run(1).at)
    return {one.receiver: one for one in decision.messages if one.kind is MessageKind.DIGEST}


@pytest.mark.parametrize("number", [0, 1, 30, 300, 3000])
def test_a_digest_fits_every_service_however_much_went_wrong(number: int) -> None:
    for name, message in digests(number, name="中华人民共和国示范省示范市示范区", words="出错" * 200).items():
        service = service_of(ROUTES.receivers[name])
        assert service.fits(message.body), name
        assert len(message.title.encode()) <= 250
        assert f"{number} new" in message.title if number else "nothing to report" in message.title
        if number > 1:
            assert f"New: {number}" in message.body


@pytest.mark.parametrize("name", ["wecom", "slack"])
def test_a_long_digest_says_how_much_it_leaves_out(name: str) -> None:
    body = digests(3000)[name].body
    listed = len(re.findall(r"publisher-\d+", body))
    assert listed < 3000
    assert "more of" in body or re.search(r"and \d+ more", body)


def test_the_limits_are_those_of_the_services() -> None:
    """企业微信: 4,096 bytes of Markdown; Slack: 3,000 signs a section, 150 a header; 钉钉 and 飞书: 20 KB a request."""
    wecom, slack = (service_of(ROUTES.receivers[name]) for name in ("wecom", "slack"))
    note = 200
    assert wecom.longest_title + wecom.longest_body + note <= 4096
    assert slack.longest_body + note <= 3000
    assert slack.longest_title <= 150
    for name in ("dingtalk", "feishu"):
        assert service_of(ROUTES.receivers[name]).longest_body <= 15_000


def test_a_digest_names_the_run_the_counts_the_reasons_and_what_to_do() -> None:
    news = run(1, sites=[site("lanshi", "fetch.tls")], counts={"loaded": 12, "failed": 1})
    body = next(one.body for one in decide(news, {}, ROUTES, news.at).messages if one.receiver == "email")
    assert body.startswith("Run 1 ended. (1 failed, 12 loaded)")
    assert "harvest 2025 · 3 sites: http://127.0.0.1:4200/runs/flow-run/1 · 2026-02-03 09:00 Beijing time" in body
    assert "error: no trustworthy encrypted connection (TLS) fetch.tls" in body
    assert "lanshi市人民政府: https://www.lanshi.gov.cn/ — the site said fetch.tls" in body
    assert "What to do: Incomplete chain" in body


def test_changes_of_the_ledger_are_counted() -> None:
    reports = [report(LedgerState.LOADED, publisher=f"p{one}") for one in range(3)]
    reports.append(report(LedgerState.LOADED, publisher="p9", before=LedgerState.LOADED))
    body = digests(0)["email"].body
    assert "Moved in the ledger" not in body
    news = run(1, reports=reports)
    body = next(one.body for one in decide(news, {}, ROUTES, news.at).messages if one.receiver == "email")
    assert "expected → loaded 3" in body


HOSTILE = [
    '<!channel> <@U123> <at user_id="all">所有人</at>',
    "[click](https://evil.example/)",
    "line\r\nSubject: forged\n\nbody",
    "\u202ereversed \x00\x07 **bold** `code`",
    "&lt;!here&gt;",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_words_from_a_site_call_nobody_and_link_nowhere(words: str) -> None:
    for name, message in digests(1, words=words).items():
        for text in (message.title, message.body):
            assert not re.search(r"<[!@]|<at|\]\(https://evil", text), name
            assert "Subject: forged" not in text.splitlines()
            assert not re.search(r"[\x00-\x08\u202e]", text), name
        assert "\n" not in message.title


@settings(deadline=None)
@given(st.text(max_size=500))
def test_tamed_text_is_one_printable_line_without_angle_brackets(text: str) -> None:
    for markup in (PLAIN, WECOM, DINGTALK, SLACK):
        tame = markup.tame(text)
        assert len(tame.replace("&amp;", "&")) <= 300
        assert tame.isprintable() or not tame
        assert not set(tame) & set("<>`")


def test_slack_gets_its_entities_and_the_others_none() -> None:
    assert SLACK.tame("甲 & 乙") == "甲 &amp; 乙"
    assert SLACK.anchor("甲", "https://a.cn/?x=1&y=2") == "<https://a.cn/?x=1&amp;y=2|甲>"
    assert WECOM.anchor("甲", "https://a.cn/?x=1&y=2") == "[甲](https://a.cn/?x=1&y=2)"
    assert PLAIN.tame("甲 & 乙") == "甲 & 乙"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a.cn/ b", "https://a.cn/|x", "https://a.cn/)", ""])
def test_an_address_that_is_none_is_no_link(url: str) -> None:
    assert WECOM.anchor("甲", url) == "甲"


def test_a_title_holds_the_keyword_that_a_robot_may_want() -> None:
    assert all("nianbao" in message.title for message in digests(1).values())
