"""What an operator may set for the installation. Politeness per site stands in the registry (`schemas/site.py`)."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from schemas.site import Limits

MIB = 1024 * 1024


def _installed_version() -> str:
    try:
        return version("nianbao")
    except PackageNotFoundError:
        return "0"


class FetchSettings(BaseModel):
    """How the fetcher behaves towards every host. Seconds and bytes throughout."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    product: str = Field(
        default="nianbao",
        pattern=r"^[A-Za-z][A-Za-z0-9_-]*$",
        description="product token of the user agent; the name that robots.txt rules address (RFC 9309 §2.2.1)",
    )
    release: str = Field(default_factory=_installed_version, pattern=r"^[\w.+-]+$", description="version beside it")
    contact: str | None = Field(
        default=None,
        description="mail address or page where a site's operator reaches you; public hosts are not asked without one",
    )

    connect_timeout: float = Field(default=10, gt=0, le=300)
    read_timeout: float = Field(default=30, gt=0, le=600, description="longest silence of a server")
    total_timeout: float = Field(default=300, gt=0, le=3600, description="longest time for one answer, body included")
    address_family: Literal["any", "ipv4", "ipv6"] = Field(
        default="any", description="some sites are announced on IPv6 but answer on IPv4 only"
    )

    max_document_bytes: int = Field(default=64 * MIB, ge=1024, description="of a document, packed and unpacked")
    max_page_bytes: int = Field(default=16 * MIB, ge=1024, description="of a list page, packed and unpacked")
    max_robots_bytes: int = Field(
        default=500 * 1024, ge=500 * 1024, description="of robots.txt; the rest is ignored (RFC 9309 §2.5)"
    )
    max_redirects: int = Field(default=6, ge=0, le=20)

    retries: int = Field(default=3, ge=0, le=10, description="for network troubles, 5xx and 429 only")
    backoff: float = Field(default=2, ge=0, le=600, description="before the first retry; doubles with each")
    backoff_cap: float = Field(default=120, ge=0, le=3600)
    retry_after_cap: float = Field(default=86_400, ge=0, description="longest Retry-After that is believed")
    max_wait: float = Field(
        default=900, ge=0, description="longest wait inside a run for a host's hold or night window; beyond: next run"
    )
    max_crawl_delay: float = Field(
        default=300, ge=0, description="longest Crawl-delay of a robots.txt that is believed"
    )

    default_limits: Limits = Field(default=Limits(), description="for a host that the registry does not know")
    share_by_domain: bool = Field(
        default=True, description="hosts of one registrable domain (x.gov.cn) share one queue: often one machine"
    )
    stop_after_refusals: int = Field(default=5, ge=1, description="consecutive refusals that stop a host for the run")
    stop_after_failures: int = Field(default=8, ge=1, description="consecutive documents given up that stop a host")
    stop_pause: float = Field(default=300, ge=0, description="how long a host that keeps failing is left alone")

    robots_ttl: float = Field(default=86_400, ge=0, le=86_400, description="RFC 9309 §2.4: no longer than a day")
    robots_retry: float = Field(default=60, ge=0, description="how long an unreachable robots.txt is not asked again")
    ca_folder: Path | None = Field(
        default=None, description="where relative `tls.ca_bundle` paths of the registry start"
    )

    @field_validator("contact")
    @classmethod
    def _reachable_contact(cls, value: str | None) -> str | None:
        if value is None:
            return None
        value = value.strip()
        if not value.isascii() or not value.isprintable() or any(sign in value for sign in '()<>"\\ ;'):
            raise ValueError("contact goes into the user agent: plain ASCII without blanks and brackets")
        if "@" not in value and not value.startswith(("http://", "https://")):
            raise ValueError("contact is a mail address or the address of a page")
        return value

    @model_validator(mode="after")
    def _backoff_fits_into_wait(self) -> FetchSettings:
        if self.backoff_cap > self.max_wait:
            raise ValueError("backoff_cap must not be longer than max_wait, or no retry could ever be waited for")
        return self

    @property
    def user_agent(self) -> str:
        """Who we are and how to reach us, e.g. `nianbao/0.1.0 (annual report archive; +mailto:a@example.org)`."""
        if self.contact is None:
            return f"{self.product}/{self.release} (annual report archive)"
        contact = self.contact if "://" in self.contact else f"mailto:{self.contact}"
        return f"{self.product}/{self.release} (annual report archive; +{contact})"
