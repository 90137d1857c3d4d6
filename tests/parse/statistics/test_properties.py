"""What holds for any sentence: figures come back as they were written, and nothing makes the grammar fail or hang."""

from __future__ import annotations

import sys
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tasks.parse.statistics import extract
from tasks.parse.statistics.numerals import chinese
from tasks.parse.statistics.squeeze import BREAK, GAP, squeeze

NOUNS = [
    "招标公告",
    "政策解读稿件",
    "要闻动态",
    "“两公开”信息",
    "专题专栏",
    "依申请公开件",
    "土地出让公告",
    "评标专家信息",
]
VERBS = ["发布", "公开", "全年共发布", "累计编发", "通过网站公布", ""]
UNITS = [
    "条",
    "件",
    "篇",
    "份",
    "次",
    "场次",
    "人次",
    "个",
    "家",
    "册",
    "期",
    "宗",
    "万条",
    "万人次",
    "万元",
    "亿元",
    "%",
]
BEFORE = ["约", "近", "超过", "不少于", "逾", "不足"]
DIGITS = "零一二三四五六七八九"
BLANK = st.sampled_from(["", "", " ", "\n", "\u3000", "\xa0", " \n\n "])
STOPS = {("。", "."), ("。", "．")}  # a point typed for a full stop
GARBAGE = st.text(
    alphabet=st.sampled_from(
        "共其中包括分别为含()（），,；;。：:、.0123456789 万亿千百十两条个次件%元年月日第未没有无收到申请"
        "占同比增长由提高到\n\t《》“”<>-*①Aa每周较上年"
    ),
    max_size=300,
)


@st.composite
def numbers(draw: st.DrawFn, unit: str) -> tuple[str, Decimal]:
    """A number as printed in front of `unit`, and its value."""
    if unit[0] in "万亿" or unit == "%":
        value = Decimal(draw(st.integers(1, 99_999))).scaleb(-draw(st.integers(0, 2)))
        return f"{value:f}", value
    whole = draw(st.integers(1, 99_999_999_999 if unit == "元" else 9_999_999))
    printed = draw(st.sampled_from([f"{whole}", f"{whole:,}", f"{whole:,}".replace(",", "，")]))
    wide = draw(st.booleans())
    return (printed.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"}) if wide else printed), Decimal(whole)


@st.composite
def stated(draw: st.DrawFn) -> tuple[str, Decimal, str, str | None]:
    """One stated figure: text, value, unit, qualifier."""
    unit = draw(st.sampled_from(UNITS))
    printed, value = draw(numbers(unit))
    before = draw(st.sampled_from([*BEFORE, "", "", ""]))
    inside = draw(st.sampled_from(["余", "多", "", ""])) if unit != "%" and value == int(value) else ""
    magnitude = unit[0] if unit[0] in "万亿" else ""
    body = f"{magnitude}{inside}{unit[len(magnitude) :]}"
    verb, noun = draw(st.sampled_from(VERBS)), draw(st.sampled_from(NOUNS))
    text = f"{verb}{draw(BLANK)}{noun}{draw(BLANK)}{before}{draw(BLANK)}{printed}{draw(BLANK)}{body}"
    qualifier = "、".join(part for part in (before, inside) if part) or None
    return text, value, unit, qualifier


@given(st.lists(stated(), min_size=1, max_size=6), st.sampled_from(["，", "；", "。", ","]))
@example([("发布要闻动态1900.1万条", Decimal("1900.1"), "万条", None)], "，")
@example([("政府热线2021.5万次", Decimal("2021.5"), "万次", None)], "，")
@example([("咨询热线1234567次", Decimal(1234567), "次", None)], "，")
@example([("土地出让公告金额13912345678元", Decimal(13912345678), "元", None)], "，")
@example([("采购金额10012345678.05元", Decimal("10012345678.05"), "元", None)], "，")
@example([("公开信息2021条", Decimal(2021), "条", None)], "，")
@settings(max_examples=150, deadline=None)
def test_stated_figures_come_back_as_they_were_written(
    figures: list[tuple[str, Decimal, str, str | None]], by: str
) -> None:
    text = by.join(figure[0] for figure in figures) + "。"
    found = extract(text, [(0, len(text), "overview")], year=2021)
    assert [(one.value, one.unit, one.qualifier) for one in found] == [figure[1:] for figure in figures]
    for one in found:
        assert text[one.start : one.end] == one.quote


@given(
    st.lists(st.integers(1, 5000), min_size=2, max_size=8),
    st.sampled_from(["其中：", "其中，", "，其中", "（其中：", "：", "，包括", "（"]),
)
@settings(max_examples=100, deadline=None)
def test_parts_of_an_enumeration_point_to_their_whole(values: list[int], marker: str) -> None:
    parts = "、".join(f"{name}类{value}条" for name, value in zip("甲乙丙丁戊己庚辛", values, strict=False))
    lead = f"全年发布信息{sum(values)}条" + ("，" if marker.startswith("其") else "")
    text = f"{lead}{marker}{parts}{'）' if marker.startswith('（') else ''}。"
    whole, *found = extract(text, [(0, len(text), "overview")], year=2021)
    assert {(one.parent, one.relation, one.group) for one in found} == {(whole.metric, "part_of", found[0].group)}
    assert sum(one.value for one in found) == whole.value
    assert len({one.metric for one in found}) == len(values)


@given(GARBAGE)
@example("其中1条，" * 60)
@example("（" * 300)
@example("分别为1、2、3条" * 30)
@example("没有收到" * 60 + "申请")
@settings(max_examples=400, deadline=None)
def test_no_text_makes_the_grammar_fail(text: str) -> None:
    found = extract(text, [(0, len(text), "problems"), (0, len(text) // 2, "overview")], year=2021)
    for one in found:
        assert text[one.start : one.end] == one.quote
        assert one.metric
        assert one.value.is_finite()
        assert (one.parent is None) == (one.relation is None) == (one.group is None)


HOSTILE = [
    "1",
    "1,",
    "1、",
    "(",
    ")",
    "“",
    "《",
    "未",
    "无",
    "因",
    "共",
    "的",
    "年",
    "每",
    "由",
    "占",
    "较上年",
    "其中1条,",
    "含1条,",
    "分别1、2、3条",
    "信息1条",
    "12年3月4日",
    "自2年",
    "12(",
    "收到1件申请",
    "1条,占1%",
    "没有收到,",
    "万",
    "九",
    "-1%",
    " 1",
    "其中",
    "同比",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_long_hostile_text_is_read_to_its_end(piece: str) -> None:
    """30,000 characters of the worst kind; a pattern that backtracks without bound would never come back."""
    text = piece * (30_000 // len(piece))
    for one in extract(text, [(0, len(text), "overview")], year=2021):
        assert text[one.start : one.end] == one.quote


@pytest.mark.parametrize(
    "piece", ["信息1条,", "其中1条,", "含1条,", "1条,占1%", "(1条)", "分别1、2条,", "没有收到申请,", "2020年,"]
)
def test_four_times_the_text_costs_four_times_the_work(piece: str) -> None:
    short, long = (_work(piece * times) for times in (300, 1200))
    assert long < 5 * short


def _work(text: str) -> int:
    """How many functions are called to read a text: the time it takes, on any machine."""
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        extract(text, [(0, len(text), "overview")], year=2021)
    finally:
        sys.setprofile(None)
    return calls


@given(st.integers(1, 99_999_999))
def test_chinese_numerals_are_read(number: int) -> None:
    assert chinese(_spelled(number)) == number


@pytest.mark.parametrize("printed", ["", "百千", "三百五千", "二三", "万万", "十〇十十"])
def test_what_is_no_numeral_has_no_value(printed: str) -> None:
    assert chinese(printed) is None


def _spelled(number: int) -> str:
    """二千零三万零五: the common spelling."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        return _spelled(high) + "万" + (("零" if low < 1000 else "") + _spelled(low) if low else "")
    text, gap = "", False
    for step, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // step % 10
        if digit:
            text += ("零" if gap and text else "") + DIGITS[digit] + name
            gap = False
        else:
            gap = True
    return text


@given(GARBAGE)
@settings(deadline=None)
def test_a_squeezed_text_leads_back_to_the_original(text: str) -> None:
    squeezed = squeeze(text, 0, len(text))
    assert len(squeezed.text) == len(squeezed.offsets)
    assert list(squeezed.offsets) == sorted(set(squeezed.offsets))
    for place, char in enumerate(squeezed.text):
        start, end = squeezed.span(place, place + 1)
        if char in (BREAK, GAP, "×"):
            assert text[start] in " \n\t*-第0123456789页共\u3000\xa0"
        else:
            assert text[start:end] in (char, chr(ord(char) + 0xFEE0)) or (char, text[start:end]) in STOPS


def test_digits_on_two_sides_of_a_blank_stay_two_numbers() -> None:
    assert squeeze("12 34\n56条", 0, 9).text == f"12{GAP}34{GAP}56条"
