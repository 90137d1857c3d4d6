"""Documents made to break the engine: each ends with a verdict, in time that grows with the document and no faster.

No clock is asserted: what once took hours on these would run into the timeout of the test.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from flows.pipeline import examine
from schemas.report import Outcome
from tests.proof.pages import TITLE, document, page

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def package(name: str, content: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return made.getvalue()


def table(head: str, row: str, count: int) -> str:
    return f"<table><tr>{head}</tr>{f'<tr>{row}</tr>' * count}</table>"


CORNER = "<td>（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）</td><td>申请人情况</td>"
ANNEX = "<td>指标名称</td><td>计量单位</td><td>2016年度</td><td>历年累计</td>"
DOCUMENTS: dict[str, Callable[[], str | bytes]] = {
    "a hundred thousand empty paragraphs": lambda: "<html><body>" + "<p></p>" * 100_000,
    "twenty thousand headings side by side": lambda: "<html><body>" + "<p>一、总体情况</p>" * 20_000,
    "one word of the title, over and over": lambda: f"<p>{'政府信息公开' * 20_000}</p>",
    "a list number, over and over": lambda: "一、" * 50_000,
    "brackets that open and close": lambda: "（" * 50_000 + "）" * 50_000,
    "half a period, over and over": lambda: "2022年1月1日至" * 20_000,
    "a hundred thousand digits behind a label": lambda: f"{TITLE}\n行政许可{'1' * 100_000}",
    "labels and digits that ran together": lambda: f"{TITLE}\n" + "规章123规范性文件456行政许可7890行政处罚" * 5_000,
    "figures without an end": lambda: f"{TITLE}\n" + "公开信息12条，其中" * 1_000,
    "a row of table 2 with fifty thousand numbers": lambda: "第二十条第（一）项\n规章 " + "1 " * 50_000,
    "labels of table 3 in pieces without an end": lambda: "勾稽关系\n" + "属于国\n家秘\n密 1 2\n" * 3_000,
    "table 3 with three thousand rows": lambda: table(CORNER, "<td>属于国家秘密之事</td>" + "<td>1</td>" * 7, 3_000),
    "an annex with five thousand rows": lambda: table(
        ANNEX, "<td>受理申请总数x</td><td>件</td><td>1</td><td>2</td>", 5_000
    ),
    "spans beyond every table": lambda: table(
        '<td rowspan="65535" colspan="1000">第二十条第（一）项</td>', "<td>0</td>", 3
    ),
    "fifty thousand elements inside each other": lambda: "<div>" * 50_000 + page(),
    "tables inside tables": lambda: "<table><tr><td>" * 2_000 + page(),
    "a hundred thousand attributes": lambda: "<p " + "a=1 " * 100_000 + ">公开信息3条</p>",
    "zeros": lambda: b"\0" * 500_000,
    "a document file of tables inside tables": lambda: package(
        "word/document.xml",
        f"<w:document {W}><w:body>{'<w:tbl><w:tr><w:tc>' * 1_500}<w:p/>{'</w:tc></w:tr></w:tbl>' * 1_500}"
        "</w:body></w:document>",
    ),
    "a document file that unpacks to a tenth of a gigabyte": lambda: package("word/document.xml", " " * 100_000_000),
    "half a PDF": lambda: document("pdf")[:4000],
    "a PDF with garbage for its end": lambda: document("pdf")[:3000] + bytes(range(256)) * 200,
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_document_is_held_back_with_a_reason(name: str) -> None:
    made = DOCUMENTS[name]()
    found = examine(made.encode() if isinstance(made, str) else made)
    assert found.trace is None, found.trace
    assert found.judgement.outcome is Outcome.QUARANTINED
    assert found.judgement.reason is not None
