"""A planted secret turns up nowhere: not in logs, output, errors, the database, or what other receivers are told."""

from __future__ import annotations

import json
import logging
import threading
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import sqlalchemy as sa

from schemas.alert_routes import AlertRoutes
from schemas.errors import LoadError
from schemas.ledger import LedgerState
from schemas.report import Reason
from schemas.tables import metadata
from tasks.alert import flush_outbox, process
from tasks.alert.hush import hushed
from tasks.alert.secrets import STRUCK, Secrets
from tasks.alert.sender import AppriseSender
from tasks.load import Warehouse
from tasks.load.alerts import AlertStore
from tests.alert.makers import report, run, site
from tests.alert.receivers import http_receiver, mail_server, silence
from tests.alert.test_trouble import free_port

PLANTED = "Pl4ntedS3cret"
PASSWORD = f"{PLANTED}/p+w d=1"
SIGN = f"SEC{PLANTED}sign"


def everywhere(base: str, mail_port: int) -> tuple[AlertRoutes, dict[str, str]]:
    """Routes to all services at an address, with a secret in every variable."""
    robots = {
        name: {"service": name, "address_env": f"{name.upper()}_ADDRESS", "allow_private": True}
        for name in ("slack", "wecom", "dingtalk", "feishu", "webhook")
    }
    robots["dingtalk"]["sign_env"] = robots["feishu"]["sign_env"] = "SIGN"
    robots["webhook"]["token_env"] = "TOKEN"
    mail: dict[str, Any] = {
        "service": "email", "host": "127.0.0.1", "port": mail_port, "security": "none", "allow_private": True,
        "sender": "nianbao@example.org", "to": ["li@example.org"], "user_env": "SMTP_USER", "password_env": "SMTP_PASS",
    }  # fmt: skip
    told = AlertRoutes.model_validate(
        {
            "receivers": {**robots, "mail": mail},
            "routes": [{"to": [*robots, "mail"], "severity": "info"}],
            "delivery": {"timeout": 0.2, "deadline": 0.4, "attempts": 2, "backoff": 0},
        }
    )
    environ = {
        "SLACK_ADDRESS": f"{base}/services/T{PLANTED}1/B{PLANTED}2/x{PLANTED}3",
        "WECOM_ADDRESS": f"{base}/cgi-bin/webhook/send?key={PLANTED}-key",
        "DINGTALK_ADDRESS": f"{base}/robot/send?access_token={PLANTED}token",
        "FEISHU_ADDRESS": f"{base}/open-apis/bot/v2/hook/{PLANTED}-hook",
        "WEBHOOK_ADDRESS": f"{base}/{PLANTED}/in?token={PLANTED}query".replace(
            "://", f"://li:{quote(PASSWORD, safe='')}@"
        ),
        "SIGN": SIGN,
        "TOKEN": f"{PLANTED}.bearer",
        "SMTP_USER": f"{PLANTED}@example.org",
        "SMTP_PASS": PASSWORD,
    }
    return told, environ


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """Everything that anybody logs, at the lowest level there is."""
    path = tmp_path / "log"
    handler = logging.FileHandler(path)
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in ("", "apprise", "urllib3", "requests")}
    for name in levels:
        logging.getLogger(name).setLevel(1)
    root.addHandler(handler)
    try:
        yield path
    finally:
        root.removeHandler(handler)
        handler.close()
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def echo(*secrets: str) -> bytes:
    """An answer that gives back what it was given, as some services do."""
    return json.dumps(
        {"errcode": 310000, "code": 19021, "errmsg": " ".join(secrets), "msg": " ".join(secrets)}
    ).encode()


ANSWERS: list[tuple[int, bytes] | None] = [
    None,
    (200, echo(PLANTED, f"{PLANTED}token", f"{PLANTED}-hook", PASSWORD, quote(PASSWORD), SIGN)),
    (403, f"token x{PLANTED}3 of /services/T{PLANTED}1/B{PLANTED}2/x{PLANTED}3 is not valid".encode()),
    (500, PLANTED.encode()),
]


@pytest.mark.parametrize("answer", ANSWERS, ids=["well", "refused with an echo", "403 with an echo", "500"])
def test_a_planted_secret_is_in_nothing_that_is_written_or_said(
    answer: tuple[int, bytes] | None,
    database: str,
    tmp_path: Path,
    log: Path,
    capfd: pytest.CaptureFixture[str],
    recwarn: pytest.WarningsRecorder,
) -> None:
    said: list[str] = []
    good = answer or (200, b'{"errcode":0,"code":0}')
    login = (f"{PLANTED}@example.org", PASSWORD if answer is None else "another")
    with http_receiver(good) as receiver, mail_server(login=login) as mails, Warehouse(database) as warehouse:
        told, environ = everywhere(receiver.url().rstrip("/"), mails.port)
        _check(told, environ, warehouse, said)
        assert receiver.seen, "somebody was told"
        assert len(mails.mails) == (3 if answer is None else 0)
        shown = [seen.body.decode() for seen in receiver.seen] + [mail.as_string() for _, _, mail in mails.mails]
    assert log.stat().st_size, "something was logged"
    said += [log.read_text(), *capfd.readouterr(), *(str(warning.message) for warning in recwarn), *shown]
    said += [path.read_bytes().decode(errors="replace") for path in tmp_path.rglob("*.sqlite*")]
    _nowhere(said)


@pytest.mark.parametrize("how", ["down", "silent"])
def test_nor_when_receivers_are_not_there_or_do_not_answer(
    how: str, sqlite: str, log: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []
    with http_receiver(slowly=silence) as receiver, Warehouse(sqlite) as warehouse:
        base = receiver.url().rstrip("/") if how == "silent" else f"http://127.0.0.1:{free_port()}"
        told, environ = everywhere(base, free_port())
        _check(told, environ, warehouse, said)
    _nowhere([*said, log.read_text(), *capfd.readouterr()])


@pytest.mark.parametrize("wrong", ["{0}", "ftp://{0}/", "https://x.example/{0} {0}", "https://{0}:{0}@h:{0}/", "//{0}"])
def test_nor_when_a_variable_holds_something_else(
    wrong: str, sqlite: str, log: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []
    with Warehouse(sqlite) as warehouse:
        told, environ = everywhere("http://127.0.0.1:1", 1)
        _check(told, {name: wrong.format(PLANTED) for name in environ}, warehouse, said)
    _nowhere([*said, log.read_text(), *capfd.readouterr()])


def _check(told: AlertRoutes, environ: dict[str, str], warehouse: Warehouse, said: list[str]) -> None:
    """Process news that hold the secrets themselves, and note all that is said and stored."""
    store = AlertStore(warehouse.engine)
    secrets = Secrets(told, environ)
    sender = AppriseSender(told, secrets, sleep=lambda _: None)
    sick = replace(
        site("lanshi", "fetch.challenge", url=environ["DINGTALK_ADDRESS"]),
        name=f"岚市 {environ['TOKEN']}",
        problems=(Reason("fetch.challenge", f"no post to {environ['WECOM_ADDRESS']} with {environ['SIGN']}"),),
    )
    bad = report(LedgerState.FAILED, "parse.no_report", reason=environ["SMTP_PASS"], url=environ["WEBHOOK_ADDRESS"])
    for number in (1, 2):
        sentence = f"Ended: {environ['FEISHU_ADDRESS']}"
        news = run(number, sites=[sick], reports=[bad], sentence=sentence, ui_url=environ["SLACK_ADDRESS"])
        done = process(news, store=store, routes=told, now=news.at, sender=sender, environ=environ)
        said += [repr(done), done.sentence()]
    flushed = flush_outbox(store=store, routes=told, now=run(9).at, sender=sender, environ=environ)
    said += [repr(flushed), repr(secrets), repr(told), repr(store.alerts(None)), repr(store.pending())]
    with warehouse.engine.connect() as connection:
        for table in metadata.sorted_tables:
            said += [repr(row) for row in connection.execute(sa.select(table))]


def _nowhere(said: list[str]) -> None:
    for text in said:
        place = text.find(PLANTED)
        assert place < 0, f"…{text[max(0, place - 200) : place + 60]}…"


def test_the_traceback_of_a_run_that_cannot_store_its_news_shows_no_secret(tmp_path: Path) -> None:
    told, environ = everywhere("https://hooks.example.org", 1)
    with Warehouse(str(tmp_path / "new.sqlite")) as warehouse, pytest.raises(LoadError) as failure:
        process(run(1), store=AlertStore(warehouse.engine), routes=told, now=run(1).at, environ=environ)
    assert failure.value.code == "load.not_migrated"
    _nowhere(traceback.format_exception(failure.value))


def test_words_that_every_address_has_are_not_struck_out() -> None:
    told, environ = everywhere("https://hooks.example.org", 1)
    secrets = Secrets(told, environ)
    words = "the webhook of the robot and its services: send to hooks.example.org, open-apis, cgi-bin, v2, nianbao"
    assert secrets.strike(words) == words
    for value in environ.values():
        assert PLANTED not in secrets.strike(f"a {value} b {quote(value, safe='')} c {urlsplit(value).path}")
        assert STRUCK in secrets.strike(value)


def test_the_state_of_the_loggers_is_as_before(log: Path) -> None:
    """While a message is sent, Apprise is made to speak; afterwards it is as silent as it was."""
    apprise = logging.getLogger("apprise")
    apprise.setLevel(logging.WARNING)
    with hushed() as outer, hushed() as inner:
        apprise.warning("mine")
        apprise.debug("Socket Exception: mine, too")
        apprise.debug("of no use")
    assert outer + inner == ["mine", "Socket Exception: mine, too"]
    assert apprise.level == logging.WARNING
    assert apprise.filters == []
    apprise.warning("after")
    assert log.read_text() == "after\n"


def test_what_others_log_meanwhile_gets_through(log: Path) -> None:
    apprise = logging.getLogger("apprise")
    apprise.setLevel(logging.WARNING)

    def other() -> None:
        apprise.warning("theirs")
        apprise.debug("theirs, but too low")

    with hushed() as heard:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert heard == []
    assert log.read_text() == "theirs\n"
