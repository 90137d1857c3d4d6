"""Text comes out right for every way the sites declare it or do not; a guess says so."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.fetch.decode import decode

TEXT = "甲市乙中心2023年政府信息公开工作年度报告，镕、堃、喆等字亦须无误。"
PAGE = f"<html><head><title>{TEXT}</title></head><body>{TEXT * 20}</body></html>"


def page_with(charset: str) -> str:
    return PAGE.replace("<head>", f'<head><meta http-equiv="Content-Type" content="text/html; charset={charset}">')


@pytest.mark.parametrize(
    ("data", "declared", "encoding"),
    [
        (codecs.BOM_UTF8 + PAGE.encode(), "text/html; charset=gb2312", "utf-8"),
        (codecs.BOM_UTF16_LE + PAGE.encode("utf-16-le"), None, "utf-16-le"),
        (codecs.BOM_UTF16_BE + PAGE.encode("utf-16-be"), "text/html", "utf-16-be"),
        (PAGE.encode(), None, "utf-8"),
        (PAGE.encode(), "text/html; charset=ISO-8859-1", "utf-8"),
        (page_with("gb2312").encode(), "text/html", "utf-8"),
        (PAGE.encode("gb18030"), "text/html; charset=gb2312", "gb18030"),
        (PAGE.encode("gb18030"), "text/html;charset=GBK", "gb18030"),
        (page_with("gb2312").encode("gb18030"), None, "gb18030"),
        (page_with("GB_2312-80").encode("gb18030"), None, "gb18030"),
        (page_with("gb18030").encode("gb18030"), "text/html; charset=ISO-8859-1", "gb18030"),
        (PAGE.encode("gb18030"), None, "gb18030"),
        (PAGE.encode("gb18030"), "text/html; charset=iso-8859-1", "gb18030"),
        (page_with("utf-8").encode("gb18030"), "text/html; charset=utf-8", "gb18030"),
        (PAGE.encode("gb18030"), "text/html; charset=no-such-set", "gb18030"),
        ("<p>行政機關</p>".encode("big5"), "text/html; charset=big5", "big5"),
    ],
)
def test_what_the_bytes_prove_goes_before_what_is_declared(data, declared, encoding):
    decoded = decode(data, declared)
    assert decoded.encoding == encoding
    assert "\ufffd" not in decoded.text
    assert TEXT in decoded.text or "行政機關" in decoded.text
    assert not decoded.text.startswith("\ufeff")


def test_a_guess_against_the_declaration_is_noted():
    assert decode(PAGE.encode("gb18030"), "text/html; charset=utf-8").note == "declared utf-8, is GB 18030"
    assert decode(PAGE.encode("gb18030"), "text/html; charset=gbk").note is None
    assert decode(PAGE.encode(), "text/html; charset=gbk").note is None


def test_utf_8_with_a_character_cut_in_two_stays_utf_8():
    """GB 18030 would accept nearly all of it, and turn every word into another."""
    data = PAGE.encode().replace("喆".encode(), "喆".encode()[:2], 1)
    decoded = decode(data, "text/html; charset=utf-8")
    assert decoded.encoding == "utf-8"
    assert decoded.text.count(TEXT) == 20
    assert decoded.note is not None


def test_damaged_utf_8_is_not_mistaken_for_chinese_of_another_encoding():
    data = ("政府信息公开工作年度报告" * 5).encode()[2:]
    assert data.decode("gb18030").startswith("垮簻淇℃伅"), "it would be accepted without a complaint"
    assert decode(data).text.endswith("府信息公开工作年度报告")


def test_gbk_with_a_broken_character_is_read_with_a_note():
    data = PAGE.encode("gb18030") + b"\xff\xff"
    decoded = decode(data, "text/html; charset=gbk")
    assert TEXT in decoded.text
    assert "replaced" in (decoded.note or "")


def test_gbk_that_happens_to_be_valid_utf_8_is_believed_to_be_what_it_declares():
    data = "统一".encode("gbk")
    assert data.decode() == "\u0373\u04bb"
    assert decode(data, "text/html; charset=gbk").text == "统一"
    assert decode("年报 © 2024".encode(), "text/html; charset=gbk").text == "年报 © 2024"


def test_nothing_is_nothing():
    assert decode(b"").text == ""


@given(st.binary(max_size=300), st.sampled_from([None, "text/html", "text/html; charset=gbk", "x; charset=utf-16"]))
def test_any_bytes_become_text(data, declared):
    assert isinstance(decode(data, declared).text, str)


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=20))
def test_chinese_in_utf_8_or_gb18030_comes_back_as_it_was(text):
    assert decode(text.encode(), "text/html; charset=gb2312").text == text
    assert decode(text.encode("gb18030"), "text/html; charset=gb2312").text == text
