"""A PDF to blocks: opened, every page taken apart, put together again; a second reader where the first is not sure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from schemas.blocks import Blocks, Grid
from schemas.errors import ReadError
from tasks.read.build import Builder
from tasks.read.pdf.assemble import assemble
from tasks.read.pdf.careful import careful_pages
from tasks.read.pdf.layer import Layer, layer_of
from tasks.read.pdf.parts import take_apart

MEDIA_TYPE = "application/pdf"
MAX_PAGES = 400
_UNSURE = {"pdf.crowded_cells", "pdf.open_cells"}
_FEW = 12  # characters of a page that has no text to speak of
_SCAN = 0.7  # share of a page under pictures above which text on it may be recognised text of a scan
_PICTURE = 0.35  # share of a page under pictures that makes it a scan when it has no text
_OBJECT = re.compile(rb"\d+\s+\d+\s+obj\b")
_LINEAR = re.compile(rb"/Linearized\b[^>]{0,200}?/L\s+(\d+)")

Ocr = Callable[[bytes, Sequence[int]], list[Layer]]


def read_pdf(data: bytes, *, reader: str | None = None, ocr: Ocr | None = None, pages: int = MAX_PAGES) -> Blocks:
    """Reads a PDF. `reader` is None (fast, and pdfplumber where unsure), "fast" or "pdfplumber"; `ocr` reads pictures.

    Raises ReadError: `read.encrypted`, `read.damaged`, `read.truncated`, `read.limit.pages`, `read.needs_ocr`,
    `read.garbled_text`.
    """
    refuse_truncated(data)
    layers, title = _layers(data, pages)
    if reader == "pdfplumber":
        return _careful(data, layers, title)
    pictures = [layer.number for layer in layers if is_picture(layer)]
    notes: set[str] = set()
    if pictures:
        if ocr is not None:
            read = {layer.number: layer for layer in ocr(data, pictures)}
            layers = [read.get(layer.number, layer) for layer in layers]
            notes.add("ocr")
        elif len(pictures) == sum(_has_content(layer) for layer in layers):
            raise ReadError("read.needs_ocr", f"all {len(pictures)} page(s) of the PDF are pictures without text")
        else:
            notes.add("pdf.picture_pages")
    _refuse_garbled(layers)
    if any(layer.picture > _SCAN and not is_picture(layer) for layer in layers):
        notes.add("pdf.text_over_picture")  # a scan with a hidden layer of recognised text, or a big figure
    fast = _put_together(layers, title, notes)
    if reader is None and "ocr" not in notes and _UNSURE & set(fast.notes):
        return _surer(fast, data, layers, title)
    return fast


def refuse_truncated(data: bytes) -> None:
    """Raises ReadError (`read.truncated`) when the file ends before its own end mark or stated length."""
    stated = _LINEAR.search(data[:2048])
    if stated and int(stated.group(1)) > len(data):
        message = f"the PDF says it has {int(stated.group(1))} bytes, and {len(data)} are here"
        raise ReadError("read.truncated", message, recoverable=True)
    end = max(data.rfind(b"%%EOF"), data.rfind(b"startxref"))
    # Objects behind the last end mark belong to a later part (an update, the body of a linearized file) that is cut.
    if end < 0 or _OBJECT.search(data, end):
        raise ReadError("read.truncated", "the PDF has no end mark; the download broke off", recoverable=True)


def is_picture(layer: Layer) -> bool:
    """Whether a page is a picture: scanned, or exported as one."""
    return layer.characters < _FEW and layer.picture > _PICTURE


def _has_content(layer: Layer) -> bool:
    return layer.characters >= _FEW or layer.picture > _PICTURE


def _layers(data: bytes, most: int) -> tuple[list[Layer], str | None]:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        code = raw.FPDF_GetLastError()
        if code in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY} or "password" in str(error).lower():
            raise ReadError("read.encrypted", "the PDF is locked with a password") from error
        raise ReadError("read.damaged", f"the PDF cannot be opened: {error}") from error
    try:
        count = len(document)
        if count > most:
            raise ReadError("read.limit.pages", f"the PDF has {count} pages; the limit is {most}")
        if count == 0:
            raise ReadError("read.damaged", "the PDF has no pages")
        layers = []
        for index in range(count):
            try:
                page = document[index]
                layers.append(layer_of(page, index + 1))
                page.close()
            except pdfium.PdfiumError as error:
                raise ReadError("read.damaged", f"page {index + 1} of the PDF cannot be loaded: {error}") from error
        title = (document.get_metadata_value("Title") or "").strip() or None
        return layers, title
    finally:
        document.close()


def _refuse_garbled(layers: Sequence[Layer]) -> None:
    characters = sum(layer.characters for layer in layers)
    unmapped = sum(layer.unmapped for layer in layers)
    if characters and unmapped * 4 > characters:
        message = f"{unmapped} of {characters} characters of the PDF have no Unicode value (fonts without a map)"
        raise ReadError("read.garbled_text", message)


def _put_together(layers: Sequence[Layer], title: str | None, notes: set[str]) -> Blocks:
    builder = Builder()
    doubts = assemble([take_apart(layer) for layer in layers], builder)
    found = tuple(sorted(notes | doubts))
    return builder.blocks(MEDIA_TYPE, "pypdfium2", title=title, notes=found, pages=len(layers))


def _careful(data: bytes, layers: Sequence[Layer], title: str | None) -> Blocks:
    builder = Builder()
    doubts = assemble(careful_pages(data, [layer.number for layer in layers]), builder)
    return builder.blocks(MEDIA_TYPE, "pdfplumber", title=title, notes=tuple(sorted(doubts)), pages=len(layers))


def _surer(fast: Blocks, data: bytes, layers: Sequence[Layer], title: str | None) -> Blocks:
    """The second reading when it is surer, else the first, with a note of whether both saw the same cells."""
    careful = _careful(data, layers, title)
    if not _UNSURE & set(careful.notes) and len(_tokens(careful)) >= len(_tokens(fast)):
        return careful
    note = "pdf.readers_agree" if _tokens(fast) == _tokens(careful) else "pdf.readers_differ"
    return Blocks(
        fast.media_type, fast.reader, fast.items, fast.text, fast.title, notes=(*fast.notes, note), pages=fast.pages
    )


def _tokens(blocks: Blocks) -> list[str]:
    """The texts of all cells in reading order, blanks left out."""
    grids = [item for item in blocks.items if isinstance(item, Grid)]
    return ["".join(cell.text.split()) for grid in grids for cell in grid.cells if cell.text]
