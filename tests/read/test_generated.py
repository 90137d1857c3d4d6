"""Generated reports in random layouts: every printed row of every table comes back, and every paragraph whole."""

from __future__ import annotations

import random
import re

import pytest

from infra.replica.documents import HtmlQuirks, PdfQuirks, Quirks, render
from infra.replica.documents.grids import Table
from infra.replica.documents.html import containers
from infra.replica.documents.outline import outline
from infra.replica.model import ReportTruth
from infra.replica.random_reports import random_truth
from schemas.blocks import Blocks, Borders
from tasks.read import read
from tests.read.looking import grids, offsets_hold, paragraphs


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _printed(truth: ReportTruth, quirks: Quirks) -> tuple[list[list[str]], list[str]]:
    """The filled cells of every row of every table as printed, and the lines of text."""
    rows: list[list[str]] = []
    texts: list[str] = []
    for item in outline(truth, quirks):
        if isinstance(item, Table):
            rows += [[_bare(box.text) for box in row if _bare(box.text)] for row in item.rows()]
        else:
            texts.append(_bare(item.text))
    return [row for row in rows if row], texts


def _lost(blocks: Blocks, truth: ReportTruth, quirks: Quirks) -> tuple[list[list[str]], set[str]]:
    """Rows and lines that were printed and not read. A group label may stand on another page than its first row."""
    rows, texts = _printed(truth, quirks)
    read_rows = [
        [_bare(cell.text) for cell in row if _bare(cell.text)] for grid in grids(blocks) for row in grid.rows()
    ]
    tails = [row[-8:] for row in read_rows]
    lost = [row for row in rows if row not in read_rows and not (len(row) > 7 and row[-8:] in tails)]
    return lost, set(texts) - {_bare(text) for text in paragraphs(blocks)}


@pytest.mark.parametrize("seed", range(10))
def test_ruled_pdfs_in_any_layout(seed: int) -> None:
    rng = random.Random(seed)
    layout = PdfQuirks(
        strokes=rng.choice(("line", "bar")),
        paper=rng.choice(("portrait", "landscape", "rotated")),
        columns=rng.choice((1, 1, 2)),
        page_numbers=rng.choice(("none", "plain", "dashes")),
        rows_cut=rng.random() < 0.3,
        vertical_group=rng.choice(("stacked", "wrapped")),
        sunken_point=rng.random() < 0.5,
        latin=rng.choice(("same", "times")),
        justified=rng.random() < 0.5,
        first_page_fill=rng.choice((0, 150, 300)),
    )
    quirks = Quirks(separators=rng.random() < 0.3, split_table3=rng.random() < 0.3, pdf=layout)
    truth = random_truth(rng, remarks=True)
    blocks = read(render(truth, "pdf", quirks))
    assert _lost(blocks, truth, quirks) == ([], set())
    assert all(grid.borders is Borders.RULED for grid in grids(blocks))
    assert offsets_hold(blocks)


@pytest.mark.parametrize("ruling", ["horizontal", "none"])
@pytest.mark.parametrize("seed", range(4))
def test_figures_of_pdfs_without_whole_rulings_stay_apart_and_in_order(ruling: str, seed: int) -> None:
    rng = random.Random(seed)
    quirks = Quirks(pdf=PdfQuirks(ruling="horizontal" if ruling == "horizontal" else "none"))
    truth = random_truth(rng)
    blocks = read(render(truth, "pdf", quirks), reader="fast")
    number = re.compile(r"-?[\d,]+(?:\.\d+)?")
    read_rows = [
        [cell.text for cell in row if number.fullmatch(cell.text)] for grid in grids(blocks) for row in grid.rows()
    ]
    for row in _printed(truth, quirks)[0]:
        values = [text for text in row if number.fullmatch(text)]
        assert not values or values in read_rows
    assert all(grid.borders is Borders.ALIGNED for grid in grids(blocks))


@pytest.mark.parametrize("seed", range(12))
def test_pages_of_any_cms(seed: int) -> None:
    rng = random.Random(seed)
    look = HtmlQuirks(
        container=rng.choice(list(containers())),
        markup=rng.choice(("plain", "word", "ueditor", "breaks")),
        tables=rng.choice(("table", "div", "misaligned")),
        charset=rng.choice(("utf-8", "gb18030", "utf-16")),
        declared=rng.choice(("right", "none", "wrong")),
        chrome_inside=rng.random() < 0.5,
        comments=rng.random() < 0.5,
        nested_container=rng.random() < 0.5,
    )
    quirks = Quirks(html=look, blank=rng.choice(("", "/", "—", "\xa0", "\u3000")))
    truth = random_truth(rng, blanks=True)
    blocks = read(render(truth, "html", quirks))
    lost, missing = _lost(blocks, truth, quirks)
    assert lost == []
    assert {text for text in missing if not text.endswith("年度报告") and text not in truth.title} == set()
    assert offsets_hold(blocks)


@pytest.mark.parametrize("form", ["docx", "xlsx"])
@pytest.mark.parametrize("seed", range(3))
def test_office_documents(form: str, seed: int) -> None:
    rng = random.Random(seed)
    quirks = Quirks(separate_blocks=rng.random() < 0.5)
    truth = random_truth(rng)
    blocks = read(render(truth, "docx" if form == "docx" else "xlsx", quirks))
    lost, missing = _lost(blocks, truth, quirks)
    assert [row for row in lost if not any("." in text for text in row)] == []  # 0.10 typed as a number is 0.1
    assert missing == set()
    assert {grid.borders for grid in grids(blocks)} <= {Borders.DOM}
