"""Flattened text and Markdown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schemas.blocks import Borders, Grid, Paragraph
from tasks.read.text import items_of, read_text
from tests.read.looking import grids, offsets_hold, paragraphs, rows


def test_lines_with_tabs_are_a_grid_with_every_cell_and_empty_ones_kept() -> None:
    blocks = read_text("二、主动公开\n规章\t3\t\t5\n规范性文件\t0\t1\t\n".encode())
    (grid,) = grids(blocks)
    assert rows(grid) == [["规章", "3", "", "5"], ["规范性文件", "0", "1", ""]]
    assert grid.borders is Borders.DELIMITED
    assert grid.cells[3].place.as_dict() == {"line": 2, "row": 0, "column": 3}
    assert paragraphs(blocks) == ["二、主动公开"]


def test_the_reading_text_is_the_file_itself_without_its_mark() -> None:
    text = "标题\r\n\r\n  正文有缩进。 \n"
    blocks = read_text(b"\xef\xbb\xbf" + text.encode())
    assert blocks.text == text
    assert paragraphs(blocks) == ["标题", "正文有缩进。"]
    assert offsets_hold(blocks)


def test_a_blank_line_inside_a_table_leaves_two_grids_that_go_on() -> None:
    first, second = grids(read_text("甲\t1\t2\n乙\t3\t4\n\n丙\t5\t6\n".encode()))
    assert (first.continues, second.continues) == (False, True)


def test_text_between_two_tables_parts_them() -> None:
    first, second = grids(read_text("甲\t1\t2\n三、标题\n乙\t3\t4\n".encode()))
    assert (first.continues, second.continues) == (False, False)


def test_a_page_number_between_rows_is_dropped_and_the_table_goes_on() -> None:
    blocks = read_text("甲\t1\t2\n- 5 -\n乙\t3\t4\n".encode())
    assert [grid.continues for grid in grids(blocks)] == [False, True]
    assert paragraphs(blocks) == []


def test_one_cell_per_line_behind_a_tab_stays_tokens_with_blank_cells_kept() -> None:
    blocks = read_text("\t规章\n\t0\n\t\n\t7\n\n\t行政许可\n\t1\n".encode())
    assert grids(blocks) == []
    assert paragraphs(blocks) == ["规章", "0", "", "7", "行政许可", "1"]
    assert offsets_hold(blocks)


def test_a_row_with_one_filled_cell_belongs_to_the_table_around_it() -> None:
    (grid,) = grids(
        read_text("第二十条第（一）项\t\t\t\n信息内容\t制发\t废止\t有效\n\t\t申请人\n规章\t0\t0\t0\n".encode())
    )
    assert rows(grid)[0] == ["第二十条第（一）项", "", "", ""]
    assert rows(grid)[2] == ["", "", "申请人"]


def test_markdown_tables_lose_their_rules_and_keep_their_cells() -> None:
    source = "## 表三\n| 信息 | 数 |\n|---|---|\n| **规章** | 0 |\n| 换<br>行 |  |\n"
    blocks = read_text(source.encode())
    assert rows(grids(blocks)[0]) == [["信息", "数"], ["**规章**", "0"], ["换/行", ""]]
    heading = blocks.items[0]
    assert isinstance(heading, Paragraph)
    assert (heading.text, heading.heading) == ("表三", 2)
    assert offsets_hold(blocks)


def test_the_line_above_a_rule_begins_a_table_of_its_own() -> None:
    found = grids(read_text("| 甲 | 1 | 2 |\n| 0 | 0 |\n|---|---|\n| 3 | 4 |\n".encode()))
    assert [rows(grid) for grid in found] == [[["甲", "1", "2"]], [["0", "0"], ["3", "4"]]]
    assert [grid.continues for grid in found] == [False, True]


def test_dashes_of_their_own_are_a_value_and_no_rule() -> None:
    assert paragraphs(read_text("行政诉讼数\n——\n----\n".encode())) == ["行政诉讼数", "——", "----"]


def test_tokens_parted_by_blanks_stay_one_paragraph() -> None:
    assert paragraphs(read_text("规章 0 0 0\n".encode())) == ["规章 0 0 0"]


_LINES = st.text(alphabet="\t|-— \u3000\xa0#规章12.\r\n", max_size=120)


@given(_LINES)
def test_any_text_keeps_its_offsets_and_loses_no_digit(text: str) -> None:
    found = 0
    for item in items_of(text):
        if isinstance(item, Paragraph):
            assert text[item.start : item.start + len(item.text)] == item.text
            found += sum(char.isdigit() for char in item.text)
        else:
            assert isinstance(item, Grid)
            assert all(cell.column < item.n_columns and cell.row < item.n_rows for cell in item.cells)
            found += sum(char.isdigit() for cell in item.cells for char in cell.text)
    page_numbers = sum(sum(char.isdigit() for char in line) for line in text.splitlines() if _may_be_page_number(line))
    assert sum(char.isdigit() for char in text) - page_numbers <= found <= sum(char.isdigit() for char in text)


def _may_be_page_number(line: str) -> bool:
    bare = line.strip()
    return len(bare) > 2 and bare[0] in "-—" and bare[-1] in "-—"
