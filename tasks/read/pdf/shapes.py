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


_FORM, _IMAGE, _PATH = raw.FPDF_PAGEOBJ_FORM, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH
_DRAWN = frozenset({_IMAGE, _PATH})
_bounds: Any = raw.FPDFPageObj_GetBounds
_segment: Any = raw.FPDFPath_GetPathSegment
_point: Any = raw.FPDFPathSegment_GetPoint
_type: Any = raw.FPDFPathSegment_GetType
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
    take = reader.take
    for index in range(count):
        shape = get(page, index)
        kind = kind_of(shape)
        if kind != text:
            take(shape, kind, _IDENTITY, 0)


class _Shapes:
    def __init__(self, frame: Frame, canvas: Canvas) -> None:
        self._frame = frame
        self._canvas = canvas
        self._x0, self._low, self._x1, self._high = (ctypes.c_float() for _ in range(4))
        self._refs = tuple(ctypes.byref(edge) for edge in (self._x0, self._low, self._x1, self._high))
        self._fill, self._stroke = ctypes.c_int(), ctypes.c_int()
        self._x, self._y = ctypes.c_float(), ctypes.c_float()
        self._segments = 0

    def take(self, shape: Any, kind: int, matrix: _Matrix, depth: int) -> None:
        """Adds a shape of the given kind, in the user space that `matrix` leads to."""
        if kind == _FORM:
            if depth < _DEEPEST:
                inner = _times(_matrix_of(shape), matrix)
                for index in range(raw.FPDFFormObj_CountObjects(shape)):
                    below = raw.FPDFFormObj_GetObject(shape, index)
                    self.take(below, raw.FPDFPageObj_GetType(below), inner, depth + 1)
            return
        if kind not in _DRAWN or not _bounds(shape, *self._refs):
            return
        x0, low, x1, high = self._x0.value, self._low.value, self._x1.value, self._high.value
        if matrix is not _IDENTITY:
            (x0, low), (x1, high) = _apply(matrix, x0, low), _apply(matrix, x1, high)
        left, top, right, bottom = self._frame.box(x0, low, x1, high)
        width, height = right - left, bottom - top
        if kind == _IMAGE:
            self._image(left, top, right, bottom)
        else:
            # Any colour rules: white lines part the cells of coloured tables as well as black ones do.
            if height <= _THIN:
                if width >= _SHORTEST and width >= height:
                    self._canvas.across.append(Line((top + bottom) / 2, left, right))
                elif height >= _SHORTEST:
                    self._canvas.down.append(Line((left + right) / 2, top, bottom))
            elif width <= _THIN:
                if height >= _SHORTEST:
                    self._canvas.down.append(Line((left + right) / 2, top, bottom))
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
        self._trace(shape, count, _times(_matrix_of(shape), matrix), stroked)

    def _trace(self, shape: Any, count: int, matrix: _Matrix, stroked: bool) -> None:
        """Follows the path's points, part by part."""
        x, y = self._x, self._y
        x_ref, y_ref = ctypes.byref(x), ctypes.byref(y)
        a, b, c, d, e, f = matrix
        point_of = self._frame.point
        part: list[tuple[float, float]] = []
        last = None
        for index in range(count):
            segment = _segment(shape, index)
            _point(segment, x_ref, y_ref)
            if part and _type(segment) == raw.FPDF_SEGMENT_MOVETO:
                self._part(part, stroked, bool(raw.FPDFPathSegment_GetClose(last)))
                part = []
            px, py = x.value, y.value
            part.append(point_of(a * px + c * py + e, b * px + d * py + f))
            last = segment
        if part:
            self._part(part, stroked, bool(raw.FPDFPathSegment_GetClose(last)))

    def _part(self, points: list[tuple[float, float]], stroked: bool, closed: bool) -> None:
        if len(points) == 2:
            (ax, ay), (bx, by) = points
            if stroked and (abs(ax - bx) < 1 or abs(ay - by) < 1):
                self._line(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))
            return
        if len(points) < 2:
            return
        left, right = min(x for x, _ in points), max(x for x, _ in points)
        top, bottom = min(y for _, y in points), max(y for _, y in points)
        if min(right - left, bottom - top) <= _THIN:
            self._line(left, top, right, bottom)
        elif stroked:
            if closed:
                points.append(points[0])
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
