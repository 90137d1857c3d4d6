"""XLSX and XLS: numbers as typed, merged cells, formulas, hostile ranges."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from openpyxl import Workbook

from schemas.errors import ReadError
from tasks.read import read
from tasks.read.spreadsheet import written
from tests.read.looking import grids, offsets_hold, paragraphs, rows, spans


def xlsx(*lines: list[object], merges: tuple[str, ...] = (), formats: dict[str, str] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in lines:
        sheet.append(line)
    for area in merges:
        sheet.merge_cells(area)
    for cell, shown in (formats or {}).items():
        sheet[cell].number_format = shown
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_numbers_are_written_as_typed() -> None:
    (grid,) = grids(read(xlsx(["规章", 11561862563.21, 96171.6, 0.1], ["许可", 7, 7.0, 24252.311082])))
    assert rows(grid) == [["规章", "11561862563.21", "96171.6", "0.1"], ["许可", "7", "7", "24252.311082"]]


@pytest.mark.parametrize(
    ("value", "shown", "text"),
    [
        (0.9975, "0.00%", "99.75%"),
        (1 / 3, "0.00", "0.33"),
        (12.5, "0", "12.5"),
        (Decimal("0.30"), "General", "0.3"),
        (10000000, "#,##0", "10000000"),
        (1e16, "General", "10000000000000000"),
        (True, "General", "TRUE"),
        ("  两 行\n字 ", "General", "两 行\n字"),
    ],
)
def test_values_become_text_without_a_floats_noise(value: object, shown: str, text: str) -> None:
    assert written(value, shown) == text


def test_merged_ranges_are_one_cell_and_lines_of_text_are_paragraphs() -> None:
    data = xlsx(
        ["甲局2021年政府信息公开工作年度报告"],
        ["二、主动公开政府信息情况"],
        ["第二十条第（一）项"],
        ["信息内容", "制发", "废止"],
        ["规章", 1, None],
        [],
        ["六、其他需要报告的事项"],
        ["没有其他事项。"],
        merges=("A1:C1", "A2:C2", "A3:C3", "B5:C5"),
    )
    blocks = read(data)
    assert paragraphs(blocks) == [
        "甲局2021年政府信息公开工作年度报告",
        "二、主动公开政府信息情况",
        "六、其他需要报告的事项",
        "没有其他事项。",
    ]
    (grid,) = grids(blocks)
    assert rows(grid) == [["第二十条第（一）项"], ["信息内容", "制发", "废止"], ["规章", "1"]]
    assert spans(grid)["第二十条第（一）项"] == (0, 0, 1, 3)
    assert grid.cells[-1].place.path == "Sheet!R5C2"
    assert offsets_hold(blocks)


def test_a_formula_without_a_result_never_passes_for_a_blank() -> None:
    blocks = read(xlsx(["规章", 1, 2, "=B1+C1"], ["许可", 3, 4, 7]))
    assert rows(grids(blocks)[0])[0] == ["规章", "1", "2", "=B1+C1"]
    assert blocks.notes == ("sheet.formula_without_value",)


def test_hidden_sheets_are_left_out_and_told() -> None:
    book = Workbook()
    assert book.active is not None
    for line in (["规章", 1], ["许可", 2]):
        book.active.append(line)
    other = book.create_sheet("底稿")
    other.append(["旧数", 99])
    other.append(["旧数", 98])
    other.sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    blocks = read(buffer.getvalue())
    assert "99" not in blocks.text
    assert blocks.notes == ("sheet.hidden_sheet",)


def test_a_merged_range_over_the_whole_sheet_is_refused_before_the_library_meets_it() -> None:
    import zipfile

    small = xlsx(["规章", 1], merges=("A2:B2",))
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(small)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            content = source.read(name).replace(b"A2:B2", b"A2:XFD1048576")
            target.writestr(name, content)
    with pytest.raises(ReadError) as trouble:
        read(buffer.getvalue())
    assert trouble.value.code == "read.limit.cells"


def test_a_broken_old_sheet_is_told() -> None:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "Workbook".encode("utf-16-le") + b"\x00" * 600
    with pytest.raises(ReadError) as trouble:
        read(head)
    assert trouble.value.code == "read.damaged"
