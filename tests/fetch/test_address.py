"""One normal form per address, and which entry of the registry covers it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import FetchTrouble
from tasks.fetch.address import join, matches, parse


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("http://WWW.Jiashi.GOV.cn", "http://www.jiashi.gov.cn/"),
        ("http://www.jiashi.gov.cn:80/a#top", "http://www.jiashi.gov.cn/a"),
        ("https://www.jiashi.gov.cn:443/a", "https://www.jiashi.gov.cn/a"),
        ("http://www.jiashi.gov.cn:8081/a", "http://www.jiashi.gov.cn:8081/a"),
        ("http://www.jiashi.gov.cn./x/", "http://www.jiashi.gov.cn/x/"),
        ("http://甲市.政务.cn/", "http://xn--7st092c.xn--zfr164b.cn/"),
        ("http://www.jiashi.gov.cn/年报/?q=公开", "http://www.jiashi.gov.cn/%E5%B9%B4%E6%8A%A5/?q=%E5%85%AC%E5%BC%80"),
        ("http://www.jiashi.gov.cn/a b", "http://www.jiashi.gov.cn/a%20b"),
        (" http://www.jiashi.gov.cn/a ", "http://www.jiashi.gov.cn/a"),
        ("http://www.jiashi.gov.cn/%C4%EA%B1%A8.pdf", "http://www.jiashi.gov.cn/%C4%EA%B1%A8.pdf"),
        ("http://[::1]:8000/a", "http://[::1]:8000/a"),
    ],
)
def test_addresses_have_one_form(url, normal):
    assert parse(url).url == normal
    assert parse(normal).url == normal


@pytest.mark.parametrize(
    ("reference", "target"),
    [
        ("./202401/t1.html", "http://a.gov.cn/nb/202401/t1.html"),
        ("../x.html", "http://a.gov.cn/x.html"),
        ("?page=2", "http://a.gov.cn/nb/index.html?page=2"),
        ("//b.gov.cn/x", "http://b.gov.cn/x"),
        ("../../../x", "http://a.gov.cn/x"),
        ("/年.html", "http://a.gov.cn/%E5%B9%B4.html"),
    ],
)
def test_references_are_joined_as_browsers_do(reference, target):
    assert join(parse("http://a.gov.cn/nb/index.html"), reference).url == target


@pytest.mark.parametrize(
    ("entry", "url", "covered"),
    [
        ("a.gov.cn", "http://a.gov.cn/", True),
        ("a.gov.cn", "https://a.gov.cn/", True),
        ("a.gov.cn", "http://www.a.gov.cn/", True),
        ("www.a.gov.cn", "https://a.gov.cn/", True),
        ("A.gov.cn", "http://a.GOV.cn/", True),
        ("a.gov.cn", "http://b.a.gov.cn/", False),
        ("a.gov.cn", "http://a.gov.cn:8081/", False),
        ("a.gov.cn:8081", "http://a.gov.cn:8081/", True),
        ("a.gov.cn:8081", "http://a.gov.cn/", False),
        ("*.a.gov.cn", "https://b.a.gov.cn/", True),
        ("*.a.gov.cn", "https://a.gov.cn/", False),
        ("*.a.gov.cn", "https://evila.gov.cn/", False),
        ("a.gov.cn", "http://a.gov.cn.evil.com/", False),
        ("a.gov.cn", "http://xa.gov.cn/", False),
        ("127.0.0.3:80", "http://127.0.0.3/", True),
    ],
)
def test_an_entry_covers_its_host_and_no_look_alike(entry, url, covered):
    assert matches(parse(url), entry) is covered


@given(st.text(max_size=60), st.text(max_size=30))
def test_whatever_is_written_is_an_address_in_normal_form_or_refused(path, query):
    for url in (f"http://www.jiashi.gov.cn/{path}?{query}", f"http://{path}/{query}", path):
        with contextlib.suppress(FetchTrouble):
            address = parse(url)
            assert parse(address.url) == address
