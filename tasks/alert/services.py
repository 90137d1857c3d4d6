"""What each service can show: how text is marked up, how long a message may be, how fast messages may follow.

Sources: Slack, "Formatting text for app surfaces" and "Section block" (3,000 characters); 企业微信《消息推送配置说明》
(markdown 4,096 bytes, 20 messages a minute); 钉钉《自定义机器人接入》(20 messages a minute);
飞书《自定义机器人使用指南》(request of 20 KB, 5 a second).
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.alert_routes import MailReceiver, RobotReceiver, WebhookReceiver
from tasks.alert.markup import DINGTALK, PLAIN, SLACK, WECOM, Markup


@dataclass(frozen=True, slots=True)
class Service:
    """Limits of one service: length of title and body in bytes (UTF-8) or signs, and seconds between two messages."""

    markup: Markup
    longest_title: int
    longest_body: int
    pause: float
    in_bytes: bool = True

    def fits(self, body: str) -> bool:
        return self._length(body) <= self.longest_body

    def cut(self, text: str, limit: int) -> str:
        """The text, cut at the limit with an ellipsis when it is longer."""
        if self._length(text) <= limit:
            return text
        return (text.encode()[: limit - 3].decode(errors="ignore") if self.in_bytes else text[: limit - 1]) + "…"

    def _length(self, text: str) -> int:
        return len(text.encode()) if self.in_bytes else len(text)


_SERVICES = {
    "email": Service(PLAIN, 250, 200_000, 0),
    "slack": Service(SLACK, 140, 2_800, 1.1, in_bytes=False),
    "wecom": Service(WECOM, 200, 3_600, 3.1),
    "dingtalk": Service(DINGTALK, 200, 12_000, 3.1),
    "feishu": Service(PLAIN, 200, 12_000, 0.3),
    "webhook": Service(PLAIN, 250, 30_000, 0),
}
"""Bodies are kept well under the limits: JSON escapes and the note on a late message need room, too."""


def service_of(receiver: MailReceiver | RobotReceiver | WebhookReceiver) -> Service:
    """The limits of a receiver's service."""
    return _SERVICES[receiver.service]
