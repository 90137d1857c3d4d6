"""Ruling lines and pictures of a PDF page, from its path and image objects."""

from __future__ import annotations

import ctypes
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import pypdfium2.raw as raw

from schemas.errors import ReadError
from tasks.read.pdf import calls

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
    """What turns user space into the upright page; `angle` 0 says that nothing is turned, only moved."""

    width: float
    height: float
    angle: int
    left: float
    top: float

    def point(self, x: float, y: float) -> tuple[float, float]: ...

    def box(self, x0: float, low: float, x1: float, high: float) -> tuple[float, float, float, float]: ...


class Canvas(Protocol):
    """What the shapes are put on."""

    across: list[Line]
    down: list[Line]
    picture: float


_MOVE = raw.FPDF_SEGMENT_MOVETO
_FORM, _IMAGE, _PATH = raw.FPDF_PAGEOBJ_FORM, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH
_DRAWN = frozenset({_IMAGE, _PATH})
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
    get, kind_of, text = calls.object_at, calls.kind_of, raw.FPDF_PAGEOBJ_TEXT
    take, where = reader.take, calls.address(page)
    for index in range(count):
        shape = get(where, index)
        kind = kind_of(shape)
        if kind != text:
            take(shape, kind, _IDENTITY, 0)


class _Shapes:
    def __init__(self, frame: Frame, canvas: Canvas) -> None:
        self._frame = frame
        self._canvas = canvas
        self._bounds = calls.Buffer(ctypes.c_float, 4)  # left, bottom, right, top
        self._mode = calls.Buffer(ctypes.c_int, 2)  # fill, stroke
        self._point = calls.Buffer(ctypes.c_float, 2)
        self._matrix = calls.Buffer(ctypes.c_float, 6)  # FS_MATRIX: a to f
        self._segments = 0

    def take(self, shape: int, kind: int, matrix: _Matrix, depth: int) -> None:
        """Adds a shape of the given kind, in the user space that `matrix` leads to."""
        if kind == _FORM:
            if depth < _DEEPEST:
                inner = _times(self._matrix_of(shape), matrix)
                for index in range(calls.inner_count(shape)):
                    below = calls.inner_at(shape, index)
                    self.take(below, calls.kind_of(below), inner, depth + 1)
            return
        if kind not in _DRAWN or not calls.bounds_of(shape, *self._bounds.places):
            return
        x0, low, x1, high = self._bounds.read()
        if matrix is not _IDENTITY:
            (x0, low), (x1, high) = _apply(matrix, x0, low), _apply(matrix, x1, high)
        frame = self._frame
        if frame.angle == 0 and x0 <= x1 and low <= high:
            left, top, right, bottom = x0 - frame.left, frame.top - high, x1 - frame.left, frame.top - low
        else:
            left, top, right, bottom = frame.box(x0, low, x1, high)
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

    def _matrix_of(self, shape: int) -> _Matrix:
        if not calls.matrix_of(shape, self._matrix.places[0]):
            return _IDENTITY
        a, b, c, d, e, f = self._matrix.read()
        return a, b, c, d, e, f

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

    def _path(self, shape: int, matrix: _Matrix) -> None:
        """A path that is thick as a whole: stroked, each straight segment rules; filled, each thin part does."""
        calls.draw_mode(shape, *self._mode.places)
        filled, stroked = map(bool, self._mode.read())
        if not stroked and not filled:
            return
        count = calls.segment_count(shape)
        if not stroked and count <= 5:
            return  # one filled box: the background of a cell
        self._segments += count
        if self._segments > _MAX_SEGMENTS:
            raise ReadError("read.limit.cells", "a page of the PDF has more line segments than any report draws")
        self._trace(shape, count, _times(self._matrix_of(shape), matrix), stroked)

    def _trace(self, shape: int, count: int, matrix: _Matrix, stroked: bool) -> None:
        """Follows the path's points, part by part."""
        segment_at, point_of, kind_of, read = calls.segment_at, calls.point_of, calls.segment_kind, self._point.read
        x_place, y_place = self._point.places
        a, b, c, d, e, f = matrix
        frame = self._frame
        left, top, turned = frame.left, frame.top, frame.angle != 0
        part: list[tuple[float, float]] = []
        last = 0
        for index in range(count):
            segment = segment_at(shape, index)
            point_of(segment, x_place, y_place)
            if part and kind_of(segment) == _MOVE:
                self._part(part, stroked, last)
                part = []
            x, y = read()
            x, y = a * x + c * y + e, b * x + d * y + f
            part.append(frame.point(x, y) if turned else (x - left, top - y))
            last = segment
        if part:
            self._part(part, stroked, last)

    def _part(self, points: list[tuple[float, float]], stroked: bool, last: int) -> None:
        """One part of a path; `last` is its last segment."""
        if len(points) == 2:
            if stroked:
                self._stroke(*points[0], *points[1])
            return
        if len(points) < 2:
            return
        left, right = min(x for x, _ in points), max(x for x, _ in points)
        top, bottom = min(y for _, y in points), max(y for _, y in points)
        if min(right - left, bottom - top) <= _THIN:
            self._line(left, top, right, bottom)
        elif stroked:
            if calls.closes(last):
                points.append(points[0])
            for (ax, ay), (bx, by) in pairwise(points):
                self._stroke(ax, ay, bx, by)

    def _stroke(self, ax: float, ay: float, bx: float, by: float) -> None:
        """A stroke from one point to another, a ruling line if it is level or upright."""
        if ax > bx:
            ax, bx = bx, ax
        if ay > by:
            ay, by = by, ay
        if bx - ax < 1 or by - ay < 1:
            self._line(ax, ay, bx, by)


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
