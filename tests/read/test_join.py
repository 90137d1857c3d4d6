"""An article that its site splits over several pages is one document again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.replica.documents import render
from infra.replica.truth import truth
from schemas.blocks import Blocks, Grid, Paragraph
from tasks.read import join, read

URL = "http://127.0.0.1/zwgk/202201/t20220128_1.html"
TITLE = "甲市财政局2021年政府信息公开工作年度报告"
PAGE = (
    "<html><head><title>{title}</title></head><body><h1>{title}</h1><p>发布时间：2022-01-28</p>"
    '<div class="TRS_Editor">{body}</div></body></html>'
)


def page(body: str) -> Blocks:
    return read(PAGE.format(title=TITLE, body=body).encode(), declared="text/html; charset=utf-8", url=URL)


def words(blocks: Blocks) -> list[str]:
    return [item.text for item in blocks.items if isinstance(item, Paragraph)]


FIRST = "<p>一、总体情况</p><p>2021年，本局主动公开政府信息共计128条，其中通过网站公开96条，通过公告栏公开32条。</p>"
SECOND = "<p>二、主动公开政府信息情况</p><p>本局继续完善主动公开目录，全年更新栏目十二个，回应群众留言七十四件。</p>"


def test_both_halves_stand_in_order_and_the_head_stands_once() -> None:
    joined = join([page(FIRST), page(SECOND)])
    text = joined.text
    assert text.index("一、总体情况") < text.index("二、主动公开")
    assert text.count(TITLE) == page(FIRST).text.count(TITLE)
    assert words(joined).count("二、主动公开政府信息情况") == 1


def test_offsets_fit_the_joined_text() -> None:
    joined = join(
        [
            page(FIRST),
            page(SECOND),
            page("<p>六、其他需要报告的事项</p><p>本年度没有收取信息处理费，也没有其他事项需要报告。</p>"),
        ]
    )
    for item in joined.items:
        if isinstance(item, Paragraph):
            assert joined.text[item.start : item.start + len(item.text)] == item.text


def test_the_page_of_what_comes_from_a_further_page_is_known() -> None:
    joined = join([page(FIRST), page(SECOND)])
    pages = {item.text: item.place.page for item in joined.items if isinstance(item, Paragraph)}
    assert pages["一、总体情况"] is None
    assert pages["二、主动公开政府信息情况"] == 2


def test_a_table_cut_by_the_end_of_a_page_goes_on() -> None:
    rows = "".join(f"<tr><td>{name}</td><td>{name}</td></tr>" for name in "甲乙丙丁")
    table = f"<table>{rows}</table>"
    joined = join([page(FIRST + table), page(table + SECOND)])
    grids = [item for item in joined.items if isinstance(item, Grid)]
    assert [grid.continues for grid in grids] == [False, True]
    assert {cell.place.page for cell in grids[1].cells} == {2}


def test_one_page_alone_stays_what_it_is() -> None:
    whole = read(render(truth("guyuan-ggzy", 2021), "html"))
    assert join([whole]) is whole


@pytest.mark.parametrize("note", ["html.more_pages", "html.other"])
def test_only_the_note_that_pages_are_missing_goes(note: str) -> None:
    joined = join([replace(page(FIRST), notes=(note,), more=(URL,)), page(SECOND)])
    assert (note in joined.notes) is (note != "html.more_pages")
    assert joined.more == ()
