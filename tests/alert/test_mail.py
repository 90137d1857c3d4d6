"""Mail over a real SMTP server: who gets what, how it is encoded, and what is done about a server that refuses."""

from __future__ import annotations

from collections.abc import Mapping
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest

from schemas.alerts import Delivery, DeliveryState
from tasks.alert import process
from tasks.alert.sender import AppriseSender
from tasks.load.alerts import AlertStore
from tests.alert.makers import message, routes, run, site
from tests.alert.receivers import MailServer, mail_server
from tests.alert.test_services import lead, sender_to
from tests.fetch.certificates import authority, server_certificate, server_context

LOGIN = ("ops+nianbao@example.org", "p%40ss: word/+&=?#@")


def office(server: MailServer, **changes: Any) -> dict[str, Any]:
    """An entry for this server."""
    entry = {
        "service": "email",
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "allow_private": True,
        "sender": "nianbao@example.org",
        "to": ["li@example.org", "wang@example.org"],
    }
    return entry | changes


def mailer(entry: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> AppriseSender:
    return sender_to(entry, environ or {})


def test_a_mail_arrives_with_chinese_subject_and_text() -> None:
    with mail_server() as server:
        delivery = mailer(office(server))(message(target="li@example.org", title="[nianbao] 甘肃省: 1 new"))
    assert delivery == Delivery(DeliveryState.SENT)
    ((sender, recipients, mail),) = server.mails
    assert (sender, recipients) == ("nianbao@example.org", ["li@example.org"])
    assert str(make_header(decode_header(mail["Subject"]))) == "[nianbao] 甘肃省: 1 new"
    assert mail["From"] == "nianbao <nianbao@example.org>"
    assert mail["To"] == "li@example.org"
    assert mail["Message-ID"]
    assert mail["Date"]
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"
    text = mail.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert text.decode().split("\r\n")[:2] == ["一份报告 failed & more", "https://www.lanshi.gov.cn/"]


def test_everybody_gets_a_mail_and_one_who_is_refused_is_tried_alone_again(store: AlertStore) -> None:
    with mail_server() as server:
        told = routes({"to": ["office"], "digest": "always"}, receivers={"office": office(server)})
        server.refuses = {"wang@example.org"}
        first = process(run(1), store=store, routes=told, now=run(1).at, environ={})
        assert (first.sent, first.kept) == (1, 1)
        assert first.waiting[0].code == "alert.refused"
        assert "550" in first.waiting[0].message
        server.refuses = set()
        second = process(run(1), store=store, routes=told, now=run(2).at, environ={})
        assert (second.sent, second.kept) == (1, 0)
    assert [recipients for _, recipients, _ in server.mails] == [["li@example.org"], ["wang@example.org"]]


def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: bool = True) -> Any:
    """TLS for a server of the name smtp.example.org."""
    root = authority("Test Root")
    monkeypatch.setenv("SSL_CERT_FILE", str(root.save(tmp_path / "root.pem")))
    signer = root if trusted else authority("Stranger")
    return server_context(tmp_path, server_certificate(signer, "smtp.example.org"))


def test_it_logs_in_over_starttls_with_any_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server(context=secure(tmp_path, monkeypatch), login=LOGIN) as server:
        lead(monkeypatch, {"smtp.example.org": server.port})
        entry = office(server, host="smtp.example.org", security="starttls", user_env="U", password_env="P")
        delivery = mailer(entry, {"U": LOGIN[0], "P": LOGIN[1]})(message(target="li@example.org"))
    assert delivery == Delivery(DeliveryState.SENT)
    assert len(server.mails) == 1


def test_a_wrong_password_is_told_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server(context=secure(tmp_path, monkeypatch), login=LOGIN) as server:
        lead(monkeypatch, {"smtp.example.org": server.port})
        entry = office(server, host="smtp.example.org", security="starttls", user_env="U", password_env="P")
        delivery = mailer(entry, {"U": LOGIN[0], "P": "wrong-password"})(message(target="li@example.org"))
    assert (delivery.state, delivery.code) == (DeliveryState.REFUSED, "alert.refused")
    assert "535" in delivery.message
    assert "wrong-password" not in delivery.message
    assert server.mails == []


def test_a_password_that_smtp_cannot_send_is_told(tmp_path: Path) -> None:
    with mail_server() as server:
        entry = office(server, user_env="U", password_env="P")
        delivery = mailer(entry, {"U": "ops", "P": "wörd-geheim"})(message(target="li@example.org"))
    assert (delivery.state, delivery.code) == (DeliveryState.REFUSED, "alert.address_missing")
    assert delivery.message.startswith("P has signs outside ASCII")


def test_no_password_is_sent_to_a_server_that_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server(context=secure(tmp_path, monkeypatch, trusted=False), login=LOGIN) as server:
        lead(monkeypatch, {"smtp.example.org": server.port})
        entry = office(server, host="smtp.example.org", security="starttls", user_env="U", password_env="P")
        delivery = mailer(entry, {"U": LOGIN[0], "P": LOGIN[1]})(message(target="li@example.org"))
    assert delivery.state is DeliveryState.REFUSED
    assert "CERTIFICATE_VERIFY_FAILED" in delivery.message
    assert server.mails == []


def test_a_server_without_starttls_gets_nothing_that_was_to_be_encrypted() -> None:
    with mail_server() as server:
        delivery = mailer(office(server, security="starttls"))(message(target="li@example.org"))
    assert delivery.state is DeliveryState.REFUSED
    assert "STARTTLS" in delivery.message
    assert server.mails == []


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        ("451 4.3.0 try again later", DeliveryState.UNREACHABLE),
        ("554 5.7.1 looks like spam", DeliveryState.REFUSED),
    ],
)
def test_what_the_server_says_of_the_text_decides(reply: str, state: DeliveryState) -> None:
    with mail_server() as server:
        server.reply = reply
        delivery = mailer(office(server))(message(target="li@example.org"))
    assert delivery.state is state
    assert reply[:3] in delivery.message


def test_a_digest_of_any_length_arrives_whole(store: AlertStore) -> None:
    with mail_server() as server:
        told = routes({"to": ["office"], "severity": "info"}, receivers={"office": office(server, to=["li@x.org"])})
        sites = [site(f"site{number}", "fetch.tls") for number in range(150)]
        process(run(1, sites=sites), store=store, routes=told, now=run(1).at, environ={})
    text = server.mails[0][2].get_payload(decode=True)
    assert isinstance(text, bytes)
    assert all(f"site{number}市人民政府" in text.decode() for number in range(150))
