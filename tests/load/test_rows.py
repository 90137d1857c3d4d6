"""Rows made from a judgement: what is put together from texts at hand is the same as the plain data in JSON."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.blocks import Place
from schemas.errors import LoadError
from schemas.report import Certainty, Fact, FactState
from tasks.load.facts import FACT_COLUMNS, fact_rows, known_codes, place_text, split_code
from tasks.load.plain import digest, json_text, loosely, storable
from tasks.load.rows import rows_of
from tests.load.samples import fact, flagged, loaded, quarantined, unreadable

_TEXT = st.text(max_size=8)
_EDGE = st.floats(0, 2000, allow_nan=False)
_COUNT = st.integers(0, 5000)
_PLACES = st.builds(
    Place,
    page=st.none() | _COUNT,
    box=st.none() | st.tuples(_EDGE, _EDGE, _EDGE, _EDGE),
    path=st.none() | _TEXT,
    line=st.none() | _COUNT,
    row=st.none() | _COUNT,
    column=st.none() | _COUNT,
)
_CODES = [*sorted(known_codes())[::20], "local.unknown_1.year_value", "stat.unknown_7"]
_VALUES = st.decimals(-(10**12), 10**12, places=3) | st.sampled_from(
    [Decimal(0), Decimal("-0.0"), Decimal("1E+3"), Decimal("1.0"), Decimal(1), Decimal("0.0000001")]
)
_CELLS = st.builds(
    Fact,
    code=st.sampled_from(_CODES),
    value=_VALUES,
    unit=st.none() | _TEXT,
    state=st.just(FactState.NUMBER),
    raw=_TEXT,
    place=_PLACES,
    remark=st.none() | _TEXT,
    label=st.none() | _TEXT,
    certainty=st.sampled_from(list(Certainty)),
)


def _plainly(cell: Fact) -> dict[str, Any]:
    """The row of a fact, column by column."""
    row, column = split_code(cell.code)
    value = None if cell.value is None else Decimal(format(cell.value, "f"))
    return {
        "code": cell.code,
        "row_key": "" if cell.code in known_codes() else storable(cell.label or ""),
        "table_code": cell.table,
        "row_code": row,
        "column_code": column,
        "value": abs(value) if value is not None and value.is_zero() else value,
        "unit": cell.unit if cell.unit is None else storable(cell.unit),
        "unit_source": cell.unit_source,
        "raw": storable(cell.raw),
        "state": cell.state.value,
        "remark": cell.remark if cell.remark is None else storable(cell.remark),
        "label": cell.label if cell.label is None else storable(cell.label),
        "value_read": None,
        "corrected_by": None,
        "reached_by": cell.reached_by,
        "certainty": cell.certainty.value,
        "page": cell.place.page,
        "place": {
            name: storable(item) if isinstance(item, str) else item for name, item in cell.place.as_dict().items()
        },
    }


@settings(deadline=None)
@given(place=_PLACES)
def test_a_place_is_the_json_of_its_fields(place: Place) -> None:
    plain = {name: storable(item) if isinstance(item, str) else item for name, item in place.as_dict().items()}
    assert place_text(place) == json_text(plain)


def test_no_field_of_a_place_is_forgotten() -> None:
    full = Place(page=1, box=(1.04, 2, 3.0, 4.06), path="a", line=5, row=0, column=7)
    assert all(getattr(full, field.name) is not None for field in fields(Place))
    assert place_text(full) == json_text(full.as_dict())


@settings(deadline=None)
@given(cells=st.lists(_CELLS, max_size=6, unique_by=lambda cell: cell.code))
def test_facts_and_their_part_of_the_digests_are_the_plain_rows(cells: list[Fact]) -> None:
    made = fact_rows(cells)
    plain = sorted(map(_plainly, cells), key=lambda row: str(row["code"]))
    assert [f"[{','.join(made.assessment)}]"] == [loosely([list(row.values()) for row in plain])]
    content = ("code", "row_key", "value", "unit", "raw", "state", "remark", "label")
    assert f"[{','.join(made.content)}]" == loosely([[row[name] for name in content] for row in plain])
    figures = [[row["code"], row["row_key"], format(row["value"].normalize(), "f")] for row in plain if row["value"]]
    assert f"[{','.join(made.figures)}]" == loosely(figures)
    for row, values in zip(plain, made.values, strict=True):
        stored = dict(zip(FACT_COLUMNS, values, strict=True))
        assert stored == {**row, "value": format(row["value"], "f"), "place": json_text(row["place"])}


def test_values_that_are_equal_but_printed_otherwise_stay_apart() -> None:
    one, other = (fact_rows([fact("t3.new.total", value)]) for value in ("1", "1.0"))
    assert one.content != other.content
    assert one.figures == other.figures, "the same figure in a copied table"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ([fact("t3.new.total", "1"), fact("t3.new.total", "2")], "load.duplicate_fact"),
        ([fact("t3.new.total", None, state=FactState.NUMBER)], "load.bad_row"),
        ([fact("t3.new.total", "1", state=FactState.BLANK)], "load.bad_row"),
        ([fact("t3.new.total", "NaN")], "load.bad_row"),
        ([fact("t3.new.total", "1E+99")], "load.bad_row"),
        ([fact("t3", "1")], "load.bad_row"),
    ],
)
def test_what_cannot_be_stored_is_refused_before_the_database_is_asked(cells: list[Fact], code: str) -> None:
    with pytest.raises(LoadError) as error:
        fact_rows(cells)
    assert error.value.code == code


def test_digests_are_those_of_earlier_versions_so_that_an_upgrade_is_no_new_version() -> None:
    """The digests below stand in warehouses that exist: another value here makes every report new at its next load."""
    found = [
        rows_of(judgement, document_sha="a" * 64) for judgement in (loaded(), flagged(), quarantined(), unreadable())
    ]
    assert [(rows.content_digest[:16], rows.assessment_digest[:16]) for rows in found] == _KNOWN
    assert found[0].report["figures_digest"] == digest([["t3.new.total", "", "7"]])


_KNOWN = [
    ("6a9160852dabfc13", "660497feb5505db6"),
    ("6a9160852dabfc13", "df6bc297968ae972"),
    ("6a9160852dabfc13", "5bbb2c90919a6e95"),
    ("e0b6fd66b682f976", "ec11a3b98fcc4a27"),
]
