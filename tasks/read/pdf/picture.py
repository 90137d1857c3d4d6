"""A page of a PDF as a picture, with boxes drawn where a person should look."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import pypdfium2 as pdfium

from schemas.errors import ReadError
from tasks.read.pdf.layer import upright_angle

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in points from the top left of the page as it stands upright (`Place.box`)."""

SCALE = 2.0  # pixels for a point: 144 dots per inch
_MOST_PIXELS = 8_000_000  # a poster as a page must not fill the memory
_MARGIN = 1.5  # points around a box
_RED = (214, 32, 32)
_TINT = (255, 220, 0, 70)


def page_picture(data: bytes, page: int, boxes: Sequence[Box] = ()) -> bytes:
    """The page (counted from 1) as PNG, turned as it is read, with the boxes drawn.

    Raises ReadError `read.damaged` when the bytes are no PDF that can be opened, or have no such page.
    """
    from PIL import Image, ImageDraw

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise ReadError("read.damaged", f"the document cannot be opened: {error}") from error
    try:
        if not 1 <= page <= len(document):
            raise ReadError("read.damaged", f"the document has {len(document)} pages, and no page {page}")
        shown = document[page - 1]
        width, height = shown.get_size()
        scale = min(SCALE, math.sqrt(_MOST_PIXELS / max(1.0, width * height)))
        turn = (upright_angle(shown) - shown.get_rotation()) % 360
        picture = shown.render(scale=scale, rotation=turn).to_pil().convert("RGBA")
    finally:
        document.close()
    marks = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(marks)
    for left, top, right, bottom in boxes:
        corners = (left - _MARGIN, top - _MARGIN, right + _MARGIN, bottom + _MARGIN)
        x0, y0, x1, y1 = (round(edge * scale) for edge in corners)
        draw.rectangle((x0, y0, max(x0, x1), max(y0, y1)), outline=_RED, fill=_TINT, width=2)
    sink = io.BytesIO()
    Image.alpha_composite(picture, marks).convert("RGB").save(sink, "PNG")
    return sink.getvalue()
