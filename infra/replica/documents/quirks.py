"""The switches of the renderers: how one and the same content may look. Defaults are the plain official form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Charset = Literal["utf-8", "gb18030", "utf-16"]


@dataclass(frozen=True, slots=True)
class HtmlQuirks:
    """Markup of the content systems. `container` is the body's own element, `markup` how paragraphs are written."""

    container: str = "TRS_Editor"  # key of documents/containers.yaml
    markup: Literal["plain", "word", "ueditor", "breaks"] = "plain"
    tables: Literal["table", "div", "misaligned"] = "table"  # misaligned: header spans do not fit the data rows
    charset: Charset = "utf-8"
    declared: Literal["right", "none", "wrong"] = "right"
    chrome: bool = True  # navigation, breadcrumbs, share bar, footer around the body
    chrome_inside: bool = False  # … and leaked into the body
    title_in_body: bool = True
    header_table: bool = False  # 索引号 / 发布机构 / 成文日期 above the body
    comments: bool = False  # conditional comments of Word, escaped ones too
    nested_container: bool = False  # an outer container of another system around the body


@dataclass(frozen=True, slots=True)
class PdfQuirks:
    """Print layout. Two readers must find the same words in every variant; only the geometry differs."""

    ruling: Literal["full", "horizontal", "none"] = "full"
    strokes: Literal["line", "bar"] = "line"  # rulings drawn as lines, or as thin filled bars as Word does
    paper: Literal["portrait", "landscape", "rotated"] = "portrait"
    columns: Literal[1, 2] = 1
    page_numbers: Literal["none", "plain", "dashes"] = "dashes"
    rows_cut: bool = False  # a table row may be cut by the page break
    repeat_header: bool = False
    vertical_group: Literal["stacked", "wrapped"] = "stacked"  # 三、本年度办理结果: one character a line, or wrapped
    sunken_point: bool = False  # the decimal point on a baseline of its own
    # A subset embedded, or Adobe's CID font by name. Without a Chinese font on the machine pdfium drops turned text of
    # the latter, so rotated pages want the first.
    font: Literal["embedded", "named"] = "embedded"
    latin: Literal["same", "times"] = "same"
    justified: bool = False  # characters of narrative lines spread over the width
    size: float = 12.0
    cell_size: float = 9.0
    first_page_fill: float = 0.0  # points of empty space before the tables, to move the page breaks


@dataclass(frozen=True, slots=True)
class TextQuirks:
    """Flattened texts, as converters leave them."""

    style: Literal["tabs", "blanks", "lines", "pipes", "run_together"] = "tabs"
    rule_line: bool = False  # ------ under the header of a table
    shifted: bool = False  # label cells lost in some rows, the row shifted to the left
    page_break: bool = False  # blank lines inside a table
    bold_marks: bool = False
    charset: Charset = "utf-8"


@dataclass(frozen=True, slots=True)
class Quirks:
    """What holds for every format, and the switches of each."""

    blank: str = ""  # what a blank cell shows: nothing, /, —, -, a no-break or an ideographic space
    separators: bool = False  # thousands separators in every number
    full_width_digits: bool = False
    unit_in_cells: bool = False  # 984361元
    spaced_labels: bool = False  # 商 业 企 业
    list_marks: Literal["dot", "comma", "full"] = "dot"  # 1. / 1、 / １．
    separate_blocks: bool = False  # table 2 as five small tables
    split_table3: bool = False  # table 3 as two tables, the group label repeated
    drop_zero_rows: bool = False  # rows of table 3 without any case are left out
    total_row: bool = False  # a row 合计 under 行政强制 that no form knows, as some publishers add
    signature: bool = False  # publisher and date at the end
    html: HtmlQuirks = field(default_factory=HtmlQuirks)
    pdf: PdfQuirks = field(default_factory=PdfQuirks)
    text: TextQuirks = field(default_factory=TextQuirks)


PLAIN = Quirks()
