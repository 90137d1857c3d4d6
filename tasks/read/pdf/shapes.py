"""Ruling lines and pictures of a PDF page, from its path and image objects."""

from __future__ import annotations

import ctypes
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import pypdfium2.raw as raw

from schemas.errors import ReadError

_THIN = 3.6  # points: a shape no thicker than this is a ruling line
_SHORTEST = 4.0  # points: shorter strokes are ornaments
_MAX_SEGMENTS = 60_000
_MAX_OBJECTS = 120_000
_WHITE = 250
_DEEPEST = 8  # form objects inside form objects


class Line(NamedTuple):
    """An axis-parallel ruling line: its position across, and where it starts and ends along its direction."""

    at: float
    start: float
    end: float


class Frame(Protocol):
    """What turns user space into the upright page."""

    width: float
    height: float

    def point(self, x: float, y: float) -> tuple[float, float]: ...

    def box(self, x0: float, low: float, x1: float, high: float) -> tuple[float, float, float, float]: ...


class Canvas(Protocol):
    """What the shapes are put on."""

    across: list[Line]
    down: list[Line]
    picture: float


_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def read_shapes(page: Any, frame: Frame, canvas: Canvas) -> None:
    """Fills in the ruling lines and the share of the page that pictures cover.

    Raises ReadError (`read.limit.cells`) for pages with more drawing than any report has.
    """
    reader = _Shapes(frame, canvas)
    count = raw.FPDFPage_CountObjects(page)
    if count > _MAX_OBJECTS:
        raise ReadError("read.limit.cells", f"a page of the PDF has {count} objects")
    get, kind_of, text = raw.FPDFPage_GetObject, raw.FPDFPageObj_GetType, raw.FPDF_PAGEOBJ_TEXT
    for index in range(count):
        shape = get(page, index)
        if kind_of(shape) != text:
            reader.take(shape, _IDENTITY, 0)


class _Shapes:
    def __init__(self, frame: Frame, canvas: Canvas) -> None:
        self._frame = frame
        self._canvas = canvas
        self._edges = [ctypes.c_float() for _ in range(4)]
        self._edge_refs = [ctypes.byref(edge) for edge in self._edges]
        self._fill, self._stroke = ctypes.c_int(), ctypes.c_int()
        self._x, self._y = ctypes.c_float(), ctypes.c_float()
        self._colour = [ctypes.c_uint() for _ in range(4)]
        self._segments = 0

    def take(self, shape: Any, matrix: _Matrix, depth: int) -> None:
        kind = raw.FPDFPageObj_GetType(shape)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            return
        if kind == raw.FPDF_PAGEOBJ_FORM:
            if depth < _DEEPEST:
                inner = _times(_matrix_of(shape), matrix)
                for index in range(raw.FPDFFormObj_CountObjects(shape)):
                    self.take(raw.FPDFFormObj_GetObject(shape, index), inner, depth + 1)
            return
        if not raw.FPDFPageObj_GetBounds(shape, *self._edge_refs):
            return
        x0, low, x1, high = (edge.value for edge in self._edges)
        if matrix is not _IDENTITY:
            (x0, low), (x1, high) = _apply(matrix, x0, low), _apply(matrix, x1, high)
        left, top, right, bottom = self._frame.box(x0, low, x1, high)
        width, height = right - left, bottom - top
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            self._image(left, top, right, bottom)
        elif kind == raw.FPDF_PAGEOBJ_PATH and (width >= _SHORTEST or height >= _SHORTEST):
            if height <= _THIN or width <= _THIN:
                if not self._is_white(shape):
                    self._line(left, top, right, bottom)
            else:
                self._path(shape, matrix)

    def _image(self, left: float, top: float, right: float, bottom: float) -> None:
        if min(right - left, bottom - top) <= _THIN:
            self._line(left, top, right, bottom)  # some converters draw rules as pictures one pixel high
            return
        across = min(right, self._frame.width) - max(left, 0.0)
        down = min(bottom, self._frame.height) - max(top, 0.0)
        if across > 0 and down > 0:
            self._canvas.picture += across * down / (self._frame.width * self._frame.height)

    def _line(self, left: float, top: float, right: float, bottom: float) -> None:
        if right - left >= bottom - top:
            if right - left >= _SHORTEST:
                self._canvas.across.append(Line((top + bottom) / 2, left, right))
        elif bottom - top >= _SHORTEST:
            self._canvas.down.append(Line((left + right) / 2, top, bottom))

    def _is_white(self, shape: Any) -> bool:
        """A thin filled shape in white is a gap between cell backgrounds or covers something; it rules nothing."""
        raw.FPDFPath_GetDrawMode(shape, self._fill, self._stroke)
        if self._stroke.value or not self._fill.value:
            return not self._stroke.value
        raw.FPDFPageObj_GetFillColor(shape, *self._colour)
        red, green, blue, alpha = (part.value for part in self._colour)
        return alpha == 0 or min(red, green, blue) >= _WHITE

    def _path(self, shape: Any, matrix: _Matrix) -> None:
        """A path that is thick as a whole: stroked, each straight segment rules; filled, each thin part does."""
        raw.FPDFPath_GetDrawMode(shape, self._fill, self._stroke)
        stroked, filled = bool(self._stroke.value), bool(self._fill.value)
        if not stroked and not filled:
            return
        count = raw.FPDFPath_CountSegments(shape)
        if not stroked and count <= 5:
            return  # one filled box: the background of a cell
        self._segments += count
        if self._segments > _MAX_SEGMENTS:
            raise ReadError("read.limit.cells", "a page of the PDF has more line segments than any report draws")
        whole = _times(_matrix_of(shape), matrix)
        part: list[tuple[float, float]] = []
        for index in range(count):
            segment = raw.FPDFPath_GetPathSegment(shape, index)
            raw.FPDFPathSegment_GetPoint(segment, self._x, self._y)
            point = self._frame.point(*_apply(whole, self._x.value, self._y.value))
            if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_MOVETO:
                self._part(part, stroked)
                part = []
            part.append(point)
            if raw.FPDFPathSegment_GetClose(segment) and len(part) > 2:
                part.append(part[0])
        self._part(part, stroked)

    def _part(self, points: list[tuple[float, float]], stroked: bool) -> None:
        if len(points) < 2:
            return
        left, right = min(x for x, _ in points), max(x for x, _ in points)
        top, bottom = min(y for _, y in points), max(y for _, y in points)
        if min(right - left, bottom - top) <= _THIN:
            self._line(left, top, right, bottom)
        elif stroked:
            for (ax, ay), (bx, by) in pairwise(points):
                if abs(ax - bx) < 1 or abs(ay - by) < 1:
                    self._line(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))


def _matrix_of(shape: Any) -> _Matrix:
    found = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(shape, found):
        return _IDENTITY
    return (found.a, found.b, found.c, found.d, found.e, found.f)


def _times(first: _Matrix, then: _Matrix) -> _Matrix:
    if then is _IDENTITY:
        return first
    a, b, c, d, e, f = first
    ta, tb, tc, td, te, tf = then
    return (
        a * ta + b * tc,
        a * tb + b * td,
        c * ta + d * tc,
        c * tb + d * td,
        e * ta + f * tc + te,
        e * tb + f * td + tf,
    )


def _apply(matrix: _Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f
