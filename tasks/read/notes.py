"""The doubts that readers put into `Blocks.notes`, in words. They lower the trust in a reading; none is an error."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NOTES: Mapping[str, str] = MappingProxyType(
    {
        "ocr": "the text was recognised in pictures (OCR); its figures need proof",
        "text.damaged_encoding": "bytes of the text are of no encoding and were lost",
        "html.damaged_encoding": "bytes of the page are of no encoding and were lost",
        "html.hidden_body": "the body of the page is hidden until a script shows it; it was read as if shown",
        "html.body_in_script": "the body was found as a string inside a script of the page",
        "html.more_pages": "the article goes on at further addresses (`Blocks.more`)",
        "html.cut_off": "the page ends without its closing tags, as a broken download does",
        "pdf.crowded_cells": "several numbers stand in one drawn cell; rows and columns were inferred",
        "pdf.open_cells": "ruling lines are missing, so that some cells are not bounded",
        "pdf.aligned_table": "a table has no ruling lines; its cells were inferred from positions",
        "pdf.readers_agree": "both PDF readers found the same cells",
        "pdf.readers_differ": "the two PDF readers found different cells",
        "pdf.broken_number": "a line ends with a digit and the next begins with one; a number may be broken there",
        "pdf.picture_pages": "some pages are pictures without text and were not read",
        "pdf.text_over_picture": "the text lies over a picture of the page: recognised by the publisher, or a figure",
        "docx.embedded_object": "the document holds embedded objects, which are not read",
        "sheet.hidden_sheet": "hidden sheets were left out",
        "sheet.formula_without_value": "the file holds a formula without its result; the formula is shown",
    }
)
