"""Whom the Prefect server rings itself: receivers of the routes file (`watchdog`) as notification blocks.

When no worker is there none of our code runs, so the server must be able to tell. The addresses come from the
environment of whoever runs `nianbao up` and are kept by the server, encrypted; they are in no file and no log.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.types import SecretDict

from schemas.alert_routes import AlertRoutes, RobotReceiver, WebhookReceiver
from schemas.errors import SettingsError
from tasks.alert import load_routes

PREFIX = "nianbao-watchdog-"

_TEXT = "{{subject}}\n{{body}}"
_PAYLOADS: dict[str, dict[str, Any]] = {
    # As our own alerts of each service, plain: see tasks/alert/plugins.py.
    "webhook": {"version": "1.0", "title": "{{subject}}", "message": "{{body}}", "attachments": [], "type": "failure"},
    "slack": {"text": _TEXT},
    "wecom": {"msgtype": "text", "text": {"content": _TEXT}},
    "dingtalk": {"msgtype": "text", "text": {"content": _TEXT}},
    "feishu": {"msg_type": "text", "content": {"text": _TEXT}},
}


async def blocks(environ: Mapping[str, str] = os.environ) -> list[UUID]:
    """Bring the notification blocks up to date. Gives their ids; none when nobody is to be rung.

    Raises SettingsError `settings.alerts` for a faulty routes file or a missing address.
    """
    place = environ.get("NIANBAO_ALERTS")
    routes = load_routes(place) if place else AlertRoutes()
    return [await _kept(name, routes.receivers[name], environ) for name in routes.watchdog]


async def _kept(name: str, receiver: Any, environ: Mapping[str, str]) -> UUID:
    found: UUID = await block(name, receiver, environ).save(f"{PREFIX}{name}", overwrite=True)
    return found


def block(
    name: str, receiver: WebhookReceiver | RobotReceiver, environ: Mapping[str, str]
) -> CustomWebhookNotificationBlock:
    """A receiver as a notification block. Raises SettingsError `settings.alerts` when its address is not set."""
    address = environ.get(receiver.address_env, "").strip()
    if not address:
        message = f"the watchdog rings {name}, but {receiver.address_env} is not set"
        raise SettingsError("settings.alerts", message, where=receiver.address_env)
    token = environ.get(receiver.token_env or "", "").strip() if isinstance(receiver, WebhookReceiver) else ""
    return CustomWebhookNotificationBlock(
        name=name,
        url="{{address}}",
        json_data=_PAYLOADS[receiver.service],
        cookies=None,
        headers={"Authorization": "Bearer {{token}}"} if token else None,
        secrets=SecretDict({"address": address, "token": token}),
        allow_private_urls=receiver.allow_private,
    )
