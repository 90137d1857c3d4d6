"""XLSX and XLS to blocks: each visible sheet's tables with their merged cells, and its lines of text as paragraphs.

Numbers are written as they were typed: the shortest decimal that the stored value stands for, never a float's noise.
A formula that the file holds no result for is shown as the formula, so that it can never pass for a blank or a zero.
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from schemas.blocks import Blocks, Borders, Cell, Place
from schemas.errors import ReadError
from tasks.read.build import Builder
from tasks.read.package import Package

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
MAX_CELLS = 200_000
_TEXT_ROW = re.compile(r"[一二三四五六七八九十]{1,2}、.*(?:情况|事项|问题|概述|措施)|.*(?:年度报告|年报)$|.*。")
_LONG = 40  # characters of a single cell that is text, not a caption in a table
_MERGE = re.compile(rb'<mergeCell\s+ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_NOISE = 14  # decimals beyond which a stored number is a formula's result, not something typed


@dataclass(slots=True)
class _Sheet:
    """Cells by row and column (from 0): text, rows and columns covered."""

    name: str
    cells: dict[tuple[int, int], tuple[str, int, int]] = field(default_factory=dict)


def read_xlsx(data: bytes) -> Blocks:
    """Reads an XLSX. Raises ReadError as `Package` does, and `read.limit.cells`."""
    with Package(data) as package:
        for name in package.names:
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                _refuse_huge_merges(package.read(name))
    import openpyxl  # costs 0.2 s, and few documents are spreadsheets

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(data)) if b"<f" in _sheets_xml(data) else None
    except ReadError:
        raise
    except Exception as error:  # openpyxl lets whatever its parsing meets come through
        raise ReadError("read.damaged", f"the XLSX cannot be read: {error}") from error
    notes: set[str] = set()
    sheets = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            notes.add("sheet.hidden_sheet")
            continue
        typed = formulas[sheet.title] if formulas is not None else None
        sheets.append(_from_openpyxl(sheet, typed, notes))
    title = (book.properties.title or "").strip() or None
    return _blocks(sheets, XLSX, "openpyxl", title, notes)


def read_xls(data: bytes) -> Blocks:
    """Reads an XLS. Raises ReadError: `read.damaged`, `read.encrypted`, `read.limit.cells`."""
    import xlrd

    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    except xlrd.XLRDError as error:
        code = "read.encrypted" if "encrypt" in str(error).lower() else "read.damaged"
        raise ReadError(code, f"the XLS cannot be read: {error}") from error
    except Exception as error:  # xlrd runs into bare struct and index errors on damaged files
        raise ReadError("read.damaged", f"the XLS cannot be read: {error}") from error
    notes: set[str] = set()
    sheets = []
    for sheet in book.sheets():
        if sheet.visibility:
            notes.add("sheet.hidden_sheet")
            continue
        found = _Sheet(sheet.name)
        for row in range(sheet.nrows):
            for column in range(sheet.row_len(row)):
                text = _xls_text(sheet.cell(row, column), book.datemode)
                if text:
                    _put(found, row, column, text)
        for top, bottom, left, right in sheet.merged_cells:
            _span(found, top, left, bottom - top, right - left)
        sheets.append(found)
    return _blocks(sheets, XLS, "xlrd", None, notes)


def _sheets_xml(data: bytes) -> bytes:
    with Package(data) as package:
        return b"".join(package.read(name) for name in sorted(package.names) if name.startswith("xl/worksheets/sheet"))


def _refuse_huge_merges(xml: bytes) -> None:
    """A merged range of millions of cells costs the library a cell object each."""
    for left, top, right, bottom in _MERGE.findall(xml):
        columns = _letters(right) - _letters(left) + 1
        rows = int(bottom) - int(top) + 1
        if columns * rows > MAX_CELLS:
            raise ReadError("read.limit.cells", f"a merged range of the sheet covers {columns * rows} cells")


def _letters(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number


def _from_openpyxl(sheet: Any, typed: Any, notes: set[str]) -> _Sheet:
    found = _Sheet(sheet.title)
    for row in sheet.iter_rows():
        for cell in row:
            value = cell.value
            if value is None and typed is not None:
                formula = typed.cell(cell.row, cell.column).value
                if isinstance(formula, str) and formula.startswith("="):
                    value = formula
                    notes.add("sheet.formula_without_value")
            if value is not None:
                text = written(value, cell.number_format)
                if text:
                    _put(found, cell.row - 1, cell.column - 1, text)
    for area in sheet.merged_cells.ranges:
        rows, columns = area.max_row - area.min_row + 1, area.max_col - area.min_col + 1
        _span(found, area.min_row - 1, area.min_col - 1, rows, columns)
    return found


def written(value: object, number_format: str = "General") -> str:
    """A cell's value as text: numbers exact, percentages as shown, dates in ISO form, text as it stands."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float | Decimal):
        return _number(value, number_format)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time(0) else value.isoformat(sep=" ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    lines = [" ".join(line.split()) for line in str(value).replace("_x000D_", "").splitlines()]
    return "\n".join(line for line in lines if line)


def _number(value: float | Decimal, number_format: str) -> str:
    # A sheet keeps 15 significant digits; what stands behind them is the binary fraction's noise.
    exact = Decimal(f"{value:.15g}") if isinstance(value, float) else Decimal(value)
    percent = "%" in number_format
    if percent:
        exact *= 100
    digits = exact.as_tuple()
    exponent = digits.exponent
    shown = re.search(r"0(?:\.(0+))?", number_format)
    if isinstance(exponent, int) and -exponent > _NOISE and shown and number_format != "General":
        places = len(shown.group(1) or "")
        exact = exact.quantize(Decimal(1).scaleb(-places))
    text = format(exact, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text}%" if percent else text


def _xls_text(cell: Any, datemode: int) -> str:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return _number(cell.value, "General")
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return written(xlrd.xldate_as_datetime(cell.value, datemode))
        except xlrd.XLDateError:
            return _number(cell.value, "General")
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    return written(cell.value) if cell.ctype == xlrd.XL_CELL_TEXT else ""


def _put(sheet: _Sheet, row: int, column: int, text: str) -> None:
    if len(sheet.cells) >= MAX_CELLS:
        raise ReadError("read.limit.cells", f"a sheet has more than {MAX_CELLS} filled cells")
    sheet.cells[row, column] = (text, 1, 1)


def _span(sheet: _Sheet, row: int, column: int, rows: int, columns: int) -> None:
    text = sheet.cells.get((row, column), ("", 1, 1))[0]
    sheet.cells[row, column] = (text, rows, columns)


def _blocks(sheets: list[_Sheet], media_type: str, reader: str, title: str | None, notes: set[str]) -> Blocks:
    builder = Builder()
    for sheet in sheets:
        for rows in _tables(sheet, builder):
            _grid(sheet, rows, builder)
    return builder.blocks(media_type, reader, title=title, notes=tuple(sorted(notes)))


def _tables(sheet: _Sheet, builder: Builder) -> Iterator[list[int]]:
    """Runs of rows that make a table; rows of text go into the builder on the way, in their order."""
    by_row: dict[int, list[int]] = {}
    for (row, column), (text, rows, _) in sheet.cells.items():
        for covered in range(row, row + min(rows, 200)):
            by_row.setdefault(covered, [])
        if text:
            by_row[row].append(column)
    order = sorted(by_row)
    several: Callable[[int], bool] = lambda row: len(by_row.get(row, ())) > 1  # noqa: E731
    pending: list[int] = []
    for position, row in enumerate(order):
        filled = by_row[row]
        if len(filled) == 1 and _is_text(sheet.cells[row, filled[0]][0], row, order, position, several):
            if pending:
                yield pending
                pending = []
            builder.paragraph(sheet.cells[row, filled[0]][0].replace("\n", ""), Place(path=f"{sheet.name}!R{row + 1}"))
        elif filled or pending:
            if pending and row - pending[-1] > 1:
                yield pending
                pending = []
            pending.append(row)
    if pending:
        yield pending


def _is_text(text: str, row: int, order: list[int], position: int, several: Callable[[int], bool]) -> bool:
    """Whether a row of one cell is a line of text; beside rows of several cells it may be a caption of the table."""
    if _TEXT_ROW.match(text) or len(text) > _LONG:
        return True
    below = order[position + 1] if position + 1 < len(order) else None
    above = order[position - 1] if position else None
    return not ((below == row + 1 and several(row + 1)) or (above == row - 1 and several(row - 1)))


def _grid(sheet: _Sheet, rows: list[int], builder: Builder) -> None:
    first, last = rows[0], rows[-1]
    inside = {key: cell for key, cell in sheet.cells.items() if first <= key[0] <= last}
    left = min(column for _, column in inside)
    cells = []
    covered: set[tuple[int, int]] = set()
    width = max(column + columns for (_, column), (_, _, columns) in inside.items()) - left
    if width * (last - first + 1) > MAX_CELLS:
        raise ReadError("read.limit.cells", f"a table of the sheet covers more than {MAX_CELLS} cells")
    for (row, column), (_, height, columns) in inside.items():
        for r in range(row, min(row + height, last + 1)):
            covered.update((r, c) for c in range(column, column + columns) if (r, c) != (row, column))
    for row in range(first, last + 1):
        for column in range(left, left + width):
            if (row, column) in covered:
                continue
            text, height, columns = inside.get((row, column), ("", 1, 1))
            place = Place(path=f"{sheet.name}!R{row + 1}C{column + 1}", row=row - first, column=column - left)
            cells.append(Cell(text, row - first, column - left, min(height, last + 1 - row), columns, place))
    if any(cell.text for cell in cells):
        size = (last - first + 1, width)
        builder.grid(cells, Borders.DOM, Place(path=f"{sheet.name}!R{first + 1}"), size=size)
