"""Formats from content, encodings from bytes."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from tasks.read import Kind, sniff
from tasks.read.decode import decode

CHINESE = "根据《中华人民共和国政府信息公开条例》的规定，本机关编制了年度报告（全文），现予公布。" * 3


def _zip(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n...", Kind.PDF),
        (b"\n\n junk before %PDF-1.4", Kind.PDF),
        (b"<!DOCTYPE html><html><body>x</body></html>", Kind.HTML),
        (b"<p>" + CHINESE.encode() + b"</p>", Kind.HTML),
        (b'<?xml version="1.0"?><html xmlns="x"><body/></html>', Kind.HTML),
        (CHINESE.encode(), Kind.TEXT),
        (("# 年报\n\n| 商业<br>企业 | 科研<br>机构 |\n|---|---|\n" + "| 1 | 2<br/> |\n" * 30).encode(), Kind.TEXT),
        (("<p>年报</p>\n" + "| a<br>b | c |\n" * 30).encode(), Kind.HTML),
        (CHINESE.encode("gb18030"), Kind.TEXT),
        (CHINESE.encode("utf-16"), Kind.TEXT),
        (CHINESE.encode("utf-16-le"), Kind.TEXT),
        (("<html><body>" + CHINESE).encode("utf-16"), Kind.HTML),
        (b'{"data": {"html": "<p>x</p>"}}', Kind.JSON),
        (_zip("word/document.xml", "[Content_Types].xml"), Kind.DOCX),
        (_zip("xl/workbook.xml"), Kind.XLSX),
        (_zip("OFD.xml"), Kind.OFD),
        (_zip("report.pdf"), Kind.ZIP),
        (_zip("word/document.xml", "a.xml")[:-40], Kind.DOCX),
        (rb"{\rtf1\ansi text}", Kind.RTF),
        (gzip.compress(b"x", mtime=0), Kind.GZIP),
        (b"\x89PNG\r\n\x1a\n0000", Kind.IMAGE),
        (b"\xff\xd8\xff\xe0 jpeg", Kind.IMAGE),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x", Kind.MHTML),
        (b"", Kind.EMPTY),
        (b" \r\n\t ", Kind.EMPTY),
        (bytes(range(256)) * 20, Kind.UNKNOWN),
    ],
)
def test_the_content_tells_the_format(data: bytes, kind: Kind) -> None:
    assert sniff(data) is kind


def test_a_container_is_told_by_the_streams_in_its_directory() -> None:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
    assert sniff(head + "WordDocument".encode("utf-16-le") + b"\x00\x00") is Kind.DOC
    assert sniff(head + "Workbook".encode("utf-16-le") + b"\x00\x00") is Kind.XLS
    assert sniff(head) is Kind.OLE


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_every_encoding_is_read_without_being_declared(encoding: str) -> None:
    decoded = decode(CHINESE.encode(encoding))
    assert decoded.text == CHINESE
    assert not decoded.damaged


def test_utf8_is_believed_against_a_wrong_declaration() -> None:
    page = f'<meta charset="gb2312">{CHINESE}'
    assert decode(page.encode(), "text/html; charset=GBK").text == page


def test_gb2312_is_read_as_gb18030_because_names_need_its_rare_characters() -> None:
    page = '<meta charset="gb2312">镕㛃𠮷'
    assert decode(page.encode("gb18030")).text == page


def test_a_header_that_says_latin_is_not_believed() -> None:
    assert decode(CHINESE.encode("gbk"), "text/html; charset=ISO-8859-1").text == CHINESE


def test_bytes_of_no_encoding_are_told() -> None:
    decoded = decode(CHINESE.encode()[:200] + b"\xff\xfe\xff" + CHINESE.encode())
    assert decoded.damaged
    assert "政府信息公开条例" in decoded.text
