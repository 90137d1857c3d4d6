"""A report as a PDF with a true text layer: narrative, ruled tables, page numbers. Same input, same bytes."""

from __future__ import annotations

import io

from reportlab.pdfgen.canvas import Canvas

from infra.replica.documents.grids import Table
from infra.replica.documents.outline import Line, outline
from infra.replica.documents.pdf_table import TableLayout
from infra.replica.documents.pdf_text import draw, face_of, width, wrap
from infra.replica.documents.quirks import PLAIN, PdfQuirks, Quirks
from infra.replica.model import ReportTruth

A4 = (595.28, 841.89)
SIDE, HEAD, FOOT, GUTTER = 62.0, 72.0, 68.0, 22.0


class _Print:
    """Collects drawing orders per page, then writes the pages: tables and columns need to look back."""

    def __init__(self, look: PdfQuirks) -> None:
        self.look = look
        across, high = A4 if look.paper == "portrait" else (A4[1], A4[0])
        self.width, self.height = across, high
        self.top, self.bottom = high - HEAD, FOOT
        self.room = across - 2 * SIDE
        self.face = face_of(look)
        self.page, self.y = 1, self.top
        self.texts: list[tuple[int, float, float, str, float, float]] = []  # page, x, y, text, size, spacing
        self.tables: list[TableLayout] = []
        self.waiting: list[tuple[str, float, float]] = []  # lines for two columns: text, indent, size

    def break_page(self) -> None:
        self.page, self.y = self.page + 1, self.top

    def line(self, text: str, x: float, size: float, leading: float, spacing: float = 0.0) -> None:
        if self.y - leading < self.bottom:
            self.break_page()
        self.y -= leading
        self.texts.append((self.page, x, self.y + (leading - size) / 2, text, size, spacing))

    def centred(self, text: str, size: float) -> None:
        self.flush()
        for line in wrap(text, self.room, size, self.face):
            self.line(line, (self.width - width(line, size, self.face)) / 2, size, size * 1.8)

    def paragraph(self, text: str) -> None:
        size = self.look.size
        room = self.room if self.look.columns == 1 else (self.room - GUTTER) / 2
        lines = wrap(text, room, size, self.face, indent=2 * size)
        for number, line in enumerate(lines):
            indent = 2 * size if number == 0 else 0.0
            if self.look.columns == 2:
                self.waiting.append((line, indent, size))
                continue
            spacing = 0.0
            if self.look.justified and number < len(lines) - 1 and len(line) > 1:
                spacing = max(0.0, (room - indent - width(line, size, self.face)) / (len(line) - 1))
            self.line(line, SIDE + indent, size, size * 1.75, spacing)

    def flush(self) -> None:
        """Sets the waiting lines in two columns of equal length."""
        leading = self.look.size * 1.75
        while self.waiting:
            if self.y - leading < self.bottom:
                self.break_page()
            fit = int((self.y - self.bottom) / leading)
            half = min(fit, (len(self.waiting) + 1) // 2)
            start = self.y
            for column in range(2):
                self.y = start
                taken, self.waiting = self.waiting[:half], self.waiting[half:]
                for text, indent, size in taken:
                    self.line(text, SIDE + indent + column * ((self.room + GUTTER) / 2), size, leading)
            self.y = start - half * leading
            if self.waiting:
                self.break_page()

    def table(self, table: Table) -> None:
        self.flush()
        self.y -= 6
        layout = TableLayout(table, SIDE, self.room, self.look)
        if self.y - sum(layout.heights[: max(1, table.header_rows)]) < self.bottom:
            self.break_page()
        self.page, self.y = layout.place(self.page, self.y, self.top, self.bottom)
        self.y -= 8
        self.tables.append(layout)

    def write(self, title: str, author: str) -> bytes:
        buffer = io.BytesIO()
        canvas = Canvas(buffer, pagesize=(self.width, self.height), invariant=1)
        canvas.setTitle(title)
        canvas.setAuthor(author)
        for page in range(1, self.page + 1):
            if self.look.paper == "rotated":
                canvas.setPageRotation(90)
                canvas.transform(0, 1, -1, 0, A4[0], 0)
            canvas.setLineWidth(0.5)
            for where, x, y, text, size, spacing in self.texts:
                if where == page:
                    draw(canvas, x, y, text, size, self.face, spacing=spacing)
            for layout in self.tables:
                if page in layout.pages():
                    layout.draw(canvas, page, self.top)
            self._number(canvas, page)
            canvas.showPage()
        canvas.save()
        return buffer.getvalue()

    def _number(self, canvas: Canvas, page: int) -> None:
        if self.look.page_numbers == "none":
            return
        text = str(page) if self.look.page_numbers == "plain" else f"- {page} -"
        draw(canvas, (self.width - width(text, 10.5, self.face)) / 2, FOOT / 2, text, 10.5, self.face)


def render(truth: ReportTruth, quirks: Quirks = PLAIN) -> bytes:
    """The report as PDF bytes."""
    look = quirks.pdf
    paper = _Print(look)
    filled = not look.first_page_fill
    for item in outline(truth, quirks):
        if isinstance(item, Table):
            if not filled:
                paper.flush()
                paper.y -= look.first_page_fill
                filled = True
            paper.table(item)
        else:
            _text(paper, item)
    paper.flush()
    return paper.write(truth.title, truth.publisher_name)


def _text(paper: _Print, item: Line) -> None:
    if item.kind == "title":
        paper.centred(item.text, 18)
    elif item.kind in ("date", "caption"):
        paper.centred(item.text, paper.look.size)
    elif item.kind == "signature":
        paper.flush()
        size = paper.look.size
        paper.line(item.text, paper.width - SIDE - width(item.text, size, paper.face) - 2 * size, size, size * 1.75)
    else:
        paper.paragraph(item.text)
