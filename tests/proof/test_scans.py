"""Scanned reports, read with the OCR extra: what the equations do not prove is never current."""

from __future__ import annotations

import io
import random

import pypdfium2 as pdfium
import pytest

from infra.replica.documents import PLAIN, render
from infra.replica.random_reports import random_truth
from tasks.read import read
from tasks.read.scan import available
from tests.proof.examine import compare

pytestmark = pytest.mark.skipif(not available(), reason="the OCR extra is not installed; `make test-ocr` installs it")


def _scanned(data: bytes) -> bytes:
    """The pages of a PDF as pictures, at the resolution of an office scanner."""
    pages = [page.render(scale=200 / 72).to_pil().convert("L") for page in pdfium.PdfDocument(data)]
    buffer = io.BytesIO()
    pages[0].save(buffer, "PDF", save_all=True, append_images=pages[1:], resolution=200)
    return buffer.getvalue()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_scanned_report_is_read_by_position_and_waits_for_a_person_where_no_equation_proves_it(seed: int) -> None:
    truth = random_truth(random.Random(seed))
    blocks = read(_scanned(render(truth, "pdf", PLAIN)), name="report.pdf")
    assert "ocr" in blocks.notes
    found = compare(blocks, truth.cells)
    assert found.doubted, "table 2 has no equation within its year: nobody but a person can vouch for it"
    assert found.blamed_us
    assert len(found.wrong) + len(found.missing) <= 0.05 * len(truth.cells), (found.wrong, found.missing)
