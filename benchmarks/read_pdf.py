"""How fast PDFs are read, side by side in one run: this reader, pdfplumber, and pypdfium2's bare text as the floor.

    python benchmarks/read_pdf.py [FILE.pdf …]

Without files it takes the real report beside the checkout, if there, and generated ones. Every figure is the best of
several rounds on the same bytes; the ratios are what counts, seconds depend on the machine.
"""

from __future__ import annotations

import io
import random
import sys
from pathlib import Path

import pdfplumber
import pypdfium2 as pdfium

from benchmarks.stopwatch import Table, best
from infra.replica.documents import render
from infra.replica.documents.quirks import PdfQuirks, Quirks
from infra.replica.random_reports import random_truth
from schemas.report import Edition
from tasks.read.pdf import read_pdf

EVIDENCE = Path(__file__).resolve().parent.parent.parent / "shared" / "real"


def documents() -> dict[str, bytes]:
    """Names and bytes of what is measured."""
    if len(sys.argv) > 1:
        return {Path(name).name: Path(name).read_bytes() for name in sys.argv[1:]}
    found = {path.name: path.read_bytes() for path in sorted(EVIDENCE.glob("*.pdf"))}
    for number, quirks in enumerate((PdfQuirks(), PdfQuirks(strokes="bar", justified=True), PdfQuirks(ruling="none"))):
        truth = random_truth(random.Random(number), edition=Edition.FORM_2021)
        found[f"generated {quirks.ruling} {quirks.strokes}"] = render(truth, "pdf", Quirks(pdf=quirks))
    return found


def floor(data: bytes) -> int:
    """The text alone, as pypdfium2 gives it; returns the number of pages."""
    document = pdfium.PdfDocument(data)
    for page in document:
        page.get_textpage().get_text_range()
    return len(document)


def plumber(data: bytes) -> None:
    """Text and tables as pdfplumber gives them."""
    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages:
            page.extract_text()
            page.extract_tables()


def main() -> None:
    table = Table("document", "pages", "floor ms", "this ms", "plumber ms", "x floor (<= 4)", "x faster (>= 8)")
    totals = [0.0, 0.0, 0.0]
    pages = 0
    for name, data in documents().items():
        count = floor(data)
        times = [best(lambda d=data: floor(d)), best(lambda d=data: read_pdf(d)), best(lambda d=data: plumber(d), 2)]
        totals = [total + time for total, time in zip(totals, times, strict=True)]
        pages += count
        table.row(name, count, *times, times[1] / times[0], times[2] / times[1])
    table.row("all", pages, *totals, totals[1] / totals[0], totals[2] / totals[1])
    table.show()


if __name__ == "__main__":
    main()
