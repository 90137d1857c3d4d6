"""Pictures of pages. What needs the OCR extra is skipped where it is not installed."""

from __future__ import annotations

import io

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from schemas.blocks import Borders
from schemas.errors import ReadError
from tasks.read import read
from tasks.read.scan import _strokes, available
from tests.read.drawing import lines, pdf, table
from tests.read.looking import grids, paragraphs, rows
from tests.read.test_pdf import FORM, PRINTED, WIDTHS

needs_ocr = pytest.mark.skipif(not available(), reason="the OCR extra (rapidocr, onnxruntime) is not installed")


def _picture() -> Image.Image:
    def draw(canvas: Canvas) -> None:
        lines(canvas, 90, 80, ["二、主动公开政府信息情况"])
        table(canvas, 70, 100, WIDTHS, FORM, size=11)

    image: Image.Image = pdfium.PdfDocument(pdf(draw))[0].render(scale=200 / 72).to_pil().convert("RGB")
    return image


@pytest.mark.skipif(available(), reason="the OCR extra is installed: pictures are read, not refused")
def test_a_picture_without_the_extra_needs_ocr() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(buffer, "PNG")
    with pytest.raises(ReadError) as trouble:
        read(buffer.getvalue())
    assert trouble.value.code == "read.needs_ocr"


def test_strokes_of_a_picture_are_found_and_characters_are_not() -> None:
    ink = np.zeros((400, 600), dtype=bool)
    ink[100:103, 50:550] = True  # a rule three pixels thick
    ink[200, 50:300] = True
    ink[200, 302:500] = True  # with a hair of a gap
    ink[300:330, 60:90] = True  # a blot
    found = [(round(line.at), round(line.start), round(line.end)) for line in _strokes(ink, 1.0, 60.0)]
    assert found == [(101, 50, 549), (200, 50, 499)]


@needs_ocr
def test_a_scanned_table_is_ruled_and_marked_as_recognised() -> None:
    buffer = io.BytesIO()
    _picture().save(buffer, "PDF", resolution=200)
    blocks = read(buffer.getvalue())
    (grid,) = grids(blocks)
    assert rows(grid) == PRINTED
    assert grid.borders is Borders.RULED
    assert "ocr" in blocks.notes
    assert paragraphs(blocks) == ["二、主动公开政府信息情况"]


@needs_ocr
def test_a_picture_file_is_read_like_a_page() -> None:
    buffer = io.BytesIO()
    _picture().save(buffer, "PNG")
    blocks = read(buffer.getvalue(), name="report.jpg")
    assert rows(grids(blocks)[0]) == PRINTED
    assert blocks.notes == ("ocr",)
