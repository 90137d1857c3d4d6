"""Documents and the evidence of every request that led to them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.fetched import FetchEvidence, Validators
from schemas.tables import Document, Fetch, table_of
from tasks.load.bulk import chunks, insert_missing
from tasks.load.rows import digest, storable

_DOCUMENT, _FETCH = table_of(Document), table_of(Fetch)
_NOT_MODIFIED = 304
_NEWEST = (
    sa.select(
        _FETCH.c.sha256,
        _FETCH.c.etag,
        _FETCH.c.last_modified,
        _FETCH.c.status,
        _FETCH.c.final_url,
        _DOCUMENT.c.media_type,
    )
    .join(_DOCUMENT, _DOCUMENT.c.sha256 == _FETCH.c.sha256)
    .where(_FETCH.c.url_digest == sa.bindparam("digest"), _FETCH.c.sha256.is_not(None))
    .order_by(_FETCH.c.fetched_at.desc(), _FETCH.c.id)
    .limit(50)
)
"""What an address gave, newest first. Made once: making a statement costs more than asking it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The evidence of one request. `sha256` is the document that the answer gave, or confirmed with 304 Not Modified;
    publisher and year are those it was asked for, if for one."""

    evidence: FetchEvidence
    sha256: str | None = None
    media_type: str | None = None
    publisher: str | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """The document that an address gave last, and the validators to ask with again. The media type is the one that the
    server declared when it sent the bytes: a 304 does not repeat it."""

    sha256: str
    validators: Validators
    media_type: str | None


def remember_document(
    connection: Connection, sha256: str, *, url: str, media_type: str | None, size: int | None, at: datetime
) -> None:
    """Know a document by its hash. The first address and time that gave it are kept."""
    insert_missing(connection, _DOCUMENT, [_document(sha256, url, media_type, size, at)])


def remember_fetches(connection: Connection, asked: Sequence[Asked], run_id: str | None) -> list[str]:
    """Keep the evidence of requests, in their order; the same evidence twice is kept once. Returns their ids."""
    documents = [
        _document(
            one.sha256,
            one.evidence.url,
            one.media_type,
            one.evidence.bytes_received if one.evidence.status != _NOT_MODIFIED else None,
            one.evidence.fetched_at,
        )
        for one in asked
        if one.sha256 is not None
    ]
    fetches = [_fetch(one, run_id) for one in asked]
    if documents:
        insert_missing(connection, _DOCUMENT, documents)
    insert_missing(connection, _FETCH, fetches)
    return [row["id"] for row in fetches]


def _document(sha256: str, url: str, media_type: str | None, size: int | None, at: datetime) -> dict[str, Any]:
    return {
        "sha256": sha256,
        "media_type": media_type,
        "size": size,
        "first_url": storable(url),
        "first_fetched_at": at,
    }


def _fetch(asked: Asked, run_id: str | None) -> dict[str, Any]:
    evidence = asked.evidence
    headers = {storable(name): storable(value) for name, value in evidence.headers.items()}
    lower = {name.lower(): value for name, value in headers.items()}
    moment = (evidence.fetched_at.isoformat(), evidence.attempt, evidence.status, evidence.trouble)
    return {
        "id": digest([evidence.url, evidence.method, moment, asked.sha256])[:32],
        "url": storable(evidence.url),
        "url_digest": url_digest(evidence.url),
        "method": evidence.method,
        "attempt": evidence.attempt,
        "final_url": storable(evidence.final_url),
        "redirects": [storable(url) for url in evidence.redirects],
        "fetched_at": evidence.fetched_at,
        "status": evidence.status,
        "robots": evidence.robots,
        "waited": evidence.waited,
        "delay": evidence.delay,
        "elapsed": evidence.elapsed,
        "peer": evidence.peer,
        "notes": [storable(note) for note in evidence.notes],
        "headers": headers,
        "etag": lower.get("etag"),
        "last_modified": lower.get("last-modified"),
        "trouble": evidence.trouble,
        "bytes_received": evidence.bytes_received,
        "sha256": asked.sha256,
        "publisher_id": asked.publisher,
        "year": asked.year,
        "run_id": run_id,
    }


def known_document(connection: Connection, url: str) -> KnownDocument | None:
    """The document that an address gave last, and what to ask with, so that it is sent only if it changed.

    A 304 may come without validators (RFC 9110 §15.4.5 wants them, servers forget): then those of the
    request before that gave the same document still hold.
    """
    found = connection.execute(_NEWEST, {"digest": url_digest(url)}).all()
    if not found:
        return None
    sha256, media_type = found[0].sha256, found[0].media_type
    for row in found:
        if row.sha256 != sha256:
            break
        if row.etag or row.last_modified or row.status != _NOT_MODIFIED:
            led_to = row.final_url if row.final_url != url else None
            validators = Validators(etag=row.etag, last_modified=row.last_modified, url=led_to)
            return KnownDocument(sha256, validators, media_type)
    return KnownDocument(sha256, Validators(), media_type)


def first_fetched(connection: Connection, hashes: Collection[str]) -> dict[str, datetime]:
    """When each of these documents was first fetched; documents that are not known are left out."""
    found: dict[str, datetime] = {}
    for part in chunks(sorted(set(hashes))):
        query = sa.select(_DOCUMENT.c.sha256, _DOCUMENT.c.first_fetched_at).where(_DOCUMENT.c.sha256.in_(list(part)))
        found.update((row.sha256, row.first_fetched_at) for row in connection.execute(query))
    return found


def url_digest(url: str) -> str:
    """What addresses are looked up by."""
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
