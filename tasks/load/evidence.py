"""Documents and the evidence of every request that led to them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.fetched import FetchEvidence, Validators
from schemas.tables import Document, Fetch, table_of
from tasks.load.bulk import chunks, insert_missing
from tasks.load.rows import digest, storable

_DOCUMENT, _FETCH = table_of(Document), table_of(Fetch)
_NOT_MODIFIED = 304


def remember_document(
    connection: Connection, sha256: str, *, url: str, media_type: str | None, size: int | None, at: datetime
) -> None:
    """Know a document by its hash. The first address and time that gave it are kept."""
    row = {
        "sha256": sha256,
        "media_type": media_type,
        "size": size,
        "first_url": storable(url),
        "first_fetched_at": at,
    }
    insert_missing(connection, _DOCUMENT, [row])


def remember_fetch(
    connection: Connection,
    evidence: FetchEvidence,
    sha256: str | None,
    *,
    media_type: str | None = None,
    publisher: str | None = None,
    year: int | None = None,
    run_id: str | None = None,
) -> str:
    """Keep the evidence of one request; the same evidence twice is kept once. Returns its id.

    `sha256` is the document that the answer gave, or confirmed with 304 Not Modified.
    """
    if sha256 is not None:
        size = evidence.bytes_received if evidence.status != _NOT_MODIFIED else None
        remember_document(
            connection, sha256, url=evidence.url, media_type=media_type, size=size, at=evidence.fetched_at
        )
    headers = {storable(name): storable(value) for name, value in evidence.headers.items()}
    lower = {name.lower(): value for name, value in headers.items()}
    moment = (evidence.fetched_at.isoformat(), evidence.attempt, evidence.status, evidence.trouble)
    fetch_id = digest([evidence.url, evidence.method, moment, sha256])[:32]
    row = {
        "id": fetch_id,
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
        "sha256": sha256,
        "publisher_id": publisher,
        "year": year,
        "run_id": run_id,
    }
    insert_missing(connection, _FETCH, [row])
    return fetch_id


def known_document(connection: Connection, url: str) -> tuple[str, Validators] | None:
    """The document that an address gave last, and what to ask with, so that it is sent only if it changed.

    A 304 may come without validators (RFC 9110 §15.4.5 wants them, servers forget): then those of the
    request before that gave the same document still hold.
    """
    query = (
        sa.select(_FETCH.c.sha256, _FETCH.c.etag, _FETCH.c.last_modified, _FETCH.c.status, _FETCH.c.final_url)
        .where(_FETCH.c.url_digest == url_digest(url), _FETCH.c.sha256.is_not(None))
        .order_by(_FETCH.c.fetched_at.desc(), _FETCH.c.id)
        .limit(50)
    )
    found = connection.execute(query).all()
    if not found:
        return None
    sha256 = found[0].sha256
    for row in found:
        if row.sha256 != sha256:
            break
        if row.etag or row.last_modified or row.status != _NOT_MODIFIED:
            led_to = row.final_url if row.final_url != url else None
            return sha256, Validators(etag=row.etag, last_modified=row.last_modified, url=led_to)
    return sha256, Validators()


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
