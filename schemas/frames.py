"""Pandera schemas of the frames at the border to the warehouse: facts, statistics, findings, candidates.

A frame holds one report or a batch, told apart by the column `document`. All columns are of object dtype: values are
`decimal.Decimal` (never float), missing is None. Validate lazily, so that all failures are told at once.

Importing this module costs more than a second (pandera, pandas): import it inside the function that needs it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache
from typing import Any

import pandas as pd
import pandera.pandas as pa

from schemas.checks import checks
from schemas.forms import READABLE, form
from schemas.reasons import reason_code
from schemas.report import Certainty, FactState, Outcome, Severity, Verdict

# rows of annexes that have no code
_UNKNOWN_ROW = re.compile(r"^(?:local\.unknown_\d+\.(?:year_value|cumulative)|stat\.unknown_\d+)$")
_DIGITS = re.compile(r"\d")
_DECIMAL = re.compile(r"^-?\d+(\.\d+)?$")
_ISO_DATE = re.compile(r"^\d{4}(-\d{2}(-\d{2})?)?$")
_URL = re.compile(r"^https?://\S+$")
FIRST_YEAR, LAST_YEAR = 2004, 2100  # 上海 reported by its own rule before the 条例 of 2008
LARGEST_TABLE = {"t2": 22, "t3": 175, "t4": 15}


@cache
def known_codes() -> frozenset[str]:
    """Every fact code of every edition."""
    return frozenset(code for edition in READABLE for table in form(edition).tables.values() for code in table.codes())


def _each(test: Callable[[Any], bool], error: str) -> pa.Check:
    """A check of single values; None is left to `nullable`."""
    return pa.Check(lambda column: column.map(test).astype(bool), name=error, error=error)


def _words(values: Iterable[str]) -> pa.Check:
    allowed = frozenset(values)
    return _each(lambda value: value in allowed, f"must be one of {', '.join(sorted(allowed))}")


def _rows(test: Callable[[pd.DataFrame], pd.Series], error: str) -> pa.Check:
    """A check over whole rows or groups: gets the frame, gives one truth value per row."""
    return pa.Check(test, name=error, error=error)


def _text(*, nullable: bool = False, more: Iterable[pa.Check] = ()) -> pa.Column:
    given = _each(lambda value: isinstance(value, str) and bool(value.strip()), "must be words, not empty")
    return pa.Column(object, [given, *more], nullable=nullable)


def _exact(*, nullable: bool = False) -> pa.Column:
    exact = _each(
        lambda value: isinstance(value, Decimal) and value.is_finite(), "must be an exact decimal, no float and no NaN"
    )
    return pa.Column(object, exact, nullable=nullable)


def _whole(low: int, high: int, *, nullable: bool = False) -> pa.Column:
    inside = _each(
        lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high,
        f"must be a whole number from {low} to {high}",
    )
    return pa.Column(object, inside, nullable=nullable)


def _any(*, nullable: bool = True) -> pa.Column:
    return pa.Column(object, nullable=nullable)


def _unique(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    """True for rows whose columns no other row of the frame shares."""
    return frame.groupby(columns, dropna=False, sort=False)[columns[0]].transform("size").eq(1)


def _digits(value: object) -> list[str]:
    """The digits of a number or of a printed cell, sorted, without zeros: what must agree however it is written."""
    plain = format(value, "f") if isinstance(value, Decimal) else unicodedata.normalize("NFKC", str(value))
    return sorted(digit for digit in _DIGITS.findall(plain) if digit != "0")


def _printed(frame: pd.DataFrame) -> pd.Series:
    """The digits of a value stand in its raw cell. Cells without digits (一, 〇) and those read by OCR are let be."""

    def stands(value: object, raw: object, reached_by: object) -> bool:
        if not isinstance(value, Decimal) or not isinstance(raw, str) or reached_by == "ocr":
            return True
        printed, wanted = _digits(raw), _digits(value)
        if not _DIGITS.search(unicodedata.normalize("NFKC", raw)):
            return True
        return all(printed.count(digit) >= wanted.count(digit) for digit in set(wanted))

    rows = zip(frame["value"], frame["raw"], frame["reached_by"], strict=True)
    return pd.Series([stands(*row) for row in rows], index=frame.index, dtype=bool)


def _number_has_value(frame: pd.DataFrame) -> pd.Series:
    empty = frame["value"].map(lambda value: value is None).astype(bool)
    no_number = frame["value"].map(lambda value: isinstance(value, Decimal) and not value.is_finite()).astype(bool)
    is_number, is_blank = frame["state"].eq(FactState.NUMBER.value), frame["state"].eq(FactState.BLANK.value)
    return ~no_number & ~(is_number & empty) & ~(is_blank & ~empty)


def _fits_table(frame: pd.DataFrame) -> pd.Series:
    """Group check: no document has more cells of a table than its largest form."""
    size = frame.groupby(["document", "table"], dropna=False, sort=False)["code"].transform("size")
    limit = frame["table"].map(lambda table: LARGEST_TABLE.get(table, len(frame))).astype(int)
    return size.le(limit)


def _one_header(frame: pd.DataFrame) -> pd.Series:
    """Group check: all rows of a document carry one publisher and one year."""
    groups = frame.groupby("document", dropna=False, sort=False)
    return groups["publisher"].transform("nunique").le(1) & groups["year"].transform("nunique").le(1)


def _known_code(code: object) -> bool:
    return isinstance(code, str) and (code in known_codes() or _UNKNOWN_ROW.match(code) is not None)


def _known_check(check: object) -> bool:
    return isinstance(check, str) and (check in checks() or reason_code(check) is not None)


@cache
def facts_schema() -> pa.DataFrameSchema:
    """One row per statutory cell."""
    return pa.DataFrameSchema(
        {
            "document": _any(nullable=False),
            "publisher": _text(nullable=True),
            "year": _whole(FIRST_YEAR, LAST_YEAR, nullable=True),
            "code": _text(more=[_each(_known_code, "must be a code of schemas/forms")]),
            "table": _words_column(["t2", "t3", "t4", "stat", "local"]),
            "value": _exact(nullable=True),
            "unit": _text(nullable=True),
            "unit_source": _words_column(["cell", "header", "form", "inferred", "decision", "none"]),
            "state": _words_column([state.value for state in FactState]),
            "raw": pa.Column(object, _each(lambda value: isinstance(value, str), "must be words"), nullable=False),
            "certainty": _words_column([certainty.value for certainty in Certainty]),
            "reached_by": _text(),
            "remark": _text(nullable=True),
            "label": _any(),
        },
        checks=[
            _rows(_number_has_value, "a number has an exact value and a blank cell has none"),
            _rows(_printed, "the digits of the value stand in the printed cell"),
            _rows(lambda frame: _unique(frame, ["document", "code"]), "a cell stands once in a document"),
            _rows(_fits_table, "a table has at most the cells of its form"),
            _rows(_one_header, "a document has one publisher and one year"),
        ],
        strict=True,
        name="facts",
    )


def _words_column(values: Iterable[str]) -> pa.Column:
    return pa.Column(object, _words(values), nullable=False)


def _quoted(frame: pd.DataFrame) -> pd.Series:
    lengths = [
        isinstance(quote, str) and isinstance(start, int) and isinstance(end, int) and end - start == len(quote)
        for quote, start, end in zip(frame["quote"], frame["start"], frame["end"], strict=True)
    ]
    return pd.Series(lengths, index=frame.index, dtype=bool)


@cache
def statistics_schema() -> pa.DataFrameSchema:
    """One row per figure stated in the text."""
    offsets = 2**31
    return pa.DataFrameSchema(
        {
            "document": _any(nullable=False),
            "metric": _text(),
            "value": _exact(),
            "unit": _text(nullable=True),
            "quote": _text(),
            "start": _whole(0, offsets),
            "end": _whole(1, offsets),
            "qualifier": _text(nullable=True),
            "period": _text(nullable=True),
            "parent": _text(nullable=True),
            "relation": pa.Column(object, _words(["part_of", "included_in"]), nullable=True),
            "section": _text(nullable=True),
            "key": _text(nullable=True),
        },
        checks=[
            _rows(_quoted, "the quote is as long as its offsets say"),
            _rows(lambda frame: frame["relation"].isna() | frame["parent"].notna(), "a relation names its whole"),
            _rows(
                lambda frame: _unique(frame, ["document", "metric", "start", "end"]),
                "a figure stands once at its place in a document",
            ),
        ],
        strict=True,
        name="statistics",
    )


def _held_back(frame: pd.DataFrame) -> pd.Series:
    """A grave doubt about the reading and a report that is not quarantined exclude each other."""
    grave = frame["severity"].eq(Severity.ERROR.value) & frame["verdict"].eq(Verdict.READING.value)
    return ~grave | frame["outcome"].eq(Outcome.QUARANTINED.value)


@cache
def findings_schema() -> pa.DataFrameSchema:
    """One row per failing check or doubt."""
    side = _each(lambda value: isinstance(value, str) and bool(_DECIMAL.match(value)), "must be a decimal in digits")
    codes = _each(
        lambda value: isinstance(value, tuple) and all(isinstance(code, str) for code in value), "must be fact codes"
    )
    return pa.DataFrameSchema(
        {
            "document": _any(nullable=False),
            "outcome": _words_column([outcome.value for outcome in Outcome]),
            "check": _text(more=[_each(_known_check, "must be a check or a reason code")]),
            "severity": _words_column([severity.value for severity in Severity]),
            "verdict": _words_column([verdict.value for verdict in Verdict]),
            "message": _text(),
            "left": pa.Column(object, side, nullable=True),
            "right": pa.Column(object, side, nullable=True),
            "cells": pa.Column(object, codes, nullable=False),
        },
        checks=[
            _rows(_held_back, "a report with a grave doubt about its reading is quarantined"),
            _rows(
                lambda frame: _unique(frame, ["document", "check", "message", "cells"]),
                "a finding stands once in a document",
            ),
        ],
        strict=True,
        name="findings",
    )


@cache
def candidates_schema() -> pa.DataFrameSchema:
    """One row per link that may be a report."""
    url = _each(lambda value: isinstance(value, str) and bool(_URL.match(value)), "must be an http address")
    day = _each(lambda value: isinstance(value, str) and bool(_ISO_DATE.match(value)), "must be an ISO date")
    return pa.DataFrameSchema(
        {
            "document": _any(nullable=False),  # the site that was looked at
            "url": pa.Column(object, url, nullable=False),
            "title": _text(),
            "year": _whole(FIRST_YEAR, LAST_YEAR, nullable=True),
            "listed_on": pa.Column(object, day, nullable=True),
            "found_at": pa.Column(object, url, nullable=False),
            "kind": _words_column(["page", "attachment", "viewer"]),
            "publisher": _text(nullable=True),
        },
        checks=[
            _rows(
                lambda frame: _unique(frame, ["document", "url", "publisher", "year"]),
                "a link stands once for a publisher and year of a site",
            ),
            _rows(_listed_later, "a report is not listed before its year began"),
        ],
        strict=True,
        name="candidates",
    )


def _listed_later(frame: pd.DataFrame) -> pd.Series:
    fine = [
        year is None or not isinstance(day, str) or not day[:4].isdigit() or int(day[:4]) >= year
        for year, day in zip(frame["year"], frame["listed_on"], strict=True)
    ]
    return pd.Series(fine, index=frame.index, dtype=bool)
