"""Checks between reports of several bodies, or of any two reports: copies, and figures with swapped digits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import combinations, groupby, product
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.report import Verdict
from schemas.tables import Fact, Publisher, Report, Section, table_of
from schemas.tables.reports import LONG
from tasks.load.crosscheck.found import CrossFinding, WarehouseCheck, warehouse_checks

_REPORT, _FACT, _SECTION, _PUBLISHER = (table_of(model) for model in (Report, Fact, Section, Publisher))
_PREFECTURE = 4  # digits of a GB/T 2260 code


def body_findings(connection: Connection) -> Iterator[CrossFinding]:
    """All findings between current reports. Each stands at the report that comes later by publisher and year."""
    known = warehouse_checks()
    for code, find in _FINDERS.items():
        yield from find(connection, known[code])


def _same_document(connection: Connection, check: WarehouseCheck) -> Iterator[CrossFinding]:
    for one, other in _pairs(connection, _REPORT.c.document_sha256):
        yield _finding(check, one, other, "", f"both are read from one document, {one.url}", Verdict.READING)


def _same_figures(connection: Connection, check: WarehouseCheck) -> Iterator[CrossFinding]:
    enough = _REPORT.c.figures_count >= check.settings["at_least"]
    for one, other in _pairs(connection, _REPORT.c.figures_digest, enough):
        if one.document_sha256 != other.document_sha256:
            yield _finding(check, one, other, "", f"all {one.figures_count} figures are the same")


def _copied_text(connection: Connection, check: WarehouseCheck) -> Iterator[CrossFinding]:
    for one, other, section in _same_sections(connection, check):
        if one.publisher_id != other.publisher_id and one.year == other.year:
            yield _finding(check, one, other, section, f"the section {section} is the same, word for word")


def _repeated_text(connection: Connection, check: WarehouseCheck) -> Iterator[CrossFinding]:
    for one, other, section in _same_sections(connection, check):
        if one.publisher_id == other.publisher_id and abs(one.year - other.year) == 1:
            yield _finding(check, one, other, section, f"the section {section} is the same, word for word")


def _pairs(connection: Connection, digest: Any, *conditions: Any) -> Iterator[tuple[Any, Any]]:
    """Each current report that shares a digest, with the first of those that share it."""
    shared = sa.select(digest).where(_REPORT.c.is_current, *conditions).group_by(digest).having(sa.func.count() > 1)
    columns = (_REPORT.c.id, _REPORT.c.publisher_id, _REPORT.c.year, _REPORT.c.url, _REPORT.c.document_sha256)
    query = (
        sa.select(*columns, _REPORT.c.figures_count, digest.label("digest"), _PUBLISHER.c.name)
        .join(_PUBLISHER, _PUBLISHER.c.id == _REPORT.c.publisher_id)
        .where(_REPORT.c.is_current, digest.in_(shared), *conditions)
        .order_by(digest, _REPORT.c.publisher_id, _REPORT.c.year)
    )
    for _, group in groupby(connection.execute(query), key=lambda row: row.digest):
        first, *others = group
        for other in others:
            yield other, first


def _same_sections(connection: Connection, check: WarehouseCheck) -> Iterator[tuple[Any, Any, str]]:
    wanted = (
        _REPORT.c.is_current,
        _SECTION.c.code.in_(check.settings["sections"]),
        sa.func.length(_SECTION.c.text) >= check.settings["at_least"],
    )
    joined = sa.join(_SECTION, _REPORT, _REPORT.c.id == _SECTION.c.report_id)
    key = (_SECTION.c.code, _SECTION.c.text_digest)
    shared = sa.select(*key).select_from(joined).where(*wanted).group_by(*key).having(sa.func.count() > 1).subquery()
    query = (
        sa.select(_REPORT.c.id, _REPORT.c.publisher_id, _REPORT.c.year, *key, _PUBLISHER.c.name)
        .select_from(joined)
        .join(_PUBLISHER, _PUBLISHER.c.id == _REPORT.c.publisher_id)
        .join(shared, sa.and_(shared.c.code == _SECTION.c.code, shared.c.text_digest == _SECTION.c.text_digest))
        .where(*wanted)
        .order_by(*key, _REPORT.c.publisher_id, _REPORT.c.year)
    )
    for (code, _), group in groupby(connection.execute(query), key=lambda row: (row.code, row.text_digest)):
        seen: list[Any] = []
        for row in group:
            same_body = [other for other in seen if other.publisher_id == row.publisher_id]
            same_year = [other for other in seen if other.year == row.year and other not in same_body]
            # One partner of each kind is enough to look at: the year before, and the first body of the year.
            for partner in (*same_body[-1:], *same_year[:1]):
                yield row, partner, code
            seen.append(row)


def _swapped_digits(connection: Connection, check: WarehouseCheck) -> Iterator[CrossFinding]:
    """Values of one cell, year and prefecture made of the same digits; the signature counts each digit, in SQL."""
    digits = sa.cast(_FACT.c.value, sa.Text)
    counts = [sa.cast(sa.func.length(sa.func.replace(digits, str(digit), "")), sa.Text) for digit in range(10)]
    signature: Any = sa.cast(sa.func.length(digits), sa.Text)
    for count in counts:
        signature = signature + "." + count
    prefecture = sa.func.coalesce(sa.func.substr(_PUBLISHER.c.region, 1, _PREFECTURE), "")
    key = (_FACT.c.code, _REPORT.c.year, prefecture.label("prefecture"), signature.label("signature"))
    values = (
        sa.select(_REPORT.c.id, _REPORT.c.publisher_id, _PUBLISHER.c.name, _FACT.c.value, *key)
        .select_from(_FACT)
        .join(_REPORT, _REPORT.c.id == _FACT.c.report_id)
        .join(_PUBLISHER, _PUBLISHER.c.id == _REPORT.c.publisher_id)
        .where(_REPORT.c.is_current, _FACT.c.row_key == "", *_at_least(check.settings["digits"]))
        .subquery()
    )
    same = [values.c[name] for name in ("code", "year", "prefecture", "signature")]
    differ = [sa.func.count(sa.distinct(values.c[name])) > 1 for name in ("publisher_id", "value")]
    several = sa.select(*same).group_by(*same).having(sa.and_(*differ)).subquery()
    query = (
        sa.select(values)
        .join(several, sa.and_(*(several.c[column.name] == column for column in same)))
        .order_by(*same, values.c.publisher_id)
    )
    rows = connection.execute(query)
    for _, group in groupby(rows, key=lambda row: (row.code, row.year, row.prefecture, row.signature)):
        for first, second in _swapped(group):
            words = f"{second.code} is {second.value}, but {first.value} there: two digits are swapped"
            yield _finding(check, second, first, second.code, words, cells=(second.code,))


def _swapped(group: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """The rows of different bodies whose values are one swap apart, the earlier row first. Each value is compared once,
    however many bodies state it."""
    stated: dict[Decimal, list[tuple[int, Any]]] = {}
    for place, row in enumerate(group):
        stated.setdefault(row.value, []).append((place, row))
    for one, other in combinations(stated, 2):
        if _one_swap(one, other):
            for pair in product(stated[one], stated[other]):
                (_, first), (_, second) = sorted(pair, key=itemgetter(0))
                if first.publisher_id != second.publisher_id:
                    yield first, second


def _at_least(digits: int) -> Iterator[Any]:
    """That a value has so many characters; asked in the words of the index too, where it knows them all."""
    yield sa.func.length(sa.cast(_FACT.c.value, sa.Text)) >= digits
    if digits >= LONG:
        yield sa.literal_column(f"length(CAST({_FACT.name}.value AS TEXT)) >= {LONG}")


def _one_swap(one: Decimal, other: Decimal) -> bool:
    left, right = format(one, "f"), format(other, "f")
    places = [index for index, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
    return len(places) == 2 and places[1] == places[0] + 1


def _finding(
    check: WarehouseCheck,
    row: Any,
    other: Any,
    what: str,
    words: str,
    verdict: Verdict = Verdict.PUBLISHER,
    cells: tuple[str, ...] = (),
) -> CrossFinding:
    return CrossFinding(
        report_id=row.id,
        other_report_id=other.id,
        key=f"{check.code}:{what}@{other.id}",
        check=check.code,
        severity=check.severity,
        verdict=verdict,
        scope=check.scope,
        message=f"{check.title}: {words} ({other.name}, {other.year})",
        cells=cells,
    )


_FINDERS: dict[str, Callable[[Connection, WarehouseCheck], Iterator[CrossFinding]]] = {
    "W_SAME_DOCUMENT": _same_document,
    "W_SAME_FIGURES": _same_figures,
    "W_COPIED_TEXT": _copied_text,
    "W_REPEATED_TEXT": _repeated_text,
    "W_SWAPPED_DIGITS": _swapped_digits,
}
