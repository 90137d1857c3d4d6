"""Whom the Prefect server rings itself, and with what: as each service documents it, without a secret in sight."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from deployments.watchdog import block
from schemas.alert_routes import AlertRoutes, RobotReceiver, WebhookReceiver
from schemas.errors import SettingsError
from tasks.alert import load_routes

EXAMPLE = str(Path(__file__).parents[2] / "deployments" / "alerts.yaml")
TEXT = "{{subject}}\n{{body}}"
ROUTE = [{"to": ["one"]}]


@pytest.mark.parametrize(
    ("service", "payload"),
    [
        ("slack", {"text": TEXT}),
        ("wecom", {"msgtype": "text", "text": {"content": TEXT}}),
        ("dingtalk", {"msgtype": "text", "text": {"content": TEXT}}),
        ("feishu", {"msg_type": "text", "content": {"text": TEXT}}),
    ],
)
def test_robots_are_rung_as_their_services_document(service: str, payload: dict[str, object]) -> None:
    receiver = RobotReceiver.model_validate({"service": service, "address_env": "PLACE"})
    made = block("one", receiver, {"PLACE": "https://robot.example/send?key=geheim"})
    assert made.json_data == payload
    assert made.headers is None
    assert made.allow_private_urls is False
    assert "geheim" not in repr(made)


def test_a_webhook_gets_its_token() -> None:
    receiver = WebhookReceiver(service="webhook", address_env="PLACE", token_env="TOKEN", allow_private=True)
    made = block("desk", receiver, {"PLACE": "http://desk.example/", "TOKEN": "geheim"})
    assert made.headers == {"Authorization": "Bearer {{token}}"}
    assert made.allow_private_urls is True
    assert "geheim" not in repr(made)


def test_an_address_that_is_not_set_is_named() -> None:
    with pytest.raises(SettingsError, match="PLACE is not set"):
        block("one", WebhookReceiver(service="webhook", address_env="PLACE"), {})


@pytest.mark.parametrize(
    ("receiver", "watchdog", "said"),
    [
        ({"service": "dingtalk", "address_env": "A", "sign_env": "S"}, ["one"], "cannot send mail nor sign"),
        ({"service": "email", "host": "h", "sender": "a@b.cn", "to": ["c@d.cn"]}, ["one"], "cannot send mail nor sign"),
        ({"service": "slack", "address_env": "A"}, ["two"], "not listed: two"),
    ],
)
def test_who_cannot_be_rung_is_refused_with_a_sentence(
    receiver: dict[str, object], watchdog: list[str], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        AlertRoutes.model_validate({"receivers": {"one": receiver}, "routes": ROUTE, "watchdog": watchdog})


def test_the_example_rings_somebody() -> None:
    assert load_routes(EXAMPLE).watchdog == ("duty-desk", "slack")
