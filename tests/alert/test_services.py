"""What each service gets is exactly what it documents, over real HTTP, through Apprise."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from schemas.alert_routes import AlertRoutes
from schemas.alerts import Delivery, DeliveryState, Message, MessageKind
from schemas.report import Severity
from tasks.alert.secrets import Secrets
from tasks.alert.sender import AppriseSender
from tests.alert.makers import message
from tests.alert.receivers import OK, HttpReceiver, http_receiver
from tests.fetch.certificates import authority, server_certificate, server_context

TOKEN = "T0kenT0kenT0ken"
SIGN = "SECsignsignsign123"
PATHS = {
    "slack": "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7",
    "wecom": f"/cgi-bin/webhook/send?key={TOKEN}",
    "dingtalk": f"/robot/send?access_token={TOKEN}",
    "feishu": f"/open-apis/bot/v2/hook/{TOKEN}",
    "webhook": "/hooks/nianbao?room=7&x=%E5%B7%9E",
}


def sender_to(entry: Mapping[str, Any], environ: Mapping[str, str], **delivery: Any) -> AppriseSender:
    """A sender to one receiver `ops`; it does not sleep."""
    quick = {"timeout": 5, "attempts": 1} | delivery
    routes = AlertRoutes.model_validate({"receivers": {"ops": entry}, "routes": [{"to": ["ops"]}], "delivery": quick})
    return AppriseSender(routes, Secrets(routes, environ), sleep=lambda _: None)


def sent(service: str, what: Message, *answers: tuple[int, bytes], **entry: Any) -> tuple[Delivery, HttpReceiver]:
    """Deliver one message to a receiver of this service; returns what came of it and what the receiver saw."""
    with http_receiver(*(answers or (OK[service],))) as receiver:
        environ = {"ADDRESS": receiver.url(PATHS[service]), "SIGN": SIGN, "TOKEN": "bearer-token"}
        full = {"service": service, "address_env": "ADDRESS", "allow_private": True} | entry
        return sender_to(full, environ)(what), receiver


def test_slack_gets_blocks_with_header_and_section() -> None:
    """api.slack.com: incoming webhooks, header and section blocks, attachment colour."""
    delivery, receiver = sent("slack", message(body="*New: 1*\n• 甲 &amp; 乙 <https://a.cn/|报告> `fetch.dns`"))
    assert delivery == Delivery(DeliveryState.SENT)
    (seen,) = receiver.seen
    assert (seen.method, seen.path) == ("POST", PATHS["slack"])
    assert seen.headers["Content-Type"].startswith("application/json")
    assert seen.json == {
        "attachments": [
            {
                "color": seen.json["attachments"][0]["color"],
                "blocks": [
                    {
                        "type": "header",
                        "text": {
                            "type": "plain_text",
                            "text": "[nianbao] harvest 2025 · 3 sites: 1 new",
                            "emoji": True,
                        },
                    },
                    {
                        "type": "section",
                        "text": {
                            "type": "mrkdwn",
                            "text": "*New: 1*\n• 甲 &amp; 乙 <https://a.cn/|报告> `fetch.dns`",
                        },
                    },
                ],
            }
        ]
    }


def test_slack_shows_how_grave_it_is_by_colour() -> None:
    colours = []
    for change in ({"severity": Severity.ERROR}, {"severity": Severity.WARNING}, {"kind": MessageKind.RECOVERED}):
        _, receiver = sent("slack", message(**change))
        colours.append(receiver.seen[0].json["attachments"][0]["color"])
    assert len(set(colours)) == 3


def test_wecom_gets_markdown() -> None:
    """企业微信《消息推送配置说明》: msgtype markdown, content of at most 4,096 bytes."""
    delivery, receiver = sent("wecom", message(body="**New: 1**\n> 甲"))
    assert delivery == Delivery(DeliveryState.SENT)
    (seen,) = receiver.seen
    assert (seen.path, seen.query) == ("/cgi-bin/webhook/send", {"key": TOKEN})
    assert seen.json == {
        "msgtype": "markdown",
        "markdown": {"content": "[nianbao] harvest 2025 · 3 sites: 1 new\r\n**New: 1**\n> 甲"},
    }


def test_dingtalk_gets_markdown_with_its_title_on_top_and_calls_nobody() -> None:
    """钉钉《自定义机器人接入》: msgtype markdown, title and text; isAtAll."""
    delivery, receiver = sent("dingtalk", message(body="- 甲  \n> 乙"))
    assert delivery == Delivery(DeliveryState.SENT)
    (seen,) = receiver.seen
    title = "[nianbao] harvest 2025 · 3 sites: 1 new"
    assert (seen.path, seen.query) == ("/robot/send", {"access_token": TOKEN})
    assert seen.json == {
        "msgtype": "markdown",
        "markdown": {"title": title, "text": f"**{title}**\n\n- 甲  \n> 乙"},
        "at": {"isAtAll": False},
    }


def test_dingtalk_is_signed_as_it_documents() -> None:
    """加签: Base64 of HMAC-SHA256 over `timestamp\\nsecret` with the secret as key; milliseconds; encoded once."""
    _, receiver = sent("dingtalk", message(), sign_env="SIGN")
    query = receiver.seen[0].query
    digest = hmac.new(SIGN.encode(), f"{query['timestamp']}\n{SIGN}".encode(), hashlib.sha256).digest()
    assert query == {
        "access_token": TOKEN,
        "timestamp": query["timestamp"],
        "sign": base64.b64encode(digest).decode(),
    }
    assert abs(int(query["timestamp"]) / 1000 - time.time()) < 3600


def test_feishu_gets_text() -> None:
    """飞书《自定义机器人使用指南》: msg_type text, content.text."""
    delivery, receiver = sent("feishu", message())
    assert delivery == Delivery(DeliveryState.SENT)
    (seen,) = receiver.seen
    assert seen.path == PATHS["feishu"]
    text = "[nianbao] harvest 2025 · 3 sites: 1 new\r\n一份报告 failed & more\nhttps://www.lanshi.gov.cn/"
    assert seen.json == {"msg_type": "text", "content": {"text": text}}


def test_feishu_is_signed_as_it_documents() -> None:
    """签名校验: Base64 of HMAC-SHA256 over nothing with `timestamp\\nsecret` as key; seconds; in the body."""
    _, receiver = sent("feishu", message(), sign_env="SIGN")
    body = receiver.seen[0].json
    digest = hmac.new(f"{body['timestamp']}\n{SIGN}".encode(), b"", hashlib.sha256).digest()
    assert set(body) == {"timestamp", "sign", "msg_type", "content"}
    assert body["sign"] == base64.b64encode(digest).decode()
    assert abs(int(body["timestamp"]) - time.time()) < 3600


def test_a_webhook_gets_json_at_its_own_address_with_its_token() -> None:
    delivery, receiver = sent("webhook", message(severity=Severity.ERROR), token_env="TOKEN")
    assert delivery == Delivery(DeliveryState.SENT)
    (seen,) = receiver.seen
    assert (seen.path, seen.query) == ("/hooks/nianbao", {"room": "7", "x": "州"})
    assert seen.headers["Authorization"] == "Bearer bearer-token"
    assert seen.json == {
        "version": "1.0",
        "title": "[nianbao] harvest 2025 · 3 sites: 1 new",
        "message": "一份报告 failed & more\nhttps://www.lanshi.gov.cn/",
        "attachments": [],
        "type": "failure",
    }


def test_a_webhook_address_may_hold_a_login() -> None:
    with http_receiver(OK["webhook"]) as receiver:
        address = receiver.url("/a%2Fb/c").replace("://", "://li:p%40ss%2Fw@")
        entry = {"service": "webhook", "address_env": "ADDRESS", "allow_private": True}
        assert sender_to(entry, {"ADDRESS": address})(message()).state is DeliveryState.SENT
    (seen,) = receiver.seen
    assert seen.headers["Authorization"] == "Basic " + base64.b64encode(b"li:p@ss/w").decode()
    assert seen.path == "/a%2Fb/c"


def test_text_arrives_as_it_was_written_whatever_signs_are_in_it() -> None:
    text = "  甲 *a* _b_ <c> \\n & \"d\" 'e' {f} %20 🙂\n\n- [g](h) # i"
    for service in ("slack", "wecom", "dingtalk", "feishu", "webhook"):
        _, receiver = sent(service, message(body=text))
        assert text.strip() in "".join(strings(receiver.seen[0].json)), service


def strings(value: Any) -> Iterator[str]:
    """All texts in a piece of JSON."""
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(one)


REFUSALS = [
    ("wecom", 200, {"errcode": 93000, "errmsg": "invalid webhook url"}, "refused"),
    ("wecom", 200, {"errcode": 45009, "errmsg": "api freq out of limit"}, "unreachable"),
    ("wecom", 200, {"errcode": -1, "errmsg": "system busy"}, "unreachable"),
    ("dingtalk", 200, {"errcode": 310000, "errmsg": "keywords not in content"}, "refused"),
    ("dingtalk", 200, {"errcode": 310000, "errmsg": "sign not match"}, "refused"),
    ("dingtalk", 200, {"errcode": 300001, "errmsg": "token is not exist"}, "refused"),
    ("dingtalk", 200, {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}, "unreachable"),
    ("feishu", 200, {"code": 19024, "msg": "Key Words Not Found"}, "refused"),
    ("feishu", 200, {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}, "refused"),
    ("feishu", 400, {"code": 9499, "msg": "Bad Request", "data": {}}, "refused"),
    ("feishu", 200, {"code": 11232, "msg": "frequency limited"}, "unreachable"),
    ("slack", 404, "no_service", "refused"),
    ("slack", 403, "invalid_token", "refused"),
    ("slack", 429, "rate_limited", "unreachable"),
    ("webhook", 401, "", "refused"),
    ("webhook", 500, "", "unreachable"),
    ("webhook", 302, "", "refused"),
]


@pytest.mark.parametrize(("service", "status", "answer", "state"), REFUSALS)
def test_a_service_that_refuses_is_understood_also_when_it_answers_200(
    service: str, status: int, answer: object, state: str
) -> None:
    body = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
    delivery, receiver = sent(service, message(), (status, body))
    assert delivery.state.value == state
    assert delivery.code == {"refused": "alert.refused", "unreachable": "alert.unreachable"}[state]
    said = str(answer.get("errmsg") or answer.get("msg")) if isinstance(answer, dict) else str(status)
    assert said in delivery.message
    assert len(receiver.seen) == 1, "a redirect is not followed, a refusal is not tried again"


@pytest.mark.parametrize("body", [b"<html>login</html>", b"[]", b"{}", b'{"errcode":"0"}', b""])
@pytest.mark.parametrize("service", ["wecom", "dingtalk", "feishu"])
def test_an_answer_that_is_not_the_services_confirms_nothing(service: str, body: bytes) -> None:
    delivery, _ = sent(service, message(), (200, body))
    assert (delivery.state, delivery.code) == (DeliveryState.UNSURE, "alert.no_answer")


def test_feishu_answers_of_the_old_form_confirm_as_well() -> None:
    delivery, _ = sent("feishu", message(), (200, b'{"StatusCode":0,"StatusMessage":"success"}'))
    assert delivery == Delivery(DeliveryState.SENT)


VENDORS = {
    "slack": "hooks.slack.com",
    "wecom": "qyapi.weixin.qq.com",
    "dingtalk": "oapi.dingtalk.com",
    "feishu": "open.feishu.cn",
}


@pytest.mark.parametrize("service", VENDORS)
def test_the_vendors_own_address_is_asked_over_verified_tls(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vendor's name leads to loopback here, with a certificate for that name; everything else is as in life."""
    host = VENDORS[service]
    root = authority("Test Root")
    context = server_context(tmp_path, server_certificate(root, host))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(root.save(tmp_path / "root.pem")))
    with http_receiver(OK[service], context=context) as receiver:
        lead(monkeypatch, {host: receiver.port})
        environ = {"ADDRESS": f"https://{host}{PATHS[service]}"}
        entry = {"service": service, "address_env": "ADDRESS"}
        refusal = sender_to(entry, environ)(message())
        assert (refusal.state, refusal.code) == (DeliveryState.REFUSED, "alert.private_address")
        assert receiver.connections == 0
        delivery = sender_to(entry | {"allow_private": True}, environ)(message())
    assert delivery == Delivery(DeliveryState.SENT)
    assert receiver.seen[0].headers["Host"] == host


@pytest.mark.parametrize("service", VENDORS)
def test_a_certificate_that_is_not_trusted_is_refused(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = VENDORS[service]
    context: ssl.SSLContext = server_context(tmp_path, server_certificate(authority("Stranger"), host))
    with http_receiver(OK[service], context=context) as receiver:
        lead(monkeypatch, {host: receiver.port})
        entry = {"service": service, "address_env": "ADDRESS", "allow_private": True}
        delivery = sender_to(entry, {"ADDRESS": f"https://{host}{PATHS[service]}"})(message())
    assert delivery.state is DeliveryState.REFUSED
    assert "CERTIFICATE_VERIFY_FAILED" in delivery.message
    assert receiver.seen == []


def lead(patch: pytest.MonkeyPatch, hosts: Mapping[str, int]) -> None:
    """Let these names lead to ports on loopback, as a name server would lead to addresses."""
    import socket

    usual = socket.getaddrinfo

    def look_up(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        if host in hosts:
            return usual("127.0.0.1", hosts[host], *rest, **options)
        return usual(host, port, *rest, **options)

    patch.setattr(socket, "getaddrinfo", look_up)
