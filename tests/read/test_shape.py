"""Shapes that are quick to make are the same frozen dataclasses."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from schemas.blocks import Cell, Place
from schemas.shape import quick


@quick
@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 2


@dataclass(frozen=True, slots=True)
class Plain:
    x: int
    y: int = 2


def test_fields_are_set_by_place_by_name_and_by_default() -> None:
    assert (Point(1).y, Point(1, 3).y, Point(y=4, x=1).y) == (2, 3, 4)
    assert repr(Point(1)) == "Point(x=1, y=2)"


def test_a_shape_stays_frozen_and_hashable() -> None:
    point = Point(1)
    with pytest.raises(FrozenInstanceError):
        point.x = 5  # type: ignore[misc]
    assert hash(point) == hash(Plain(1))
    assert point == Point(1, 2) != Point(2, 2)


def test_a_missing_field_is_an_error() -> None:
    with pytest.raises(TypeError, match="x"):
        Point()  # type: ignore[call-arg]


def test_shapes_are_copied_and_sent_to_other_processes_as_before() -> None:
    cell = Cell("12", 1, 2, place=Place(path="/table", row=1))
    assert pickle.loads(pickle.dumps(cell)) == cell
    assert replace(cell, text="13").place is cell.place


@quick
@dataclass(frozen=True, slots=True)
class Single:
    x: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Further(Point):
    z: int = 0


@pytest.mark.parametrize("one", [Point(1, 3), Single((1, 2)), Further(1, 2, 3)])
def test_nothing_is_lost_on_the_way_to_another_process(one: object) -> None:
    assert pickle.loads(pickle.dumps(one)) == one
    assert copy.deepcopy(one) == one
    assert type(copy.copy(one)) is type(one)


def test_only_plain_slotted_dataclasses_can_be_quick() -> None:
    @dataclass(frozen=True)
    class Loose:
        x: int

    @dataclass(frozen=True, slots=True)
    class Filled:
        x: list[int] = field(default_factory=list)

    for shape in (Loose, Filled):
        with pytest.raises(TypeError):
            quick(shape)
