"""Sentences of every construction: each gives exactly the figures that a person reads in it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.report import Statistic
from tasks.parse.statistics import extract

FIELDS = ("metric", "unit", "qualifier", "parent", "relation", "period", "key", "outcome")
SENTENCES = yaml.safe_load((Path(__file__).parent / "sentences.yaml").read_text(encoding="utf-8"))


def read(text: str, section: str = "overview", year: int | None = 2021) -> tuple[Statistic, ...]:
    return extract(text, [(0, len(text), section)], year=year)


@pytest.mark.parametrize("sentence", SENTENCES, ids=[entry["text"][:24] for entry in SENTENCES])
def test_a_sentence_gives_its_figures(sentence: dict[str, Any]) -> None:
    found = read(sentence["text"], sentence.get("section", "overview"))
    assert [_told(statistic) for statistic in found] == [_expected(figure) for figure in sentence["figures"]]
    for statistic in found:
        assert sentence["text"][statistic.start : statistic.end] == statistic.quote


@pytest.mark.parametrize("sentence", SENTENCES, ids=[entry["text"][:24] for entry in SENTENCES])
def test_punctuation_and_line_breaks_change_no_figure(sentence: dict[str, Any]) -> None:
    text = sentence["text"].translate(str.maketrans("，；：（）", ",;:()"))
    expected = [(Decimal(figure["value"]), figure.get("unit")) for figure in sentence["figures"]]
    for variant in (text, _wrapped(sentence["text"], 16), _wrapped(text, 23)):
        assert [(statistic.value, statistic.unit) for statistic in read(variant)] == expected


def _wrapped(text: str, width: int) -> str:
    """Lines of about that many characters, as a page breaks them: anywhere but inside a number or a date."""
    lines = [""]
    for char in text:
        if len(lines[-1]) >= width and not (char + lines[-1][-1]).isascii():
            lines.append("")
        lines[-1] += char
    return "\n".join(lines)


def _told(statistic: Statistic) -> dict[str, Any]:
    told = {name: getattr(statistic, name) for name in FIELDS if getattr(statistic, name) is not None}
    return {**told, "value": statistic.value}


def _expected(figure: dict[str, Any]) -> dict[str, Any]:
    return {**figure, "value": Decimal(figure["value"])}


# --- the text as it comes --------------------------------------------------------------------------------------------


def test_a_number_is_read_across_the_lines_of_a_page() -> None:
    (found,) = read("全市各级机关通过政府网站共向社会主\n动公开政府信息1\n286\n条。") or (None,)
    assert found is None  # 1 and 286 on two lines: neither is surely the number
    (found,) = read("全市各级机关通过政府网站共向社会主\n动公开政府信息\n 1286\n条。")
    assert (found.value, found.unit, found.metric) == (1286, "条", "主动公开政府信息")


def test_a_page_number_between_two_lines_is_no_figure() -> None:
    text = "落实“三审三校”制度，组织开展业务培\n- 12 -\n训3期，参训人员\n第 3 页 共 9 页\n120人次。"
    assert [(found.metric, found.value) for found in read(text)] == [("业务培训", 3), ("业务培训·参训人员", 120)]


def test_a_blank_line_in_the_middle_of_a_sentence_is_no_end() -> None:
    text = (
        "全年组织听证会并对外通报代理机构和参加评审的人员，其中处理违规的 11 位\n\n评标专家已公示，" + "其余从略" * 20
    )
    assert [found.metric for found in read(text)] == ["评标专家"]


def test_a_heading_is_no_part_of_the_name_behind_it() -> None:
    text = "（一）主动公开的数量\n本局共发布工作动态35条。\n（二）网站栏目\n新设专栏2个。"
    assert [found.metric for found in read(text)] == ["工作动态", "新设专栏"]


def test_emphasis_marks_and_full_width_digits_are_read_through() -> None:
    (found,) = read("**全年**公开公告**３，４５６** 条。")
    assert (found.value, found.quote) == (3456, "公告**３，４５６** 条")


def test_circled_list_marks_are_no_digits() -> None:
    assert [found.value for found in read("①公告3条；②公示5条。")] == [3, 5]


def test_offsets_are_those_of_the_whole_text() -> None:
    text = "题目\n\n第一段没有数字。\n公开信息 20 条。\n尾部公开公告 30 条。"
    start = text.index("公开信息")
    (found,) = extract(text, [(start, start + 10, "overview")], year=None)
    assert text[found.start : found.end] == found.quote == "公开信息 20 条"
    assert found.section == "overview"


def test_regions_beyond_the_text_are_cut_to_it() -> None:
    assert [found.value for found in extract("公告3条。", [(-5, 99, "other"), (50, 60, "other")], year=None)] == [3]


# --- periods, plans, sections ----------------------------------------------------------------------------------------


def test_without_a_report_year_every_year_is_named() -> None:
    assert [found.period for found in read("2021年发布公告3条。", year=None)] == ["2021年"]


def test_a_cumulative_figure_keeps_its_date_and_its_part_is_of_the_year() -> None:
    whole, part = read("截至2021年12月31日，累计主动公开政府信息900条。其中2021年度主动公开政府信息300条。")
    assert (whole.period, whole.key) == ("截至2021年12月31日", "published")
    assert (part.period, part.key, part.parent) == (None, "published", whole.metric)


def test_plans_in_the_section_on_problems_reach_to_its_end() -> None:
    text = "已整改问题3个。下一步：一是举办培训4期。二是新建专栏5个。"
    assert [found.value for found in read(text, "problems")] == [3]
    assert [found.value for found in read(text, "overview")] == [3, 5]


def test_a_new_section_ends_the_plans() -> None:
    text = "下一步，举办培训4期。\n六、其他需要报告的事项\n全年收取信息处理费60元。"
    assert [found.value for found in read(text, "problems")] == [60]


# --- keys ---


@pytest.mark.parametrize(
    "text",
    [
        "市司法局全年办理行政复议案件120件，行政诉讼应诉30件。",
        "窗口受理项目进场申请1,025件，答复咨询300件。",
        "全年收到投标保证金退还申请88件。",
        "共办理行政许可申请230件，不予许可3件。",
    ],
)
def test_other_business_is_not_taken_for_applications_and_cases(text: str) -> None:
    found = read(text)
    assert found
    assert [one.key for one in found] == [None] * len(found)


def test_what_was_said_shortly_before_tells_what_the_cases_are() -> None:
    text = "因政府信息公开引起的争议逐年减少。全年行政复议2件，行政诉讼1件。"
    assert [one.key for one in read(text)] == ["review_cases", "lawsuit_cases"]


def test_no_reviews_says_nothing_of_lawsuits() -> None:
    found = read("未发生因信息公开引起的行政复议，行政诉讼1件。")
    assert [(one.key, one.value) for one in found] == [("review_cases", 0), ("lawsuit_cases", 1)]


# --- enumerations ----------------------------------------------------------------------------------------------------


def test_two_breakdowns_of_one_whole_are_two_groups() -> None:
    text = "收到申请30件，其中自然人28件，法人2件；网络申请20件、信函申请10件。"
    whole, *parts = read(text)
    assert {part.parent for part in parts} == {whole.metric}
    assert [part.group for part in parts] == [1, 1, 2, 2]


def test_a_list_that_does_not_reach_the_whole_again_is_no_breakdown() -> None:
    text = "收到申请30件，其中自然人28件，法人2件，当面提交7件。"
    assert [found.parent is not None for found in read(text)] == [False, True, True, False]


def test_a_list_may_be_finished_in_the_next_sentence() -> None:
    text = "全区公开信息90条。其中，区直部门公开信息60条，占66.7%。各乡镇公开信息30条，占33.3%。"
    parts = [found for found in read(text) if found.relation == "part_of"]
    assert [part.value for part in parts] == [60, 30]
    assert len({part.group for part in parts}) == 1


def test_a_figure_in_the_next_sentence_is_no_part_where_the_sum_is_not_met() -> None:
    text = "全区公开信息90条。其中，区直部门公开信息60条。另外公开公告31条。"
    assert [found.value for found in read(text) if found.parent] == [60]


def test_amounts_are_parts_of_the_amount_and_counts_of_the_count() -> None:
    text = "完成项目12个，交易额9亿元。其中：甲类项目5个，交易额40000万元；乙类项目7个，成交金额5亿元。"
    found = {one.metric: one.parent for one in read(text)}
    assert found["乙类项目"] == "项目"
    assert found["甲类项目·交易额"] == found["乙类项目·成交金额"] == "项目·交易额"


def test_parents_are_named_as_the_whole_is() -> None:
    for sentence in SENTENCES:
        found = read(sentence["text"])
        assert {one.parent for one in found if one.parent} <= {one.metric for one in found}


def test_the_same_part_under_two_wholes_has_two_names() -> None:
    text = "招标公告30条（其中工程20条、货物10条）；中标公告9条（其中工程5条、货物4条）。"
    names = [found.metric for found in read(text)]
    assert len(set(names)) == len(names)
