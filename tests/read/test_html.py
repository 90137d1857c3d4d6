"""HTML pages: bodies, tables, furniture, and pages without a report."""

from __future__ import annotations

import pytest

from schemas.blocks import Borders
from schemas.errors import ReadError
from tasks.read import NoBody, attachments, read
from tests.read.looking import grids, offsets_hold, paragraphs, rows, spans

SECTIONS = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)
OPENING = "本报告依照《政府信息公开条例》编制，所列数据的统计期限为全年，由办公室负责解释。"
TABLE = "<table><tr><td>规章</td><td>12</td></tr><tr><td>规范性文件</td><td>34</td></tr></table>"


def article(extra: str = "") -> str:
    body = "".join(f"<p>{heading}</p><p>这一部分说明了有关工作，共办理若干件。</p>" for heading in SECTIONS)
    return f"<p>{OPENING}</p>{body}{TABLE}{extra}"


def page(body: str, head: str = "<title>甲局2021年政府信息公开工作年度报告</title>") -> bytes:
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'>{head}</head><body>{body}</body></html>".encode()


def test_spans_are_resolved_also_where_header_and_data_do_not_line_up() -> None:
    table = """<table>
      <tr><td rowspan=2 colspan="2">角</td><td colspan=3>申请人</td></tr>
      <tr><td>甲</td><td colspan="2">乙</td></tr>
      <tr><td rowspan="99">组</td><td>行</td><td>1</td><td>2</td><td>3</td></tr>
      <tr><td>行二</td><td>4</td><td></td><td>&nbsp;</td></tr></table>"""
    (grid,) = grids(read(page(article().replace(TABLE, table))))
    assert (grid.n_rows, grid.n_columns, grid.borders) == (4, 5, Borders.DOM)
    found = spans(grid)
    assert found["角"] == (0, 0, 2, 2)
    assert found["乙"] == (1, 3, 1, 2)
    assert found["组"] == (2, 0, 2, 1)
    assert found["行二"] == (3, 1, 1, 1)
    assert rows(grid)[3] == ["行二", "4", "", ""]


def test_words_cut_by_nested_spans_are_whole_and_breaks_inside_cells_are_kept() -> None:
    cell = (
        "<td><p><span>行政<span>规范</span></span><span>性<o:p>文件</o:p></span></p></td>"
        "<td><p><span>1</span><span>23</span></p></td><td>本年新<br/>制作</td><td><p>甲</p><p>乙</p></td>"
    )
    table = f"<table><tr>{cell}</tr><tr><td>a</td><td>1</td><td>2</td><td>3</td></tr></table>"
    (grid,) = grids(read(page(article().replace(TABLE, table))))
    assert rows(grid)[0] == ["行政规范性文件", "123", "本年新/制作", "甲/乙"]


def test_zero_width_characters_do_not_part_a_number() -> None:
    (grid,) = grids(read(page(article().replace("12", "1&#8203;2\ufeff"))))
    assert rows(grid)[0] == ["规章", "12"]


def test_source_line_breaks_between_wide_characters_are_no_blanks() -> None:
    blocks = read(page(article("<p>主动公开\n      政府信息 20 条</p>")))
    assert "主动公开政府信息 20 条" in paragraphs(blocks)


def test_word_comments_are_dropped_also_where_they_are_escaped() -> None:
    extra = "<p>&lt;!--[if !supportLists]--&gt;<!--[if gte mso 9]><xml>x</xml><![endif]-->（一）<![endif]>公开</p>"
    texts = paragraphs(read(page(article(extra))))
    assert "（一）公开" in texts


def test_scripts_styles_and_hidden_parts_are_not_read() -> None:
    extra = "<script>var x='假';</script><style>.a{}</style><p style='display:none'>藏</p><p>见</p>"
    text = read(page(article(extra))).text
    assert "假" not in text
    assert "藏" not in text
    assert "见" in text


def test_an_article_that_a_script_would_show_is_read_with_a_note() -> None:
    blocks = read(page(f"<div>首页</div><div style='display: none'>{article()}</div>"))
    assert "html.hidden_body" in blocks.notes
    assert SECTIONS[0] in paragraphs(blocks)


def test_the_body_is_chosen_by_the_sections_not_by_a_wrappers_name() -> None:
    body = f"""<div id="header">首页 无障碍 长者版 网站地图 登录 注册</div>
      <div class="TRS_Editor"><p>政府网站年度报表的说明，与本报告无关，只是一段摘要文字而已，长度也够。</p></div>
      <div class="wrap"><div class="side"><a href="/a">政府信息公开指南</a><a href="/b">上一篇</a></div>
        <div class="x1">{article()}</div></div>
      <div class="foot">版权所有 主办单位 技术支持 ICP备</div>"""
    texts = paragraphs(read(page(body)))
    assert texts[0] == OPENING
    assert [text for text in texts if text in SECTIONS] == list(SECTIONS)
    assert not any("版权所有" in text or "摘要" in text or "无障碍" in text for text in texts)


def test_title_and_date_above_the_body_are_kept_and_share_buttons_are_not() -> None:
    body = f"""<div class="top">首页 长者版 网站地图</div><div class="main"><h1>甲局2021年政府信息公开工作年度报告</h1>
      <div class="info"><span>来源：甲局</span> <span>发布日期：2022-01-29 10:20</span></div>
      <div class="tools">字体 大 中 小 打印 分享</div>
      <div id="zoom"><p>微信 微博 QQ空间 打印</p>{article()}</div></div>"""
    texts = paragraphs(read(page(body)))
    assert texts[0] == "甲局2021年政府信息公开工作年度报告"
    assert any("2022-01-29" in text for text in texts[:4])
    assert not any("微博" in text or "大 中 小" in text for text in texts)


def test_rows_of_an_index_table_above_the_body_are_lines_of_their_own() -> None:
    index = "<table><tr><td>索引号</td><td>A-1</td><td>发布机构</td><td>甲局</td></tr></table>"
    body = f'<div>首页 长者版 网站地图</div><div>{index}<div>字体 打印</div><div id="zoom">{article()}</div></div>'
    assert "索引号 A-1 发布机构 甲局" in paragraphs(read(page(body)))


def test_two_whole_copies_of_the_report_are_read_once() -> None:
    body = f"<div><div class='screen'>{article()}</div><div class='print'>{article()}</div></div>"
    assert paragraphs(read(page(body))).count(SECTIONS[0]) == 1


def test_a_layout_table_is_unwrapped_and_the_table_inside_is_read() -> None:
    body = f"<table><tr><td><table><tr><td>{article()}</td></tr></table></td></tr></table>"
    blocks = read(page(body))
    assert [rows(grid) for grid in grids(blocks)] == [[["规章", "12"], ["规范性文件", "34"]]]
    assert SECTIONS[2] in paragraphs(blocks)


def test_a_table_in_a_cell_of_a_data_table_becomes_text_of_the_cell() -> None:
    inner = "<table><tr><td>其中</td><td>3</td></tr></table>"
    data = "".join(f"<tr><td>行{n}</td><td>{n}</td><td>0</td></tr>" for n in range(8))
    table = f"<table>{data}<tr><td>末行{inner}</td><td>5</td><td>6</td></tr></table>"
    (grid,) = grids(read(page(article().replace(TABLE, table))))
    assert rows(grid)[8] == ["末行/其中 3", "5", "6"]


def test_a_table_cut_in_two_goes_on() -> None:
    two = TABLE + "  \n" + TABLE.replace("12", "56")
    assert [grid.continues for grid in grids(read(page(article().replace(TABLE, two))))] == [False, True]
    apart = TABLE + "<p>表三</p>" + TABLE
    assert [grid.continues for grid in grids(read(page(article().replace(TABLE, apart))))] == [False, False]


@pytest.mark.parametrize(
    ("row", "cell"),
    [("<div>{}</div>", "<div>{}</div>"), ("<ul>{}</ul>", "<li>{}</li>"), ("<div>{}</div>", "<span>{}</span>")],
)
def test_tables_of_other_elements_are_recognised_where_they_are_regular(row: str, cell: str) -> None:
    data = [["信息内容", "制发", "废止"], ["第一项"], ["规章", "1", "23"], ["规范性文件", "45", "6"]]
    soup = "".join(row.format("".join(cell.format(text) for text in line)) for line in data)
    (grid,) = grids(read(page(article().replace(TABLE, f"<div>{soup}</div>"))))
    assert rows(grid) == data
    assert spans(grid)["第一项"] == (1, 0, 1, 3)


def test_prose_in_nested_elements_is_no_table() -> None:
    prose = "<div>" + "<div><span>全年公开信息</span><span>共计很多条，比上一年多。</span></div>" * 4 + "</div>"
    blocks = read(page(article(prose)))
    assert len(grids(blocks)) == 1
    assert "全年公开信息共计很多条，比上一年多。" in paragraphs(blocks)


def test_rows_without_their_table_element_are_read() -> None:
    fragment = "<p>一、总体情况 依申请公开 行政复议</p><tr><td>规章</td><td>7</td></tr><tr><td>许可</td><td>8</td></tr>"
    from lxml import etree

    from tasks.read.build import Builder
    from tasks.read.html.flow import Flow

    root = etree.fromstring(f"<div>{fragment}</div>")
    flow = Flow(builder := Builder(), root.getroottree())
    flow.walk(root)
    flow.finish()
    assert "规章\t7\n许可\t8" in builder.text()


def test_breaks_part_the_paragraphs_of_old_pages() -> None:
    texts = paragraphs(read(page("<div>" + "<br>".join([OPENING, *SECTIONS, "甲<b>乙</b>丙"]) + "</div>")))
    assert texts == [OPENING, *SECTIONS, "甲乙丙"]


def test_preformatted_text_is_read_like_a_text_file() -> None:
    text = "\n".join([OPENING, *SECTIONS, "规章\t1\t2", "许可\t3\t4"])
    blocks = read(page(f"<pre>{text}</pre>"))
    assert rows(grids(blocks)[0]) == [["规章", "1", "2"], ["许可", "3", "4"]]
    assert grids(blocks)[0].borders is Borders.DELIMITED


def test_metas_are_in_lower_case_and_the_first_that_is_set_counts() -> None:
    named = (("PubDate", ""), ("pubdate", "2022-01-29"), ("ContentSource", "甲局"), ("contentsource", "乙局"))
    head = "<title>x</title>" + "".join(f"<meta name='{name}' content='{value}'>" for name, value in named)
    metas = read(page(article(), head)).metas
    assert metas["pubdate"] == "2022-01-29"
    assert metas["contentsource"] == "甲局"


def test_offsets_and_places_hold() -> None:
    blocks = read(page(f"<div id='zoom'>{article()}</div>"))
    assert offsets_hold(blocks)
    cell = grids(blocks)[0].cells[1]
    assert cell.place.path is not None
    assert cell.place.path.endswith("table/tr[1]/td[2]")


def test_a_page_with_a_title_alone_is_empty_and_names_its_files() -> None:
    title = "甲局2021年政府信息公开工作年度报告"
    with pytest.raises(NoBody) as empty:
        read(page(f"<h1>{title}</h1><p>{title}</p>"), url="http://a.gov.cn/x/t1.html")
    assert empty.value.code == "read.empty_body"
    with pytest.raises(NoBody) as attached:
        read(page(f"<h1>{title}</h1><p><a href='./P02022.pdf'>{title}.pdf</a></p>"), url="http://a.gov.cn/x/t1.html")
    assert [found.url for found in attached.value.attachments] == ["http://a.gov.cn/x/P02022.pdf"]
    assert attached.value.where == "http://a.gov.cn/x/t1.html"


def test_a_page_of_pictures_needs_ocr_and_names_them() -> None:
    with pytest.raises(NoBody) as pictures:
        read(page("<h1>年报</h1><img src='a.jpg'><img src='icon.png'><img src='b.jpg' width=20>"), url="http://a.cn/")
    assert pictures.value.code == "read.needs_ocr"
    assert [found.url for found in pictures.value.attachments] == ["http://a.cn/a.jpg"]


@pytest.mark.parametrize("words", ["404 Not Found", "您访问的页面不存在", "系统升级中，请稍后访问", "Request Rejected"])
def test_error_pages_are_no_reports(words: str) -> None:
    with pytest.raises(ReadError) as trouble:
        read(page(f"<h2>{words}</h2><a href='/'>返回首页</a>", f"<title>{words}</title>"), name="P0202201.pdf")
    assert trouble.value.code == "read.error_page"


def test_any_short_page_in_place_of_a_promised_file_is_an_error_page() -> None:
    with pytest.raises(ReadError) as trouble:
        read(
            page("<p>请先登录后再下载本附件，谢谢您的配合与理解，登录入口在页面右上角。</p>"),
            declared="application/pdf",
        )
    assert trouble.value.code == "read.error_page"


def test_a_report_is_read_whatever_its_name_promises() -> None:
    assert read(page(article()), name="report.pdf").media_type == "text/html"


def test_a_page_that_a_script_must_fill_says_so() -> None:
    with pytest.raises(NoBody) as trouble:
        read(b"<html><head><script>location.replace('/x')</script></head><body></body></html>", url="http://a.cn/b/c")
    assert trouble.value.code == "read.script_only"
    assert [found.url for found in trouble.value.attachments] == ["http://a.cn/x"]


def test_a_page_that_only_sends_its_visitor_on_names_where_to() -> None:
    head = "<title>年报</title><meta http-equiv='Refresh' content='0; url=./2021/t1.html'>"
    with pytest.raises(NoBody) as trouble:
        read(page("<p>正在跳转</p>", head), url="http://a.cn/b/")
    assert [(found.url, found.kind) for found in trouble.value.attachments] == [("http://a.cn/b/2021/t1.html", "frame")]


def test_an_article_inside_a_script_is_found() -> None:
    import json

    script = '<script>window._DATA = {"content": ' + json.dumps(article()).replace("<", "\\u003C") + "};</script>"
    blocks = read(page("<div id='app'></div>" + script))
    assert "html.body_in_script" in blocks.notes
    assert SECTIONS[3] in paragraphs(blocks)
    assert rows(grids(blocks)[0])[0] == ["规章", "12"]


def test_a_page_wrapped_in_json_is_unwrapped() -> None:
    import json

    data = json.dumps({"code": 200, "data": {"title": "年报", "html": f"<div>{article()}</div>"}}).encode()
    assert SECTIONS[1] in paragraphs(read(data))


def test_a_page_that_breaks_off_says_so() -> None:
    whole = page(article())
    assert "html.cut_off" not in read(whole).notes
    assert "html.cut_off" in read(whole[: -len("</body></html>") - 5]).notes
    assert "html.cut_off" not in read(article().encode()).notes  # a fragment closes nothing because it opened nothing


def test_elements_nested_without_end_are_refused() -> None:
    for tag in ("div", "span", "table><tr><td"):
        opening = f"<{tag}>" * 3000
        with pytest.raises(ReadError) as trouble:
            read(page(opening + article()))
        assert trouble.value.code == "read.limit.nesting"


def test_a_table_of_millions_of_covered_cells_is_refused() -> None:
    table = "<table>" + "<tr><td rowspan=9999 colspan=9999>1</td></tr>" * 3000 + "</table>"
    with pytest.raises(ReadError) as trouble:
        read(page(article() + table))
    assert trouble.value.code == "read.limit.cells"


def test_links_are_told_of_any_page() -> None:
    body = f"""<div class=top><a href="/guide.pdf">网站使用指南</a></div><div id="zoom">{article()}
      <p><a href="/module/download/downfile.jsp?classid=0&filename=ab12.pdf">附件：年报</a></p></div>
      <div><a href="P0.docx">甲局2021年度报告.docx</a>
      <iframe src="/js/pdfjs/web/viewer.html?file=%2Ff%2Fr.pdf"></iframe></div>"""
    found = attachments(page(body), url="http://a.gov.cn/x/t.html")
    assert [(item.url, item.kind) for item in found] == [
        ("http://a.gov.cn/module/download/downfile.jsp?classid=0&filename=ab12.pdf", "file"),
        ("http://a.gov.cn/f/r.pdf", "frame"),
        ("http://a.gov.cn/x/P0.docx", "file"),
    ]


def test_the_other_pages_of_a_split_article_are_named() -> None:
    links = (("t1.html", "1"), ("t1_1.html", "2"), ("t1_1.html", "下一页"), ("l_2.html", "3"))
    pager = "<div>" + "".join(f'<a href="{address}">{label}</a>' for address, label in links) + "</div>"
    blocks = read(page(article(pager)), url="http://a.gov.cn/x/t1.html")
    assert blocks.more == ("http://a.gov.cn/x/t1_1.html",)
    assert "html.more_pages" in blocks.notes
    script = '<script>createPageHTML(3, 0, "t1", "html");</script>'
    assert read(page(article() + script), url="http://a.gov.cn/x/t1.html").more == (
        "http://a.gov.cn/x/t1_1.html",
        "http://a.gov.cn/x/t1_2.html",
    )


def test_lines_of_markdown_around_html_tables_are_paragraphs() -> None:
    table = "<table><tr><td>规章</td><td>3</td></tr></table>"
    text = (
        f"# 甲市年报\n\n一、总体情况\n全年公开信息12条。\n\n{table}\n\n五、问题\n\n六、其他\n\n无其他需要报告的事项。\n"
    )
    blocks = read(text.encode(), name="report.md")
    assert paragraphs(blocks) == [
        "甲市年报",
        "一、总体情况",
        "全年公开信息12条。",
        "五、问题",
        "六、其他",
        "无其他需要报告的事项。",
    ]
    assert [rows(grid) for grid in grids(blocks)] == [[["规章", "3"]]]
