"""Tables 3 and 4 as a whole: rows that are missing or added, blank totals, all zeros, fifteen cells."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache, lru_cache

from schemas.checks import Check, checks
from schemas.forms import form
from schemas.report import Edition
from tasks.validate.case import FORMS, Case, totals
from tasks.validate.evaluate import derive, evaluate
from tasks.validate.results import CheckResult, State, plain
from tasks.validate.rules.base import failed, passed, rule, unassessable

PROCEEDINGS_CELLS = 15  # table 4: reviews, direct lawsuits and lawsuits after review, five each


@rule("T3_TOTAL_BLANK")
def total_blank(check: Check, case: Case) -> Iterator[CheckResult]:
    """One result for the whole table, naming every row whose total had to be derived."""
    edition = case.editions["t3"]
    found: list[tuple[str, Decimal]] = []
    seen = False
    for code in case.codes("t3."):
        if not code.endswith(".total"):
            continue
        seen = True
        if case.values[code] is not None:
            continue
        lists = totals(edition).get(code, ())[:1]  # its own row only
        value = derive(code, case.values, {**totals(edition), code: lists})
        if value is not None:
            found.append((code, value))
    if found:
        words = ", ".join(f"{code} = {plain(value)}" for code, value in found)
        yield failed(check, f"derived {words}", [code for code, _ in found])
    elif seen:
        yield passed(check)
    else:
        yield unassessable(check, "no total was found")


def missing_rows(case: Case, table: str) -> list[str]:
    """Codes of the rows of the form of which the document has no cell at all, e.g. `t3.np_publication`."""
    edition = case.editions.get(table)
    if edition not in FORMS:
        return []
    present = {_row(code) for code in case.codes(f"{table}.")}
    return [row for row in _rows_of_form(edition, table) if row not in present]


@cache
def _rows_of_form(edition: Edition, table: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_row, form(edition).tables[table].codes())))


@lru_cache(maxsize=1024)
def _row(code: str) -> str:
    return ".".join(code.split(".")[:2])


@rule("T3_ROWS_MISSING")
def rows_missing(check: Check, case: Case) -> Iterator[CheckResult]:
    """Rows of table 3 may be missing without harm only when every sum over them still holds."""
    for table in check.tables:
        edition = case.editions.get(table)
        if edition not in check.applies_to:
            continue
        rows = missing_rows(case, table)
        if not rows:
            yield passed(check, message=f"table {table[1]} has all its rows")
            continue
        doubt = None
        if table == "t3" and not _sums_hold(case, edition):
            doubt = "the sums of table 3 do not hold without them, so they may have been overlooked"
        cells = [code for code in form(edition).tables[table].codes() if ".".join(code.split(".")[:2]) in rows]
        yield failed(check, f"table {table[1]} has no row for {', '.join(rows)}", cells, doubt=doubt)


def _sums_hold(case: Case, edition: Edition) -> bool:
    """True when neither the sums of results nor the balance fail, and both are assessed at least once."""
    results = "T3_RESULTS_SUM_2021" if edition is Edition.FORM_2021 else "T3_RESULTS_SUM_2019"
    for code in (results, "T3_BALANCE"):
        states = {
            evaluate(equation, {0: case.values}, totals=totals(edition)).state
            for equation in checks()[code].equations(edition)
        }
        if State.FAIL in states or State.PASS not in states:
            return False
    return True


@rule("T3_ROWS_EXTRA")
def rows_extra(check: Check, case: Case) -> Iterator[CheckResult]:
    """Rows the publisher added (合计, 小计) are named; they are no facts."""
    extra = case.report.extra_rows
    if extra:
        yield failed(check, f"rows added: {', '.join(extra)}")
    else:
        yield passed(check)


@rule("T3_ALL_ZERO")
def all_zero(check: Check, case: Case) -> Iterator[CheckResult]:
    """Told when every number of table 3 is 0."""
    numbers = {code: value for code in case.codes("t3.") if isinstance(value := case.values[code], Decimal)}
    if not numbers:
        yield unassessable(check, "table 3 has no number")
    elif any(numbers.values()):
        yield passed(check)
    else:
        yield failed(check, f"all {len(numbers)} numbers of table 3 are 0")


@rule("T4_COLUMNS")
def fifteen_cells(check: Check, case: Case) -> Iterator[CheckResult]:
    """Another count than fifteen means that a column was lost or added on the way: never the publisher's sums."""
    cells = case.codes("t4.")
    count, expected = Decimal(len(cells)), Decimal(PROCEEDINGS_CELLS)
    if count == expected:
        yield passed(check, cells, left=count, right=expected)
        return
    yield failed(
        check,
        f"{len(cells)} cells were read",
        cells,
        left=count,
        right=expected,
        doubt="a cell of table 4 was not found in the document",
    )
