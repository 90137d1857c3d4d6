"""Facts as they are stored, made in one pass: the values that both drivers take, and their part of the digests.

A report has some two hundred facts, most of a load's work. The JSON that digests are made of is put together here
from texts that are at hand; it is the same as that of the plain rows (`tests/load/test_rows.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from operator import attrgetter
from typing import NamedTuple

from schemas.blocks import Place
from schemas.errors import LoadError
from schemas.report import Fact, FactState
from schemas.tables.types import canonical
from tasks.load.cells import form_cells
from tasks.load.plain import quoted, said, storable

FACT_COLUMNS = (
    *("code", "row_key", "table_code", "row_code", "column_code", "value", "unit", "unit_source", "raw", "state"),
    *("remark", "label", "value_read", "corrected_by", "reached_by", "certainty", "page", "place"),
)
"""The columns of `FactRows.values`; `report_id` stands before them in the table."""

Overridden = Mapping[tuple[str, str], tuple[str, Decimal | None]]
"""By cell: which decision set its value, and what had been read."""

Values = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class FactRows:
    """The facts of a report in the order of their codes: rows, and JSON for the digests, one piece for each row."""

    values: tuple[Values, ...] = ()  # decimals and places as their text, which both drivers take
    content: tuple[str, ...] = ()  # what makes a version
    assessment: tuple[str, ...] = ()  # all values
    figures: tuple[str, ...] = ()  # cell and value, of those that are not 0


class _Number(NamedTuple):
    value: Decimal | None
    text: str | None  # as it is stored
    json: str
    figure: str | None  # without trailing zeros; None for 0 and for nothing


class _Code(NamedTuple):
    json: str
    columns: tuple[str | None, ...]  # table, row and column
    columns_json: str
    known: bool  # some edition of the forms has it


_NOTHING = _Number(None, None, "null", None)


def fact_rows(facts: Sequence[Fact], overridden: Overridden | None = None) -> FactRows:
    """The facts of a report as rows.

    Raises LoadError: `load.duplicate_fact` when a cell was read twice, `load.bad_row` when a value does not fit its
    state, cannot be stored, or has no code of a cell.
    """
    if len({fact.code for fact in facts}) < len(facts):
        twice = [code for code, times in Counter(fact.code for fact in facts).items() if times > 1]
        raise LoadError("load.duplicate_fact", f"read more than once: {', '.join(sorted(twice))}")
    values: list[Values] = []
    content: list[str] = []
    assessment: list[str] = []
    figures: list[str] = []
    for fact in sorted(facts, key=attrgetter("code")):
        _check_state(fact)
        code, place = _code(fact.code), fact.place
        value = exact(fact.value, fact.code)
        (unit, unit_json), (raw, raw_json) = said(fact.unit), said(fact.raw)
        (remark, remark_json), (label, label_json) = said(fact.remark), said(fact.label)
        row_key, key_json = ("", '""') if code.known else said(fact.label or "")
        state, state_json = said(fact.state._value_)
        certainty, certainty_json = said(fact.certainty._value_)
        (source, source_json), (reached, reached_json) = said(fact.unit_source), said(fact.reached_by)
        read, decision = _NOTHING, None
        if overridden and (fact.code, row_key or "") in overridden:
            decision, before = overridden[fact.code, row_key or ""]
            read = exact(before, fact.code)
        where = place_text(place)
        cell = f"{code.json},{key_json}"
        words = f"{raw_json},{state_json},{remark_json},{label_json}"
        page = "null" if place.page is None else place.page
        content.append(f"[{cell},{value.json},{unit_json},{words}]")
        assessment.append(
            f"[{cell},{code.columns_json},{value.json},{unit_json},{source_json},{words},{read.json},"
            f"{said(decision)[1]},{reached_json},{certainty_json},{page},{where}]"
        )
        if value.figure is not None:
            figures.append(f'[{cell},"{value.figure}"]')
        values.append(
            (
                *(fact.code, row_key, *code.columns, value.text, unit, source, raw, state),
                *(remark, label, read.text, decision, reached, certainty, place.page, where),
            )
        )
    return FactRows(tuple(values), tuple(content), tuple(assessment), tuple(figures))


def _check_state(fact: Fact) -> None:
    if fact.value is None:
        if fact.state is FactState.NUMBER:
            raise LoadError("load.bad_row", f"{fact.code} is a number without a value (raw {fact.raw!r})")
    elif fact.state is FactState.BLANK:
        raise LoadError("load.bad_row", f"{fact.code} is blank but has the value {fact.value}")


def place_text(place: Place) -> str:
    """`Place.as_dict` as JSON, its text storable."""
    parts = []
    if place.box is not None:
        parts.append('"box":[' + ",".join([repr(round(edge, 1)) for edge in place.box]) + "]")
    if place.column is not None:
        parts.append(f'"column":{place.column}')
    if place.line is not None:
        parts.append(f'"line":{place.line}')
    if place.page is not None:
        parts.append(f'"page":{place.page}')
    if place.path is not None:
        parts.append('"path":' + quoted(storable(place.path)))
    if place.row is not None:
        parts.append(f'"row":{place.row}')
    return "{" + ",".join(parts) + "}"


def exact(value: Decimal | None, what: str) -> _Number:
    """A value as it is stored. Raises LoadError `load.bad_row` for what both databases cannot keep."""
    if value is None:
        return _NOTHING
    try:
        return _number(str(value))  # not the value: 1.0 and 1 are equal, and are not printed the same
    except ValueError as error:
        raise LoadError("load.bad_row", f"{what}: {error}") from error


@lru_cache(4_000)
def _number(text: str) -> _Number:
    value = canonical(Decimal(text))
    return _Number(value, format(value, "f"), f'"{value}"', format(value.normalize(), "f") if value else None)


@lru_cache(2_000)
def _code(code: str) -> _Code:
    columns = (code.split(".", 1)[0], *split_code(code))
    return _Code(quoted(code), columns, ",".join(said(part)[1] for part in columns), code in known_codes())


def split_code(code: str) -> tuple[str | None, str | None]:
    """Row and column of a fact code; `t4.review_total` has no row, `stat.s3_received` no column."""
    parts = code.split(".")
    if len(parts) == 2:
        return (parts[1], None) if parts[0] == "stat" else (None, parts[1])
    if len(parts) != 3 or not all(parts):
        raise LoadError("load.bad_row", f"{code!r} is not a code of a cell")
    return parts[1], parts[2]


@cache
def known_codes() -> frozenset[str]:
    """Every fact code that some edition of the forms has."""
    return frozenset(row["code"] for row in form_cells())
