"""The registry: who owes reports, where they stand, and how gently their host is asked. Written by people in YAML."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]


def _host(value: str) -> str:
    """A host as the registry has it, in lower case. Raises ValueError."""
    try:
        parts = urlsplit(f"//{value}")
        sound = bool(parts.hostname) and parts.netloc == value and not re.search(r"[\s@*]", value)
        _ = parts.port  # raises for a port that cannot be
    except ValueError:
        sound = False
    if not sound:
        raise ValueError("a host is a bare host name or host:port, without scheme and path")
    return value.lower()


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BodyKind(StrEnum):
    """Decides the legal deadline (条例 art. 49): departments by 31 January, governments by 31 March."""

    GOVERNMENT = "government"  # 县级以上地方人民政府
    DEPARTMENT = "department"  # 政府部门 and other organs, also public institutions that report like one


class PublisherEntry(_Strict):
    """A body that owes a report each year."""

    id: Slug
    name: str = Field(min_length=2, description="current full name in Chinese")
    aliases: tuple[str, ...] = Field(default=(), description="earlier and short names that reports carry")
    kind: BodyKind = BodyKind.DEPARTMENT
    region: str | None = Field(default=None, pattern=r"^\d{6}$", description="GB/T 2260 code of its area")
    credit_code: str | None = Field(
        default=None, pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$", description="unified social credit code 统一社会信用代码"
    )
    owed_from: int = Field(default=2008, ge=2008, description="first report year owed")
    owed_to: int | None = Field(default=None, ge=2008, description="last report year owed; none while it exists")

    def owes(self, year: int) -> bool:
        return self.owed_from <= year and (self.owed_to is None or year <= self.owed_to)


class Entry(_Strict):
    """A place on the site where reports are listed, and for which publisher (none: decided per report by its title)."""

    url: str = Field(pattern=r"^https?://")
    publisher: Slug | None = None
    family: str | None = Field(default=None, description="CMS family of this place when not that of the site")
    params: dict[str, str] = Field(default_factory=dict, description="what the family needs, e.g. area of a viewer")

    @field_validator("url")
    @classmethod
    def _names_a_host(cls, value: str) -> str:
        _host(value.split("://", 1)[1].split("/", 1)[0].split("?", 1)[0])
        return value


class Limits(_Strict):
    """Politeness towards one host. Seconds; the window is local time in Asia/Shanghai, e.g. 22:00-07:00."""

    delay: float = Field(default=1.5, ge=0, le=3600)
    jitter: float = Field(default=0.5, ge=0, le=600)
    window: str | None = Field(default=None, pattern=r"^\d\d:\d\d-\d\d:\d\d$")
    daily_cap: int | None = Field(default=None, ge=1)


class Yields(_Strict):
    """What the site must give: fewer reports than `min` blocks the site's result, more than `max` warns."""

    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)
    fill_rate: float | None = Field(
        default=None, ge=0, le=1, description="share of statutory cells that must be filled"
    )


class Tls(_Strict):
    """Exceptions for old servers. Verification is never switched off."""

    legacy_renegotiation: bool = False
    ca_bundle: str | None = Field(default=None, description="file with the missing intermediate certificates")


class Site(_Strict):
    """One entry of the registry: a host, its CMS family, its report columns and its limits."""

    id: Slug
    name: str
    host: str = Field(description="host or host:port")
    family: str = Field(default="auto", description="CMS family, or auto: sniffed from the first page")
    aliases: tuple[str, ...] = Field(default=(), description="other hosts of the same site: moved domains, mirrors")
    publishers: tuple[PublisherEntry, ...] = Field(min_length=1)
    entries: tuple[Entry, ...] = Field(min_length=1)
    yields: Yields = Yields()
    limits: Limits = Limits()
    tls: Tls = Tls()
    allow_private: bool = Field(default=False, description="the host may be on a private or loopback address")
    quirks: dict[str, str] = Field(default_factory=dict, description="known quirk → why; read by the family")
    verified_on: date | None = Field(default=None, description="when a person last saw it work live; none: never")
    sample: bool = Field(default=False, description="a replica: its reports are sample data")

    @field_validator("host")
    @classmethod
    def _bare_host(cls, value: str) -> str:
        return _host(value)

    @field_validator("aliases")
    @classmethod
    def _bare_aliases(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(f"*.{_host(alias[2:])}" if alias.startswith("*.") else _host(alias) for alias in value)

    @model_validator(mode="after")
    def _entries_name_publishers(self) -> Site:
        known = {publisher.id for publisher in self.publishers}
        unknown = {entry.publisher for entry in self.entries if entry.publisher} - known
        if unknown:
            raise ValueError(f"entries name publishers that are not listed: {', '.join(sorted(map(str, unknown)))}")
        return self

    @property
    def hosts(self) -> frozenset[str]:
        """All hosts that belong to this site; a redirect elsewhere is refused."""
        return frozenset({self.host, *self.aliases})
