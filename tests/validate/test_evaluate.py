"""The evaluator: missing is not zero, a blank total is never compared, decimals stay exact."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.checks import Equation, Nulls, Op, Term, checks
from schemas.report import Edition, Severity
from tasks.validate.case import totals
from tasks.validate.evaluate import derive, evaluate, evaluate_pattern
from tasks.validate.results import WORDS, CellValue, State, plain


def equation(left: list[str | int], op: str, right: list[str | int], **more: Any) -> Equation:
    return Equation(
        check="X",
        op=Op(op),
        left=tuple(map(Term.parse, left)),
        right=tuple(map(Term.parse, right)),
        nulls=Nulls(more.pop("nulls", "null_addend_as_zero")),
        severity=Severity.ERROR,
        **more,
    )


def cells(**values: object) -> dict[str, CellValue]:
    """`a=3` is the cell t.a; None is blank."""
    return {
        f"t.{name}": value if value is None or value is WORDS else Decimal(str(value))  # type: ignore[misc]
        for name, value in values.items()
    }


SUM = equation(["t.a", "t.b"], "==", ["t.total"])


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"a": 2, "b": 3, "total": 5}, State.PASS),
        ({"a": 2, "b": 3, "total": 6}, State.FAIL),
        ({"a": 5, "b": None, "total": 5}, State.PASS),  # a blank addend is 0
        ({"a": 5, "b": None, "total": 6}, State.FAIL),
        ({"a": None, "b": None, "total": 5}, State.NOT_ASSESSABLE),  # nothing is known of the parts
        ({"a": None, "b": None, "total": 0}, State.NOT_ASSESSABLE),
        ({"a": 2, "b": 3, "total": None}, State.NOT_ASSESSABLE),  # a blank total is not 0
        ({"a": 0, "b": 0, "total": None}, State.NOT_ASSESSABLE),
        ({"a": 2, "b": 3}, State.NOT_ASSESSABLE),  # nor is one that was not found
        ({"a": WORDS, "b": 3, "total": 3}, State.NOT_ASSESSABLE),  # words are neither blank nor 0
        ({"a": 2, "b": 3, "total": WORDS}, State.NOT_ASSESSABLE),
        ({}, State.NOT_ASSESSABLE),
    ],
)
def test_a_sum_knows_blank_from_zero(values: Mapping[str, object], state: State) -> None:
    assert evaluate(SUM, {0: cells(**values)}).state is state


@pytest.mark.parametrize("missing", ["a", "b", "total"])
def test_skip_means_that_any_blank_cell_makes_the_check_unassessable(missing: str) -> None:
    strict = equation(["t.a", "t.b"], "==", ["t.total"], nulls="skip")
    values = {"a": 2, "b": 3, "total": 5, missing: None}
    assert evaluate(strict, {0: cells(**values)}).state is State.NOT_ASSESSABLE


def test_both_sides_the_difference_and_the_cells_are_told() -> None:
    result = evaluate(SUM, {0: cells(a=2, b=3, total=6)}, title="甲乙之和")
    assert (result.left, result.right, result.delta, result.tolerance) == (5, 6, -1, 0)
    assert result.cells == ("t.a", "t.b", "t.total")
    assert "t.a 2 + t.b 3 = 5" in result.message
    assert "t.total 6" in result.message


def test_a_minus_subtracts_and_a_number_stands_for_itself() -> None:
    stock = equation(["t.stock"], ">=", ["t.made", "-t.gone"], nulls="skip")
    assert evaluate(stock, {0: cells(stock=5, made=8, gone=3)}).state is State.PASS
    assert evaluate(stock, {0: cells(stock=4, made=8, gone=3)}).state is State.FAIL
    floor = equation(["t.last", "t.change"], ">=", [0], nulls="skip")
    assert evaluate(floor, {0: cells(last=18, change=-18)}).state is State.PASS
    assert evaluate(floor, {0: cells(last=17, change=-18)}).right == 0


def test_a_shortfall_beside_an_unfound_addend_may_be_our_reading() -> None:
    short = evaluate(SUM, {0: cells(a=2, total=5)})
    assert short.state is State.FAIL
    assert short.doubt is not None
    assert "t.b" in short.doubt
    # More than the whole cannot be cured by another part: the printed figures are wrong.
    assert evaluate(SUM, {0: cells(a=7, total=5)}).doubt is None


def test_an_inequality_is_not_told_where_a_missing_cell_may_cure_it() -> None:
    channels = equation(["t.total"], "<=", ["t.a", "t.b"])
    assert evaluate(channels, {0: cells(total=5, a=2)}).state is State.NOT_ASSESSABLE
    assert evaluate(channels, {0: cells(total=5, a=2, b=None)}).state is State.FAIL


def test_rows_left_out_are_not_zero() -> None:
    printed = equation(
        ["t.a", "t.b", "t.c"],
        "==",
        ["t.total"],
        nulls="printed_rows_only",
        full_lists=(frozenset({"t.a", "t.b"}),),
    )
    assert evaluate(printed, {0: cells(a=1, total=3)}).state is State.NOT_ASSESSABLE
    assert evaluate(printed, {0: cells(a=4, total=3)}).state is State.FAIL
    assert evaluate(printed, {0: cells(a=1, b=1, total=3)}).state is State.FAIL
    assert evaluate(printed, {0: cells(a=1, b=2, total=3)}).state is State.PASS


def test_neighbour_years_are_looked_up_and_named() -> None:
    carry = equation(["t.out@Y"], "==", ["t.in@Y+1"], nulls="skip")
    result = evaluate(carry, {0: cells(out=121), 1: {"t.in": Decimal(112)}}, year=2023)
    assert result.state is State.FAIL
    assert result.cells == ("t.out@2023", "t.in@2024")
    assert result.year == 2023
    assert evaluate(carry, {0: cells(out=121)}, year=2023).state is State.NOT_ASSESSABLE


@pytest.mark.parametrize(
    ("now", "before", "state"),
    [
        ("7545", "7730.28", State.PASS),
        ("7545000", "7730.28", State.PASS),
        ("7730280", "7730.28", State.FAIL),  # the bounds are exclusive
        ("7.73028", "7730.28", State.FAIL),
        ("7.73029", "7730.28", State.PASS),
        ("0", "7730.28", State.NOT_ASSESSABLE),
        ("7545", "0", State.NOT_ASSESSABLE),
        (None, "7730.28", State.NOT_ASSESSABLE),
    ],
)
def test_a_ratio_is_compared_without_dividing(now: str | None, before: str, state: State) -> None:
    ratio = checks()["T2_FEE_MAGNITUDE"].equations()[0]
    code = "t2.admin_fees.amount"
    years = {0: {code: None if now is None else Decimal(now)}, -1: {code: Decimal(before)}}
    assert evaluate(ratio, years, year=2021).state is state


def test_blank_totals_are_derived_from_their_parts() -> None:
    parts = {"t.total": (("t.a", "t.b"),)}
    assert derive("t.total", cells(a=2, b=None, total=None), parts) == 2
    assert derive("t.total", cells(a=None, b=None, total=None), parts) is None
    assert derive("t.total", cells(a=2, total=None), parts) is None  # a part was not found
    assert derive("t.total", cells(a=2, b=WORDS, total=None), parts) is None


def test_a_blank_total_among_the_addends_is_derived_and_told() -> None:
    whole = equation(["t.total", "t.rest"], "==", ["t.all"])
    found = evaluate(whole, {0: cells(total=None, a=2, b=1, rest=4, all=7)}, totals={"t.total": (("t.a", "t.b"),)})
    assert found.state is State.PASS
    assert found.derived == ("t.total",)


def test_the_total_of_results_is_derived_by_its_row_before_its_column() -> None:
    lists = totals(Edition.FORM_2021)["t3.results_total.total"]
    assert lists[0][0] == "t3.results_total.natural_person"
    assert lists[1][0] == "t3.granted.total"
    assert "t3.other_handling.total" not in lists[1]


def test_patterns_tell_each_offending_cell() -> None:
    check = checks()["T2_NON_NEGATIVE"]
    table = {
        "t2.rules.issued": Decimal(-1),
        "t2.rules.in_force": Decimal("2.5"),
        "t2.admin_fees.amount": Decimal("96171.6"),
        "t2.licensing.change": Decimal(-18),
        "t2.coercion.decisions": None,
    }
    failures = [result for result in evaluate_pattern(check, table) if result.state is State.FAIL]
    assert [result.cells for result in failures] == [("t2.rules.issued",), ("t2.rules.in_force",)]
    assert [result.state for result in evaluate_pattern(check, {"t2.rules.issued": None})] == [State.NOT_ASSESSABLE]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("11561862563.21", "11561862563.21"),
        ("0E+3", "0"),
        ("1E+3", "1000"),
        ("7.50", "7.5"),
        ("-18", "-18"),
        ("24252.311082", "24252.311082"),
    ],
)
def test_decimals_are_shown_plainly(value: str, shown: str) -> None:
    assert plain(Decimal(value)) == shown


counts = st.integers(min_value=0, max_value=10**6)
decimals = st.decimals(min_value=0, max_value=Decimal("1e12"), places=6, allow_nan=False, allow_infinity=False)


@given(st.lists(counts | st.none(), min_size=6, max_size=6), st.integers(-3, 3))
def test_a_row_total_passes_exactly_when_it_is_the_sum_of_what_is_printed(parts: list[int | None], slip: int) -> None:
    row = next(one for one in checks()["T3_ROW_TOTAL"].equations(Edition.FORM_2021) if ("r", "new") in one.bound)
    values: dict[str, CellValue] = {
        term.code: None if part is None else Decimal(part) for term, part in zip(row.left, parts, strict=True)
    }
    total = sum(part for part in parts if part is not None) + slip
    values["t3.new.total"] = Decimal(total)
    state = evaluate(row, {0: values}).state
    if all(part is None for part in parts):
        assert state is State.NOT_ASSESSABLE
    else:
        assert state is (State.PASS if slip == 0 else State.FAIL)


@given(st.lists(decimals, min_size=2, max_size=2))
def test_sums_of_decimals_are_exact(parts: list[Decimal]) -> None:
    a, b = parts
    result = evaluate(SUM, {0: {"t.a": a, "t.b": b, "t.total": a + b}})
    assert result.state is State.PASS
    assert result.delta == 0
    off = evaluate(SUM, {0: {"t.a": a, "t.b": b, "t.total": a + b + Decimal("0.000001")}})
    assert off.state is State.FAIL
    assert off.delta == Decimal("-0.000001")


@given(st.dictionaries(st.sampled_from(["a", "b", "total"]), counts | st.none()))
def test_a_failure_always_names_a_difference_and_known_cells(values: dict[str, int | None]) -> None:
    printed = cells(**values)
    result = evaluate(SUM, {0: printed})
    if result.state is State.FAIL:
        assert result.delta == (result.left or 0) - (result.right or 0) != 0
        assert set(result.cells) <= set(printed)
    assert result.state in {State.PASS, State.FAIL, State.NOT_ASSESSABLE}
