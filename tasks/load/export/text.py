"""CSV files and the workbook."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from tasks.load.export.tables import Row, as_text
from tasks.load.views import View

_BOM = "\ufeff"
_SHEET_ROWS = 1_048_576  # of an XLSX sheet, headings included
_CELL_TEXT = 32_767  # characters of an XLSX cell
_DOUBLE_DIGITS = 15  # digits that a spreadsheet shows exactly
_CUT = " …[cut: too long for a spreadsheet; see the other formats]"
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)
_TIMES = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")


def write_csv(view: View, rows: Iterator[Row], path: Path, *, bom: bool) -> int:
    """Write a view as UTF-8 CSV with names as heading; `bom` marks the encoding for spreadsheet programs."""
    names = [column.name for column in view.columns]
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        if bom:
            file.write(_BOM)
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow([as_text(row[name]) for name in names])
            count += 1
    return count


def write_workbook(sheets: Iterable[tuple[View, Iterator[Row]]], path: Path) -> None:
    """Write views as sheets: a row of names, a row of Chinese labels with units, then the data.

    A view longer than a sheet goes on in a second one. Amounts that a spreadsheet would round are text.
    """
    book = Workbook(write_only=True)
    for view, rows in sheets:
        number, sheet, left = 1, None, 0
        for row in rows:
            if sheet is None or left == 0:
                sheet, left = _sheet(book, view, number), _SHEET_ROWS - 2
                number += 1
            sheet.append([_value(sheet, row[column.name]) for column in view.columns])
            left -= 1
        if sheet is None:
            _sheet(book, view, 1)
    book.save(path)
    _without_times(path)


def _sheet(book: Any, view: View, number: int) -> Any:
    name = view.name if number == 1 else f"{view.name[:28]}_{number}"
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "A3"
    sheet.append([column.name for column in view.columns])
    sheet.append([column.zh + (f"（{column.unit}）" if column.unit else "") for column in view.columns])
    return sheet


def _value(sheet: Any, value: Any) -> Any:
    if isinstance(value, bool | int) or value is None:
        return value
    if isinstance(value, Decimal) and len(value.as_tuple().digits) <= _DOUBLE_DIGITS:
        return value
    text = _NOT_IN_XML.sub("\ufffd", as_text(value))
    if len(text) > _CELL_TEXT:
        text = text[: _CELL_TEXT - len(_CUT)] + _CUT
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # a text that starts with = is a text, not a formula
    return cell


def _without_times(path: Path) -> None:
    """Write the workbook anew without the time of its making."""
    fresh = path.with_suffix(".tmp")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _TIMES.sub(b"", content)
            new.writestr(zipfile.ZipInfo(name, _FIXED_DATE), content, zipfile.ZIP_DEFLATED)
    fresh.replace(path)
