"""The calls of pdfium that are made for every character and every stroke of a page, bound for speed.

The library and its functions are pypdfium2's. Its own bindings make an object of each pointer that is given or taken;
here pointers are plain addresses, which halves what a call costs. Nothing is checked: an address must be that of an
object that is still open. As in C, results come back through buffers, read at once by `memoryview.tolist`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pypdfium2.raw as raw

_POINTER, _INT, _BOOL = ctypes.c_void_p, ctypes.c_int, ctypes.c_int


def address(handle: Any) -> int:
    """The address of an object that pypdfium2 holds."""
    return ctypes.cast(handle, _POINTER).value or 0


def _bound(function: Any, result: Any, *parameters: Any) -> Callable[..., Any]:
    return ctypes.PYFUNCTYPE(result, *parameters)(address(function))


object_at = _bound(raw.FPDFPage_GetObject, _POINTER, _POINTER, _INT)
kind_of = _bound(raw.FPDFPageObj_GetType, _INT, _POINTER)
bounds_of = _bound(raw.FPDFPageObj_GetBounds, _BOOL, _POINTER, *[_POINTER] * 4)
matrix_of = _bound(raw.FPDFPageObj_GetMatrix, _BOOL, _POINTER, _POINTER)
inner_count = _bound(raw.FPDFFormObj_CountObjects, _INT, _POINTER)
inner_at = _bound(raw.FPDFFormObj_GetObject, _POINTER, _POINTER, ctypes.c_ulong)
draw_mode = _bound(raw.FPDFPath_GetDrawMode, _BOOL, _POINTER, _POINTER, _POINTER)
segment_count = _bound(raw.FPDFPath_CountSegments, _INT, _POINTER)
segment_at = _bound(raw.FPDFPath_GetPathSegment, _POINTER, _POINTER, _INT)
point_of = _bound(raw.FPDFPathSegment_GetPoint, _BOOL, _POINTER, _POINTER, _POINTER)
segment_kind = _bound(raw.FPDFPathSegment_GetType, _INT, _POINTER)
closes = _bound(raw.FPDFPathSegment_GetClose, _BOOL, _POINTER)
font_box = _bound(raw.FPDFText_GetLooseCharBox, _BOOL, _POINTER, _INT, _POINTER)
origin_of = _bound(raw.FPDFText_GetCharOrigin, _BOOL, _POINTER, _INT, _POINTER, _POINTER)
is_made_up = _bound(raw.FPDFText_IsGenerated, _INT, _POINTER, _INT)
angle_of = _bound(raw.FPDFText_GetCharAngle, ctypes.c_float, _POINTER, _INT)


class Buffer:
    """Numbers that pdfium writes: `read()` gives them, `places` are the addresses of each."""

    def __init__(self, kind: Any, count: int) -> None:
        self._held = (kind * count)()
        first, size = ctypes.addressof(self._held), ctypes.sizeof(kind)
        self.places = tuple(first + size * number for number in range(count))
        letter = {ctypes.c_float: "f", ctypes.c_double: "d", ctypes.c_int: "i"}[kind]
        view: Any = memoryview(self._held).cast("B")
        self.read: Callable[[], list[Any]] = view.cast(letter).tolist
