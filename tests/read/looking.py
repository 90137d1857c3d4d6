"""What tests of the readers look at: rows of grids as plain texts, paragraphs, and the offsets of both."""

from __future__ import annotations

from schemas.blocks import Blocks, Grid, Paragraph
from tasks.read.build import render


def grids(blocks: Blocks) -> list[Grid]:
    return [item for item in blocks.items if isinstance(item, Grid)]


def paragraphs(blocks: Blocks) -> list[str]:
    return [item.text for item in blocks.items if isinstance(item, Paragraph)]


def rows(grid: Grid) -> list[list[str]]:
    """The texts of a grid, row by row, line breaks inside cells shown as a slash."""
    return [[cell.text.replace("\n", "/") for cell in row] for row in grid.rows()]


def spans(grid: Grid) -> dict[str, tuple[int, int, int, int]]:
    """Cells with text: where they start and how many rows and columns they cover."""
    return {
        cell.text.replace("\n", ""): (cell.row, cell.column, cell.row_span, cell.column_span)
        for cell in grid.cells
        if cell.text
    }


def offsets_hold(blocks: Blocks) -> bool:
    """Every paragraph and every grid stands in the reading text where it says."""
    for item in blocks.items:
        if isinstance(item, Paragraph):
            if blocks.text[item.start : item.start + len(item.text)] != item.text:
                return False
        elif blocks.reader != "text":
            rendered = render(item.cells, item.n_rows, item.n_columns)
            if blocks.text[item.start : item.start + len(rendered)] != rendered:
                return False
        elif not 0 <= item.start <= len(blocks.text):
            return False
    return True
