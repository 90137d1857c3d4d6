"""Which files on a page may be the report."""

from __future__ import annotations

import pytest

from flows.pipeline import look_into
from flows.work.gather import likely_files

TITLE = "甲市财政局2021年政府信息公开工作年度报告"
PAGE = """<html><head><title>{title}</title></head><body><div class="TRS_Editor"><p>{title}</p>
<p>现将报告公布如下，详见附件。</p>{links}</div></body></html>"""


def files(*links: tuple[str, str]) -> list[str]:
    anchors = "".join(f'<p><a href="{address}">{label}</a></p>' for address, label in links)
    page = PAGE.format(title=TITLE, links=anchors).encode()
    leads = look_into(page, declared="text/html; charset=utf-8", url="http://127.0.0.1/zw/t1.html")
    found = likely_files(leads.attachments, TITLE)
    return [file.url.rsplit("/", 1)[1] for file in found]


@pytest.mark.parametrize("label", [f"{TITLE}.pdf", "附件1", "附件：2021年年度报告.docx", "年度报告", "点击下载"])
def test_a_document_that_may_be_the_report_is_followed(label: str) -> None:
    assert files(("./P020220128371234567890.pdf", label)) == ["P020220128371234567890.pdf"]


@pytest.mark.parametrize(
    "label",
    [
        "甲市财政局2021年政府网站工作年度报表",
        "甲市财政局2021年法治政府建设年度报告",
        "一图读懂甲市财政局2021年政府信息公开年度报告",
        "甲市财政局2019年政府信息公开工作年度报告",
    ],
)
def test_a_paper_of_another_kind_or_year_is_not(label: str) -> None:
    assert files(("./a.pdf", label)) == []


def test_pages_and_pictures_are_not_files() -> None:
    assert files(("./next.html", TITLE), ("./logo.png", "标志")) == []


@pytest.mark.parametrize(
    "address",
    [
        "/EWB-FRONT/ztbAttachDownloadAction.action?cmd=getContent&amp;attachGuid=7",
        "/EWB/pages/webbuildermis/attach/downloadztbattach?attachGuid=7",
        "/TPFront/ReadAttachFile.aspx?AttachID=7",
        "/system/_content/download.jsp?urltype=news.DownloadAttachUrl&amp;owner=1&amp;wbfileid=7",
    ],
)
def test_a_door_that_hands_files_out_is_one_whatever_it_is_called(address: str) -> None:
    assert len(files((address, "点击下载"))) == 1


def test_the_same_file_linked_twice_is_asked_for_once() -> None:
    assert files(("./a.pdf", "附件"), ("./a.pdf", TITLE)) == ["a.pdf"]


def test_what_is_no_page_leads_nowhere() -> None:
    for data in (b"%PDF-1.7", b"", b"<html>", b"<html><body><script>1</script></body></html>"):
        leads = look_into(data, url="http://127.0.0.1/a.pdf")
        assert (leads.attachments, leads.more) == ((), ())
