"""Statutory tables on PDF pages: row heights, page breaks (also through a row), rulings, tall labels."""

from __future__ import annotations

from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from infra.replica.documents.grids import Box, Table
from infra.replica.documents.pdf_text import draw, draw_sunken, face_of, width, wrap
from infra.replica.documents.quirks import PdfQuirks

PAD = 3.0


@dataclass(frozen=True, slots=True)
class Slice:
    """A row, or the part of one, on a page: from `top` down to `bottom` (PDF coordinates, top > bottom)."""

    page: int
    row: int
    top: float
    bottom: float


class TableLayout:
    """One table set for a given width. `place` breaks it over pages, `draw` paints the part on one page."""

    def __init__(self, table: Table, left: float, room: float, look: PdfQuirks) -> None:
        self.table, self.left, self.look = table, left, look
        self.size = look.cell_size
        self.leading = self.size * 1.3
        self.face = face_of(look)
        unit = room / sum(table.widths)
        self.edges = [left]
        for share in table.widths:
            self.edges.append(self.edges[-1] + share * unit)
        self.lines = {box: self._set(box) for box in table.boxes}
        self.heights = self._heights()
        self.slices: list[Slice] = []

    def _room(self, box: Box) -> float:
        return self.edges[box.column + box.column_span] - self.edges[box.column] - 2 * PAD

    def _set(self, box: Box) -> list[str]:
        if box.vertical and self.look.vertical_group == "stacked":
            return list(box.text)
        if box.code is not None:
            return [box.text]  # a number is never broken; too long ones are set smaller
        return wrap(box.text, self._room(box), self.size, self.face)

    def _heights(self) -> list[float]:
        need = [self.leading + 2 * PAD] * self.table.n_rows
        for box in self.table.boxes:
            if box.row_span == 1:
                need[box.row] = max(need[box.row], len(self.lines[box]) * self.leading + 2 * PAD)
        for box in self.table.boxes:
            if box.row_span > 1:
                missing = len(self.lines[box]) * self.leading + 2 * PAD - sum(need[box.row : box.row + box.row_span])
                if missing > 0:
                    need[box.row + box.row_span - 1] += missing
        return need

    def place(self, page: int, y: float, top: float, bottom: float) -> tuple[int, float]:
        """Sets every row on a page from (page, y) on; `top` and `bottom` are the page's margins. The end's place."""
        repeated = sum(self.heights[: self.table.header_rows]) if self.look.repeat_header else 0.0
        for row, height in enumerate(self.heights):
            left_over = height
            while y - left_over < bottom:
                part = y - bottom
                first = self.leading + 2 * PAD
                if self.look.rows_cut and left_over >= 2 * self.leading and first <= part <= left_over - self.leading:
                    self.slices.append(Slice(page, row, y, bottom))
                    left_over -= part
                page, y = page + 1, top
                y -= repeated if row >= self.table.header_rows else 0.0
            self.slices.append(Slice(page, row, y, y - left_over))
            y -= left_over
        return page, y

    def pages(self) -> range:
        return range(self.slices[0].page, self.slices[-1].page + 1)

    def draw(self, canvas: Canvas, page: int, top: float) -> None:
        """Paints what stands on `page`; the header again on later pages when it is repeated."""
        if self.look.repeat_header and page > self.slices[0].page and self.table.header_rows:
            self._draw_header(canvas, top)
        for box in self.table.boxes:
            extents = self._extents(box)
            lines = list(self.lines[box])
            for number, (where, upper, lower) in enumerate(extents):
                last = number == len(extents) - 1
                fits = len(lines) if last else max(0, int((upper - lower - 2 * PAD + 0.01) / self.leading))
                now, lines = lines[:fits], lines[fits:]
                if where == page:
                    self._paint(canvas, box, now, upper, lower, centred=len(extents) == 1 or not lines)

    def _extents(self, box: Box) -> list[tuple[int, float, float]]:
        """(page, top, bottom) of each part of a box."""
        found: list[tuple[int, float, float]] = []
        for piece in self.slices:
            if box.row <= piece.row < box.row + box.row_span:
                if found and found[-1][0] == piece.page:
                    found[-1] = (piece.page, found[-1][1], piece.bottom)
                else:
                    found.append((piece.page, piece.top, piece.bottom))
        return found

    def _draw_header(self, canvas: Canvas, top: float) -> None:
        tops = [top]
        for height in self.heights[: self.table.header_rows]:
            tops.append(tops[-1] - height)
        for box in self.table.boxes:
            if box.row < self.table.header_rows:
                self._paint(canvas, box, self.lines[box], tops[box.row], tops[box.row + box.row_span], centred=True)

    def _paint(self, canvas: Canvas, box: Box, lines: list[str], upper: float, lower: float, *, centred: bool) -> None:
        x0, x1 = self.edges[box.column], self.edges[box.column + box.column_span]
        self._rule(canvas, x0, x1, upper, lower)
        y = upper - PAD if not centred else (upper + lower + len(lines) * self.leading) / 2
        for line in lines:
            y -= self.leading
            size = min(self.size, self.size * (x1 - x0 - 2) / max(width(line, self.size, self.face), 0.1))
            across = width(line, size, self.face)
            narrow = box.code is not None or box.header or box.vertical
            x = (x0 + x1 - across) / 2 if narrow else x0 + PAD
            baseline = y + self.leading - size
            if self.look.sunken_point and box.code is not None and "." in line:
                draw_sunken(canvas, x, baseline, line, size, self.face)
            elif line.strip():
                draw(canvas, x, baseline, line, size, self.face)

    def _rule(self, canvas: Canvas, x0: float, x1: float, upper: float, lower: float) -> None:
        if self.look.ruling == "none":
            return
        edges = [(x0, upper, x1, upper), (x0, lower, x1, lower)]
        if self.look.ruling == "full":
            edges += [(x0, upper, x0, lower), (x1, upper, x1, lower)]
        if self.look.strokes == "line":
            canvas.lines(edges)
            return
        for left, high, right, low in edges:  # thin filled bars, as Word prints its borders
            canvas.rect(left, low, max(right - left, 0.48), max(high - low, 0.48), stroke=0, fill=1)
