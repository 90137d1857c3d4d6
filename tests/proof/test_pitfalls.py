"""Every way in which the tables of real reports break, one by one: read as printed, or held back with its reason."""

from __future__ import annotations

import re

import pytest

from infra.replica.documents import HtmlQuirks, PdfQuirks, Quirks, TextQuirks
from schemas.report import Edition, Outcome
from tests.proof.pages import Pitfall, assert_read_or_told, cells, document, edited, page

LOADED, FLAGGED, QUARANTINED = Outcome.LOADED, Outcome.FLAGGED, Outcome.QUARANTINED
FORM_2019 = Edition.FORM_2019
PARTS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other_org", "total")
ZEROS = "<td>0</td>" * 7


def row(code: str) -> tuple[str, ...]:
    """The fact codes of a row of table 3."""
    return tuple(f"t3.{code}.{part}" for part in PARTS)


def zero_row(blank: str) -> str:
    """The page with the first row of zeros of table 3 (其他法律行政法规禁止公开) printed otherwise."""
    return edited(page(), (f"禁止公开</td>{ZEROS}", f"禁止公开</td>{ZEROS.replace('0', blank)}"))


BLANK_ROW = dict.fromkeys(row("denied_law_forbidden"))


def blanked(code: str, mark: str = "&nbsp;") -> Pitfall:
    return Pitfall(f"nothing is printed as {code}", lambda: zero_row(mark), BLANK_ROW, outcome=LOADED)


def without_totals() -> str:
    """Table 3 without a number in its column 总计, except in the totals' own rows."""
    found = page()
    for label in ("予以公开", "不计其他情形）", "1.重复申请"):
        found = re.sub(rf"({label}</td>(?:<td>\d+</td>){{6}})<td>\d+</td>", r"\1<td>&nbsp;</td>", found)
    return found


def without_row(label: str) -> str:
    return re.sub(rf"<tr><td[^>]*>{label}</td>.*?</tr>", "", page())


def relabelled(*pairs: tuple[str, str]) -> str:
    return edited(page(), *pairs, count=99)


def open_pipes() -> str:
    text = document("text", quirks=Quirks(text=TextQuirks(style="pipes"))).decode()
    return re.sub(r"^\| (.*) \|$", r"\1", text, flags=re.MULTILINE)


def as_lines() -> str:
    return document("text", quirks=Quirks(text=TextQuirks(style="lines"))).decode()


def two_rows() -> str:
    values = re.search(r"<tr>((?:<td>\d+</td>){5})((?:<td>\d+</td>){10})</tr>", page())
    assert values is not None
    return edited(page(), (values[0], f"<tr>{values[1]}</tr><tr>{values[2]}</tr>"))


BLANKS = [
    Pitfall(
        "totals left empty beside filled parts are empty, not zero",
        without_totals,
        dict.fromkeys(("t3.granted.total", "t3.partial.total")),
    ),
    Pitfall(
        "a template is no report of zeros",
        lambda: re.sub(r'(<td(?: colspan="3")?>)[\d.]+</td>', r"\1　</td>", page()),
        outcome=QUARANTINED,
        told="validate.blank_template",
    ),
    *(blanked(mark, mark) for mark in ("-", "－", "—", "——", "/", "无", "&nbsp;", "\u3000", "", "暂无")),
    Pitfall(
        "table 4 with fifteen empty cells is a table of blanks",
        lambda: re.sub(r"<tr>(?:<td>\d+</td>){15}</tr>", f"<tr>{'<td>&nbsp;</td>' * 15}</tr>", page()),
        dict.fromkeys(code for code in cells(Edition.FORM_2021) if code.startswith("t4.")),
    ),
]

NUMBERS = [
    Pitfall("full-width digits", lambda: edited(page(), ("2071", "２０７１")), outcome=LOADED),
    Pitfall("separators of thousands", lambda: edited(page(), ("2071", "2,071"), ("96171.6", "96，171.6"))),
    Pitfall(
        "billions with separators and cents",
        lambda: edited(page(FORM_2019), ("11561862563.21", "11,561,862,563.21")),
        edition=FORM_2019,
    ),
    Pitfall("four decimals", lambda: edited(page(), ("96171.6", "96171.6000")), outcome=LOADED),
    Pitfall(
        "six decimals",
        lambda: edited(page(), ("96171.6", "24252.311082")),
        {"t2.admin_fees.amount": "24252.311082"},
    ),
    Pitfall("a remark behind a number", lambda: edited(page(), (">22<", ">22（其中修订 16 件）<")), outcome=LOADED),
    Pitfall("a remark on its own line", lambda: edited(page(), (">22<", "><p>22</p><p>（其中修订16件）</p><"))),
    Pitfall("a remark after a comma", lambda: edited(page(), (">22<", ">22件，其中修订16件<")), outcome=LOADED),
    Pitfall("two numbers in one cell", lambda: edited(page(), (">22<", ">22/18<")), outcome=QUARANTINED),
    Pitfall("two lines of digits in one cell", lambda: edited(page(), (">22<", ">22<br>18<")), outcome=QUARANTINED),
    Pitfall("a struck figure beside the right one", lambda: edited(page(), (">22<", "><s>21</s>22<"))),
    Pitfall("the raised mark of a footnote", lambda: edited(page(), (">22<", ">22<sup>1</sup><")), outcome=LOADED),
    Pitfall("a circled mark of a footnote", lambda: edited(page(), (">22<", ">22①<")), outcome=LOADED),
    Pitfall("about so many", lambda: edited(page(), ("2071", "约2071")), outcome=QUARANTINED),
    Pitfall("a percentage among counts", lambda: edited(page(), ("2071", "2071%")), outcome=QUARANTINED),
    Pitfall("a letter for zero, proved by the sums", lambda: zero_row("O"), outcome=LOADED),
    Pitfall("a letter for zero that no sum proves", lambda: edited(page(), ("2071", "2O71")), outcome=QUARANTINED),
    Pitfall(
        "a total printed as 0 over parts of 8 stays as printed",
        lambda: edited(page(), ("<td>2</td><td>8</td>", "<td>2</td><td>0</td>")),
        {"t4.review_total": "0"},
        outcome=FLAGGED,
        told="T4_REVIEW_TOTAL",
    ),
    Pitfall(
        "signed changes, with a plus",
        lambda: edited(page(FORM_2019), ("<td>44</td>", "<td>+44</td>"), ("<td>-18</td>", "<td>－18</td>")),
        edition=FORM_2019,
    ),
    Pitfall(
        "changes in words", lambda: edited(page(FORM_2019), ("<td>-15</td>", "<td>减少15</td>")), edition=FORM_2019
    ),
]

UNITS = [
    Pitfall("a unit behind every zero", lambda: page().replace("<td>0</td>", "<td>0件</td>"), outcome=LOADED),
    Pitfall("the amount's unit in its cell", lambda: edited(page(), ("96171.6", "96171.6万元")), outcome=LOADED),
    Pitfall(
        "yuan in the cell under a heading of 万元",
        lambda: edited(page(), ("96171.6", "961716000元")),
        {"t2.admin_fees.amount": "961716000"},
    ),
    Pitfall(
        "a procurement total with its unit, projects with theirs",
        lambda: edited(page(FORM_2019), (">223<", ">223笔<"), ("11561862563.21", "11561862563.21元")),
        edition=FORM_2019,
    ),
]

LAYOUTS = [
    Pitfall(
        "digits that ran together",
        lambda: document("text", quirks=Quirks(text=TextQuirks(style="run_together"))),
        outcome=QUARANTINED,
        told="parse.table_flattened",
        file="report.txt",
    ),
    Pitfall("leaked comments", lambda: page(quirks=Quirks(html=HtmlQuirks(markup="word", comments=True)))),
    Pitfall(
        "a decimal point on a baseline of its own",
        lambda: document("pdf", quirks=Quirks(pdf=PdfQuirks(sunken_point=True))),
        file="report.pdf",
        outcome=LOADED,
    ),
    Pitfall(
        "rows cut by page breaks, group labels one character a line",
        lambda: document("pdf", quirks=Quirks(pdf=PdfQuirks(rows_cut=True, first_page_fill=180.0))),
        file="report.pdf",
    ),
    *(
        Pitfall(
            f"a table as text: {style}",
            lambda style=style: document("text", quirks=Quirks(text=TextQuirks(style=style))),  # type: ignore[misc]
            file="report.txt",
            outcome=LOADED,
        )
        for style in ("tabs", "blanks", "lines", "pipes")
    ),
    Pitfall(
        "label cells lost, rows shifted, a column less behind a page break, rule lines",
        lambda: document("text", quirks=Quirks(text=TextQuirks(shifted=True, page_break=True, rule_line=True))),
        file="report.txt",
    ),
    Pitfall(
        "list marks cut from their labels, numbers from their marks",
        lambda: re.sub(r"\t(\d)\.(?=[^\d\s])", r"\t\1\n\t．", as_lines()),
        file="report.txt",
        outcome=LOADED,
    ),
    Pitfall(
        "labels cut by a page break, their rest on the next page",
        lambda: edited(
            page(),
            ("<td>2.没有现成信息需要另行制作", "<td>2.没有现成信息需要"),
            (
                "<tr><td>3.补正后申请内容仍不明确",
                f"<tr><td>另行制作</td>{ZEROS.replace('0', '')}</tr><tr><td>3.补正后申请内容仍不明确",
            ),
        ),
        outcome=LOADED,
    ),
    Pitfall("Markdown without outer pipes", open_pipes, file="report.md", outcome=LOADED),
    Pitfall(
        "a table cut in two, its group label repeated",
        lambda: page(quirks=Quirks(split_table3=True)),
        outcome=LOADED,
    ),
    Pitfall(
        "headings whose spans do not fit the rows",
        lambda: page(quirks=Quirks(html=HtmlQuirks(tables="misaligned"))),
        outcome=LOADED,
    ),
    Pitfall(
        "a row that lost a cell",
        lambda: edited(page(), ("<td>31</td><td>12</td>", "<td>31</td>")),
        outcome=QUARANTINED,
        told="parse.row_incomplete",
    ),
    Pitfall(
        "columns in another order than the form's",
        lambda: edited(page(), ("<td>商业企业</td><td>科研机构</td>", "<td>科研机构</td><td>商业企业</td>")),
        outcome=QUARANTINED,
        told="parse.columns_unknown",
    ),
    Pitfall(
        "an empty column on either side", lambda: re.sub(r"<tr>(.*?)</tr>", r"<tr><td></td>\1<td></td></tr>", page())
    ),
    Pitfall("reviews and lawsuits in two rows", two_rows, outcome=LOADED),
]


LABELS = [
    Pitfall("half-width punctuation", lambda: relabelled(("（", "("), ("）", ")"), ("，", ","), ("：", ":"))),
    Pitfall("blanks inside labels", lambda: relabelled(("商业企业", "商 业 企 业"), ("结果维持", "结果 维持"))),
    Pitfall("list marks of another kind", lambda: re.sub(r"<td>(\d)\.", r"<td>\1、", page()), outcome=LOADED),
    Pitfall("list marks in brackets", lambda: re.sub(r"<td>(\d)\.", r"<td>（\1）", page()), outcome=LOADED),
    Pitfall("headings that ran together", lambda: relabelled(("尚未审结</td><td>总计", "尚未</td><td>审结总计"))),
    Pitfall(
        "characters missing in a label", lambda: relabelled(("2.其他法律行政法规禁止公开", "2.其他法律行政止公开"))
    ),
    Pitfall("废纸 for 废止", lambda: relabelled(("本年废止件数", "本年废纸件数")), outcome=LOADED),
    Pitfall("钩稽 for 勾稽", lambda: relabelled(("勾稽", "钩稽")), outcome=LOADED),
    Pitfall("三三、for 三、", lambda: relabelled(("三、本年度办理结果", "三三、本年度办理结果")), outcome=LOADED),
    Pitfall("不子 for 不予", lambda: relabelled(("（三）不予公开", "（三）不子公开")), outcome=LOADED),
    Pitfall("政务 for 政府", lambda: relabelled(("处理政府信息公开申请情况", "处理政务信息公开申请情况"))),
    Pitfall(
        "a row label of the older form", lambda: relabelled(("<td>行政规范性文件", "<td>规范性文件")), outcome=LOADED
    ),
    Pitfall(
        "the long labels of 其他处理 cut short", lambda: re.sub("、行政机关不再处理其政府信息公开申请", "", page())
    ),
    Pitfall(
        "headings of the older form over the columns of the newer",
        lambda: relabelled(("本年制发件数", "本年新制作数量"), ("本年废止件数", "本年新公开数量")),
        outcome=QUARANTINED,
    ),
]

ROWS = [
    Pitfall(
        "a row of the form deleted",
        lambda: without_row("规章"),
        absent=tuple(f"t2.rules.{column}" for column in ("issued", "repealed", "in_force")),
        outcome=FLAGGED,
        told="T3_ROWS_MISSING",
    ),
    Pitfall(
        "a row of zeros deleted",
        lambda: without_row("2.其他法律行政法规禁止公开"),
        absent=row("denied_law_forbidden"),
        outcome=FLAGGED,
        told="T3_ROWS_MISSING",
    ),
    Pitfall(
        "a row with cases lost",
        lambda: without_row("2.没有现成信息需要另行制作"),
        outcome=QUARANTINED,
        told="parse.rows_missing",
    ),
    Pitfall("a row 合计 that no form has", lambda: page(quirks=Quirks(total_row=True)), outcome=LOADED),
    Pitfall(
        "a note under a table",
        lambda: edited(
            page(), ("</tbody></table>\n\n<p>四、", '<tr><td colspan="10">注：含上年2件。</td></tr></table><p>四、')
        ),
        outcome=LOADED,
    ),
    Pitfall(
        "the whole older form in a later year",
        lambda: edited(page(FORM_2019), ("2020年", "2021年"), count=99),
        edition=FORM_2019,
    ),
]


@pytest.mark.parametrize("case", [*BLANKS, *NUMBERS, *UNITS, *LAYOUTS, *LABELS, *ROWS], ids=str)
def test_a_broken_table_is_read_as_printed_or_held_back(case: Pitfall) -> None:
    assert_read_or_told(case)
