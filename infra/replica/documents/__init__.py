"""The document generator: a report's truth in, the bytes of a document out. The layout is switched by `Quirks`."""

from __future__ import annotations

from importlib import import_module
from typing import Literal

from infra.replica.documents.outline import printed_cells
from infra.replica.documents.quirks import PLAIN, HtmlQuirks, PdfQuirks, Quirks, TextQuirks
from infra.replica.model import ReportTruth

Format = Literal["html", "pdf", "docx", "text", "xlsx"]
FORMATS: tuple[Format, ...] = ("html", "pdf", "docx", "text", "xlsx")
MEDIA_TYPES: dict[Format, str] = {
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "text": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def render(truth: ReportTruth, format: Format, quirks: Quirks = PLAIN) -> bytes:  # noqa: A002 - the natural word
    """The report as a document. The same arguments give the same bytes, in any process."""
    # Imported on use: a test of web pages need not load the PDF and Office libraries.
    module = import_module(f"infra.replica.documents.{format}")
    made: bytes = module.render(truth, quirks)
    return made


__all__ = [
    "FORMATS",
    "MEDIA_TYPES",
    "PLAIN",
    "Format",
    "HtmlQuirks",
    "PdfQuirks",
    "Quirks",
    "TextQuirks",
    "printed_cells",
    "render",
]
