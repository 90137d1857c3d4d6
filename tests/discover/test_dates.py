"""Dates beside entries and inside addresses."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.discover.dates import find_date, strip_date, url_date

FORMS = (
    "{y}-{m:02d}-{d:02d}",
    "{y}/{m}/{d}",
    "[{y}.{m:02d}.{d:02d}]",
    "{y}年{m}月{d}日",
    "发布时间：{y}-{m:02d}-{d:02d} 09:30:11",
    "{y}-\n{m:02d}-{d:02d}",
    " {y} 年 {m} 月 {d} 日 ",
    "{d:02d} {y}-{m:02d}",
    "{y}-{m:02d} {d:02d}",
    "（{y}-{m}-{d}）",
    "{y}{m:02d}{d:02d}",
    "日期:{y}-{m:02d}-{d:02d}10:20",
)
days = st.dates(date(2003, 1, 1), date(2039, 12, 31))


@given(days, st.sampled_from(FORMS))
def test_every_form_a_list_uses_gives_the_day(day: date, form: str) -> None:
    assert find_date(form.format(y=day.year, m=day.month, d=day.day)) == day.isoformat()


@pytest.mark.parametrize(
    "text", ["", "01-23", "2022-02-30", "2022-13-01", "国办公开办函〔2021〕30号", "共12条 1/2页", "2021年"]
)
def test_what_is_no_full_day_is_none(text: str) -> None:
    assert find_date(text) is None


def test_a_day_in_chinese_numerals_is_read() -> None:
    assert find_date("二〇二二年一月二十八日") == "2022-01-28"
    assert find_date("二○一○年四月十日") == "2010-04-10"


@pytest.mark.parametrize(
    ("url", "iso"),
    [
        ("http://a/zwgk/nb/202501/t20250123_480.html", "2025-01-23"),
        ("http://a/art/2026/8/3/art_1_2.html", "2026-08-03"),
        ("http://a/2024-03/21/content_1.html", "2024-03-21"),
        ("http://a/x/c112746/202609/0123456789abcdef0123456789abcdef.shtml", "2026-09"),
        ("http://a/art/2024/art_0123456789abcdef0123456789abcdef.html", "2024"),
        ("http://a/nb/P020220128371234567890.pdf", "2022-01-28"),
        ("http://a/web/x/20220128101112345/index.shtml", "2022-01-28"),
        ("http://a/20230331/0123456789abcdef0123456789abcdef.html", "2023-03-31"),
        ("http://a/html/2013-01-25/1779.html", "2013-01-25"),
        ("http://a/2022/1/8/0123456789abcdef0123456789abcdef.shtml", "2022-01-08"),
        ("http://a/info/1010/1234.htm", None),
        ("http://a/contents/205/71003.html", None),
    ],
)
def test_address_dialects(url: str, iso: str | None) -> None:
    found = url_date(url)
    assert (found.iso if found else None) == iso


@given(st.text(max_size=60))
def test_any_text_is_survived(text: str) -> None:
    found = find_date(text)
    assert found is None or date.fromisoformat(found)
    strip_date(text)


@given(days)
def test_a_date_glued_to_a_title_is_taken_off(day: date) -> None:
    title = "甲局2021年政府信息公开工作年度报告"
    assert strip_date(f"{title} {day.isoformat()}") == title
    assert strip_date(f"[{day.isoformat()}] {title}") == title
    assert strip_date(title) == title
