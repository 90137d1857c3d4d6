"""Tables whose cell borders were lost (`行政许可3960181`): read only where the digits can be cut in one way.

Labels are found in the order of the form; the digits between two labels are one row. Rows of table 3 and groups
of table 4 must satisfy their equations; of table 2, which has none, only unambiguous rows can be read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import product

from schemas.blocks import Place
from schemas.forms import Row, form
from schemas.report import Certainty, Doubt, Edition, Fact, FactState
from tasks.parse.labels import fold
from tasks.parse.prove import column_equations, proceedings_equations
from tasks.parse.splits import splits
from tasks.parse.tables.applications import WIDTH
from tasks.parse.tables.common import TableReading
from tasks.parse.tables.proceedings import codes
from tasks.parse.width import nfkc

_DIGITS = re.compile(r"[\d ,.+-]*")
_MAX_COMBINATIONS = 20000

Candidates = list[tuple[Decimal, ...]]


def packed(text: str) -> str:
    """NFKC without white space, but with one blank kept between two digits: a blank there is a certain border."""
    normal = nfkc(text)
    normal = re.sub(r"(?<=\d)\s+(?=\d)", "\x00", normal)
    return fold(normal).replace("\x00", " ")


def read_flattened(text: str, place: Place) -> dict[str, TableReading]:
    """Reads what can be proved of tables 2, 3 and 4 from a text without borders, by table code.

    A table whose digits can be cut in more than one way comes back with a doubt `parse.table_flattened`.
    """
    found: dict[str, TableReading] = {}
    text = packed(text)
    edition_2 = _edition(text, "t2")
    if edition_2:
        found["t2"] = _disclosure(text, edition_2, place)
    edition_3 = _edition(text, "t3") or (edition_2 if "结转下年度继续办理" in text else None)
    if edition_3:
        found["t3"] = _applications(text, edition_3, place)
        found["t4"] = _proceedings(text, place)
    return {code: reading for code, reading in found.items() if reading.edition is not None}


def _edition(text: str, table: str) -> Edition | None:
    scores = {
        edition: sum(weight for pattern, weight in form(edition).fingerprints.get(table, ()) if pattern.search(text))
        for edition in (Edition.FORM_2021, Edition.FORM_2019)
    }
    best = max(scores, key=lambda edition: scores[edition])
    return best if scores[best] and len(set(scores.values())) > 1 else None


def _blobs(text: str, rows: Sequence[Row], start: int) -> dict[str, str]:
    """The digits behind each row's label, in order; a following row's own number (`2.`) is cut off."""
    at = start
    ends: list[tuple[str, int, int]] = []
    for row in rows:
        for label in row.labels:
            position = text.find(fold(label), at)
            if position >= 0:
                ends.append((row.code, position, position + len(fold(label))))
                at = position + len(fold(label))
                break
    blobs: dict[str, str] = {}
    numbers = {row.code: fold(row.number or "") for row in rows}
    for order, (code, _, end) in enumerate(ends):
        following = ends[order + 1] if order + 1 < len(ends) else None
        between = text[end : following[1]] if following else text[end : end + 80]
        if following and numbers[following[0]] and between.endswith(numbers[following[0]]):
            between = between[: -len(numbers[following[0]])]
        digits = _DIGITS.match(between)
        blobs[code] = digits.group().strip(" ,") if digits else ""
    return blobs


def _fact(code: str, value: Decimal, raw: str, unit: str | None, place: Place) -> Fact:
    return Fact(code, value, unit, FactState.NUMBER, raw, place, reached_by="split", certainty=Certainty.PROVED)


def _flattened(table: str, what: str, cells: Sequence[str]) -> Doubt:
    return Doubt("parse.table_flattened", f"table {table[1]}: {what}", tuple(cells))


def _disclosure(text: str, edition: Edition, place: Place) -> TableReading:
    reading = TableReading(edition=edition)
    blocks = form(edition).tables["t2"].blocks
    start = max(text.find("第二十条第"), 0)
    for block in blocks:
        for row in block.rows:
            cells = [f"t2.{row.code}.{column.code}" for column in block.columns]
            blob = _blobs(text, [row], start).get(row.code, "")
            ways = splits(blob, len(cells)) if blob else []
            several_amounts = len(cells) > 1 and any(column.type == "decimal" for column in block.columns)
            if ways is None or len(ways) != 1 or several_amounts:
                reading.doubts.append(_flattened("t2", f"row {row.labels[0]}: “{blob}” for {len(cells)} cells", cells))
                continue
            reading.facts.extend(
                _fact(cell, value, blob, column.unit, place)
                for cell, value, column in zip(cells, ways[0], block.columns, strict=True)
            )
    return reading


def _applications(text: str, edition: Edition, place: Place) -> TableReading:
    reading = TableReading(edition=edition)
    block = form(edition).tables["t3"].blocks[0]
    rows = [row for row in block.rows if row.kind != "group"]
    start = max(text.find("勾稽关系"), text.find("申请人情况"), 0)
    blobs = _blobs(text, rows, start)
    ways: dict[str, Candidates] = {}
    for row in rows:
        cut = splits(blobs.get(row.code, ""), WIDTH) if blobs.get(row.code) else []
        ways[row.code] = [way for way in cut or [] if sum(way[:-1]) == way[-1]]
    chosen = _only_solution(ways, edition)
    columns = [column.code for column in block.columns]
    if chosen is None:
        open_rows = [row.code for row in rows if len(ways[row.code]) != 1]
        cells = [f"t3.{row}.{column}" for row in open_rows for column in columns]
        reading.doubts.append(
            _flattened("t3", f"{len(open_rows)} rows can be cut in more than one way, or none", cells)
        )
        return reading
    for code, values in chosen.items():
        for column, value in zip(columns, values, strict=True):
            reading.facts.append(_fact(f"t3.{code}.{column}", value, blobs[code], "件", place))
    return reading


def _only_solution(ways: dict[str, Candidates], edition: Edition) -> dict[str, tuple[Decimal, ...]] | None:
    """The one choice of cuts with which every column adds up; None when there is none or more than one."""
    total = 1
    for candidates in ways.values():
        total *= len(candidates)
        if not candidates or total > _MAX_COMBINATIONS:
            return None
    columns = [column.code for column in form(edition).tables["t3"].blocks[0].columns]
    equations = column_equations(edition)
    solutions = []
    for choice in product(*ways.values()):
        values: dict[str, Decimal | None] = {
            f"t3.{row}.{column}": value
            for row, cells in zip(ways, choice, strict=True)
            for column, value in zip(columns, cells, strict=True)
        }
        if all(equation.holds(values) for equation in equations):
            solutions.append(dict(zip(ways, choice, strict=True)))
            if len(solutions) > 1:
                return None
    return solutions[0] if solutions else None


def _proceedings(text: str, place: Place) -> TableReading:
    reading = TableReading(edition=Edition.FORM_2021)
    order = codes()
    at = text.rfind("尚未审结总计")
    digits = _DIGITS.match(text[at + len("尚未审结总计") :]) if at >= 0 else None
    blob = digits.group().strip() if digits else ""
    ways = splits(blob, len(order)) if blob else []
    sound = [
        way
        for way in ways or []
        if all(equation.holds(dict(zip(order, way, strict=True))) for equation in proceedings_equations())
    ]
    if len(sound) != 1:
        reading.doubts.append(_flattened("t4", f"“{blob}” can be cut in {len(sound)} sound ways into 15", order))
        return reading
    reading.facts.extend(_fact(code, value, blob, "件", place) for code, value in zip(order, sound[0], strict=True))
    return reading
