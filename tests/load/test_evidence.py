"""Documents and the evidence of every request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from schemas.fetched import FetchEvidence, Validators
from tasks.load import Warehouse
from tasks.load.snapshot import snapshot
from tests.load.samples import load, loaded

URL = "http://127.0.0.1/zwgk/report.pdf"
FIRST = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def _evidence(day: int = 0, *, status: int | None = 200, url: str = URL, **headers: str) -> FetchEvidence:
    return FetchEvidence(
        url=url,
        final_url=url,
        fetched_at=FIRST + timedelta(days=day),
        status=status,
        robots="allowed",
        waited=1.5,
        elapsed=0.2,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        redirects=("http://127.0.0.1/old",),
        bytes_received=100,
    )


def _rows(warehouse: Warehouse, table: str) -> list[dict[str, object]]:
    return snapshot(warehouse.engine, everything=True)[table]


def test_an_address_never_asked_is_unknown(warehouse: Warehouse) -> None:
    assert warehouse.known_document(URL) is None


def test_the_last_document_of_an_address_is_known_with_its_validators(warehouse: Warehouse) -> None:
    warehouse.remember_fetch(_evidence(0, ETag='"v1"'), "a" * 64, media_type="application/pdf")
    warehouse.remember_fetch(_evidence(9, ETag='"v2"', Last_Modified="Mon, 05 Jan 2026 00:00:00 GMT"), "b" * 64)
    assert warehouse.known_document(URL) == ("b" * 64, Validators('"v2"', "Mon, 05 Jan 2026 00:00:00 GMT"))


def test_a_not_modified_without_validators_keeps_those_of_the_document(warehouse: Warehouse) -> None:
    warehouse.remember_fetch(_evidence(0, etag='"v1"'), "a" * 64)
    warehouse.remember_fetch(_evidence(1, status=304), "a" * 64)
    assert warehouse.known_document(URL) == ("a" * 64, Validators(etag='"v1"'))


def test_validators_of_another_document_are_never_used(warehouse: Warehouse) -> None:
    warehouse.remember_fetch(_evidence(0, etag='"v1"'), "a" * 64)
    warehouse.remember_fetch(_evidence(1), "b" * 64)
    assert warehouse.known_document(URL) == ("b" * 64, Validators())


def test_a_failed_request_leaves_evidence_but_no_document(warehouse: Warehouse) -> None:
    warehouse.remember_fetch(_evidence(0, etag='"v1"'), "a" * 64)
    warehouse.remember_fetch(_evidence(1, status=503), None, publisher="lanshi-office", year=2021)
    assert warehouse.known_document(URL) == ("a" * 64, Validators(etag='"v1"'))
    assert sorted(str(row["status"]) for row in _rows(warehouse, "fetch")) == ["200", "503"]


def test_the_same_evidence_twice_is_kept_once(warehouse: Warehouse) -> None:
    first = warehouse.remember_fetch(_evidence(), "a" * 64)
    assert warehouse.remember_fetch(_evidence(), "a" * 64) == first
    assert len(_rows(warehouse, "fetch")) == 1


def test_evidence_keeps_what_decided_the_request(warehouse: Warehouse) -> None:
    warehouse.remember_fetch(_evidence(Server="nginx"), "a" * 64)
    (row,) = _rows(warehouse, "fetch")
    assert (row["robots"], row["waited"], row["headers"], row["redirects"]) == (
        "allowed",
        1.5,
        {"Server": "nginx"},
        ["http://127.0.0.1/old"],
    )


def test_a_document_keeps_the_first_address_that_gave_it(warehouse: Warehouse) -> None:
    warehouse.remember_fetch(_evidence(), "a" * 64, media_type="application/pdf")
    warehouse.remember_fetch(_evidence(1, url="http://127.0.0.1/mirror.pdf"), "a" * 64)
    load(warehouse, loaded())
    (document,) = _rows(warehouse, "document")
    assert (document["first_url"], document["size"], document["media_type"]) == (URL, 100, "application/pdf")


def test_addresses_longer_than_an_index_entry_are_kept(warehouse: Warehouse) -> None:
    long = "http://127.0.0.1/?q=" + "年" * 6000
    warehouse.remember_fetch(_evidence(url=long), "a" * 64)
    assert warehouse.known_document(long) == ("a" * 64, Validators())


def test_it_is_known_when_each_document_was_first_fetched(warehouse: Warehouse) -> None:
    warehouse.remember_fetch(_evidence(3), "a" * 64)
    warehouse.remember_fetch(_evidence(9), "a" * 64)
    assert warehouse.first_fetched(["a" * 64, "c" * 64]) == {"a" * 64: FIRST + timedelta(days=3)}
