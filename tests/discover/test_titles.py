"""What is an annual report, of which year and body, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.discover.titles import classify

REPORTS = [
    ("甲市公共资源交易中心2021年政府信息公开工作年度报告", 2021, "甲市公共资源交易中心"),
    ("甲市公共资源交易中心 2017 年政府信息公开工作年度报告", 2017, "甲市公共资源交易中心"),
    ("2021 年政府信息公开工作年度报告 甲市公共资源交易中心 2022 年 1 月", 2021, "甲市公共资源交易中心"),
    ("2019年甲市人民政府办公厅政府信息公开工作年度报告", 2019, "甲市人民政府办公厅"),
    ("2018年甲市政府信息公开工作年度报告", 2018, "甲市"),
    ("2020年政府信息公开年度报告", 2020, None),
    ("甲局2019年度政府信息公开工作年度报告", 2019, "甲局"),
    ("甲区2019年度政府信息公开年报", 2019, "甲区"),
    ("甲市市场监督管理局2016年政务信息公开年度报告", 2016, "甲市市场监督管理局"),
    ("甲区财政金融局关于2014年度政府信息公开工作年度报告", 2014, "甲区财政金融局"),
    ("甲局2020年政府信息公开工作的年度报告", 2020, "甲局"),
    ("甲局2013年 信息公开年度报告", 2013, "甲局"),
    ("二○二一年度甲局政府信息公开工作年度报告", 2021, "甲局"),
    ("甲局二〇二〇年政府信息公开年报", 2020, "甲局"),
    ("二零一九年甲局政府信息公开年度报告", 2019, "甲局"),
    ("甲局政府信息公开2020年度报告", 2020, "甲局"),
    ("甲局政府信息公开工作2022年度报告", 2022, "甲局"),
    ("甲局政府信息公开工作年度报告（2020年）", 2020, "甲局"),
    ("甲区人民政府信息公开年度报告（2019）", 2019, "甲区人民政府"),
    ("甲镇_2017年_政府信息公开年度报告", 2017, "甲镇"),
    ("2021年政府信息公开年度报告_甲区审计局", 2021, "甲区审计局"),
    ("2022年发布甲局2021年政府信息公开工作年度报告", 2021, "甲局"),
    ("【年报】[2022-01-28] 甲局2021年政府信息公开工作年度报告 2022-01-28", 2021, "甲局"),
    ("附件：甲局2021年政府信息公开年报.doc", 2021, "甲局"),
    ("关于印发《甲局2018年政府信息公开年度报告》的通知", 2018, "甲局"),
    ("甲局2016年政府信息公开年度报告及统计表", 2016, "甲局"),
    ("甲局2021年政府信息公开工作年度报告（国办公开办函〔2019〕60号）", 2021, "甲局"),
    ("甲市中心（甲市政府采购中心）2021年政府信息公开工作年度报告", 2021, "甲市中心(甲市政府采购中心)"),
    ("甲局21年政府信息公开工作年度报告", 2021, "甲局"),
    ("甲局2016年政府信息公开年度报告（附统计表）", 2016, "甲局"),
    ("甲局2021年度政府信息公开情况报告", 2021, "甲局"),
    ("甲局关于2021年政府信息公开工作年度报告的公示", 2021, "甲局"),
    ("甲局关于报送2022年政府信息公开工作年度报告的函", 2022, "甲局"),
    ("甲局关于公布2022年政府信息公开年报的公告", 2022, "甲局"),
    ("甲市人民政府关于印发甲局2021年政府信息公开年度报告的通知", 2021, "甲局"),
    ("甲局2008年5月1日至12月31日政府信息公开年度报告", 2008, "甲局"),
    ("甲局（2008年5-12月）政府信息公开年度报告", 2008, "甲局"),
    ("甲局〔2022〕年政府信息公开工作年度报告", 2022, "甲局"),
    ("【2022年】甲局政府信息公开工作年度报告", 2022, "甲局"),
    ("2022年1月甲局2021年度政府信息公开年报", 2021, "甲局"),
    ("（三）甲局2021年度政府信息公开年报", 2021, "甲局"),
    ("甲局2022年度政府信息主动公开工作年度报告", 2022, "甲局"),
    ("甲区人民政府乙街道办事处2021年政府信息公开年报", 2021, "甲区人民政府乙街道办事处"),
    ("甲经济开发区管委会2020年度政府信息公开年报", 2020, "甲经济开发区管委会"),
    ("中共甲县委宣传部2021年政府信息公开年报", 2021, "中共甲县委宣传部"),
    # bodies whose names hold a word of the look-alikes
    ("甲市财政局2021年政府信息公开工作年度报告", 2021, "甲市财政局"),
    ("甲市预算审核中心2021年政府信息公开工作年度报告", 2021, "甲市预算审核中心"),
    ("甲市统计局2021年政府信息公开工作年度报告", 2021, "甲市统计局"),
    ("甲市融媒体中心2021年政府信息公开工作年度报告", 2021, "甲市融媒体中心"),
    ("甲市第一图书馆2021年政府信息公开工作年度报告", 2021, "甲市第一图书馆"),
]

LOOKALIKES = [
    ("【图解】2021年政府信息公开工作年度报告", "infographic"),
    ("关于印发2022年政府信息公开工作年度报告模板的通知", "drafting_note"),
    ("我市2021年政府信息公开工作年度报告正式公布", "news"),
    ("2021年政府信息公开年度报告发布啦", "news"),
    ("甲局2021年度重点领域信息公开工作报告", "other_disclosure"),
    ("2021年政府网站工作年度报表", "website_report"),
    ("政府网站年度报表（2021年度）", "website_report"),
    ("甲县2021年法治政府建设年度报告", "rule_of_law"),
    ("甲区2019年度政府信息公开年报（图解）", "infographic"),
    ("一图读懂｜甲局2021年政府信息公开工作年度报告", "infographic"),
    ("《甲市2021年政府信息公开工作年度报告》解读", "explanation"),
    ("2016年政府信息公开情况统计表", "table_only"),
    ("甲局2016年政府信息公开年度报告附表", "table_only"),
    ("2021年政府工作报告", "government_work_report"),
    ("甲局2021年部门决算公开", "budget"),
    ("2021年度甲市财政收支情况", "budget"),
    ("甲乙股份有限公司2021年年度报告", "company"),
    ("甲局政府信息公开工作年度报告编制说明", "drafting_note"),
    ("政府信息公开工作年度报告格式", "drafting_note"),
    ("政府信息公开工作年度报告编写规范", "drafting_note"),
    ("甲市政府信息公开年度报告编制制度", "drafting_note"),
    ("关于2021年政府信息公开工作年度报告的说明", "drafting_note"),
    ("关于做好2021年政府信息公开工作年度报告编制和发布工作的通知", "notice"),
    ("关于2021年政府信息公开年度报告情况的通报", "notice"),
    ("甲市2023年政府信息公开工作年度报告公布情况", "news"),
    ("甲市政府发布2021年政府信息公开年度报告", "news"),
    ("2008-2012年政府信息公开年度报告", "collection"),
    ("历年政府信息公开年报", "collection"),
    ("甲大学2020-2021学年信息公开年度报告", "school_year"),
    ("2021年上半年政府信息公开工作报告", "half_year"),
    ("企业环境信息公开年度报告2021", "other_disclosure"),
    ("甲市住房公积金2021年年度报告", "other_disclosure"),
    ("政府信息公开指南", "guide"),
    ("甲局2021年度政府信息公开工作总结", "summary"),
    ("2021年政务公开第三方评估报告", "no_report"),
    ("甲市召开会议", "other_subject"),
]


@pytest.mark.parametrize(("title", "year", "publisher"), REPORTS)
def test_reports_are_recognised_with_year_and_publisher(title: str, year: int, publisher: str | None) -> None:
    verdict = classify(title)
    assert verdict.is_report
    assert (verdict.year, verdict.publisher, verdict.why_not) == (year, publisher, None)


@pytest.mark.parametrize(("title", "why"), LOOKALIKES)
def test_lookalikes_are_refused_with_the_reason(title: str, why: str) -> None:
    verdict = classify(title)
    assert not verdict.is_report
    assert (verdict.why_not, verdict.precision) == (why, "none")


@pytest.mark.parametrize(
    "title", [title for title, _ in LOOKALIKES if "股份" in title or "网站" in title or "法治" in title]
)
def test_a_report_column_does_not_make_lookalikes_reports(title: str) -> None:
    assert not classify(title, in_report_column=True).is_report


@pytest.mark.parametrize(
    ("title", "version"),
    [
        ("甲市2021年政府信息公开工作年度报告（图片版）", "image"),
        ("2021年政府信息公开工作年度报告.pdf", "pdf"),
        ("2021年政府信息公开工作年度报告（超链版）", "text"),
        ("甲局2021年政府信息公开工作年度报告（更正版）", "reissue"),
        ("甲局2021年政府信息公开工作年度报告（修订）", "reissue"),
        ("甲局2021年政府信息公开工作年度报告的更正说明", "correction"),
        ("甲局2021年政府信息公开工作年度报告", None),
    ],
)
def test_a_title_says_which_copy_it_is(title: str, version: str | None) -> None:
    verdict = classify(title)
    assert verdict.is_report
    assert verdict.version == version


def test_a_letter_that_sends_the_report_is_likely_one() -> None:
    verdict = classify("关于报送《甲区公安局2016年 政府信息公开工作情况》的函")
    assert (verdict.is_report, verdict.year, verdict.publisher, verdict.precision) == (
        True,
        2016,
        "甲区公安局",
        "likely",
    )


@pytest.mark.parametrize("cut", ["政府信息公开工作年度…", "政府信息公开工…", "政府信息公开...", "政府信息…"])
def test_a_title_cut_off_by_the_list_is_a_guess_and_not_lost(cut: str) -> None:
    verdict = classify(f"甲市乙中心2021年{cut}")
    assert (verdict.is_report, verdict.year, verdict.publisher, verdict.precision) == (
        True,
        2021,
        "甲市乙中心",
        "guess",
    )


def test_a_title_cut_very_short_counts_only_in_a_report_column() -> None:
    assert not classify("甲市乙中心2021年政…").is_report
    assert classify("甲市乙中心2021年政…", in_report_column=True).precision == "guess"


@pytest.mark.parametrize(("title", "year"), [("2023年", 2023), ("2023年年报", 2023), ("甲局2023年度报告", 2023)])
def test_bare_labels_count_only_in_a_report_column(title: str, year: int) -> None:
    assert not classify(title).is_report
    inside = classify(title, in_report_column=True)
    assert (inside.is_report, inside.year, inside.precision) == (True, year, "guess")


bodies = st.sampled_from(
    ["甲市公共资源交易中心", "乙县人民政府", "丙区市场监督管理局", "丁镇人民政府", "戊市财政局", ""]
)
years = st.integers(2008, 2035)
wordings = st.sampled_from(
    ["政府信息公开工作年度报告", "政府信息公开年度报告", "政府信息公开年报", "政务信息公开年度报告", "信息公开年度报告"]
)
NUMERALS = str.maketrans("0123456789", "〇一二三四五六七八九")


@given(
    bodies,
    years,
    wordings,
    st.sampled_from(["年", "年度"]),
    st.sampled_from(["", " ", "\u3000", "\u200b"]),
    st.booleans(),
)
def test_body_year_and_words_are_found_in_any_spacing_and_numerals(
    body: str, year: int, wording: str, unit: str, gap: str, chinese: bool
) -> None:
    number = str(year).translate(NUMERALS) if chinese else gap.join(str(year)) if gap else str(year)
    verdict = classify(f"{body}{gap}{number}{gap}{unit}{gap}{wording}")
    assert (verdict.is_report, verdict.year, verdict.publisher) == (True, year, body or None)


@given(st.text(max_size=80))
def test_no_text_at_all_breaks_the_judge(text: str) -> None:
    for inside in (False, True):
        verdict = classify(text, in_report_column=inside)
        assert verdict.is_report == (verdict.why_not is None)
        assert verdict.year is None or 2003 <= verdict.year <= 2099


@given(bodies, years, wordings, st.sampled_from(["图解", "一图读懂", "解读", "漫画", "答记者问"]))
def test_a_picture_or_explanation_of_a_report_is_never_one(body: str, year: int, wording: str, word: str) -> None:
    for title in (
        f"{word}｜{body}{year}年{wording}",
        f"{body}{year}年{wording}（{word}）",
        f"《{body}{year}年{wording}》{word}",
    ):
        assert not classify(title, in_report_column=True).is_report
