"""Doubts about our own reading that the figures raise: what was not found, found twice, or read differently."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from schemas.forms import form
from schemas.report import Edition, Fact, Finding, Report, Severity, Verdict
from tasks.validate.case import FORMS, Case
from tasks.validate.results import plain

READINGS_DIFFER = "validate.readings_differ"
CELLS_MISSING = "validate.cells_missing"
CELL_TWICE = "validate.cell_twice"
TABLE_MISSING = "validate.table_missing"
PUBLISHER_UNKNOWN = "validate.publisher_unknown"
YEAR_UNKNOWN = "validate.year_unknown"
YEAR_CONTRADICTED = "validate.year_contradicted"

_TABLES = ("t2", "t3", "t4")


def _finding(code: str, message: str, cells: tuple[str, ...] = (), **sides: str | None) -> Finding:
    return Finding(code, Severity.ERROR, Verdict.READING, message, cells=cells, **sides)


def header_doubts(report: Report) -> Iterator[Finding]:
    """A figure without publisher and year is of no use, so a report that names none is held back."""
    if not report.publisher:
        yield _finding(PUBLISHER_UNKNOWN, "The document does not name its publisher (发布机构).")
    if report.year is None:
        yield _finding(YEAR_UNKNOWN, "The document does not tell which year it reports on.")
        return
    stated = {year for year in (report.title_year, report.period_year) if year is not None}
    if stated and report.year not in stated:
        words = " and ".join(map(str, sorted(stated)))
        yield _finding(
            YEAR_CONTRADICTED,
            f"The report is filed under {report.year}, but its title and statistics period say {words}.",
            left=str(report.year),
            right=str(max(stated)),
        )


def table_doubts(case: Case) -> Iterator[Finding]:
    """Tables of the form that were not found, rows found in part, and cells found twice with different values."""
    said = {doubt.code for doubt in case.report.doubts}
    tables = {table for table, edition in case.editions.items() if edition in FORMS}
    missing = [table for table in _TABLES if table not in tables]
    if tables and missing and not any(code.endswith(".table_missing") for code in said):
        yield _finding(
            TABLE_MISSING,
            f"Table {', '.join(table[1] for table in missing)} of the form was not found, the others were.",
        )
    yield from _broken_rows(case, tables)
    yield from _twice(case.report)


def _broken_rows(case: Case, tables: set[str]) -> Iterator[Finding]:
    """A row of table 2 or 3 of which only some cells were found; a row that is absent as a whole may be so in print."""
    for table in sorted(tables & {"t2", "t3"}):
        lost: list[str] = []
        for codes in _rows_of_form(table, case.editions[table]):
            absent = [code for code in codes if code not in case.values]
            if absent and len(absent) < len(codes):
                lost.extend(absent)
        if lost:
            yield _finding(CELLS_MISSING, f"Cells of rows that were found: {', '.join(lost)}.", tuple(lost))


@cache
def _rows_of_form(table: str, edition: Edition) -> tuple[list[str], ...]:
    return tuple(rows_of_form(table, edition).values())


def rows_of_form(table: str, edition: Edition) -> dict[str, list[str]]:
    """The fact codes of every row of table 2 or 3."""
    rows: dict[str, list[str]] = defaultdict(list)
    for code in form(edition).tables[table].codes():
        rows[code.rsplit(".", 1)[0]].append(code)
    return rows


def _twice(report: Report) -> Iterator[Finding]:
    first: dict[str, Fact] = {}
    for fact in report.facts:
        earlier = first.setdefault(fact.code, fact)
        if earlier is not fact and (earlier.value, earlier.state) != (fact.value, fact.state):
            yield _finding(
                CELL_TWICE,
                f"{fact.code} was found twice: {_shown(earlier)} and {_shown(fact)}.",
                (fact.code,),
                left=_side(earlier),
                right=_side(fact),
            )


def differences(first: Report, second: Report) -> Iterator[Finding]:
    """Two readings of one report (HTML and PDF), cell by cell over the tables that both have."""
    if second.year is not None and first.year is not None and first.year != second.year:
        yield _finding(
            READINGS_DIFFER,
            f"One reading is of the report for {first.year}, the other of that for {second.year}.",
            left=str(first.year),
            right=str(second.year),
        )
    ours, theirs = ({fact.code: fact for fact in report.facts} for report in (first, second))
    shared = {fact.table for fact in ours.values()} & {fact.table for fact in theirs.values()}
    for code in dict.fromkeys([*ours, *theirs]):
        one, other = ours.get(code), theirs.get(code)
        if code.split(".", 1)[0] not in shared or _same(one, other):
            continue
        yield _finding(
            READINGS_DIFFER,
            f"{code} is {_shown(one)} in one reading and {_shown(other)} in the other.",
            (code,),
            left=_side(one),
            right=_side(other),
        )


def _same(one: Fact | None, other: Fact | None) -> bool:
    if one is None or other is None:
        return False
    if one.value is not None and other.value is not None:
        return one.value == other.value
    return one.value is None and other.value is None


def _side(fact: Fact | None) -> str | None:
    return plain(fact.value) if fact is not None and fact.value is not None else None


def _shown(fact: Fact | None) -> str:
    if fact is None:
        return "not found"
    return plain(fact.value) if fact.value is not None else "blank"
