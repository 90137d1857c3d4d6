"""The routes file: who is told what, by severity and region. Written by people in YAML; it never holds a secret.

Secrets (webhook addresses, passwords, signing keys) stand in environment variables; the file names them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from schemas.report import Severity

Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=100)]
MailAddress = Annotated[str, Field(pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$", max_length=254)]

RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}
"""Severities by weight."""


class _Strict(BaseModel):
    # Faults are told without the value: somebody may have written a secret where it does not belong.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _Receiver(_Strict):
    allow_private: bool = Field(
        default=False, description="may stand in a private network, and may then be asked over plain http"
    )


class MailReceiver(_Receiver):
    """People with mail addresses; each gets a mail of its own."""

    service: Literal["email"]
    host: str = Field(pattern=r"^[A-Za-z0-9.\-\[\]:]+$", description="SMTP server")
    port: int | None = Field(
        default=None, ge=1, le=65535, description="none: 465 for ssl, 587 for starttls, 25 for none"
    )
    security: Literal["ssl", "starttls", "none"] = "starttls"
    sender: MailAddress
    to: tuple[MailAddress, ...] = Field(min_length=1)
    user_env: Variable | None = None
    password_env: Variable | None = None

    @model_validator(mode="after")
    def _safe_login(self) -> MailReceiver:
        if (self.user_env is None) != (self.password_env is None):
            raise ValueError("user_env and password_env go together: name both or none")
        if self.security == "none" and not self.allow_private:
            raise ValueError("mail without encryption is for servers in your own network: add allow_private: true")
        return self

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(name for name in (self.user_env, self.password_env) if name)


class RobotReceiver(_Receiver):
    """A group chat's robot: Slack, 企业微信 (WeCom), 钉钉 (DingTalk) or 飞书 (Feishu, Lark)."""

    service: Literal["slack", "wecom", "dingtalk", "feishu"]
    address_env: Variable = Field(
        description="variable that holds the robot's webhook address, as the service shows it"
    )
    sign_env: Variable | None = Field(
        default=None, description="variable that holds the robot's signing key (加签/签名校验)"
    )

    @model_validator(mode="after")
    def _can_sign(self) -> RobotReceiver:
        if self.sign_env and self.service not in ("dingtalk", "feishu"):
            raise ValueError("only robots of dingtalk and feishu sign: remove sign_env")
        return self

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(name for name in (self.address_env, self.sign_env) if name)


class WebhookReceiver(_Receiver):
    """Any address that takes a POST with JSON: `version`, `title`, `message`, `attachments`, `type`."""

    service: Literal["webhook"]
    address_env: Variable
    token_env: Variable | None = Field(default=None, description="variable with a token, sent as Authorization: Bearer")

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(name for name in (self.address_env, self.token_env) if name)


Receiver = Annotated[MailReceiver | RobotReceiver | WebhookReceiver, Field(discriminator="service")]


class Route(_Strict):
    """Which alerts go to which receivers. An alert goes along every route that takes it; nobody gets it twice."""

    to: tuple[Name, ...] = Field(min_length=1)
    severity: Severity = Field(default=Severity.WARNING, description="this grave, or graver")
    regions: tuple[str, ...] = Field(
        default=(), description="GB/T 2260 codes; 620000 or 62 takes all of Gansu. None: everywhere"
    )
    immediate: bool = Field(default=True, description="also what cannot wait for the digest")
    digest: Literal["always", "problems", "changes", "never"] = Field(
        default="problems",
        description="after each run; when it saw or closed an alert; when it opened or closed one; not at all",
    )

    @field_validator("regions")
    @classmethod
    def _codes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for code in value:
            if not (code.isascii() and code.isdigit() and len(code) in (2, 4, 6)) or code.startswith("00"):
                raise ValueError("a region is a GB/T 2260 code of 2, 4 or 6 digits in quotes, e.g. '620000' or '62'")
        return value

    def takes(self, severity: Severity, region: str | None) -> bool:
        """True for an alert this grave of this region. One without a region goes along routes without regions only."""
        if RANK[severity] < RANK[self.severity]:
            return False
        return not self.regions or (region is not None and any(region.startswith(_area(one)) for one in self.regions))


def _area(code: str) -> str:
    """The digits that say something: 620000 → 62, 620100 → 6201."""
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code


class Absence(_Strict):
    """From when on a report that is not there is late (条例 art. 49)."""

    from_year: int = Field(default=2019, ge=2008, description="first report year that is told of")
    grace_days: int = Field(default=0, ge=0, le=365, description="days after the legal deadline")


class DeliverySettings(_Strict):
    """How hard a run tries to deliver. Seconds."""

    timeout: float = Field(default=10, gt=0, le=120, description="for connecting, and between two bytes of an answer")
    deadline: float = Field(default=30, gt=0, le=600, description="for one attempt in all")
    attempts: int = Field(default=3, ge=1, le=10, description="per message and run, while the receiver is not there")
    backoff: float = Field(default=1, ge=0, le=60, description="before the second attempt; doubles with each")
    budget: float = Field(default=180, gt=0, le=3600, description="for all messages of a run; the rest is kept")


class AlertRoutes(_Strict):
    """The routes file. Without receivers alerts are still tracked; nobody is told."""

    receivers: dict[Name, Receiver] = Field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    immediate: tuple[str, ...] = Field(
        default=(
            "alert.run_failed",
            "alert.many_quarantined",
            "fetch.challenge",
            "fetch.captcha",
            "fetch.forbidden",
            "discover.captcha",
            "fetch.archive_corrupt",
        ),
        description="reason codes that cannot wait for the digest",
    )
    watchdog: tuple[Name, ...] = Field(
        default=(),
        description="receivers that the Prefect server rings itself when a run was killed, does not begin, or no "
        "worker is there: webhooks and robots without a signing key",
    )
    quarantined_above: int = Field(default=50, ge=0, description="more reports than this in quarantine raise an alert")
    absence: Absence = Absence()
    delivery: DeliverySettings = DeliverySettings()

    @model_validator(mode="after")
    def _everybody_is_known_and_somebody_is_told(self) -> AlertRoutes:
        unknown = {name for route in self.routes for name in route.to} - set(self.receivers)
        if unknown:
            raise ValueError(f"routes name receivers that are not listed: {', '.join(sorted(unknown))}")
        idle = set(self.receivers) - {name for route in self.routes for name in route.to}
        if idle:
            raise ValueError(f"no route leads to: {', '.join(sorted(idle))}")
        if self.receivers and not any(not route.regions and route.digest != "never" for route in self.routes):
            raise ValueError(
                "one route with a digest must be without regions: alerts of a region that no route names, "
                "and those of the whole run, would reach nobody"
            )
        return self

    @model_validator(mode="after")
    def _the_server_can_ring(self) -> AlertRoutes:
        for name in self.watchdog:
            receiver = self.receivers.get(name)
            if receiver is None:
                raise ValueError(f"watchdog names a receiver that is not listed: {name}")
            if isinstance(receiver, MailReceiver) or (isinstance(receiver, RobotReceiver) and receiver.sign_env):
                raise ValueError(f"the server cannot send mail nor sign: watchdog takes no {name}")
        return self

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that the file names."""
        return tuple(sorted({name for receiver in self.receivers.values() for name in receiver.variables}))
