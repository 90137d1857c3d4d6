"""What a file is called and what kind was promised."""

from __future__ import annotations

import pytest

from tasks.fetch.expect import file_name, promised

BASE = "http://www.jiashi.gov.cn"


@pytest.mark.parametrize(
    ("url", "disposition", "name"),
    [
        ("/P020240123561503366266.pdf", "", "P020240123561503366266.pdf"),
        ("/%E5%B9%B4%E6%8A%A5.docx", "", "年报.docx"),
        ("/zwgk/xxgknb/", "", None),
        ("/module/download/downfile.jsp?classid=0&showname=%E5%B9%B4%E6%8A%A5.pdf&filename=0a.pdf", "", "年报.pdf"),
        ("/downfile.jsp?filename=0a1b.pdf", "", "0a1b.pdf"),
        ("/pdfjs/web/viewer.html?file=%2Fa%2Fb.pdf", "", "viewer.html"),
        ("/d?id=1", "attachment; filename=report.pdf", "report.pdf"),
        ("/d?id=1", 'attachment; filename="a;b.pdf"', "a;b.pdf"),
        ("/d?id=1", "attachment; filename*=UTF-8''%E5%B9%B4%E6%8A%A5.pdf; filename=x.pdf", "年报.pdf"),
        ("/d?id=1", "attachment; filename*=GBK''%C4%EA%B1%A8.pdf", "年报.pdf"),
        ("/d?id=1", "attachment; filename=%E5%B9%B4%E6%8A%A5.pdf", "年报.pdf"),
        ("/d?id=1", "attachment; filename=" + "年报.pdf".encode().decode("latin-1"), "年报.pdf"),
        ("/d?id=1", 'attachment; filename="' + "年报.pdf".encode("gbk").decode("latin-1") + '"', "年报.pdf"),
        ("/d?id=1", r'attachment; filename="C:\files\a.doc"', "a.doc"),
        ("/d?id=1", 'attachment; filename="../../etc/passwd"', "passwd"),
        ("/d?id=1", "inline", "d"),
    ],
)
def test_the_name_is_found(url, disposition, name):
    assert file_name(BASE + url, {"content-disposition": disposition}) == name


@pytest.mark.parametrize(
    ("url", "headers", "expect", "kind"),
    [
        ("/a.pdf", {}, None, "pdf"),
        ("/a.PDF", {}, None, "pdf"),
        ("/a.html", {}, None, None),
        ("/a.html", {}, "pdf", "pdf"),
        ("/list/", {}, None, None),
        ("/a.jsp?filename=b.docx", {}, None, "docx"),
        ("/a.jsp", {"content-type": "application/pdf;charset=UTF-8"}, None, "pdf"),
        ("/a.jsp", {"content-disposition": "attachment; filename=b.xlsx"}, None, "xlsx"),
        ("/a.jsp", {"content-type": "text/html"}, None, None),
    ],
)
def test_the_promise_is_understood(url, headers, expect, kind):
    assert promised(BASE + url, headers, expect) == kind
