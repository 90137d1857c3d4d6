"""Real reports: every figure that a person read in them stands in a cell of its own, in the right row."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from schemas.blocks import Blocks, Borders, Cell
from tasks.read import NoBody, read
from tests.read.looking import grids, offsets_hold, paragraphs, rows

DOCUMENTS = (
    "hzq2023.pdf",
    "pingtan2014.html",
    "pingtan2018.html",
    "pingtan2019.html",
    "pingtan2020.html",
    "pingtan2021.html",
    "pingtan2022.html",
    "czj2009.html",
    "czj2014.html",
    "czj2019.html",
    "czj2020.html",
    "gaj2016.html",
    "scj2019.html",
    "shanghai_office2019.html",
)
WITHOUT_TABLE_THREE = {"pingtan2014.html", "pingtan2018.html", "czj2009.html", "czj2014.html", "gaj2016.html"}
APPLICANTS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other_org", "total")


@cache
def _read(path: Path) -> Blocks:
    return read(path.read_bytes(), name=path.name)


def _expected(evidence: Path, name: str) -> dict[str, str | None]:
    cells = json.loads((evidence / "real" / "expected.json").read_text(encoding="utf-8"))[name]["cells"]
    return {code: value if value is None else str(value) for code, value in cells.items()}


def _figure(text: str) -> str:
    """A printed figure as a plain number: unit, separators and blanks dropped."""
    found = re.search(r"[-+]?[\d,]+(?:\.\d+)?", text.replace(" ", ""))
    if not found:
        return ""
    number = found.group().replace(",", "").lstrip("+")
    return number.rstrip("0").rstrip(".") if "." in number else number


def _figures(cells: list[Cell]) -> list[str]:
    return [_figure(cell.text) for cell in cells]


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name not in WITHOUT_TABLE_THREE])
def test_the_rows_of_table_three_have_their_seven_values_in_order(evidence: Path, name: str) -> None:
    expected = _expected(evidence, name)
    by_row: dict[str, list[str]] = {}
    for code, value in expected.items():
        if code.startswith("t3."):
            _, row, column = code.split(".")
            by_row.setdefault(row, [""] * 7)[APPLICANTS.index(column)] = value or ""
    assert by_row
    seen = [_figures(row[-7:]) for grid in grids(_read(evidence / "real" / name)) for row in grid.rows()]
    for row, values in by_row.items():
        assert values in seen, f"{row}: {values}"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_figure_that_was_read_by_hand_stands_in_a_cell_of_its_own(evidence: Path, name: str) -> None:
    cells = [cell for grid in grids(_read(evidence / "real" / name)) for cell in grid.cells]
    printed = {_figure(part) for cell in cells for part in re.split(r"[\n，(（]", cell.text) if _figure(part)}
    wanted = {value for value in _expected(evidence, name).values() if value is not None}
    assert wanted - printed == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_real_tables_have_certain_boundaries_and_offsets_hold(evidence: Path, name: str) -> None:
    blocks = _read(evidence / "real" / name)
    assert grids(blocks)
    assert {grid.borders for grid in grids(blocks)} <= {Borders.RULED, Borders.DOM}
    assert offsets_hold(blocks)
    assert blocks.notes == ()


def test_the_real_pdf_has_its_tables_broken_by_pages_marked(evidence: Path) -> None:
    blocks = _read(evidence / "real" / "hzq2023.pdf")
    shapes = [(grid.n_rows, grid.n_columns, grid.continues, grid.place.page) for grid in grids(blocks)]
    assert shapes == [(8, 4, False, 2), (6, 2, True, 3), (17, 10, False, 3), (9, 10, True, 4), (4, 15, False, 4)]
    assert not any(re.fullmatch(r"-\s*\d\s*-", text) for text in paragraphs(blocks))
    assert [text[:2] for text in paragraphs(blocks) if re.match("[一二三四五六]、", text)] == [
        "一、",
        "二、",
        "三、",
        "四、",
        "五、",
        "六、",
    ]


def test_both_readers_agree_on_the_real_pdf(evidence: Path) -> None:
    data = (evidence / "real" / "hzq2023.pdf").read_bytes()
    assert read(data, reader="pdfplumber").text == read(data, reader="fast").text


def test_a_label_over_the_page_is_one_cell_of_the_last_row(evidence: Path) -> None:
    third = grids(_read(evidence / "real" / "hzq2023.pdf"))[2]
    label = next(cell for cell in third.cells if cell.text.startswith("三\n、"))
    assert (label.row, label.row_span, label.text.replace("\n", "")) == (5, 12, "三、本年度办理结果")


def test_spans_of_the_shanghai_page_are_kept_as_they_are(evidence: Path) -> None:
    first = grids(_read(evidence / "real" / "shanghai_office2019.html"))[0]
    row = next(row for row in first.rows() if row[0].text == "行政许可")
    assert [(cell.column, cell.column_span) for cell in row] == [(0, 1), (1, 2), (3, 1), (4, 1)]


def test_the_page_without_a_report_is_empty_and_not_zeros(evidence: Path) -> None:
    with pytest.raises(NoBody) as trouble:
        _read(evidence / "real" / "gaj2020_empty.html")
    assert trouble.value.code == "read.empty_body"


def test_the_blank_template_keeps_its_cells_and_no_figure(evidence: Path) -> None:
    found = grids(_read(evidence / "real" / "template.docx"))
    assert [(grid.n_rows, grid.n_columns) for grid in found] == [(14, 4), (28, 10), (4, 15)]
    assert not any(re.fullmatch(r"\d+", cell.text) for grid in found for cell in grid.cells)


def test_the_five_seeds_are_read_as_text(evidence: Path) -> None:
    shapes = {}
    for path in sorted((evidence / "seeds").glob("*.txt")):
        blocks = _read(path)
        assert blocks.text == path.read_text(encoding="utf-8")
        assert offsets_hold(blocks)
        shapes[path.name[:3]] = [(grid.n_rows, grid.continues) for grid in grids(blocks)]
    assert shapes["000"] == [(14, False), (28, False), (4, False)]
    assert shapes["001"] == []
    assert shapes["002"] == []
    assert shapes["003"] == [(7, False), (11, True), (10, False), (16, True), (1, False), (3, True)]
    assert shapes["004"] == []


def test_the_amount_of_daqing_survives_as_printed(evidence: Path) -> None:
    blocks = _read(next((evidence / "seeds").glob("003*.txt")))
    assert ["政府集中采购", "8,850", "11,561,862,563.21", ""] in rows(grids(blocks)[1])


def test_the_markdown_report_keeps_its_rows_of_seven(evidence: Path) -> None:
    blocks = _read(evidence / "real" / "kewei2024.md")
    sevens = [row for grid in grids(blocks) for row in rows(grid) if len(row) == 7]
    assert len(sevens) == 10
