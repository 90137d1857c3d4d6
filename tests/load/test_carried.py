"""What a year leaves to the next, as texts: always what the facts say, and equal only where no equation can fail."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tasks.validate as validation
from schemas.checks import Equation, checks
from schemas.errors import LoadError
from schemas.report import Certainty, FactState
from schemas.tables import Report, table_of
from schemas.tables.types import MAX_DIGITS
from tasks.load import Warehouse, carried
from tasks.load.cells import form_cells
from tasks.load.crosscheck import years
from tasks.load.engine import reading, writing
from tasks.load.facts import fact_rows
from tasks.load.rows import rows_of
from tasks.load.snapshot import snapshot
from tasks.validate import check_years
from tasks.validate.results import State
from tests.load.samples import emptied, fact, flagged, load, loaded, quarantined

_COLUMNS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other_org", "total")
LEFT, TAKEN = ([f"t3.{row}.{column}" for column in _COLUMNS] for row in ("carried_out", "carried_in"))
_LONG = "1" * (MAX_DIGITS - 1)
_NEAR = ["0", "1", "10", "100", "1.0", "1.50", "1.5", "-1", "0.00", "0.01", f"{_LONG}2", f"{_LONG}3", f"0.{_LONG}2"]
_ONE = st.none() | st.sampled_from([Decimal(text) for text in _NEAR]) | st.decimals(-(10**9), 10**9, places=2)
_REPORT = table_of(Report)
_FEW = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


def texts(values: Mapping[str, Decimal | None]) -> tuple[str, str]:
    """The two texts of a report with these cells, by way of the rows that are stored."""
    cells = [
        fact(code, None if value is None else str(value)) for code, value in values.items() if code in {*LEFT, *TAKEN}
    ]
    row = rows_of(loaded(facts=tuple(cells)), document_sha="a" * 64).report
    return row["left_open"], row["taken_over"]


def all_are_what_facts_say(warehouse: Warehouse) -> bool:
    """Whether the texts of all reports, current or not, are those of the facts that are stored beside them."""
    stored = snapshot(warehouse.engine)
    values: dict[str, dict[str, Decimal | None]] = {str(row["id"]): {} for row in stored["report"]}
    for row in stored["fact"]:
        assert row["value"] is None or isinstance(row["value"], Decimal)
        values[str(row["report_id"])][str(row["code"])] = row["value"]
    return all((row["left_open"], row["taken_over"]) == texts(values[str(row["id"])]) for row in stored["report"])


@settings(deadline=None)
@given(
    left=st.lists(_ONE, min_size=7, max_size=7), taken=st.lists(_ONE, min_size=7, max_size=7), same=st.integers(0, 7)
)
def test_texts_are_equal_when_all_values_are_and_never_else(
    left: list[Decimal | None], taken: list[Decimal | None], same: int
) -> None:
    taken[:same] = left[:same]
    one, _ = texts(dict(zip(LEFT, left, strict=True)))
    _, other = texts(dict(zip(TAKEN, taken, strict=True)))
    assert (one == other) is (left == taken), "a missing value equals a missing one, 1.0 equals 1"


@settings(deadline=None)
@given(
    left=st.lists(_ONE, min_size=7, max_size=7), taken=st.lists(_ONE, min_size=7, max_size=7), same=st.integers(0, 7)
)
def test_where_texts_are_equal_no_equation_that_they_prove_fails(
    left: list[Decimal | None], taken: list[Decimal | None], same: int
) -> None:
    taken[:same] = left[:same]
    early, late = dict(zip(LEFT, left, strict=True)), dict(zip(TAKEN, taken, strict=True))
    failed = [result.check for result in check_years(2021, late, {2020: early}) if result.state is State.FAIL]
    if texts(early)[0] == texts(late)[1]:
        assert failed == []
    assert {*failed} <= {"T3_CARRY_OVER"}


def test_missing_is_not_zero() -> None:
    nothing, zeros = texts({}), texts(dict.fromkeys([*LEFT, *TAKEN], Decimal(0)))
    assert {*nothing}.isdisjoint(zeros)
    assert texts(dict.fromkeys(LEFT)) == nothing, "a blank cell is as one that is not there"


def test_a_value_beside_a_remark_is_compared_too() -> None:
    cells = fact_rows([fact("t3.carried_out.total", "3", state=FactState.REMARK, raw="3（含上年）")])
    assert cells.values[0][5] == "3"
    assert carried.columns([(str(cells.values[0][0]), cells.values[0][5])])["left_open"].endswith(",3")


def test_another_list_of_cells_needs_a_migration_that_writes_the_texts_anew() -> None:
    """Texts in warehouses that exist begin with this mark. Under another one they prove nothing, and each pair of
    reports is compared fact by fact again: right, and slow until a migration fills them in."""
    assert texts({}) == ("4341bc0e:,,,,,,", "4341bc0e:,,,,,,")


def test_only_plain_equalities_of_neighbouring_years_are_proved() -> None:
    known = {check.code: check.equations() for check in checks().values() if check.code in years.YEAR_CHECKS}
    proved = {code for code, equations in known.items() if equations and carried.proves(equations)}
    assert proved == {"T3_CARRY_OVER"}
    within = [equation for equation in checks()["T3_ROW_TOTAL"].equations() if isinstance(equation, Equation)]
    assert within
    assert not carried.proves(within)


def _three_years(warehouse: Warehouse, **more: str | None) -> None:
    figures: dict[str, str | None] = {**dict.fromkeys(LEFT, "1"), **dict.fromkeys(TAKEN, "1"), **more}
    for number, year in enumerate((2019, 2020, 2021)):
        load(warehouse, loaded(year, figures, sections=()), year=year, document="abc"[number])


def _told(warehouse: Warehouse) -> list[tuple[str, str]]:
    rows = snapshot(warehouse.engine)["finding"]
    return [(str(row["report_id"]), str(row["key"])) for row in rows if row["check_code"] == "T3_CARRY_OVER"]


def test_facts_are_looked_up_for_pairs_whose_texts_differ_alone(warehouse: Warehouse) -> None:
    _three_years(warehouse)
    load(warehouse, loaded(2022, dict.fromkeys(TAKEN, "2"), sections=()), year=2022, document="d")
    with reading(warehouse.engine) as connection:
        (one,) = carried.may_fail(connection, None)
        assert one.startswith("lanshi-office.2021.")
        assert list(carried.may_fail(connection, ["lanshi-office"])) == [one]
        assert list(carried.may_fail(connection, ["lanshi-city"])) == []
    assert warehouse.cross_check().by_check == {"T3_CARRY_OVER": 7, "W_SAME_FIGURES": 2}


@pytest.mark.parametrize("text", [None, "00000000:1,1,1,1,1,1,1", "00000000:,,,,,,"])
def test_a_text_that_is_not_known_or_of_other_cells_proves_nothing(warehouse: Warehouse, text: str | None) -> None:
    _three_years(warehouse, **{"t3.carried_out.total": "5"})
    warehouse.cross_check()
    told = _told(warehouse)
    assert len(told) == 2
    with writing(warehouse.engine) as connection:
        connection.execute(sa.update(_REPORT).values(left_open=text, taken_over=text))
    assert (done := warehouse.cross_check()).new == done.gone == 0
    assert _told(warehouse) == told


def test_one_unknown_text_beside_a_known_one_proves_nothing(warehouse: Warehouse) -> None:
    _three_years(warehouse, **{"t3.carried_out.total": "5"})
    for column in ("left_open", "taken_over"):
        with writing(warehouse.engine) as connection:
            connection.execute(sa.update(_REPORT).values({column: None}))
        warehouse.cross_check()
        assert len(_told(warehouse)) == 2


_FIGURES = st.dictionaries(
    st.sampled_from([LEFT[0], TAKEN[0], LEFT[6], TAKEN[6], "t3.new.total"]),
    st.sampled_from([None, "0", "1", "1.0", "2"]),
    max_size=5,
)
_YEARS = (2019, 2020, 2021)
_WHOLE = {cell["code"]: "0" for cell in form_cells() if "form-2021" in cell["editions"]}
"""Every cell of the form, so that a decided report is judged by its figures."""


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """Documents of three years as their site showed them, read anew now and then, and what people decide between."""
    shown = draw(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(_YEARS)), min_size=3, max_size=9))
    read = {unit: draw(_FIGURES) for unit in sorted(set(shown))}
    steps: list[tuple[str, Any]] = [
        ("load", (document, year, day, read[document, year])) for day, (document, year) in enumerate(shown)
    ]
    more = st.sampled_from(("again", "otherwise", "unsure", "accept", "choose", "override", "reopen"))
    for kind, place in draw(st.lists(st.tuples(more, st.integers(0, len(steps) - 1)), max_size=6)):
        document, year, day, figures = steps[place][1]
        what = draw(_FIGURES) if kind in ("otherwise", "override") else figures
        steps.append((kind, (document, year, day, what)))
    return steps


def _live(warehouse: Warehouse, steps: list[tuple[str, Any]]) -> None:
    """Take all steps as far as there is something to do; then load what decisions wait for."""
    emptied(warehouse)
    reads: dict[tuple[str, int], Any] = {}
    for kind, (document, year, day, figures) in steps:
        if kind in ("load", "again", "otherwise", "unsure"):
            certainty = Certainty.DOUBTFUL if kind == "unsure" else Certainty.EXACT
            reads[document, year] = (day, figures, certainty)
            _load(warehouse, document, year, reads)
        else:
            _decide(warehouse, kind, document, year, figures)
    for due in warehouse.due():
        _load(warehouse, due.document_sha256[0], due.year, reads)


def _load(warehouse: Warehouse, document: str, year: int, reads: Mapping[tuple[str, int], Any]) -> None:
    day, figures, certainty = reads[document, year]
    make = {"c": flagged, "d": quarantined}.get(document, loaded)
    facts = tuple(fact(code, value, certainty=certainty) for code, value in {**_WHOLE, **figures}.items())
    judged = make(year, {}, facts=facts, sections=())
    load(warehouse, judged, document=document, year=year, day=day, judge=validation)


def _decide(warehouse: Warehouse, kind: str, document: str, year: int, figures: Mapping[str, str | None]) -> None:
    unit = ("lanshi-office", year)
    versions = [row for row in warehouse.versions(*unit) if row.document_sha256[0] == document]
    active = [one for one in warehouse.decisions(*unit) if one.active]
    who = {"by": "王敏", "why": "核对"}
    with contextlib.suppress(LoadError):
        if kind == "choose":
            warehouse.choose(*unit, document * 64, **who)
        elif kind == "accept" and versions:
            warehouse.accept(versions[-1].id, **who)
        elif kind == "reopen" and active:
            warehouse.reopen(active[0].id, **who)
        elif kind == "override" and versions:
            for code, value in figures.items():
                warehouse.override(versions[-1].id, code, None if value is None else Decimal(value), **who)


@_FEW
@given(steps=lives())
def test_whatever_happens_texts_are_what_facts_say_and_hide_no_finding(
    warehouse: Warehouse, steps: list[tuple[str, Any]]
) -> None:
    _live(warehouse, steps)
    assert all_are_what_facts_say(warehouse)
    warehouse.cross_check()
    told = _told(warehouse)
    with writing(warehouse.engine) as connection:
        connection.execute(sa.update(_REPORT).values(left_open=None, taken_over=None))
    warehouse.cross_check()
    assert _told(warehouse) == told, "found by texts first, and fact by fact"


def test_an_override_is_in_the_texts_until_it_is_taken_back(warehouse: Warehouse) -> None:
    for number, year in enumerate(_YEARS):
        load(warehouse, loaded(year, _WHOLE, sections=()), year=year, document="abc"[number])
    current = warehouse.current_reports([2020])[0].id
    decision = warehouse.override(current, LEFT[6], Decimal(9), by="王敏", why="核对")
    same = loaded(2020, _WHOLE, sections=())
    load(warehouse, same, year=2020, document="b", judge=validation)
    assert all_are_what_facts_say(warehouse)
    warehouse.cross_check()
    assert [key for _, key in _told(warehouse)] == ["T3_CARRY_OVER:total@2020-2021"]
    warehouse.reopen(decision.id, by="王敏", why="核对")
    load(warehouse, same, year=2020, document="b", judge=validation)
    assert all_are_what_facts_say(warehouse)
    assert warehouse.cross_check().by_check == {}
