"""The calls of pdfium that are made for every character and every stroke of a page, bound for speed.

The library and its functions are pypdfium2's. Its own bindings make an object of each pointer that is given or taken;
here pointers are plain addresses, and what is given again and again is prepared once (`ready`). Calls for many objects
are made together, without a step of Python between them; their results stand one behind the other in a list. Nothing is
checked: an address must be that of an object that is still open.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any

import pypdfium2.raw as raw

from schemas.errors import ReadError

_POINTER, _INT, _BOOL = ctypes.c_void_p, ctypes.c_int, ctypes.c_int
_FLOAT, _DOUBLE = ctypes.c_float, ctypes.c_double
NO_CHANGE = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)  # the matrix that leaves everything where it is
_AT_ONCE = 256  # calls whose results there is room for


def address(handle: Any) -> int:
    """The address of an object that pypdfium2 holds."""
    return ctypes.cast(handle, _POINTER).value or 0


def ready(handle: int) -> Any:
    """An address made ready to be given to many calls."""
    return _POINTER.from_param(handle)


def _bound(function: Any, result: Any, *parameters: Any) -> Callable[..., Any]:
    """A function of C. Parameters that are not declared are passed as they are: numbers as int, pointers made ready."""
    return ctypes.PYFUNCTYPE(result, *parameters)(address(function))


object_at = _bound(raw.FPDFPage_GetObject, _POINTER)  # ready(page), index
kind_of = _bound(raw.FPDFPageObj_GetType, _INT, _POINTER)
inner_count = _bound(raw.FPDFFormObj_CountObjects, _INT, _POINTER)
inner_at = _bound(raw.FPDFFormObj_GetObject, _POINTER, _POINTER, ctypes.c_ulong)
segment_count = _bound(raw.FPDFPath_CountSegments, _INT, _POINTER)
segment_at = _bound(raw.FPDFPath_GetPathSegment, _POINTER)  # ready(path), index
segment_kind = _bound(raw.FPDFPathSegment_GetType, _INT, _POINTER)
closes = _bound(raw.FPDFPathSegment_GetClose, _BOOL, _POINTER)
is_made_up = _bound(raw.FPDFText_IsGenerated, _INT)  # ready(text page), index
angle_of = _bound(raw.FPDFText_GetCharAngle, _FLOAT)  # ready(text page), index
_font_box = _bound(raw.FPDFText_GetLooseCharBox, _BOOL)
_origin = _bound(raw.FPDFText_GetCharOrigin, _BOOL)
_matrix_of_text = _bound(raw.FPDFText_GetMatrix, _BOOL)
_bounds = _bound(raw.FPDFPageObj_GetBounds, _BOOL, _POINTER)
_matrix = _bound(raw.FPDFPageObj_GetMatrix, _BOOL, _POINTER)
_draw_mode = _bound(raw.FPDFPath_GetDrawMode, _BOOL, _POINTER)
_point = _bound(raw.FPDFPathSegment_GetPoint, _BOOL, _POINTER)


class _Slots:
    """Room for the numbers that many calls write: `places[k]` point to the k-th number of each slot."""

    def __init__(self, kind: Any, width: int, count: int = _AT_ONCE) -> None:
        self._held = (kind * (width * count))()
        self._width = width
        size = ctypes.sizeof(kind)
        self.places = tuple(
            [ctypes.byref(self._held, size * (width * slot + number)) for slot in range(count)]
            for number in range(width)
        )
        letter = {_FLOAT: "f", _DOUBLE: "d", _INT: "i"}[kind]
        view: Any = memoryview(self._held).cast("B")
        self._view = view.cast(letter)

    def read(self, count: int) -> list[Any]:
        """The numbers of the first slots, one slot behind the other."""
        numbers: list[Any] = self._view[: count * self._width].tolist()
        return numbers


class _Room(threading.local):
    """Each thread has its own, so that none finds there what another one asked for."""

    def __init__(self) -> None:
        self.boxes = _Slots(_FLOAT, 4)
        self.matrices = _Slots(_FLOAT, 6)
        self.points = _Slots(_FLOAT, 2)
        self.origins = _Slots(_DOUBLE, 2)
        self.modes = _Slots(_INT, 2)


_room = _Room()


def font_boxes(page: Any, count: int) -> list[float]:
    """Left, top, right, bottom of the font boxes of the first `count` characters of a text page made ready.

    Raises ReadError (`read.damaged`) when one of them is not there.
    """
    room, numbers = _room.boxes, []
    for start in range(0, count, _AT_ONCE):
        indices = range(start, min(start + _AT_ONCE, count))
        if not all(map(_font_box, repeat(page), indices, room.places[0])):
            raise ReadError("read.damaged", "the text of a page of the PDF has characters without a place")
        numbers += room.read(len(indices))
    return numbers


def axes_of(page: Any, index: int) -> tuple[float, float, float, float]:
    """Which way a character of a text page made ready writes, one step along its baseline, and which way it stands, one
    step up. Letters that lean, as an italic made by skewing does, write as upright ones do and stand otherwise.

    Raises ReadError (`read.damaged`) when the character has no place.
    """
    room = _room.matrices
    if not _matrix_of_text(page, index, room.places[0][0]):
        raise ReadError("read.damaged", "the text of a page of the PDF has characters without a place")
    a, b, c, d, *_ = room.read(1)
    return a, b, c, d


def origin_of(page: Any, index: int) -> tuple[float, float]:
    """Where a character of a text page made ready stands on its baseline."""
    room = _room.origins
    _origin(page, index, room.places[0][0], room.places[1][0])
    x, y = room.read(1)
    return x, y


def bounds_of(shapes: Sequence[int]) -> tuple[list[int], list[float]]:
    """Which of the objects have bounds, and left, bottom, right, top of each."""
    return _together(_bounds, shapes, _room.boxes)


def draw_modes(paths: Sequence[int]) -> list[int]:
    """For each path how it is filled (0: not at all) and whether it is stroked."""
    return _together(_draw_mode, paths, _room.modes)[1]


def points_of(segments: Sequence[int]) -> list[float]:
    """Where each segment of a path ends: x, y."""
    return _together(_point, segments, _room.points)[1]


def matrices_of(shapes: Sequence[int]) -> list[tuple[float, ...]]:
    """The matrix of each object, a to f; that which changes nothing for objects without one."""
    done, numbers = _together(_matrix, shapes, _room.matrices)
    number = iter(numbers)
    found = zip(number, number, number, number, number, number, strict=True)
    return [matrix if known else NO_CHANGE for known, matrix in zip(done, found, strict=True)]


def _together(function: Callable[..., int], handles: Sequence[int], room: _Slots) -> tuple[list[int], list[Any]]:
    done: list[int] = []
    numbers: list[Any] = []
    for start in range(0, len(handles), _AT_ONCE):
        some = handles[start : start + _AT_ONCE]
        done += map(function, some, *room.places)
        numbers += room.read(len(some))
    return done, numbers
