"""A printed PDF as a scan: pages that are only images, without a text layer. Print it with an embedded font."""

from __future__ import annotations

import io

import pypdfium2
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas


def scan(pdf: bytes, *, dpi: int = 200) -> bytes:
    """The PDF with every page replaced by its grey image at `dpi`."""
    source = pypdfium2.PdfDocument(pdf)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    try:
        for page in source:
            across, high = page.get_size()
            picture = page.render(scale=dpi / 72, grayscale=True).to_pil()
            canvas.setPageSize((across, high))
            canvas.drawImage(ImageReader(picture), 0, 0, across, high)
            canvas.showPage()
    finally:
        source.close()
    canvas.save()
    return buffer.getvalue()
