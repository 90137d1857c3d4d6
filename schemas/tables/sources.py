"""Who owes reports, and what was fetched: publishers, documents, and the evidence of every request."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from schemas.site import BodyKind
from schemas.tables.base import VOLATILE, Table, data, moment, one_of, run_id, text

_ZERO, _ONE = {"server_default": "0"}, {"server_default": "1"}  # rows of before the column was there


class Publisher(Table, table=True):
    """A body that owes a report each year (发布机构), as the registry has it."""

    __tablename__: ClassVar[Any] = "publisher"
    __table_args__ = (one_of("kind", BodyKind),)

    id: str = text("stable id from the registry", key=True)
    name: str = text("current full name in Chinese")
    aliases: list[str] = data("earlier and short names that reports carry", default_factory=list)
    kind: str = text("government or department; decides the legal deadline (条例 art. 49)")
    region: str | None = text("GB/T 2260 code of its area", default=None)
    credit_code: str | None = text("unified social credit code 统一社会信用代码", default=None)
    owed_from: int = Field(description="first report year owed")
    owed_to: int | None = Field(default=None, description="last report year owed; none while the body exists")
    sample: bool = Field(default=False, description="true for a replica's publisher: its reports are sample data")


class Document(Table, table=True):
    """Bytes as fetched, known by their SHA-256; they stand in the archive, unchanged and undeleted."""

    __tablename__: ClassVar[Any] = "document"

    sha256: str = text("SHA-256 of the bytes, in hexadecimal", key=True)
    media_type: str | None = text("media type as the server declared it, or as it was read", default=None)
    size: int | None = Field(default=None, description="number of bytes", sa_type=sa.BigInteger)
    first_url: str = text("address that first gave these bytes", sa_column_kwargs={"info": VOLATILE})
    first_fetched_at: datetime = moment("when these bytes were first fetched (UTC)")


class Fetch(Table, table=True):
    """One request as it happened, with the politeness decisions that led to it. Append-only."""

    __tablename__: ClassVar[Any] = "fetch"
    __table_args__ = (
        sa.Index("ix_fetch_url_digest", "url_digest", "fetched_at"),
        sa.Index("ix_fetch_publisher_id", "publisher_id", "year"),
    )

    id: str = text("digest of address, time and answer", key=True)
    url: str = text("address that was asked")
    method: str = text("HTTP method", default="GET", sa_column_kwargs={"server_default": "GET"})
    attempt: int = Field(default=1, description="which attempt at this address", sa_column_kwargs=_ONE)
    url_digest: str = text("SHA-256 of the address; addresses can be longer than an index entry")
    final_url: str = text("address after redirects")
    redirects: list[str] = data("addresses on the way", default_factory=list)
    fetched_at: datetime = moment("when the request was made (UTC)")
    status: int | None = Field(default=None, description="HTTP status; none when there was no answer")
    robots: str = text("what robots.txt said: allowed, disallowed, absent, unreachable, not-asked")
    waited: float = Field(description="seconds the request waited for its turn at the host")
    delay: float = Field(
        default=0, description="seconds between requests that was in force at the host", sa_column_kwargs=_ZERO
    )
    elapsed: float = Field(description="seconds the request took")
    headers: dict[str, str] = data("headers of the answer", default_factory=dict)
    etag: str | None = text("validator for the next conditional request", default=None)
    last_modified: str | None = text("validator for the next conditional request", default=None)
    peer: str | None = text("network address that answered", default=None)
    notes: list[str] = data("oddities of the answer", default_factory=list, sa_column_kwargs={"server_default": "[]"})
    trouble: str | None = text("reason code when it went wrong", default=None)
    bytes_received: int = Field(default=0, description="bytes of the body", sa_type=sa.BigInteger)
    sha256: str | None = text("the document it gave or confirmed", refers="document.sha256", default=None)
    publisher_id: str | None = text("publisher it was asked for, if for one", refers="publisher.id", default=None)
    year: int | None = Field(default=None, description="report year it was asked for, if for one")
    run_id: str | None = run_id("run that asked")
