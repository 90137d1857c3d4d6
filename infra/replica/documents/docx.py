"""A report as a Word document: paragraphs and tables with merged cells."""

from __future__ import annotations

import io

from docx import Document
from docx.document import Document as Opened
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from infra.replica.documents.grids import Table
from infra.replica.documents.outline import Line, outline
from infra.replica.documents.quirks import PLAIN, Quirks
from infra.replica.documents.zipped import settled
from infra.replica.model import ReportTruth


def _table(document: Opened, table: Table) -> None:
    grid = document.add_table(rows=table.n_rows, cols=table.n_columns)
    grid.style = "Table Grid"
    # The cells of a python-docx table are looked up anew on each access; one list is far faster.
    cells = [list(row.cells) for row in grid.rows]
    for box in table.boxes:
        cell = cells[box.row][box.column]
        if box.row_span > 1 or box.column_span > 1:
            cell = cell.merge(cells[box.row + box.row_span - 1][box.column + box.column_span - 1])
        for paragraph in cell.paragraphs[1:]:  # merging keeps the empty paragraphs of the merged cells
            paragraph._p.getparent().remove(paragraph._p)  # noqa: SLF001 - python-docx has no public way
        cell.paragraphs[0].text = box.text


def _line(document: Opened, line: Line) -> None:
    if line.kind == "heading":
        document.add_heading(line.text, level=1)
        return
    paragraph = document.add_paragraph()
    run = paragraph.add_run(line.text)
    if line.kind in ("title", "date", "caption"):
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run.bold = line.kind == "title"
    elif line.kind == "signature":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    else:
        paragraph.paragraph_format.first_line_indent = Pt(28)


def render(truth: ReportTruth, quirks: Quirks = PLAIN) -> bytes:
    """The report as DOCX bytes."""
    document = Document()
    document.core_properties.title = truth.title
    document.core_properties.author = truth.publisher_name
    for item in outline(truth, quirks):
        if isinstance(item, Table):
            _table(document, item)
        else:
            _line(document, item)
    buffer = io.BytesIO()
    document.save(buffer)
    return settled(buffer.getvalue())
