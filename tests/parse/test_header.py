"""Title, publisher, year, period and dates, as publishers really print them."""

from __future__ import annotations

from datetime import date

import pytest

from tasks.parse.dates import stated_date, stated_period
from tasks.parse.header import read_header
from tests.parse.build import blocks


@pytest.mark.parametrize(
    ("lines", "publisher", "year"),
    [
        (["甲市公共资源交易中心2021年政府信息公开工作年度报告"], "甲市公共资源交易中心", 2021),
        (["甲市公共资源交易中心", "2021 年政府信息公开工作年度报告"], "甲市公共资源交易中心", 2021),
        (["2021 年政府信息公开工作年度报告", "乙市公共资源交易中心", "2022 年 1 月"], "乙市公共资源交易中心", 2021),
        (["2019年丙市人民政府办公厅政府信息公开工作年度报告"], "丙市人民政府办公厅", 2019),
        (["2024 年丙市科委政府信息公开工作", "年度报告"], "丙市科委", 2024),
        (["丁区财政局关于2014年度政府信息公开工作年度报告"], "丁区财政局", 2014),
        (["关于报送《丁区公安局2016年 政府信息公开工作情况》的函"], "丁区公安局", 2016),
        (["戊县工商局2012年政府信息公开年度报告"], "戊县工商局", 2012),
        (["戊县水务局二〇一三年政府信息公开年度报告"], "戊县水务局", 2013),
        (
            ["中国（四川）自由贸易试验区南片管理委员会2021年政府信息公开工作年度报告"],
            "中国（四川）自由贸易试验区南片管理委员会",
            2021,
        ),
        (["标题：己州民政局2023年政府信息公开工作年度报告"], "己州民政局", 2023),
    ],
)
def test_publisher_and_year_come_from_the_title(lines: list[str], publisher: str, year: int) -> None:
    header = read_header(blocks(*lines, "一、总体情况"))
    assert (header.publisher, header.year) == (publisher, year)


def test_the_publisher_is_found_in_metas_and_signature_when_the_title_lacks_it() -> None:
    title = "2021年政府信息公开工作年度报告"
    assert read_header(blocks(title, contentsource="甲市水务局")).publisher == "甲市水务局"
    signed = blocks(title, "一、总体情况", "略。", "甲市体育局", "2022年1月20日")
    header = read_header(signed)
    assert header.publisher == "甲市体育局"
    assert header.published is not None
    assert header.published.iso == "2022-01-20"


def test_a_date_in_the_text_is_no_publication_date() -> None:
    assert (
        read_header(blocks("甲市水务局2020年政府信息公开工作年度报告", "目录已于2020年9月22日印发。")).published is None
    )


@pytest.mark.parametrize(
    ("text", "iso", "precision"),
    [
        ("时间:2022年01月29日", "2022-01-29", "day"),
        ("2022-01-28 09:00", "2022-01-28", "day"),
        ("2022 年 1 月", "2022-01", "month"),
        ("二○一○年四月十日", "2010-04-10", "day"),
        ("二〇一九年十二月", "2019-12", "month"),
    ],
)
def test_a_date_is_as_precise_as_it_was_stated(text: str, iso: str, precision: str) -> None:
    found = stated_date(text)
    assert found is not None
    assert (found.iso, found.precision) == (iso, precision)


@pytest.mark.parametrize(
    "text",
    [
        "统计期限自 2021 年 1 月 1 日起至 2021 年 12 月 31 日止",
        "数据从2021年1月1日至12月31日",
        "202111日起至20211231日止",
        "自2021月1日起至2021年12月31日止",
    ],
)
def test_a_damaged_period_is_still_the_period(text: str) -> None:
    assert stated_period(text) == (date(2021, 1, 1), date(2021, 12, 31))


@pytest.mark.parametrize("text", ["2022年2月30日", "电话0955-7067697", "国办公开办函〔2021〕30号", ""])
def test_what_is_no_date_gives_none(text: str) -> None:
    assert stated_date(text) is None


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("2021年甲市财政局政府信息公开工作年度报告", "2021年甲市财政局政府信息公开工作年度报告"),
        ("2021年度政府信息公开工作年度报告", "2021年度政府信息公开工作年度报告"),
        ("33PM甲市财政局2021年政府信息公开工作年度报告", "甲市财政局2021年政府信息公开工作年度报告"),
        ("33PM2021年甲市政府信息公开工作年度报告", "2021年甲市政府信息公开工作年度报告"),
    ],
)
def test_the_year_at_the_start_of_a_title_is_no_stamp_of_a_printer(line: str, title: str) -> None:
    assert read_header(blocks(line, "一、总体情况")).title == title


@pytest.mark.parametrize("words", ["自2021年1月1日起，至2021年12月31日止", "从2021年1月1日起，截至2021年12月31日"])
def test_a_comma_inside_the_period_does_not_hide_it(words: str) -> None:
    period = read_header(blocks("2021年甲市财政局政府信息公开工作年度报告", f"数据统计期限{words}。")).period
    assert period == (date(2021, 1, 1), date(2021, 12, 31))


def test_brackets_in_a_name_on_a_line_of_its_own_are_full_width() -> None:
    header = read_header(blocks("中国(甲省)自由贸易试验区南片管理委员会", "2021年度政府信息公开工作报告"))
    assert header.publisher == "中国（甲省）自由贸易试验区南片管理委员会"
