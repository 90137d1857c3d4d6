"""Apprise's services for 企业微信, 钉钉 and 飞书, with the answer read.

These robots answer 200 also when they refuse, with a code in the body; Apprise takes every 200 for success. It also
signs for 钉钉 in a way that arrives encoded twice, sends no Markdown to 企业微信 and does not sign for 飞书. So `send`
is written anew here, after 企业微信《消息推送配置说明》, 钉钉《自定义机器人接入》 and 飞书《自定义机器人使用指南》.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import requests
from apprise.common import NotifyType
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from schemas.alerts import Delivery, DeliveryState
from tasks.alert.failures import by_status, failure_of, refused, unreachable, unsure

_BUSY = frozenset({-1, 45009, 130101, 410100, 11232})
"""Codes that mean too fast, or busy: 企业微信 -1 and 45009, 钉钉 -1, 130101 and 410100, 飞书 11232."""

_LONGEST_ANSWER = 64 * 1024


class Refusal(ValueError):
    """An address is not of the form that the service has."""


class _Robot:
    """Posts JSON to the robot's own address and reads whether it took the message. `outcome` is the last answer."""

    address: str
    outcome: Delivery
    codes: ClassVar[tuple[str, ...]] = ("errcode",)
    words: ClassVar[tuple[str, ...]] = ("errmsg",)

    def _post(self, payload: dict[str, Any], params: dict[str, str] | None = None) -> bool:
        timeout: tuple[float, float] = self.request_timeout  # type: ignore[attr-defined]
        try:
            with requests.post(
                self.address,
                data=json.dumps(payload, ensure_ascii=False).encode(),
                params=params,
                headers={"User-Agent": "nianbao", "Content-Type": "application/json; charset=utf-8"},
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            ) as answer:
                body = answer.raw.read(_LONGEST_ANSWER, decode_content=True)
                self.outcome = self._judged(answer.status_code, body)
        except (requests.RequestException, OSError) as error:
            self.outcome = failure_of([f"{type(error).__name__}: {error}"])
        return self.outcome.state is DeliveryState.SENT

    def _judged(self, status: int, body: bytes) -> Delivery:
        try:
            said = json.loads(body)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            said = {}
        code = next((said[name] for name in self.codes if isinstance(said.get(name), int)), None)
        words = next((str(said[name]) for name in self.words if said.get(name)), "")
        if status == requests.codes.ok and code == 0:
            return Delivery(DeliveryState.SENT)
        if code:
            text = f"the robot answers {code}: {words}"
            return unreachable(text) if code in _BUSY else refused(text)
        if status != requests.codes.ok:
            return by_status(status, f"HTTP status {status}")
        return unsure("HTTP status 200, but not the answer of this service")


class WeCom(_Robot, NotifyWeComBot):  # type: ignore[no-untyped-call]
    """企业微信 (WeCom), a robot of a group: Markdown."""

    def __init__(self, address: str, **options: Any) -> None:
        super().__init__(key=_of_query(address, "key"), **options)  # type: ignore[no-untyped-call]
        self.address = address

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **_: Any) -> bool:  # noqa: ARG002
        return self._post({"msgtype": "markdown", "markdown": {"content": body}})


class DingTalk(_Robot, NotifyDingTalk):  # type: ignore[no-untyped-call]
    """钉钉 (DingTalk), a robot of a group: Markdown, signed (加签) where a key is given."""

    def __init__(self, address: str, sign: str | None = None, **options: Any) -> None:
        super().__init__(token=_of_query(address, "access_token"), **options)  # type: ignore[no-untyped-call]
        self.address = address
        self._sign = sign

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **_: Any) -> bool:  # noqa: ARG002
        text = f"**{title}**\n\n{body}" if title else body  # the title alone is shown in the list of chats only
        payload = {"msgtype": "markdown", "markdown": {"title": title, "text": text}, "at": {"isAtAll": False}}
        if self._sign is None:
            return self._post(payload)
        stamp = str(round(time.time() * 1000))
        digest = hmac.digest(self._sign.encode(), f"{stamp}\n{self._sign}".encode(), hashlib.sha256)
        return self._post(payload, {"timestamp": stamp, "sign": base64.b64encode(digest).decode()})


class Feishu(_Robot, NotifyFeishu):  # type: ignore[no-untyped-call]
    """飞书 (Feishu, Lark), a robot of a group: text, signed (签名校验) where a key is given."""

    codes = ("code", "StatusCode")
    words = ("msg", "StatusMessage")

    def __init__(self, address: str, sign: str | None = None, **options: Any) -> None:
        token = urlsplit(address).path.rstrip("/").rpartition("/")[2]
        super().__init__(token=token, **options)  # type: ignore[no-untyped-call]
        self.address = address
        self._sign = sign

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **_: Any) -> bool:  # noqa: ARG002
        payload: dict[str, Any] = {"msg_type": "text", "content": {"text": body}}
        if self._sign is not None:
            stamp = str(int(time.time()))
            digest = hmac.digest(f"{stamp}\n{self._sign}".encode(), b"", hashlib.sha256)
            payload |= {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}
        return self._post(payload)


def _of_query(address: str, name: str) -> str:
    held = parse_qs(urlsplit(address).query).get(name)
    if not held:
        raise Refusal(f"the address has no {name}=")
    return held[0]
