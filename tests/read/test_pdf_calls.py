"""The quick bindings of pdfium say what pypdfium2's own say."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2 as pdfium
import pypdfium2.raw as raw
import pytest
from reportlab.pdfgen.canvas import Canvas

from tasks.read.pdf import calls
from tests.read.drawing import pdf, table, write


def _draw(canvas: Canvas) -> None:
    write(canvas, 72, 90, "公开 12.5")
    table(canvas, 72, 120, [80, 60], [["甲", "1"]])


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


def test_objects_and_their_bounds_are_the_same() -> None:
    with drawn() as page:
        where, bounds = calls.address(page.raw), calls.Buffer(ctypes.c_float, 4)
        count = raw.FPDFPage_CountObjects(page.raw)
        assert count > 4
        for index in range(count):
            theirs, ours = raw.FPDFPage_GetObject(page.raw, index), calls.object_at(where, index)
            assert ours == calls.address(theirs)
            assert calls.kind_of(ours) == raw.FPDFPageObj_GetType(theirs)
            edges = [ctypes.c_float() for _ in range(4)]
            assert raw.FPDFPageObj_GetBounds(theirs, *edges) == calls.bounds_of(ours, *bounds.places) == 1
            assert bounds.read() == [edge.value for edge in edges]


def test_strokes_are_the_same() -> None:
    with drawn() as page:
        point = calls.Buffer(ctypes.c_float, 2)
        seen = 0
        for index in range(raw.FPDFPage_CountObjects(page.raw)):
            shape = raw.FPDFPage_GetObject(page.raw, index)
            if raw.FPDFPageObj_GetType(shape) != raw.FPDF_PAGEOBJ_PATH:
                continue
            path = calls.address(shape)
            assert calls.segment_count(path) == raw.FPDFPath_CountSegments(shape)
            for number in range(calls.segment_count(path)):
                theirs, ours = raw.FPDFPath_GetPathSegment(shape, number), calls.segment_at(path, number)
                x, y = ctypes.c_float(), ctypes.c_float()
                raw.FPDFPathSegment_GetPoint(theirs, x, y)
                calls.point_of(ours, *point.places)
                assert point.read() == [x.value, y.value]
                assert calls.segment_kind(ours) == raw.FPDFPathSegment_GetType(theirs)
                seen += 1
        assert seen


def test_characters_are_the_same() -> None:
    with drawn() as page:
        text = page.get_textpage()
        where, box, point = calls.address(text.raw), calls.Buffer(ctypes.c_float, 4), calls.Buffer(ctypes.c_double, 2)
        for index in range(raw.FPDFText_CountChars(text.raw)):
            found, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
            raw.FPDFText_GetLooseCharBox(text.raw, index, found)
            calls.font_box(where, index, box.places[0])
            assert box.read() == [found.left, found.top, found.right, found.bottom]
            raw.FPDFText_GetCharOrigin(text.raw, index, x, y)
            calls.origin_of(where, index, *point.places)
            assert point.read() == [x.value, y.value]
            assert calls.angle_of(where, index) == pytest.approx(raw.FPDFText_GetCharAngle(text.raw, index))
        text.close()


def test_an_object_that_is_not_there_is_none() -> None:
    with drawn() as page:
        assert calls.object_at(calls.address(page.raw), 10_000) is None
