"""Sections by their words, and the offsets that make every quote checkable."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.blocks import Paragraph
from tasks.parse import parse
from tasks.parse.headings import heading_of
from tasks.parse.splits import splits
from tests.parse.build import blocks, whole_report

CODES = ["overview", "proactive", "requests", "review_litigation", "problems", "other"]


def test_six_sections_in_order_with_their_text() -> None:
    report = parse(whole_report())
    assert [section.code for section in report.sections] == CODES
    assert report.sections[5].text == "无。"


def test_section_text_is_a_slice_of_the_reading_text() -> None:
    report = parse(whole_report())
    for section in report.sections:
        assert report.text[section.start : section.start + len(section.text)] == section.text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("一、基本情况", "overview"),
        ("二、主动公开政务信息情况", "proactive"),
        ("四、政府信息公开行政法复议、行政诉讼情况", "review_litigation"),
        ("五、存在问题及改进情况", "problems"),
        ("六、 其他需要报告的事项", "other"),
        ("三、政府信息主动公开情况", "proactive"),
        ("一、2022年度总体工作情况", "overview"),
        ("四、行政复议和行政诉讼情况", "review_litigation"),
        ("五、存在问题及下一步工作打算", "problems"),
    ],
)
def test_headings_are_known_by_their_words(text: str, code: str) -> None:
    heading = heading_of(text)
    assert heading is not None
    assert heading.code == code


@pytest.mark.parametrize(
    "text",
    ["无其他需要报告的事项。", "（一）主动公开情况", "一是完善制度。", "一、本年共受理申请12件，其中8件予以公开，"],
)
def test_sentences_are_no_headings(text: str) -> None:
    assert heading_of(text) is None


def test_a_heading_of_its_own_words_ends_table_3() -> None:
    plain = whole_report()
    renamed = blocks(
        *(
            "四、行政复议和行政诉讼情况"
            if isinstance(item, Paragraph) and item.text.startswith("四、")
            else item.text
            if isinstance(item, Paragraph)
            else [[cell.text for cell in row] for row in item.rows()]
            for item in plain.items
        )
    )
    report = parse(renamed)
    assert [section.code for section in report.sections] == CODES
    assert len(report.facts) == len(parse(plain).facts)


def test_the_page_s_own_line_above_a_report_states_no_statistics() -> None:
    line = "发布时间：2022-01-20 来源：甲市档案局 浏览次数：1288次 字体：[大 中 小]"
    plain = whole_report()
    texts = [
        item.text if isinstance(item, Paragraph) else [[c.text for c in r] for r in item.rows()] for item in plain.items
    ]
    report = parse(blocks(texts[0], line, *texts[1:]))
    assert [(statistic.value, statistic.unit) for statistic in report.statistics] == [(12, "条")]


def test_table_rows_are_no_sections() -> None:
    report = parse(whole_report())
    assert not any("结转" in section.heading or "本年新收" in section.heading for section in report.sections)


def test_headings_inside_a_text_without_line_breaks_are_found() -> None:
    filler = "全年按照要求公开各类信息。" * 20
    text = f"甲市2015年政府信息公开工作年度报告{filler}一、概述{filler}二、主动公开政府信息情况{filler}"
    report = parse(blocks(text))
    assert [section.code for section in report.sections] == ["overview", "proactive"]


def test_digits_are_cut_in_every_way_without_leading_zeros() -> None:
    assert splits("0000000", 7) == [(0,) * 7]
    assert splits("898989", 3) is not None
    assert len(splits("898989", 3) or []) == 10
    assert splits("23 00", 3) == [(23, 0, 0)]
    assert splits("05", 1) == []


@pytest.mark.parametrize("note", ["html.cut_off", "pdf.picture_pages", "html.more_pages"])
def test_a_document_that_was_not_seen_to_its_end_is_a_doubt(note: str) -> None:
    whole = whole_report(notes=(note,))
    assert parse(whole).doubts == ()
    cut = replace(whole, items=whole.items[:-2])
    assert "parse.document_incomplete" in {doubt.code for doubt in parse(cut).doubts}
