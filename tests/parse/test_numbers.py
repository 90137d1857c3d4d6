"""What a cell says: numbers exactly, blanks as blanks, words as words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.report import FactState
from tasks.parse.labels import folded
from tasks.parse.lines import _is_prose
from tasks.parse.numbers import _BLANK, _CHANGE, _NO_FIGURE, _VALUE, read_value


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("0", "0", None),
        ("0 ", "0", None),
        ("8,850", "8850", None),
        ("11,561,862,563.21", "11561862563.21", None),
        ("１２", "12", None),
        ("96171.6", "96171.6", None),
        ("24252.311082", "24252.311082", None),
        ("251000元", "251000", "元"),
        ("2笔", "2", "笔"),
        ("-18", "-18", None),
        ("－72", "-72", None),
        ("−3", "-3", None),
        ("–12", "-12", None),
        ("+1036", "1036", None),
        ("减2", "-2", None),
        ("增3", "3", None),
        ("5 件", "5", "件"),
        ("减少2项", "-2", "项"),
        ("↓1", "-1", None),
        ("↑4", "4", None),
        ("11561862\n563.21", "11561862563.21", None),
    ],
)
def test_a_number_is_read_exactly(text: str, value: str, unit: str | None) -> None:
    cell = read_value(text)
    assert cell is not None
    assert (cell.value, cell.unit, cell.state, cell.joined) == (Decimal(value), unit, FactState.NUMBER, False)


@pytest.mark.parametrize("text", ["", " ", "\xa0", "　", "/", "—", "–", "––", "－", "-", "——", "无", "空", "----"])
def test_marks_for_nothing_are_blank_and_never_zero(text: str) -> None:
    cell = read_value(text)
    assert cell is not None
    assert (cell.value, cell.state) == (None, FactState.BLANK)


def test_a_remark_stays_beside_its_number() -> None:
    cell = read_value("22（其中修订 16 件）")
    assert cell is not None
    assert (cell.value, cell.state) == (Decimal(22), FactState.REMARK)
    assert cell.remark is not None
    assert "16" in cell.remark


@pytest.mark.parametrize("text", ["无变化", "持平", "不适用"])
def test_words_instead_of_a_figure_are_no_zero(text: str) -> None:
    cell = read_value(text)
    assert cell is not None
    assert (cell.value, cell.state, cell.remark) == (None, FactState.REMARK, text)


@pytest.mark.parametrize("text", ["规章", "1.属于国家秘密", "见附件", "961716\n.", "1,23", "3/4", "12a", "第5页"])
def test_what_is_no_number_is_never_read_as_one(text: str) -> None:
    assert read_value(text) is None


@pytest.mark.parametrize("text", ["022", "-05"])
def test_a_nought_before_other_digits_is_marked(text: str) -> None:
    cell = read_value(text)
    assert cell is not None
    assert cell.repaired


@pytest.mark.parametrize("text", ["1 2", "12\n34", "3 4 5"])
def test_digits_that_stood_apart_are_marked(text: str) -> None:
    cell = read_value(text)
    assert cell is not None
    assert cell.joined


@given(st.decimals(min_value=0, max_value=10**12, places=4, allow_nan=False))
def test_any_amount_survives_with_separators(amount: Decimal) -> None:
    cell = read_value(f"{amount:,}")
    assert cell is not None
    assert cell.value == amount


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    cell = read_value(text)
    assert cell is None or cell.value is None or cell.value == cell.value


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(*(st.from_regex(pattern) for pattern in (_BLANK, _CHANGE, _NO_FIGURE, _VALUE)), st.sampled_from("零〇○"))
)
def test_what_passes_for_prose_at_sight_is_no_value(text: str) -> None:
    told = folded(text)
    if told and _is_prose(told):
        assert read_value(text) is None


def test_prose_is_told_by_its_first_character() -> None:
    assert _is_prose("根据条例的规定")
    assert not any(map(_is_prose, ("无变化", "减少3项", "新增2件", "22(其中1件)", "/", "持平")))
