"""The coverage matrix as a table: a row for each publisher, a column for each year."""

from __future__ import annotations

from typing import Any

from tasks.load import Coverage


def coverage_rows(coverage: Coverage) -> list[dict[str, Any]]:
    """Plain JSON data. Each cell is the state, with its reason where there is one, and * when it is overdue by law; a
    year that the publisher does not owe, or nobody asked for, is a dot."""
    # A column named by a bare number would come before the publisher: so do browsers order what they read.
    rows: list[dict[str, Any]] = []
    for row in coverage.rows:
        cells: dict[str, Any] = {"publisher 发布机构": row.name}
        for year in coverage.years:
            cell = row.cells.get(year)
            if cell is None:
                cells[f"{year}年"] = "·"
                continue
            why = f" {cell.reason_code}" if cell.reason_code else ""
            cells[f"{year}年"] = f"{cell.state.value}{'*' if cell.overdue else ''}{why}"
        rows.append(cells)
    return rows
