"""A receiver of the routes file → Apprise's service for it, with the secrets of the environment put in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

from apprise import AppriseAsset, NotifyFormat
from apprise.plugins.base import NotifyBase
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.email.base import NotifyEmail
from apprise.plugins.slack import NotifySlack

from schemas.alert_routes import DeliverySettings, MailReceiver, RobotReceiver, WebhookReceiver
from tasks.alert.robots import DingTalk, Feishu, Refusal, WeCom
from tasks.alert.secrets import Secrets

_SLACK = ("https", "hooks.slack.com")
_MAIL_PORTS = {"ssl": 465, "starttls": 587, "none": 25}
_MAIL_MODES = {"ssl": "ssl", "starttls": "starttls", "none": "insecure"}


@dataclass(frozen=True, slots=True)
class Door:
    """Apprise's service for one receiver, where it stands, and how its text is marked up."""

    plugin: NotifyBase
    format: NotifyFormat
    host: str
    port: int
    url: str | None = None  # for HTTP: decides whether a proxy stands between
    plain: bool = False  # asked over http


class Unusable(ValueError):
    """A variable is not set or does not hold what its service needs. The message holds no value."""


def asset() -> AppriseAsset:
    """Apprise's settings: our name, one message after the other, no redirects, nothing kept on disk."""
    return AppriseAsset(app_id="nianbao", app_desc="nianbao", async_mode=False, http_redirects=False)


def door(
    receiver: MailReceiver | RobotReceiver | WebhookReceiver,
    target: str,
    secrets: Secrets,
    settings: DeliverySettings,
) -> Door:
    """The way to a receiver. Raises Unusable, naming the variable that is not set or not right."""
    options = {"asset": asset(), "cto": settings.timeout, "rto": settings.timeout}
    if isinstance(receiver, MailReceiver):
        return _mail(receiver, target, secrets, options)
    address = _needed(secrets, receiver.address_env)
    parts = _split(address, receiver.address_env)
    plain = parts.scheme == "http"
    where = (str(parts.hostname), parts.port or (80 if plain else 443), address, plain)
    if isinstance(receiver, WebhookReceiver):
        return Door(_webhook(receiver, parts, secrets, options), NotifyFormat.TEXT, *where)
    try:
        if receiver.service == "slack":
            return Door(_slack(parts, options), NotifyFormat.MARKDOWN, *where)
        if receiver.service == "wecom":
            return Door(WeCom(address, format="markdown", **options), NotifyFormat.MARKDOWN, *where)
        sign = _needed(secrets, receiver.sign_env) if receiver.sign_env else None
        if receiver.service == "dingtalk":
            return Door(DingTalk(address, sign, format="markdown", **options), NotifyFormat.MARKDOWN, *where)
        return Door(Feishu(address, sign, **options), NotifyFormat.TEXT, *where)
    except (TypeError, Refusal):  # Apprise's own message would show the token
        raise Unusable(f"{receiver.address_env} does not hold a webhook address of {receiver.service}") from None


def _mail(receiver: MailReceiver, target: str, secrets: Secrets, options: Mapping[str, Any]) -> Door:
    login = {
        name: quote(_plain(_needed(secrets, variable), variable), safe="")  # Apprise unquotes both
        for name, variable in (("user", receiver.user_env), ("password", receiver.password_env))
        if variable
    }
    port = receiver.port or _MAIL_PORTS[receiver.security]
    plugin = NotifyEmail(  # type: ignore[no-untyped-call]
        smtp_host=receiver.host,
        host=receiver.sender.rpartition("@")[2],
        port=port,
        secure_mode=_MAIL_MODES[receiver.security],
        from_addr=f"nianbao <{receiver.sender}>",
        targets=target,
        format="text",
        **login,
        **options,
    )
    return Door(plugin, NotifyFormat.TEXT, receiver.host, port)


def _webhook(receiver: WebhookReceiver, parts: SplitResult, secrets: Secrets, options: Mapping[str, Any]) -> NotifyBase:
    token = _needed(secrets, receiver.token_env) if receiver.token_env else None
    login = {
        name: value  # still quoted, as Apprise unquotes them
        for name, value in (("user", parts.username), ("password", parts.password))
        if value
    }
    return NotifyJSON(  # type: ignore[no-untyped-call]
        host=_host(parts),
        port=parts.port,
        secure=parts.scheme == "https",
        fullpath=parts.path or "/",
        params=dict(parse_qsl(parts.query, keep_blank_values=True)),
        headers={"Authorization": f"Bearer {token}"} if token else {},
        format="text",
        **login,
        **options,
    )


def _slack(parts: SplitResult, options: Mapping[str, Any]) -> NotifyBase:
    steps = [step for step in parts.path.split("/") if step]
    if len(steps) != 4 or steps[0] != "services":
        raise Refusal("not /services/T…/B…/…")
    plugin = NotifySlack(  # type: ignore[no-untyped-call]
        token_a=steps[1],
        token_b=steps[2],
        token_c=steps[3],
        use_blocks=True,
        include_image=False,
        include_footer=False,
        include_timestamp=False,
        format="markdown",
        **options,
    )
    if (parts.scheme, parts.netloc) != _SLACK:
        plugin.webhook_url = f"{parts.scheme}://{parts.netloc}/services"
    return plugin


def _needed(secrets: Secrets, variable: str) -> str:
    value = secrets.get(variable)
    if value is None:
        raise Unusable(f"the environment variable {variable} is not set")
    return value


def _plain(value: str, variable: str) -> str:
    if not value.isascii():
        raise Unusable(f"{variable} has signs outside ASCII, which a login at a mail server cannot have")
    return value


def _split(address: str, variable: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or not address.isprintable() or " " in address:
        raise Unusable(f"{variable} does not hold an http(s) address")
    return parts


def _host(parts: SplitResult) -> str:
    host = str(parts.hostname)
    return f"[{host}]" if ":" in host else host
