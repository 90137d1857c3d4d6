"""Documents that are not what they seem: whose report, of which year, published when, and whether it is one at all."""

from __future__ import annotations

import io
from datetime import date

import docx
import pytest

from flows.pipeline import examine
from infra.replica.documents import HtmlQuirks, Quirks
from schemas.report import Outcome, Report
from tasks.parse import Hint
from tests.proof.pages import TITLE, Pitfall, assert_read_or_told, bare_page, body, document, edited, page

LOADED, FLAGGED, QUARANTINED = Outcome.LOADED, Outcome.FLAGGED, Outcome.QUARANTINED
TITLE_LINE = f'<p style="text-align:center">{TITLE}</p>'
PERIOD = "自2022年1月1日起至2022年12月31日止"
WRAPPER = '<div class="Custom_UnionStyle">'
OTHER_YEAR = "临江市档案局2021年政府信息公开工作年度报告"


def titled(*lines: str, without_period: bool = True) -> str:
    """The report under another title; without its period, so that the title alone tells the year."""
    found = edited(body(), (TITLE_LINE, "".join(f"<p>{line}</p>" for line in lines)))
    if without_period:
        found = found.replace(PERIOD, "").replace("2022年", "")
        for line in lines:  # the replacement was not meant for the title
            found = found.replace(f"<p>{line.replace('2022年', '')}</p>", f"<p>{line}</p>")
    return bare_page(found)


def report_of(made: str, **hints: object) -> Report:
    report = examine(made.encode(), name="report.html", **hints).judgement.report  # type: ignore[arg-type]
    assert report is not None
    return report


@pytest.mark.parametrize(
    "lines",
    [
        ("临江市档案局2022年度政府信息公开工作年度报告",),
        ("2022年临江市档案局政府信息公开工作年度报告",),
        ("临江市档案局二〇二二年政府信息公开工作年度报告",),
        ("临江市档案局二○二二年度政府信息公开年报",),
        ("临江市档案局２０２２年政府信息公开工作年度报告",),
        ("临江市档案局 2022 年政府信息公开 工作年度报告",),
        ("临江市档案局_2022年_政府信息公开工作年度报告",),
        ("【年报】临江市档案局2022年政府信息公开工作年度报告",),
        ("关于报送《临江市档案局2022年政府信息公开工作年度报告》的函",),
        ("临江市档案局关于2022年度政府信息公开工作情况的报告",),
        ("临江市档案局", "2022年政府信息公开工作年度报告"),
        ("2022年政府信息公开工作年度报告", "临江市档案局", "2023年1月"),
        ("2022年", "临江市档案局", "政府信息公开工作年度报告"),
    ],
    ids=lambda lines: lines[0],
)
def test_a_title_of_any_shape_tells_publisher_and_year(lines: tuple[str, ...]) -> None:
    report = report_of(titled(*lines))
    assert (report.publisher, report.year) == ("临江市档案局", 2022)


@pytest.mark.parametrize(
    "words",
    [
        "202211日起至20221231日止",
        "自2022月1日起至2022年12月31日止",
        "2022年1月1日—12月31日",
        "2022.1.1-2022.12.31",
        "自二〇二二年一月一日起至二〇二二年十二月三十一日止",
        "自２０２２年１月１日起至２０２２年１２月３１日止",
    ],
)
def test_a_period_of_any_shape_tells_the_year_where_the_title_does_not(words: str) -> None:
    made = edited(body(), (TITLE_LINE, "<p>临江市档案局</p><p>政府信息公开工作年度报告</p>"), (PERIOD, words))
    report = report_of(bare_page(made))
    assert report.period == (date(2022, 1, 1), date(2022, 12, 31))
    assert report.year == 2022


def test_a_period_over_two_years_tells_none() -> None:
    words = "自2021年1月1日起至2022年12月31日止"
    made = edited(body(), (TITLE_LINE, "<p>临江市档案局政府信息公开工作年度报告</p>"), (PERIOD, words))
    judgement = examine(bare_page(made).encode()).judgement
    assert judgement.reason is not None
    assert judgement.reason.code == "validate.year_unknown"


def test_neither_a_folder_nor_the_date_of_the_content_system_is_the_year_of_the_report() -> None:
    nameless = bare_page(
        edited(body(), (TITLE_LINE, "")).replace("2022年", ""), metas='<meta name="PubDate" content="2023-01-20 10:20">'
    )
    examined = examine(nameless.encode(), url="http://www.example.gov.cn/2023n_51464/202301/t20230120_1.html")
    assert examined.judgement.reason is not None
    assert examined.judgement.reason.code == "validate.year_unknown"
    assert examined.judgement.report is not None
    assert examined.judgement.report.published_on == "2023-01-20"


def test_the_date_of_a_repeated_upload_is_a_publication_date_and_no_more() -> None:
    header = "<p>发布日期：2025-09-02　来源：临江市档案局　浏览次数：2023</p>"
    report = report_of(bare_page(edited(body(), (TITLE_LINE, TITLE_LINE + header))))
    assert (report.published_on, report.published_precision, report.year) == ("2025-09-02", "day", 2022)


@pytest.mark.parametrize(
    ("stated", "iso", "precision"),
    [("2023年1月", "2023-01", "month"), ("（2023年1月18日）", "2023-01-18", "day"), ("", None, None)],
)
def test_a_date_is_as_precise_as_it_stands(stated: str, iso: str | None, precision: str | None) -> None:
    report = report_of(bare_page(edited(body(), (TITLE_LINE, f"{TITLE_LINE}<p>{stated}</p>"))))
    assert (report.published_on, report.published_precision) == (iso, precision)


def test_the_title_of_a_cited_report_is_not_the_title() -> None:
    for cited in (f"<p>相关链接：{OTHER_YEAR}</p>", f"<p>{OTHER_YEAR}</p>"):
        report = report_of(bare_page(edited(body(), (WRAPPER, WRAPPER + cited))))
        assert (report.year, report.title) == (2022, TITLE)


def test_a_sentence_about_the_report_is_not_its_title() -> None:
    cited = "<p>根据市政府办公室关于做好2021年政府信息公开工作年度报告编制工作的通知要求，</p>"
    report = report_of(bare_page(edited(body(), (WRAPPER, WRAPPER + cited))))
    assert (report.publisher, report.year) == ("临江市档案局", 2022)


LETTER = (
    "<p>临江市档案局文件</p><p>临档〔2023〕3号</p><p>关于报送《临江市档案局2022年政府信息公开工作年度报告》的函</p>"
    "<p>市政务公开办：</p><p>现将年度报告随函报送。</p><p>临江市档案局</p><p>2023年1月16日</p>"
)


def second_report(year: str = "2022年", publisher: str = "临江市档案局", licences: str = "9") -> str:
    found = body().replace("2022年", year).replace("临江市档案局", publisher)
    return edited(found, (">2071<", f">{licences}<"))


def joined(first: str, second: str) -> str:
    """Two bodies in one container."""
    return first.replace("</div></div>", "") + second.replace(f'<div class="TRS_Editor">{WRAPPER}', "")


def template() -> bytes:
    """The official form as a document file, with nothing in its cells."""
    made = docx.Document(io.BytesIO(document("docx")))
    for table in made.tables:
        for cell in (cell for row in table.rows for cell in row.cells):
            if cell.text.strip().replace(".", "").isdigit():
                cell.paragraphs[0].runs[0].text = "　"
    saved = io.BytesIO()
    made.save(saved)
    return saved.getvalue()


TRADITIONAL = str.maketrans(
    "临档报国务项规处罚强费发业开请转结维纠诉讼审总计关机构团华条对产资点问题个两书这类种单位级无应当实现",
    "臨檔報國務項規處罰強費發業開請轉結維糾訴訟審總計關機構團華條對產資點問題個兩書這類種單位級無應當實現",
)

DOCUMENTS = [
    Pitfall(
        "a report as a covering letter", lambda: bare_page(edited(body(), (WRAPPER, WRAPPER + LETTER))), outcome=LOADED
    ),
    Pitfall(
        "two reports, one below the other", lambda: bare_page(joined(body(), second_report())), told="parse.two_reports"
    ),
    Pitfall(
        "the year before below this year's",
        lambda: bare_page(body() + second_report("2021年")),
        told="parse.two_reports",
    ),
    Pitfall(
        "a branch's report behind the centre's",
        lambda: bare_page(body() + second_report(publisher="云岭县档案局")),
        told="parse.two_reports",
    ),
    Pitfall("a second body for printing", lambda: bare_page(body() + body()), outcome=LOADED),
    Pitfall("the same report twice in one container", lambda: bare_page(joined(body(), body())), outcome=LOADED),
    Pitfall(
        "traditional characters",
        lambda: page().translate(TRADITIONAL),
        outcome=QUARANTINED,
        told="parse.traditional_script",
    ),
    Pitfall(
        "a blank template as a document file",
        template,
        outcome=QUARANTINED,
        told="validate.blank_template",
        file="report.docx",
    ),
    Pitfall(
        "a title and nothing else",
        lambda: bare_page(f"<h1>{TITLE}</h1><div class='TRS_Editor'></div>"),
        told="read.empty_body",
    ),
    Pitfall(
        "a body that is only an attachment",
        lambda: bare_page(f'<h1>{TITLE}</h1><p><a href="./P1.pdf">{TITLE}.pdf</a></p>'),
        told="read.empty_body",
    ),
    Pitfall(
        "a body of pictures",
        lambda: bare_page(f'<h1>{TITLE}</h1><p><img src="1.jpg"></p><p><img src="2.jpg"></p>'),
        told="read.needs_ocr",
    ),
    Pitfall(
        "an error page that is named as a file",
        lambda: "<html><title>404</title><body><h1>您访问的页面不存在</h1></body></html>",
        told="read.error_page",
        file="report.pdf",
    ),
    Pitfall(
        "a page under maintenance",
        lambda: "<html><body><p>系统升级中，请稍后访问。</p></body></html>",
        told="read.error_page",
    ),
    Pitfall(
        "a table of foreign contents",
        lambda: bare_page("<p>停水通知</p><table><tr><td>区域</td><td>3</td></tr></table>" + "停水" * 60),
        told="parse.no_report",
    ),
    Pitfall(
        "GBK that no one declared",
        lambda: document("html", quirks=Quirks(html=HtmlQuirks(charset="gb18030", declared="none"))),
        outcome=LOADED,
    ),
    Pitfall("UTF-8 declared as gb2312", lambda: page(quirks=Quirks(html=HtmlQuirks(declared="wrong"))), outcome=LOADED),
    Pitfall(
        "furniture of the page inside the body",
        lambda: page(quirks=Quirks(html=HtmlQuirks(chrome_inside=True))),
        outcome=LOADED,
    ),
    Pitfall(
        "hidden rows of an editor",
        lambda: edited(
            page(),
            ("<tr><td>规章", '<tr style="display:none"><td>规章</td><td>9</td><td>9</td><td>9</td></tr><tr><td>规章'),
        ),
        outcome=LOADED,
    ),
    Pitfall("numbers in form fields", lambda: edited(page(), (">2071<", '><input value="2071"><')), outcome=LOADED),
    Pitfall(
        "an empty section six is no fault",
        lambda: edited(page(), ("依申请公开信息处理费", "")).replace("收取情况：全年共收取340元。", ""),
        told="M_SECTION_EMPTY",
    ),
]


@pytest.mark.parametrize("case", DOCUMENTS, ids=str)
def test_a_document_is_taken_for_what_it_is(case: Pitfall) -> None:
    assert_read_or_told(case)


def test_the_year_of_the_link_does_not_overrule_the_title() -> None:
    made = page().replace("2022年", "2021年")
    assert report_of(made, hint=Hint(year=2022)).year == 2021
