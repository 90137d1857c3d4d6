"""A report as a spreadsheet: one sheet, text rows over the full width, tables with merged cells, numbers as numbers."""

from __future__ import annotations

import io
from decimal import Decimal, InvalidOperation

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from infra.replica.documents.grids import Box, Table
from infra.replica.documents.outline import outline
from infra.replica.documents.quirks import PLAIN, Quirks
from infra.replica.documents.zipped import settled
from infra.replica.model import ReportTruth

WIDTH = 10


def _content(box: Box) -> Decimal | str | None:
    """A number as a number (exact: the file holds its digits), everything else as text."""
    if box.code is None or not box.text.isascii():
        return box.text or None
    try:
        return Decimal(box.text)
    except InvalidOperation:
        return box.text or None


def _table(sheet: Worksheet, table: Table, first: int) -> int:
    for box in table.boxes:
        row, column = first + box.row, box.column + 1
        sheet.cell(row, column).value = _content(box)
        if box.row_span > 1 or box.column_span > 1:
            sheet.merge_cells(
                start_row=row,
                start_column=column,
                end_row=row + box.row_span - 1,
                end_column=column + box.column_span - 1,
            )
    return first + table.n_rows


def render(truth: ReportTruth, quirks: Quirks = PLAIN) -> bytes:
    """The report as XLSX bytes."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "年度报告"
    row = 1
    for item in outline(truth, quirks):
        if isinstance(item, Table):
            row = _table(sheet, item, row) + 1
        else:
            sheet.cell(row, 1, item.text)
            sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=WIDTH)
            row += 1
    buffer = io.BytesIO()
    book.save(buffer)
    return settled(buffer.getvalue())
