"""A report as flattened text, the way converters leave tables: tabs, blanks, one cell per line, pipes, or nothing."""

from __future__ import annotations

from infra.replica.documents.grids import Table
from infra.replica.documents.outline import Line, outline
from infra.replica.documents.quirks import PLAIN, Quirks, TextQuirks
from infra.replica.model import ReportTruth

_COVERED = None  # a grid position that a box from a row above covers


def _grid(table: Table) -> list[list[str | None]]:
    """Rows of cell texts; None where a box from above stands. Column spans take one cell."""
    covered = {
        (row, column)
        for box in table.boxes
        for row in range(box.row + 1, box.row + box.row_span)
        for column in range(box.column, box.column + 1)
    }
    rows: list[list[str | None]] = []
    for number, row in enumerate(table.rows()):
        places: dict[int, str | None] = {box.column: box.text for box in row}
        places.update({column: _COVERED for r, column in covered if r == number})
        rows.append([places[column] for column in sorted(places)])
    return rows


def _full_grid(table: Table) -> list[list[str]]:
    rows = [[""] * table.n_columns for _ in range(table.n_rows)]
    for box in table.boxes:
        rows[box.row][box.column] = box.text
    return rows


def _shifted(row: list[str | None]) -> list[str | None]:
    """The row without its covered cells: everything moves to the left, the gap stays behind the label."""
    bare = [cell for cell in row if cell is not _COVERED]
    return [bare[0], "", *bare[1:]] if len(bare) < len(row) else row


def _tabs(table: Table, look: TextQuirks) -> list[str]:
    grid = _grid(table)
    lines: list[str] = []
    cut = len(grid) // 2 if look.page_break and len(grid) > 8 else -1
    for number, whole in enumerate(grid):
        row = whole
        if number == cut:
            lines.append("")
        if number >= cut > 0 and row and row[0] is _COVERED:
            row = row[1:]  # behind a page break the column of the tall label is gone
        if look.shifted and table.code == "t3" and number in (len(grid) - 3, len(grid) - 2):
            row = _shifted(row)
        lines.append("\t".join(cell or "" for cell in row))
        if look.rule_line and number == 0:
            lines.append("\t".join("------" for _ in row))
    return lines


def _blanks(table: Table) -> list[str]:
    return [" ".join(cell for cell in row if cell) for row in _grid(table)]


def _lines(table: Table) -> list[str]:
    found: list[str] = []
    for row in _grid(table):
        found += [f"\t{cell or ''}" for cell in row]
        found.append("")
    return found


def _pipes(table: Table) -> list[str]:
    lines = [f"| {' | '.join(row)} |" for row in _full_grid(table)]
    lines.insert(1, "|" + "---|" * table.n_columns)
    return lines


def _together(table: Table) -> list[str]:
    return ["".join(cell for cell in row if cell) for row in _grid(table)]


def _table(table: Table, look: TextQuirks) -> list[str]:
    if look.style == "tabs":
        return _tabs(table, look)
    make = {"blanks": _blanks, "lines": _lines, "pipes": _pipes, "run_together": _together}[look.style]
    return make(table)


def _line(line: Line, look: TextQuirks) -> str:
    if look.style == "pipes" and line.kind == "title":
        return f"# {line.text}"
    if look.style == "pipes" and line.kind == "heading":
        return f"## {line.text}"
    return f"**{line.text}**" if look.bold_marks and line.kind == "heading" else line.text


def render(truth: ReportTruth, quirks: Quirks = PLAIN) -> bytes:
    """The report as text bytes, paragraphs apart by blank lines."""
    parts: list[str] = []
    for item in outline(truth, quirks):
        if isinstance(item, Table):
            parts.append("\n".join(_table(item, quirks.text)))
        else:
            parts.append(_line(item, quirks.text))
    return ("\n\n".join(parts) + "\n").encode(quirks.text.charset)
