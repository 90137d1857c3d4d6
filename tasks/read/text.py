"""Flattened text and Markdown: what is left of a report when a table was copied or converted to plain text.

`Blocks.text` is the decoded file itself, so every offset can be checked against the source. What becomes what:

- Lines with tabs, one below the other, are a grid (`Borders.DELIMITED`): one row per line, a cell between any two tabs,
  empty ones too. In a run where most lines hold only one token behind leading tabs (a table flattened to one cell per
  line) there are no rows to trust: each line is a paragraph, its text the token; a line of nothing but tabs is such a
  cell without text and becomes an empty paragraph.
- Lines with Markdown pipes are a grid likewise. Rule lines (`---|---`) are dropped; the line above one heads a table of
  its own.
- A grid parted from the one before by nothing but blank lines, rule lines or page numbers `continues` it.
- Every other line that is not blank is a paragraph. Tokens parted by blanks stay together: where a label ends and the
  numbers begin is for the aligner to find.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from schemas.blocks import Blocks, Borders, Cell, Grid, Paragraph, Place
from tasks.read.decode import decode
from tasks.read.noise import is_header_line, is_page_number

_LINE_END = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
_RULE_CELL = re.compile(r"\s*:?(?:-{2,}|={2,}|_{2,}):?\s*\Z")  # ASCII only: —— may be a value
_HEADING = re.compile(r"(#{1,6})[ \t]+(?=\S)")
_NUMBER_CELL = re.compile(r"[-+－]?[\d０-９]")
_BLANK_CELLS = 3  # so many empty cells behind a label are a row of blanks
_PIPE = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    start: int
    number: int
    kind: str  # tabs, lone, pipes, rule, page, blank, plain


def read_text(data: bytes, declared: str | None = None, media_type: str = "text/plain") -> Blocks:
    """Reads a text file in any encoding that `decode` knows."""
    decoded = decode(data, declared)
    notes = ("text.damaged_encoding",) if decoded.damaged else ()
    return Blocks(media_type, "text", tuple(items_of(decoded.text)), decoded.text, notes=notes)


def items_of(text: str) -> list[Paragraph | Grid]:
    """The paragraphs and grids of a text, with offsets into it."""
    items: list[Paragraph | Grid] = []
    parted = True  # something other than a grid stands between the last grid and here
    for tabular, run in groupby(_lines(text), key=lambda line: line.kind in {"tabs", "lone", "pipes", "rule"}):
        lines = list(run)
        if not tabular:
            for line in lines:
                if line.kind == "plain":
                    items.append(_paragraph(line))
                    parted = True
            continue
        for item in _tabular(lines):
            if isinstance(item, Grid) and not parted:
                item = _continued(item)  # noqa: PLW2901
            items.append(item)
            parted = not isinstance(item, Grid)
    return items


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    ends = [(found.start(), found.end()) for found in _LINE_END.finditer(text)]
    for number, (end, following) in enumerate([*ends, (len(text), len(text))], start=1):
        line = text[start:end]
        yield _Line(line, start, number, _kind(line))
        start = following


def _kind(line: str) -> str:
    bare = line.strip()
    if not bare:
        return "lone" if "\t" in line else "blank"
    if "|" in bare or "\t" in bare:
        cells = [cell for cell in re.split(r"[|\t]", bare) if cell.strip()]
        if cells and all(_RULE_CELL.match(cell) for cell in cells):
            return "rule"
    if bare.startswith("|") and bare.count("|") > 1:
        return "pipes"
    if "|" in bare and _is_open_row(bare):
        return "pipes"
    if "\t" in line:
        # Tabs behind the first token mark cells; tabs before it may be an indent or a flattened cell.
        return "tabs" if "\t" in line.lstrip() else "lone"
    return "page" if is_page_number(bare) else "plain"


def _is_open_row(line: str) -> bool:
    """A Markdown row without pipes at its ends (行政许可| 3| 0); a header line (来源 | 时间) is none."""
    cells = [cell.strip() for cell in _PIPE.split(line)][1:]
    if is_header_line(line) or "。" in line:
        return False
    return any(_NUMBER_CELL.match(cell) for cell in cells) or (len(cells) >= _BLANK_CELLS and not any(cells))


def _tabular(lines: list[_Line]) -> Iterator[Paragraph | Grid]:
    """The grids (or lone tokens) of a run of lines with tabs, pipes or rules."""
    for piped, run in groupby(_without_rules(lines), key=lambda found: found[0].kind == "pipes"):
        part = list(run)
        if piped:
            yield from _pipe_grids(part)
        else:
            yield from _tab_grids([line for line, _ in part])


def _without_rules(lines: list[_Line]) -> Iterator[tuple[_Line, bool]]:
    """The lines that are not rules, each with whether a rule follows it."""
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        if line.kind != "rule":
            yield line, following is not None and following.kind == "rule"


def _pipe_grids(part: list[tuple[_Line, bool]]) -> Iterator[Grid]:
    rows: list[_Line] = []
    first = True
    for line, heads in part:
        if heads and rows:
            yield _grid(rows, pipes=True, continues=not first)
            rows, first = [], False
        rows.append(line)
    yield _grid(rows, pipes=True, continues=not first)


def _tab_grids(lines: list[_Line]) -> Iterator[Paragraph | Grid]:
    strict = sum(line.kind == "tabs" for line in lines)
    if strict * 2 >= len(lines):
        yield _grid(lines)
        return
    for in_grid, run in groupby(lines, key=lambda line: line.kind == "tabs"):
        if in_grid:
            yield _grid(list(run))
        else:
            yield from (_paragraph(line) for line in run)


def _grid(lines: list[_Line], *, pipes: bool = False, continues: bool = False) -> Grid:
    cells: list[Cell] = []
    width = 0
    for row, line in enumerate(lines):
        texts = _pipe_cells(line.text) if pipes else [part.strip() for part in line.text.split("\t")]
        width = max(width, len(texts))
        for column, text in enumerate(texts):
            cells.append(Cell(text, row, column, place=Place(line=line.number, row=row, column=column)))
    place = Place(line=lines[0].number)
    return Grid(tuple(cells), len(lines), width, Borders.DELIMITED, place, lines[0].start, continues)


def _pipe_cells(line: str) -> list[str]:
    parts = _PIPE.split(line.strip())
    if parts and not parts[0].strip():
        parts = parts[1:]
    if parts and not parts[-1].strip():
        parts = parts[:-1]
    return [re.sub(r"\s*<br\s*/?>\s*", "\n", part).replace("\\|", "|").strip() for part in parts]


def _paragraph(line: _Line) -> Paragraph:
    body = line.text.strip()
    start = line.start + len(line.text) - len(line.text.lstrip())
    mark = _HEADING.match(body)
    heading = None
    if mark:
        heading = len(mark.group(1))
        start += mark.end()
        body = body[mark.end() :]
    if not body:
        start = line.start
    return Paragraph(body, Place(line=line.number), start, heading)


def _continued(grid: Grid) -> Grid:
    return Grid(grid.cells, grid.n_rows, grid.n_columns, grid.borders, grid.place, grid.start, continues=True)
