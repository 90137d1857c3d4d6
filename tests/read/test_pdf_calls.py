"""The quick bindings of pdfium say what pypdfium2's own say."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat

import pypdfium2 as pdfium
import pypdfium2.raw as raw
import pytest
from reportlab.pdfgen.canvas import Canvas

from schemas.errors import ReadError
from tasks.read.pdf import calls
from tests.read.drawing import pdf, table, write


def _draw(canvas: Canvas) -> None:
    for line in range(30):  # more characters than there is room for at once
        write(canvas, 72, 90 + 12 * line, "政府信息公开 12.5", 9)
    table(canvas, 72, 520, [80, 60], [["甲", "1"]])
    canvas.scale(0.5, 0.5)
    canvas.rect(100, 100, 80, 60)


@contextmanager
def drawn() -> Iterator[pdfium.PdfPage]:
    """A page with text and a ruled table."""
    document = pdfium.PdfDocument(pdf(_draw))
    page = document[0]
    try:
        yield page
    finally:
        page.close()
        document.close()


def _objects(page: pdfium.PdfPage) -> list[int]:
    count = raw.FPDFPage_CountObjects(page.raw)
    return list(map(calls.object_at, repeat(calls.ready(calls.address(page.raw))), range(count)))


def _paths(page: pdfium.PdfPage) -> list[tuple[int, object]]:
    """Addresses of the page's paths, and what pypdfium2 gives for them."""
    found = [(shape, raw.FPDFPage_GetObject(page.raw, index)) for index, shape in enumerate(_objects(page))]
    return [(ours, theirs) for ours, theirs in found if calls.kind_of(ours) == raw.FPDF_PAGEOBJ_PATH]


def test_objects_and_their_bounds_are_the_same() -> None:
    with drawn() as page:
        shapes = _objects(page)
        assert len(shapes) > 30
        known, numbers = calls.bounds_of(shapes)
        for index, ours in enumerate(shapes):
            theirs = raw.FPDFPage_GetObject(page.raw, index)
            assert ours == calls.address(theirs)
            assert calls.kind_of(ours) == raw.FPDFPageObj_GetType(theirs)
            edges = [ctypes.c_float() for _ in range(4)]
            assert raw.FPDFPageObj_GetBounds(theirs, *edges) == known[index] == 1
            assert numbers[4 * index : 4 * index + 4] == [edge.value for edge in edges]


def test_paths_are_the_same() -> None:
    with drawn() as page:
        paths = _paths(page)
        assert len(paths) > 2
        modes, matrices = (
            calls.draw_modes([ours for ours, _ in paths]),
            calls.matrices_of([ours for ours, _ in paths]),
        )
        for number, (_, theirs) in enumerate(paths):
            fill, stroke, matrix = ctypes.c_int(), ctypes.c_int(), raw.FS_MATRIX()
            raw.FPDFPath_GetDrawMode(theirs, fill, stroke)
            assert modes[2 * number : 2 * number + 2] == [fill.value, stroke.value]
            raw.FPDFPageObj_GetMatrix(theirs, matrix)
            assert matrices[number] == (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)
        assert any(matrix != calls.NO_CHANGE for matrix in matrices)


def test_strokes_are_the_same() -> None:
    with drawn() as page:
        seen = 0
        for path, shape in _paths(page):
            count = calls.segment_count(path)
            assert count == raw.FPDFPath_CountSegments(shape)
            segments = list(map(calls.segment_at, repeat(calls.ready(path)), range(count)))
            points = calls.points_of(segments)
            for number, ours in enumerate(segments):
                theirs = raw.FPDFPath_GetPathSegment(shape, number)
                x, y = ctypes.c_float(), ctypes.c_float()
                raw.FPDFPathSegment_GetPoint(theirs, x, y)
                assert points[2 * number : 2 * number + 2] == [x.value, y.value]
                assert calls.segment_kind(ours) == raw.FPDFPathSegment_GetType(theirs)
                assert bool(calls.closes(ours)) == bool(raw.FPDFPathSegment_GetClose(theirs))
                seen += 1
        assert seen


def test_characters_are_the_same() -> None:
    with drawn() as page:
        text = page.get_textpage()
        where, count = calls.ready(calls.address(text.raw)), raw.FPDFText_CountChars(text.raw)
        assert count > 300
        boxes = calls.font_boxes(where, count)
        for index in range(count):
            found, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
            raw.FPDFText_GetLooseCharBox(text.raw, index, found)
            assert boxes[4 * index : 4 * index + 4] == [found.left, found.top, found.right, found.bottom]
            raw.FPDFText_GetCharOrigin(text.raw, index, x, y)
            assert calls.origin_of(where, index) == (x.value, y.value)
            assert calls.angle_of(where, index) == pytest.approx(raw.FPDFText_GetCharAngle(text.raw, index))
            assert calls.is_made_up(where, index) == raw.FPDFText_IsGenerated(text.raw, index)
        text.close()


def test_what_is_not_there_is_told() -> None:
    with drawn() as page:
        assert calls.object_at(calls.ready(calls.address(page.raw)), 10_000) is None
        text = page.get_textpage()
        with pytest.raises(ReadError) as told:
            calls.font_boxes(calls.ready(calls.address(text.raw)), 10_000)
        assert told.value.code == "read.damaged"
        text.close()


def test_a_thread_does_not_write_where_another_one_reads() -> None:
    rooms = [id(calls._room.boxes)]
    other = threading.Thread(target=lambda: rooms.append(id(calls._room.boxes)))
    other.start()
    other.join()
    assert len(set(rooms)) == 2
