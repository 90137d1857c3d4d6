"""The statutory tables as grids of boxes with spans, exactly as the official forms lay them out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from infra.replica.documents.cells import label_text, printed
from infra.replica.documents.quirks import Quirks
from infra.replica.forms import CORNER, INFORMATION, Block, Column, Row, TableForm, table
from infra.replica.model import ReportTruth, Style
from schemas.report import Edition


@dataclass(frozen=True, slots=True)
class Box:
    """One cell of a printed table. `code` is the fact it shows; `vertical` marks the tall group label."""

    text: str
    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    code: str | None = None
    header: bool = False
    vertical: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A printed table: boxes cover every grid position exactly once. `widths` are relative column widths."""

    code: str
    boxes: tuple[Box, ...]
    n_rows: int
    n_columns: int
    widths: tuple[float, ...]
    header_rows: int = 1
    continues: bool = False

    def rows(self) -> list[list[Box]]:
        """Boxes by the row they start in, left to right."""
        found: list[list[Box]] = [[] for _ in range(self.n_rows)]
        for box in self.boxes:
            found[box.row].append(box)
        for row in found:
            row.sort(key=lambda box: box.column)
        return found


class _Sheet:
    """Collects boxes row by row."""

    def __init__(self, truth: ReportTruth, quirks: Quirks) -> None:
        self.truth, self.quirks = truth, quirks
        self.boxes: list[Box] = []
        self.row = 0

    def label(self, text: str, column: int, *, rows: int = 1, columns: int = 1, header: bool = False) -> None:
        shown = label_text(text, self.truth.style, self.quirks)
        self.boxes.append(Box(shown, self.row, column, rows, columns, header=header))

    def value(self, code: str, column: int, *, columns: int = 1, unit: str | None = None) -> None:
        shown = printed(self.truth, code, self.quirks, unit)
        self.boxes.append(Box(shown, self.row, column, 1, columns, code))


def _block(sheet: _Sheet, block: Block, width: int) -> None:
    sheet.label(block.caption, 0, columns=width, header=True)
    sheet.row += 1
    count = len(block.columns)
    last = width - count  # the last column takes what is left of the four
    sheet.label(INFORMATION, 0, header=True)
    for index, column in enumerate(block.columns):
        text = _amount_label(column, sheet.truth.style) if column.code == "amount" else column.label
        sheet.label(text, index + 1, columns=last if index == count - 1 else 1, header=True)
    sheet.row += 1
    for row in block.rows:
        sheet.label(row.printed, 0)
        for index, column in enumerate(block.columns):
            code = f"t2.{row.code}.{column.code}"
            sheet.value(code, index + 1, columns=last if index == count - 1 else 1, unit=column.unit)
        sheet.row += 1
    if sheet.quirks.total_row and block.caption.endswith("（六）项"):
        _total(sheet, block, last)


def _amount_label(column: Column, style: Style) -> str:
    """The header of a money column in the wording of this publisher; the form's own where it has none."""
    mark = "保留" if style.fee_decimals else f"（{style.procurement_unit}）"
    return next((label for label in column.labels if mark in label), column.label)


def _total(sheet: _Sheet, block: Block, last: int) -> None:
    """A row 合计 over the rows of a block, which no form asks for."""
    sheet.label("合计", 0)
    for index, column in enumerate(block.columns):
        values = [sheet.truth.cells[f"t2.{row.code}.{column.code}"] or 0 for row in block.rows]
        sheet.label(str(sum(values)), index + 1, columns=last if index == len(block.columns) - 1 else 1)
    sheet.row += 1


def second(truth: ReportTruth, quirks: Quirks) -> list[Table]:
    """Table 2 as one table of blocks, or one table per block."""
    form = table(truth.editions["t2"], "t2")
    found: list[Table] = []
    sheet = _Sheet(truth, quirks)
    for block in form.blocks:
        _block(sheet, block, 4)
        if quirks.separate_blocks:
            found.append(Table("t2", tuple(sheet.boxes), sheet.row, 4, (4, 3, 3, 3), 2))
            sheet = _Sheet(truth, quirks)
    if quirks.separate_blocks:
        return found
    return [Table("t2", tuple(sheet.boxes), sheet.row, 4, (4, 3, 3, 3), 2)]


def _header3(sheet: _Sheet, form: TableForm) -> None:
    sheet.label(CORNER, 0, rows=3, columns=3, header=True)
    sheet.label(form.groups["applicant"], 3, columns=7, header=True)
    sheet.row = 1
    sheet.label(form.columns[0].label, 3, rows=2, header=True)
    sheet.label(form.groups["org"], 4, columns=5, header=True)
    sheet.label(form.columns[-1].label, 9, rows=2, header=True)
    sheet.row = 2
    for index, column in enumerate(form.columns[1:-1]):
        sheet.label(column.label, 4 + index, header=True)
    sheet.row = 3


def _wanted(truth: ReportTruth, row: Row, quirks: Quirks) -> bool:
    if not quirks.drop_zero_rows or row.code in ("new", "carried_in", "results_total", "carried_out"):
        return True
    return any(value for code, value in truth.cells.items() if code.startswith(f"t3.{row.code}."))


def _values3(sheet: _Sheet, form: TableForm, row: Row) -> None:
    for index, column in enumerate(form.columns):
        sheet.value(f"t3.{row.code}.{column.code}", 3 + index)
    sheet.row += 1


def _third(truth: ReportTruth, quirks: Quirks, parts: list[list[Row]]) -> list[Table]:
    form = table(truth.editions["t3"], "t3")
    groups = {row.code: row for row in form.rows if row.kind == "group"}
    found: list[Table] = []
    for number, rows in enumerate(parts):
        sheet = _Sheet(truth, quirks)
        header = 3 if number == 0 else 0
        if header:
            _header3(sheet, form)
        inside = [row for row in rows if row.parent]
        placed: set[str] = set()
        for row in rows:
            if not row.parent:
                sheet.label(row.printed, 0, columns=3)
            else:
                if "results" not in placed:
                    placed.add("results")
                    sheet.label(groups["results"].printed, 0, rows=len(inside))
                    sheet.boxes[-1] = replace(sheet.boxes[-1], vertical=True)
                if row.parent == "results":
                    sheet.label(row.printed, 1, columns=2)
                else:
                    if row.parent not in placed:
                        placed.add(row.parent)
                        size = sum(other.parent == row.parent for other in rows)
                        sheet.label(groups[row.parent].printed, 1, rows=size)
                    sheet.label(row.printed, 2)
            _values3(sheet, form, row)
        widths = (1.2, 3, 7, 1.7, 1.7, 1.7, 1.7, 1.7, 1.7, 1.7)
        found.append(Table("t3", tuple(sheet.boxes), sheet.row, 10, widths, header, continues=number > 0))
    return found


def third(truth: ReportTruth, quirks: Quirks) -> list[Table]:
    """Table 3, as one table or cut in two with the group label repeated."""
    form = table(truth.editions["t3"], "t3")
    rows = [row for row in form.rows if row.kind != "group" and _wanted(truth, row, quirks)]
    parts = [rows]
    if quirks.split_table3:
        cut = next((i for i, row in enumerate(rows) if row.parent in ("unable", "not_processed")), len(rows) - 1)
        parts = [rows[:cut], rows[cut:]]
    return _third(truth, quirks, parts)


def fourth(truth: ReportTruth, quirks: Quirks) -> list[Table]:
    """Table 4: one row of fifteen values under three header rows."""
    form = table(truth.editions.get("t4", truth.editions["t3"]), "t4")
    sheet = _Sheet(truth, quirks)
    labels = [column.label for column in form.columns]
    sheet.label(form.groups["review"], 0, columns=5, header=True)
    sheet.label(form.groups["litigation"], 5, columns=10, header=True)
    sheet.row = 1
    for index in range(5):
        sheet.label(labels[index], index, rows=2, header=True)
    sheet.label(form.groups["direct"], 5, columns=5, header=True)
    sheet.label(form.groups["after"], 10, columns=5, header=True)
    sheet.row = 2
    for index in range(5, 15):
        sheet.label(labels[index], index, header=True)
    sheet.row = 3
    for index, column in enumerate(form.columns):
        sheet.value(f"t4.{column.code}", index)
    return [Table("t4", tuple(sheet.boxes), 4, 15, (1.0,) * 15, 3)]


def annex(truth: ReportTruth, quirks: Quirks) -> list[Table]:
    """The statistical annex of a report before 2019: stat-2014 (one value) or stat-local (year and cumulative)."""
    code = "stat" if "stat" in truth.editions else "local"
    edition = Edition.STAT_2014 if code == "stat" else Edition.STAT_LOCAL
    form = table(edition, code)
    heads = ["指标", "单位"] if code == "stat" else ["指标名称", "计量单位"]
    sheet = _Sheet(truth, quirks)
    for index, text in enumerate([*heads, *(column.label for column in form.columns)]):
        sheet.label(text, index, header=True)
    sheet.row = 1
    for row in form.rows:
        sheet.label(row.printed, 0)
        sheet.label(row.unit or "", 1)
        for index, column in enumerate(form.columns):
            if row.kind == "group":
                sheet.label("——", 2 + index)
            else:
                fact = f"stat.{row.code}" if code == "stat" else f"local.{row.code}.{column.code}"
                sheet.value(fact, 2 + index)
        sheet.row += 1
    widths = (7.0, 1.5, *(2.0 for _ in form.columns))
    return [Table(code, tuple(sheet.boxes), sheet.row, 2 + len(form.columns), widths, 1)]
