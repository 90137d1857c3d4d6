"""Ruling lines and pictures of a PDF page, from its path and image objects."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise, repeat
from typing import Any, NamedTuple, Protocol

import pypdfium2.raw as raw

from schemas.errors import ReadError
from tasks.read.pdf import calls

_THIN = 3.6  # points: a shape no thicker than this is a ruling line
_SHORTEST = 4.0  # points: shorter strokes are ornaments
_MAX_SEGMENTS = 60_000
_MAX_OBJECTS = 120_000
_MOST_PATHS = 512  # that are kept before they are followed
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


_MOVE, _LINE = raw.FPDF_SEGMENT_MOVETO, raw.FPDF_SEGMENT_LINETO
_FORM, _IMAGE, _PATH = raw.FPDF_PAGEOBJ_FORM, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH
_DRAWN = frozenset({_FORM, _IMAGE, _PATH})
_Matrix = tuple[float, ...]  # a to f
_line = partial(tuple.__new__, Line)  # a named tuple's own constructor costs thrice


class _Path(NamedTuple):
    """A path that is to be followed, and the ruling lines found on it."""

    shape: int
    matrix: _Matrix
    across: list[Line]
    down: list[Line]


_LONE_STROKES = [_MOVE, _LINE] * 32
_IDENTITY: _Matrix = calls.NO_CHANGE


def read_shapes(page: Any, frame: Frame, canvas: Canvas) -> None:
    """Fills in the ruling lines and the share of the page that pictures cover.

    Raises ReadError (`read.limit.cells`) for pages with more drawing than any report has.
    """
    count = raw.FPDFPage_CountObjects(page)
    if count > _MAX_OBJECTS:
        raise ReadError("read.limit.cells", f"a page of the PDF has {count} objects")
    reader = _Shapes(frame, canvas)
    reader.take(list(map(calls.object_at, repeat(calls.ready(calls.address(page))), range(count))), _IDENTITY, 0)
    reader.end()


class _Shapes:
    def __init__(self, frame: Frame, canvas: Canvas) -> None:
        self._frame = frame
        self._canvas = canvas
        self._across: list[Line | list[Line]] = []  # where a path is still to be followed, its lines have a place
        self._down: list[Line | list[Line]] = []
        self._paths: list[_Path] = []
        self._segments = 0

    def take(self, shapes: Sequence[int], matrix: _Matrix, depth: int) -> None:
        """Adds shapes in the user space that `matrix` leads to."""
        found = [
            (shape, kind) for shape, kind in zip(shapes, map(calls.kind_of, shapes), strict=True) if kind in _DRAWN
        ]
        bounded, edges = calls.bounds_of([shape for shape, _ in found])
        edge = iter(edges)
        across, down, frame = self._across, self._down, self._frame
        plain = matrix is _IDENTITY and frame.angle == 0
        x, y = frame.left, frame.top
        for (shape, kind), known, x0, low, x1, high in zip(found, bounded, edge, edge, edge, edge, strict=True):
            if kind == _FORM:
                self._form(shape, matrix, depth)
                continue
            if not known:
                continue
            if plain and x0 <= x1 and low <= high:
                left, top, right, bottom = x0 - x, y - high, x1 - x, y - low
            else:
                left, top, right, bottom = frame.box(*_apply(matrix, x0, low), *_apply(matrix, x1, high))
            width, height = right - left, bottom - top
            if kind == _IMAGE:
                self._image(left, top, right, bottom)
            # Any colour rules: white lines part the cells of coloured tables as well as black ones do.
            elif height <= _THIN:
                if width >= _SHORTEST and width >= height:
                    across.append(_line(((top + bottom) / 2, left, right)))
                elif height >= _SHORTEST:
                    down.append(_line(((left + right) / 2, top, bottom)))
            elif width <= _THIN:
                if height >= _SHORTEST:
                    down.append(_line(((left + right) / 2, top, bottom)))
            else:
                path = _Path(shape, matrix, [], [])
                across.append(path.across)
                down.append(path.down)
                self._paths.append(path)
        if len(self._paths) > _MOST_PATHS:
            self._follow()

    def end(self) -> None:
        """Puts what was found on the canvas."""
        self._follow()
        self._canvas.across += _flat(self._across)
        self._canvas.down += _flat(self._down)

    def _form(self, form: int, matrix: _Matrix, depth: int) -> None:
        if depth < _DEEPEST:
            inner = _times(calls.matrices_of([form])[0], matrix)
            count = calls.inner_count(form)
            for start in range(0, count, _MOST_PATHS):
                some = range(start, min(start + _MOST_PATHS, count))
                self.take([calls.inner_at(form, index) for index in some], inner, depth + 1)

    def _image(self, left: float, top: float, right: float, bottom: float) -> None:
        if min(right - left, bottom - top) <= _THIN:
            # Some converters draw rules as pictures one pixel high.
            _rule(left, top, right, bottom, self._across, self._down)
            return
        across = min(right, self._frame.width) - max(left, 0.0)
        down = min(bottom, self._frame.height) - max(top, 0.0)
        if across > 0 and down > 0:
            self._canvas.picture += across * down / (self._frame.width * self._frame.height)

    def _follow(self) -> None:
        """Follows the paths that are thick as a whole: stroked, each straight segment rules; filled, each thin part."""
        if not self._paths:
            return
        mode = iter(calls.draw_modes([path.shape for path in self._paths]))
        wanted: list[tuple[_Path, int, bool]] = []
        for path, filled, stroked in zip(self._paths, mode, mode, strict=True):
            count = calls.segment_count(path.shape) if filled or stroked else 0
            if stroked or count > 5:  # a filled box is the background of a cell
                wanted.append((path, count, bool(stroked)))
                self._segments += count
        self._paths.clear()
        if self._segments > _MAX_SEGMENTS:
            raise ReadError("read.limit.cells", "a page of the PDF has more line segments than any report draws")
        segments: list[int] = []
        for path, count, _ in wanted:
            segments += map(calls.segment_at, repeat(calls.ready(path.shape)), range(count))
        kinds, numbers = list(map(calls.segment_kind, segments)), calls.points_of(segments)
        matrices = calls.matrices_of([path.shape for path, _, _ in wanted])
        upright = self._frame.angle == 0
        done = 0
        for (path, count, stroked), inner in zip(wanted, matrices, strict=True):
            upto = done + count
            matrix = _times(inner, path.matrix)
            if stroked and upright and matrix == _IDENTITY and kinds[done:upto] == _LONE_STROKES[:count]:
                self._lone_strokes(numbers[2 * done : 2 * upto], path)
            else:
                points = self._places(numbers[2 * done : 2 * upto], matrix)
                _trace(path, segments[done:upto], kinds[done:upto], points, stroked)
            done = upto

    def _lone_strokes(self, numbers: Sequence[float], path: _Path) -> None:
        """Strokes from one point to another, as the sides of a cell are mostly drawn: the short way of `_trace`."""
        x, y = self._frame.left, self._frame.top
        number = iter(numbers)
        for ax, ay, bx, by in zip(number, number, number, number, strict=True):
            left, right = (ax - x, bx - x) if ax <= bx else (bx - x, ax - x)
            top, bottom = (y - ay, y - by) if ay >= by else (y - by, y - ay)
            width, height = right - left, bottom - top
            if width < 1 or height < 1:
                if width >= height:
                    if width >= _SHORTEST:
                        path.across.append(_line(((top + bottom) / 2, left, right)))
                elif height >= _SHORTEST:
                    path.down.append(_line(((left + right) / 2, top, bottom)))

    def _places(self, numbers: Sequence[float], matrix: _Matrix) -> list[tuple[float, float]]:
        """Points of a path on the upright page."""
        a, b, c, d, e, f = matrix
        number = iter(numbers)
        point = self._frame.point
        return [point(a * x + c * y + e, b * x + d * y + f) for x, y in zip(number, number, strict=True)]


def _trace(
    path: _Path,
    segments: Sequence[int],
    kinds: Sequence[int],
    points: Sequence[tuple[float, float]],
    stroked: bool,
) -> None:
    """Follows a path's points, part by part."""
    starts = [0, *(index for index, kind in enumerate(kinds) if kind == _MOVE and index > 0), len(kinds)]
    for start, end in pairwise(starts):
        if end - start == 2:
            if stroked:
                _stroke(*points[start], *points[start + 1], path)
        elif end - start > 2:
            _part(points[start:end], stroked, segments[end - 1], path)


def _part(points: Sequence[tuple[float, float]], stroked: bool, last: int, path: _Path) -> None:
    """One part of a path; `last` is its last segment."""
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    if min(right - left, bottom - top) <= _THIN:
        _rule(left, top, right, bottom, path.across, path.down)
    elif stroked:
        for (ax, ay), (bx, by) in pairwise([*points, points[0]] if calls.closes(last) else points):
            _stroke(ax, ay, bx, by, path)


def _stroke(ax: float, ay: float, bx: float, by: float, path: _Path) -> None:
    """A stroke from one point to another, a ruling line if it is level or upright."""
    if ax > bx:
        ax, bx = bx, ax
    if ay > by:
        ay, by = by, ay
    if bx - ax < 1 or by - ay < 1:
        _rule(ax, ay, bx, by, path.across, path.down)


def _rule(left: float, top: float, right: float, bottom: float, across: list[Any], down: list[Any]) -> None:
    if right - left >= bottom - top:
        if right - left >= _SHORTEST:
            across.append(_line(((top + bottom) / 2, left, right)))
    elif bottom - top >= _SHORTEST:
        down.append(_line(((left + right) / 2, top, bottom)))


def _flat(found: Sequence[Line | list[Line]]) -> list[Line]:
    lines: list[Line] = []
    for one in found:
        if type(one) is list:
            lines += one
        else:
            lines.append(one)  # type: ignore[arg-type]
    return lines


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
