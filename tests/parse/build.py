"""Builds blocks for parser tests from plain rows, so that each test shows only what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.blocks import Blocks, Borders, Cell, Grid, Paragraph, Place
from schemas.forms import form
from schemas.report import Edition

Item = str | Sequence[Sequence[str]]
APPLICANTS = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]


def blocks(*items: Item, borders: Borders = Borders.DOM, notes: tuple[str, ...] = (), **metas: str) -> Blocks:
    """Strings become paragraphs, lists of rows become grids; the reading text joins them with line breaks."""
    built: list[Paragraph | Grid] = []
    text = ""
    for number, item in enumerate(items):
        if isinstance(item, str):
            built.append(Paragraph(item, Place(path=f"p[{number}]"), start=len(text)))
            text += item + "\n"
            continue
        cells = tuple(
            Cell(value, row, column) for row, values in enumerate(item) for column, value in enumerate(values)
        )
        width = max(len(values) for values in item)
        built.append(Grid(cells, len(item), width, borders, Place(path=f"table[{number}]"), start=len(text)))
        text += "\n".join("\t".join(values) for values in item) + "\n"
    return Blocks("text/html", "test", tuple(built), text, metas=metas, notes=notes)


def disclosure_rows(edition: Edition, values: Mapping[str, Sequence[str]] | None = None) -> list[list[str]]:
    """Table 2 of an edition as printed rows; rows not named in `values` are zeros."""
    rows: list[list[str]] = []
    for block in form(edition).tables["t2"].blocks:
        rows.append([block.caption or ""])
        rows.append(["信息内容", *(column.labels[0] for column in block.columns)])
        rows.extend([row.labels[0], *(values or {}).get(row.code, ["0"] * len(block.columns))] for row in block.rows)
    return rows


def application_rows(edition: Edition, values: Mapping[str, Sequence[str]] | None = None) -> list[list[str]]:
    """Table 3 of an edition as printed rows with one label cell each; rows not named in `values` are zeros."""
    rows = [["（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", "申请人情况"], ["", *APPLICANTS]]
    for row in form(edition).tables["t3"].blocks[0].rows:
        if row.kind != "group":
            label = (row.number or "") + row.labels[0]
            rows.append([label, *(values or {}).get(row.code, ["0"] * 7)])
    return rows


def proceedings_rows(values: Sequence[str] | None = None) -> list[list[str]]:
    """Table 4 with its three header rows."""
    results = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    return [
        ["行政复议", "行政诉讼"],
        [*results, "未经复议直接起诉", "复议后起诉"],
        results * 2,
        list(values or ["0"] * 15),
    ]


def whole_report(
    edition: Edition = Edition.FORM_2021,
    *,
    year: int = 2022,
    disclosure: Mapping[str, Sequence[str]] | None = None,
    applications: Mapping[str, Sequence[str]] | None = None,
    proceedings: Sequence[str] | None = None,
    borders: Borders = Borders.DOM,
    notes: tuple[str, ...] = (),
) -> Blocks:
    """A complete report with the six sections."""
    return blocks(
        f"甲市档案局{year}年政府信息公开工作年度报告",
        "一、总体情况",
        "全年公开信息12条。",
        "二、主动公开政府信息情况",
        disclosure_rows(edition, disclosure),
        "三、收到和处理政府信息公开申请情况",
        application_rows(edition, applications),
        "四、政府信息公开行政复议、行政诉讼情况",
        proceedings_rows(proceedings),
        "五、存在的主要问题及改进情况",
        "公开的形式较少。",
        "六、其他需要报告的事项",
        "无。",
        borders=borders,
        notes=notes,
    )
