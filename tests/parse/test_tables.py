"""Aligning tables to the forms: what is sound is exact, what is damaged is doubted, nothing is guessed in silence."""

from __future__ import annotations

from decimal import Decimal

import pytest

from schemas.blocks import Borders
from schemas.forms import form
from schemas.report import Certainty, Edition, FactState, Report
from tasks.parse import parse
from tests.parse.build import APPLICANTS, application_rows, blocks, disclosure_rows, proceedings_rows, whole_report

BOTH = [Edition.FORM_2021, Edition.FORM_2019]
SOUND = {
    "new": ["3", "4", "0", "0", "0", "0", "7"],
    "granted": ["2", "4", "0", "0", "0", "0", "6"],
    "denied_process": ["1", "0", "0", "0", "0", "0", "1"],
    "results_total": ["3", "4", "0", "0", "0", "0", "7"],
}


def values(report: Report) -> dict[str, Decimal | None]:
    return {fact.code: fact.value for fact in report.facts}


def with_applications(rows: list[list[str]]) -> Report:
    """A report whose table 3 consists of the given rows."""
    title = "甲市2021年政府信息公开工作年度报告"
    return parse(blocks(title, disclosure_rows(Edition.FORM_2021), rows, proceedings_rows()))


def doubt_codes(report: Report) -> set[str]:
    return {doubt.code for doubt in report.doubts}


@pytest.mark.parametrize("edition", BOTH)
def test_every_cell_of_a_sound_report_is_exact(edition: Edition) -> None:
    report = parse(whole_report(edition, applications=SOUND))
    wanted = [code for table in form(edition).tables.values() for code in table.codes()]
    assert sorted(values(report)) == sorted(wanted)
    assert {fact.certainty for fact in report.facts} == {Certainty.EXACT}
    assert report.doubts == ()
    assert report.edition is edition
    assert values(report)["t3.new.total"] == 7
    assert values(report)["t3.denied_process.natural_person"] == 1


def test_the_edition_is_told_per_table_not_per_year() -> None:
    mixed = parse(
        blocks(
            "甲市2023年政府信息公开工作年度报告",
            disclosure_rows(Edition.FORM_2021),
            application_rows(Edition.FORM_2019),
            proceedings_rows(),
        )
    )
    assert mixed.edition is Edition.MIXED
    assert mixed.table_editions == {"t2": Edition.FORM_2021, "t3": Edition.FORM_2019}
    assert parse(whole_report(Edition.FORM_2019, year=2021)).edition is Edition.FORM_2019


def test_a_table_flattened_to_one_cell_per_line_is_read() -> None:
    rows = application_rows(Edition.FORM_2021, SOUND)
    cells = [cell for row in rows for cell in row if cell]
    report = parse(blocks("甲市2021年政府信息公开工作年度报告", *cells, *_lines(disclosure_rows(Edition.FORM_2021))))
    assert values(report)["t3.granted.business"] == 4
    assert len([code for code in values(report) if code.startswith("t3.")]) == 175


def _lines(rows: list[list[str]]) -> list[str]:
    return [" ".join(row) for row in rows]


def test_blank_separated_rows_are_read() -> None:
    report = parse(
        blocks(
            "甲市2021年政府信息公开工作年度报告",
            *_lines(disclosure_rows(Edition.FORM_2021, {"normative_docs": ["2", "1", "9"]})),
            *_lines(application_rows(Edition.FORM_2021, SOUND)),
            *_lines(proceedings_rows()),
        )
    )
    assert report.doubts == ()
    assert values(report)["t2.normative_docs.in_force"] == 9
    assert values(report)["t3.results_total.total"] == 7


def test_a_row_that_lost_a_cell_is_doubted() -> None:
    short = {**SOUND, "granted": ["2", "4", "0", "0", "0", "6"]}
    report = parse(whole_report(applications=short))
    assert "parse.row_incomplete" in doubt_codes(report)
    assert "t3.granted.total" not in values(report)


def test_a_row_whose_numbers_were_lost_is_doubted_and_not_zero() -> None:
    rows = [row if "予以公开" not in row[0] else row[:1] for row in application_rows(Edition.FORM_2021, SOUND)]
    report = parse(
        blocks("甲市2021年政府信息公开工作年度报告", disclosure_rows(Edition.FORM_2021), rows, proceedings_rows())
    )
    assert "t3.granted.total" not in values(report)
    assert doubt_codes(report) & {"parse.row_without_values", "parse.row_incomplete"}


def test_an_all_zero_row_that_the_publisher_deleted_is_no_doubt() -> None:
    rows = [row for row in application_rows(Edition.FORM_2021, SOUND) if "重复申请" not in row[0]]
    report = parse(
        blocks("甲市2021年政府信息公开工作年度报告", disclosure_rows(Edition.FORM_2021), rows, proceedings_rows())
    )
    assert report.doubts == ()
    assert "t3.np_repeat.total" not in values(report)


def test_a_missing_row_that_the_sums_need_is_a_doubt() -> None:
    rows = [row for row in application_rows(Edition.FORM_2021, SOUND) if "四类过程性信息" not in row[0]]
    report = parse(
        blocks("甲市2021年政府信息公开工作年度报告", disclosure_rows(Edition.FORM_2021), rows, proceedings_rows())
    )
    assert "parse.rows_missing" in doubt_codes(report)


def test_rows_without_labels_are_placed_by_order_and_proved() -> None:
    rows = application_rows(Edition.FORM_2021, SOUND)
    nameless = [row[1:] if "四类过程性信息" in row[0] else row for row in rows]
    report = parse(
        blocks("甲市2021年政府信息公开工作年度报告", disclosure_rows(Edition.FORM_2021), nameless, proceedings_rows())
    )
    fact = report.fact("t3.denied_process.natural_person")
    assert fact is not None
    assert (fact.value, fact.reached_by, fact.certainty) == (Decimal(1), "order", Certainty.PROVED)


def test_two_nameless_rows_for_three_open_ones_are_a_doubt() -> None:
    rows = application_rows(Edition.FORM_2021, SOUND)
    kept = []
    for row in rows:
        if "三类内部事务" in row[0]:
            continue
        kept.append(row[1:] if "四类过程性信息" in row[0] or "行政执法案卷" in row[0] else row)
    report = parse(
        blocks("甲市2021年政府信息公开工作年度报告", disclosure_rows(Edition.FORM_2021), kept, proceedings_rows())
    )
    assert "parse.row_unknown" in doubt_codes(report)


def test_blank_cells_stay_blank_and_numbers_keep_their_columns() -> None:
    blank = {"new": ["821", "35", "", "", "2", "1", "859"], "granted": ["258", "12", "", "", "1", "1", ""]}
    report = parse(whole_report(applications=blank))
    fact = report.fact("t3.granted.total")
    assert fact is not None
    assert (fact.value, fact.state) == (None, FactState.BLANK)
    assert values(report)["t3.new.legal_service"] == 2


def test_blanks_in_a_text_without_borders_are_not_guessed() -> None:
    rows = application_rows(Edition.FORM_2021, {**SOUND, "granted": ["2", "4", "", "", "", "", "6"]})
    lines = [" ".join(cell for cell in row if cell) for row in rows]
    report = parse(blocks("甲市2021年政府信息公开工作年度报告", *_lines(disclosure_rows(Edition.FORM_2021)), *lines))
    assert "parse.row_incomplete" in doubt_codes(report)
    assert "t3.granted.business" not in values(report)


def test_the_publishers_own_subtotal_is_kept_apart() -> None:
    rows = application_rows(Edition.FORM_2021, SOUND)
    at = next(number for number, row in enumerate(rows) if "本机关不掌握" in row[0])
    rows.insert(at, ["小计", "1", "0", "0", "0", "0", "0", "1"])
    report = parse(
        blocks("甲市2021年政府信息公开工作年度报告", disclosure_rows(Edition.FORM_2021), rows, proceedings_rows())
    )
    assert report.extra_rows == ("小计",)
    assert report.doubts == ()


def test_a_foreign_row_with_numbers_is_a_doubt() -> None:
    rows = application_rows(Edition.FORM_2021, SOUND)
    rows.insert(5, ["其中涉及土地征收", "1", "0", "0", "0", "0", "0", "1"])
    report = parse(
        blocks("甲市2021年政府信息公开工作年度报告", disclosure_rows(Edition.FORM_2021), rows, proceedings_rows())
    )
    assert "parse.row_unknown" in doubt_codes(report)


@pytest.mark.parametrize("count", [14, 16])
def test_table_4_with_another_number_of_cells_is_a_doubt(count: int) -> None:
    report = parse(whole_report(proceedings=["1"] * count))
    assert "parse.row_incomplete" in doubt_codes(report)
    assert not any(code.startswith("t4.") for code in values(report))


def test_the_unit_of_money_is_that_of_heading_cell_or_form() -> None:
    header = parse(whole_report(disclosure={"admin_fees": ["59237.2449"]})).fact("t2.admin_fees.amount")
    assert header is not None
    assert (header.value, header.unit, header.unit_source) == (Decimal("59237.2449"), "万元", "header")
    cell = parse(whole_report(Edition.FORM_2019, disclosure={"central_procurement": ["2笔", "984361元"]}))
    amount = cell.fact("t2.central_procurement.amount")
    assert amount is not None
    assert (amount.value, amount.unit, amount.unit_source) == (Decimal(984361), "元", "cell")
    bare = parse(whole_report(Edition.FORM_2019, disclosure={"central_procurement": ["8,850", "11,561,862,563.21"]}))
    amount = bare.fact("t2.central_procurement.amount")
    assert amount is not None
    assert (amount.value, amount.unit, amount.unit_source) == (Decimal("11561862563.21"), "元", "inferred")


def test_a_report_whose_tables_cannot_be_found_is_a_doubt() -> None:
    report = parse(blocks("甲市档案局2022年政府信息公开工作年度报告", "一、总体情况", "全年公开12条。"))
    assert doubt_codes(report) == {"parse.table_missing"}


def test_digits_that_ran_together_are_read_only_when_one_cut_is_possible() -> None:
    glued = "".join("".join(row) for row in application_rows(Edition.FORM_2021, SOUND))
    title = "甲市2021年政府信息公开工作年度报告"
    read = parse(blocks(title, disclosure_rows(Edition.FORM_2021), glued, proceedings_rows()))
    fact = read.fact("t3.granted.business")
    assert fact is not None
    assert (fact.value, fact.certainty, fact.reached_by) == (Decimal(4), Certainty.PROVED, "split")
    open_cut = "".join(
        "".join(row) for row in disclosure_rows(Edition.FORM_2021, {"normative_docs": ["20", "7", "1223"]})
    )
    doubted = parse(blocks(title, open_cut + "。" * 3))
    assert "parse.table_flattened" in doubt_codes(doubted)
    assert "t2.normative_docs.issued" not in values(doubted)


def test_ocr_cells_are_proved_by_the_equations_or_doubted() -> None:
    report = parse(whole_report(applications=SOUND, notes=("ocr",)))
    fact = report.fact("t3.granted.business")
    assert fact is not None
    assert fact.certainty is Certainty.PROVED
    assert "parse.cells_unproved" in doubt_codes(report)  # table 2 has no equations


def test_where_columns_were_inferred_a_failing_equation_is_our_doubt() -> None:
    wrong = {**SOUND, "granted": ["2", "4", "0", "0", "0", "0", "9"]}
    inferred = parse(whole_report(applications=wrong, borders=Borders.ALIGNED))
    assert "parse.cells_unproved" in doubt_codes(inferred)
    printed = parse(whole_report(applications=wrong))
    assert printed.doubts == ()  # with borders it is the publisher's error


def test_the_same_table_printed_twice_is_one_table_and_two_different_ones_are_a_doubt() -> None:
    first = application_rows(Edition.FORM_2021, SOUND)
    both = [disclosure_rows(Edition.FORM_2021), first, proceedings_rows()]
    copied = parse(blocks("甲市2021年政府信息公开工作年度报告", *both, *both))
    assert copied.doubts == ()
    assert values(copied)["t3.new.total"] == 7
    other = application_rows(Edition.FORM_2021)
    report = parse(blocks("甲市2021年政府信息公开工作年度报告", disclosure_rows(Edition.FORM_2021), first, other))
    assert "parse.two_reports" in doubt_codes(report)


def test_all_tables_in_one_grid_are_told_apart() -> None:
    rows = [
        *disclosure_rows(Edition.FORM_2021),
        ["三、收到和处理政府信息公开申请情况"],
        *application_rows(Edition.FORM_2021, SOUND),
        ["四、政府信息公开行政复议、行政诉讼情况"],
        *proceedings_rows(),
    ]
    report = parse(blocks("甲市2021年政府信息公开工作年度报告", rows))
    assert len(report.facts) == 200
    assert report.doubts == ()


@pytest.mark.parametrize(("serial", "tail"), [(True, False), (False, True)])
def test_serial_numbers_and_padding_cells_are_no_values(serial: bool, tail: bool) -> None:
    rows = [
        [*([str(number)] if serial else []), *row, *([""] if tail else [])]
        for number, row in enumerate(application_rows(Edition.FORM_2021, SOUND))
    ]
    report = with_applications(rows)
    assert values(report)["t3.granted.business"] == 4
    assert report.doubts == ()


def test_a_number_table_in_the_narrative_is_no_statutory_table() -> None:
    report = parse(
        blocks(
            "甲市2021年政府信息公开工作年度报告",
            "一、总体情况",
            [["类别", "数量"], ["政策文件", "12"]],
            disclosure_rows(Edition.FORM_2021),
            application_rows(Edition.FORM_2021, SOUND),
            proceedings_rows(),
            "五、存在的主要问题及改进情况",
            [["年度", "申请数"], ["2020", "5"]],
        )
    )
    assert len(report.facts) == 200
    assert report.doubts == ()


def test_words_in_a_cell_for_a_figure_are_kept_and_doubted() -> None:
    rows = {"punishment": ["12", "另行公布", "3"], "coercion": ["4", "无变化", "0"]}
    report = parse(whole_report(Edition.FORM_2019, disclosure=rows))
    doubted, told = report.fact("t2.punishment.change"), report.fact("t2.coercion.change")
    assert doubted is not None
    assert told is not None
    assert (doubted.value, doubted.state, doubted.raw) == (None, FactState.REMARK, "另行公布")
    assert (told.value, told.remark, told.certainty) == (None, "无变化", Certainty.EXACT)
    assert [doubt.cells for doubt in report.doubts] == [("t2.punishment.change",)]
    assert report.fact("t2.punishment.prev_year_items").value == 12  # type: ignore[union-attr]


@pytest.mark.parametrize("repeated", [False, True])
@pytest.mark.parametrize(
    ("label", "cut"), [("其他法律行政法规禁止公开", 2), ("其他法律行政法规禁止公开", 3), ("要求提供公开出版物", 3)]
)
def test_a_row_that_a_page_break_cuts_keeps_its_label(label: str, cut: int, repeated: bool) -> None:
    head = [["（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", "申请人情况"], ["", *APPLICANTS]]
    rows = application_rows(Edition.FORM_2021, SOUND | {"denied_law_forbidden": ["0"] * 7})
    at = next(number for number, row in enumerate(rows) if label in row[0])
    upper, rest = rows[: at + 1], rows[at + 1 :]
    upper[-1] = [upper[-1][0][: 2 + cut], *upper[-1][1:]]
    lower = [*(head if repeated else []), [label[cut:], *[""] * 7], *rest]
    report = parse(
        blocks(
            "甲市2021年政府信息公开工作年度报告",
            disclosure_rows(Edition.FORM_2021),
            upper,
            lower,
            proceedings_rows(),
            borders=Borders.RULED,
        )
    )
    assert report.doubts == ()
    assert len([code for code in values(report) if code.startswith("t3.")]) == 175


@pytest.mark.parametrize(("edition", "kept"), [(Edition.FORM_2021, slice(8, None)), (Edition.FORM_2019, slice(0, -3))])
def test_the_end_of_table_2_and_its_heading_are_not_both_deleted_by_a_publisher(edition: Edition, kept: slice) -> None:
    headings = ["二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况"]
    gone = headings[0 if kept.start else 1]

    def read(*, with_heading: bool) -> set[str]:
        first, second = (heading if with_heading or heading != gone else "正文。" for heading in headings)
        return doubt_codes(
            parse(
                blocks(
                    "甲市2021年政府信息公开工作年度报告",
                    "一、总体情况",
                    first,
                    disclosure_rows(edition)[kept],
                    second,
                    application_rows(edition, SOUND),
                    "四、政府信息公开行政复议、行政诉讼情况",
                    proceedings_rows(),
                    "五、存在的主要问题及改进情况",
                    "无。",
                )
            )
        )

    assert "parse.rows_missing" in read(with_heading=False)
    assert "parse.rows_missing" not in read(with_heading=True)


@pytest.mark.parametrize("row", ["punishment", "coercion"])
def test_a_number_that_touches_its_label_in_a_cell_is_doubted(row: str) -> None:
    rows = disclosure_rows(Edition.FORM_2021, {"punishment": ["31"], "coercion": ["7"]})
    at = next(
        at for at, cells in enumerate(rows) if cells[0] == {"punishment": "行政处罚", "coercion": "行政强制"}[row]
    )
    for touching in ([rows[at][0] + rows[at][1]], [rows[at][0] + rows[at][1], ""]):
        changed = [*rows[:at], touching, *rows[at + 1 :]]
        report = parse(blocks("甲市2021年政府信息公开工作年度报告", changed, application_rows(Edition.FORM_2021)))
        assert any(f"t2.{row}.decisions" in doubt.cells for doubt in report.doubts)


def test_figures_beside_a_group_label_alone_are_no_subtotal_when_they_do_not_add_up() -> None:
    rows = application_rows(Edition.FORM_2021, SOUND | {"unable_not_held": ["1", "0", "0", "0", "0", "0", "1"]})
    at = next(at for at, cells in enumerate(rows) if "本机关不掌握" in cells[0])
    rows[at] = ["（四）无法提供", *rows[at][1:]]
    report = with_applications(rows)
    assert any("t3.unable_not_held.total" in doubt.cells for doubt in report.doubts)


def test_a_column_of_remarks_beside_table_3_is_no_value() -> None:
    rows = [[*row, ""] for row in application_rows(Edition.FORM_2021, SOUND)]
    at = next(at for at, row in enumerate(rows) if "予以公开" in row[0])
    rows[at][-1] = "含上年结转"
    report = with_applications(rows)
    assert report.doubts == ()
    assert values(report)["t3.granted.total"] == 6


def test_table_4_in_lines_may_name_its_row_before_the_numbers() -> None:
    results = ["结果 维持", "结果 纠正", "其他 结果", "尚未 审结", "总计"]
    lines = ["类别", "行 政 复 议", "行 政 诉 讼", *results, "未经复议直接起诉", *results, "复议后起诉", *results]
    numbers = ["1", "0", "0", "0", "1", *["0"] * 10]
    report = parse(
        blocks(
            "甲市2021年政府信息公开工作年度报告",
            disclosure_rows(Edition.FORM_2021),
            application_rows(Edition.FORM_2021),
            "四、政府信息公开行政复议、行政诉讼情况",
            *lines,
            "数量（件）",
            *numbers,
            "五、存在的主要问题及改进情况",
        )
    )
    assert values(report)["t4.review_total"] == 1
    assert report.doubts == ()
