"""Paragraphs and tables in the markup that editors of content systems leave behind. The words stay the same."""

from __future__ import annotations

import re
from html import escape

from infra.replica.documents.grids import Box, Table
from infra.replica.documents.outline import Line
from infra.replica.documents.quirks import HtmlQuirks

WORD_P = (
    'class="MsoNormal" style="text-indent:32.0000pt;mso-char-indent-count:2.0000;line-height:28.0000pt;'
    'mso-line-height-rule:exactly;"'
)
WORD_SPAN = (
    "mso-spacerun:'yes';font-family:仿宋_GB2312;mso-bidi-font-family:'Times New Roman';"
    "font-size:16.0000pt;mso-font-kerning:1.0000pt;"
)
COMMENT = '<!--[if !supportLists]--><span style="mso-list:Ignore"></span><!--[endif]-->'


def word_runs(text: str) -> str:
    """Text as Word pastes it: Latin runs apart, and a span ends where the typist once paused."""
    runs: list[str] = []
    for piece in re.findall(r"[0-9A-Za-z.,%]+|[^0-9A-Za-z.,%]+", text):
        if piece[0].isascii() and piece[0].isalnum():
            runs.append(f'<span lang="EN-US" style="{WORD_SPAN}">{escape(piece)}</span>')
            continue
        middle = len(piece) * 2 // 3
        parts = (piece[:middle], piece[middle:]) if len(piece) > 12 else (piece,)
        runs += [f'<span style="{WORD_SPAN}"><font face="仿宋_GB2312">{escape(part)}</font></span>' for part in parts]
    return "".join(runs)


def paragraph(line: Line, quirks: HtmlQuirks, number: int) -> str:
    """One paragraph. `number` is its place in the body; every third carries a comment when comments are on."""
    comment = COMMENT if quirks.comments and number % 3 == 2 else ""
    centred = line.kind in ("title", "date", "caption")
    if quirks.markup == "word":
        align = 'align="center" ' if centred else ""
        body = word_runs(line.text)
        if line.kind in ("title", "heading"):
            body = f"<b>{body}</b>"
        return f'<p {align}{WORD_P}>{comment}{body}<span style="{WORD_SPAN}"><o:p></o:p></span></p>'
    if quirks.markup == "ueditor":
        align = "text-align: center;" if centred else "text-indent: 2em;"
        body = f"<strong>{escape(line.text)}</strong>" if line.kind in ("title", "heading") else escape(line.text)
        return f'<p style="{align} line-height: 1.75em;">{comment}<span style="font-size: 18px;">{body}</span></p>'
    if quirks.markup == "breaks":
        return f"{comment}　　{escape(line.text)}<br/>\n"
    align = ' style="text-align:center"' if centred else ""
    return f"<p{align}>{comment}{escape(line.text)}</p>"


def cell_text(box: Box, quirks: HtmlQuirks) -> str:
    """The inside of a cell: bare, or in the paragraphs of the editor; tall labels one character a line in Word."""
    shown = escape(box.text) if box.text.strip() or not box.text else "&nbsp;" * len(box.text)
    if quirks.markup == "word":
        if box.vertical:
            inner = "<br/>".join(escape(character) for character in box.text)
            return f'<p class="MsoNormal" align="center"><span style="{WORD_SPAN}">{inner}</span></p>'
        if not shown:
            return '<p class="MsoNormal"><span><o:p>&nbsp;</o:p></span></p>'
        if box.header and len(box.text) > 5 and box.code is None and box.column_span == 1:
            middle = len(box.text) // 2  # 本年新<br/>制作数量
            return (
                f'<p class="MsoNormal" align="center"><span style="{WORD_SPAN}">{escape(box.text[:middle])}'
                f"<br/>{escape(box.text[middle:])}</span></p>"
            )
        return f'<p class="MsoNormal" align="center">{word_runs(box.text)}</p>'
    if quirks.markup == "ueditor":
        return f'<p style="text-align:center"><span style="font-size:14px">{shown or "&nbsp;"}</span></p>'
    return shown or "&nbsp;"


def _span(name: str, size: int) -> str:
    return f' {name}="{size}"' if size > 1 else ""


def _misfit(box: Box, table: Table) -> int:
    """Column spans of the header as some pages have them: drawn for another number of columns."""
    if box.header and box.row == 0 and table.code == "t3":
        return box.column_span - 1 if box.column == 0 else box.column_span + 1
    return box.column_span


def html_table(table: Table, quirks: HtmlQuirks) -> str:
    """The grid as a table element with spans."""
    rows: list[str] = []
    for number, row in enumerate(table.rows()):
        cells: list[str] = []
        for box in row:
            columns = _misfit(box, table) if quirks.tables == "misaligned" else box.column_span
            spans = _span("rowspan", box.row_span) + _span("colspan", columns)
            style = (
                ' valign="center" style="padding:0 5.4pt;border:1pt solid windowtext"'
                if quirks.markup == "word"
                else ""
            )
            cells.append(f"<td{spans}{style}>{cell_text(box, quirks)}</td>")
        first = ' class="firstRow"' if number == 0 and quirks.markup in ("word", "ueditor") else ""
        rows.append(f"<tr{first}>{''.join(cells)}</tr>\n")
    kind = "MsoNormalTable" if quirks.markup == "word" else "table"
    return f'<table class="{kind}" border="1" cellspacing="0" cellpadding="0"><tbody>{"".join(rows)}</tbody></table>\n'


def div_table(table: Table, quirks: HtmlQuirks) -> str:
    """The grid as div elements: no spans, a box stands in the row where it begins."""
    rows: list[str] = []
    for row in table.rows():
        cells = "".join(f'<div class="td" style="display:table-cell">{cell_text(box, quirks)}</div>' for box in row)
        rows.append(f'<div class="tr" style="display:table-row">{cells}</div>\n')
    return f'<div class="table" style="display:table;width:100%">\n{"".join(rows)}</div>\n'
