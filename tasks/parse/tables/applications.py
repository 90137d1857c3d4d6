"""Table 3, 收到和处理政府信息公开申请情况: 25 rows (form-2021) or 23 (form-2019) by seven columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache

from schemas.blocks import Borders
from schemas.forms import Block, form
from schemas.report import Doubt, Edition
from tasks.parse.align import Alignment, Printed, align, printed_rows
from tasks.parse.assign import FormRows, Target
from tasks.parse.labels import bare
from tasks.parse.lines import Line
from tasks.parse.rejoin import rejoined
from tasks.parse.tables.common import TableReading, Window, alignment_doubts, fact_of, take_values, touching
from tasks.parse.tables.headings import Orders, order_doubts

WIDTH = 7
PARTS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other_org")
_NOT_LABELS_ALONE = {"其他", "其它", "总计", "合计"}  # too short to prove by themselves that a row was printed


def read_applications(lines: Sequence[Line], *, hint: Edition | None, sure: bool = True) -> TableReading:
    """Reads table 3. Both editions are tried; the one whose rows fit better is the table's (forms.md §2).

    `hint` (the edition of table 2) decides only when both fit equally. `sure` is False for readings whose
    characters themselves may be wrong (OCR).
    """
    rows = printed_rows(lines, width=WIDTH)
    rows = rejoined([row for row in rows if not _is_heading_row(row)], _labels())
    rows, strays = _without_strays(rows)
    if not any(row.has_values for row in rows):
        return TableReading()
    tried = {edition: align(rows, _form_rows(edition)) for edition in (Edition.FORM_2021, Edition.FORM_2019)}
    edition, doubt = _decide(tried, "".join(line.text for line in lines), hint)
    reading = _facts(tried[edition], edition, lines, rows, sure=sure)
    if doubt:
        reading.doubts.append(doubt)
    _account_for(strays, reading)
    reading.doubts.extend(order_doubts("table 3", lines, _orders()))
    return reading


@cache
def _orders() -> Orders:
    """自然人, 法人或其他组织, 总计 in one heading row, the five kinds of organisations in the next."""
    columns = tuple(tuple(bare(label) for label in column.labels) for column in _block(Edition.FORM_2021).columns)
    return ((columns[0], ("法人或其他组织",), columns[-1]), columns)


def _without_strays(rows: list[Printed]) -> tuple[list[Printed], list[Printed]]:
    """Where rows are grid rows, single numbers in the text between them are cells that fell out of the grid."""
    if sum(row.borders is not Borders.NONE and len(row.values) >= WIDTH for row in rows) < len(rows) // 3:
        return rows, []
    strays = [row for row in rows if row.borders is Borders.NONE and 0 < len(row.values) < WIDTH]
    return [row for row in rows if row not in strays] if strays else rows, strays


def _account_for(strays: Sequence[Printed], reading: TableReading) -> None:
    """A stray number is harmless when it is the total that one row lacks (seen in converted PDFs); else a doubt."""
    if not strays:
        return
    values = {fact.code: fact.value for fact in reading.facts}
    lacking = []
    for code, value in values.items():
        row, column = code.split(".")[1:]
        if column == "total" and value is None:
            parts = [values.get(f"t3.{row}.{part}") for part in PARTS]
            lacking.append(sum((part for part in parts if part is not None), Decimal(0)))
    for stray in strays:
        numbers = [slot.value.value for slot in stray.values if slot.value is not None]
        if len(numbers) == 1 and numbers[0] in lacking:
            lacking.remove(numbers[0])
            continue
        shown = " ".join(slot.text for slot in stray.values)
        reading.doubts.append(
            Doubt("parse.row_unknown", f"table 3: the numbers {shown} stand outside every row of the table", ())
        )


@cache
def _block(edition: Edition) -> Block:
    return form(edition).tables["t3"].blocks[0]


@cache
def _form_rows(edition: Edition) -> FormRows:
    """The rows in order. The group 三、本年度办理结果 never carries values; other groups may, as subtotals."""
    return FormRows(
        [
            Target(row.code, tuple(bare(label) for label in row.labels), group=row.kind == "group")
            for row in _block(edition).rows
            if row.code != "results"
        ]
    )


@cache
def _cells(edition: Edition, code: str) -> tuple[str, ...]:
    """The fact codes of a row."""
    return tuple(f"t3.{code}.{column.code}" for column in _block(edition).columns)


@cache
def _labels() -> frozenset[str]:
    """The bare labels of the rows of both editions."""
    return _form_rows(Edition.FORM_2021).labels | _form_rows(Edition.FORM_2019).labels


@cache
def _heads() -> frozenset[str]:
    """The bare headings of the columns."""
    heads = {bare(label) for column in _block(Edition.FORM_2021).columns for label in column.labels[:1]}
    return frozenset(heads | {"申请人情况", "法人或其他组织"})


def _is_heading_row(row: Printed) -> bool:
    """Header lines of a grid; in Markdown they may carry blank cells that look like values."""
    if row.borders is Borders.NONE:
        return False
    if len(row.parts) >= 2 and sum(map(_heads().__contains__, row.parts)) >= 2:
        return True
    return not row.filled and any("第一项加第二项" in part for part in row.parts)


def _decide(tried: dict[Edition, Alignment], text: str, hint: Edition | None) -> tuple[Edition, Doubt | None]:
    new, old = tried[Edition.FORM_2021], tried[Edition.FORM_2019]
    split = {"other_overdue_correction", "other_overdue_fee", "other_other"} & new.placed.keys()
    if "other_handling" in old.placed and not split:
        return Edition.FORM_2019, None
    marks = {
        edition: sum(weight for pattern, weight in form(edition).fingerprints.get("t3", ()) if pattern.search(text))
        for edition in tried
    }
    if (split and new.score >= old.score) or marks[Edition.FORM_2021] > marks[Edition.FORM_2019]:
        return Edition.FORM_2021, None
    if "other_handling" in old.placed or marks[Edition.FORM_2019] > marks[Edition.FORM_2021]:
        return Edition.FORM_2019, None
    if hint is not None:
        return hint, None
    better = Edition.FORM_2021 if new.score >= old.score else Edition.FORM_2019
    return better, Doubt("parse.edition_unclear", "table 3: no 其他处理 row tells form-2021 from form-2019")


def _facts(
    alignment: Alignment,
    edition: Edition,
    lines: Sequence[Line],
    rows: Sequence[Printed],
    *,
    sure: bool,
) -> TableReading:
    reading = TableReading(edition=edition, score=alignment.score, missing_rows=list(alignment.missing))
    reading.doubts.extend(alignment_doubts(alignment, "t3"))
    reading.extra_rows.extend(row.label for row in alignment.subtotals)
    window = Window(rows, WIDTH)
    for code, (row, how) in alignment.placed.items():
        taken = take_values(row, WIDTH, window)
        cells = _cells(edition, code)
        if taken is None:
            shown = " ".join(slot.text.strip() or "·" for slot in row.values)
            reading.doubts.append(
                Doubt(
                    "parse.row_incomplete",
                    f"table 3, row “{row.label or code}”: {len(row.values)} cells ({shown}) where the form has 7",
                    cells,
                )
            )
            reading.missing_rows.append(code)
            continue
        if doubt := touching("table 3", row, how, cells):
            reading.doubts.append(doubt)
        certain = sure and taken.sure and how == "label"
        reached = how if taken.how == "count" else taken.how
        reading.facts += [
            fact_of(cell, slot, "件", reached_by=reached, sure=certain)
            for cell, slot in zip(cells, taken.slots, strict=True)
        ]
    reading.doubts.extend(_nameless_first_rows(reading, alignment))
    _doubt_words_without_values(reading, lines)
    return reading


def _nameless_first_rows(reading: TableReading, alignment: Alignment) -> Iterator[Doubt]:
    """A row beside its group's label alone is a subtotal, or the group's first row without its own label."""
    assert reading.edition is not None
    if not alignment.subtotals:
        return
    rows = _block(reading.edition).rows
    values = {fact.code: fact.value or Decimal(0) for fact in reading.facts}
    for row in alignment.subtotals:
        group = next(
            (r for r in rows if r.kind == "group" and row.parts and row.parts[-1] in map(bare, r.labels)), None
        )
        inside = [other.code for other in rows if group is not None and other.parent == group.code]
        lost = [code for code in inside if code in reading.missing_rows]
        taken = take_values(row, WIDTH, None)
        if not lost or taken is None:
            continue
        printed = [slot.value.value or Decimal(0) if slot.value else Decimal(0) for slot in taken.slots]
        columns = [column.code for column in _block(reading.edition).columns]
        sums = [
            sum((values.get(f"t3.{code}.{column}", Decimal(0)) for code in inside), Decimal(0)) for column in columns
        ]
        if printed != sums:
            message = f"table 3: the figures beside “{row.label}” may be those of a row whose label is lost"
            yield Doubt("parse.row_incomplete", message, _cells(reading.edition, lost[0]))


def _doubt_words_without_values(reading: TableReading, lines: Sequence[Line]) -> None:
    """A missing row whose words are on the page was not deleted by the publisher: we lost its numbers."""
    assert reading.edition is not None
    if not reading.missing_rows:
        return
    text = bare("".join(line.text for line in lines))
    doubted = {cell for doubt in reading.doubts for cell in doubt.cells}
    for row in _block(reading.edition).rows:
        if row.code not in reading.missing_rows or row.kind == "group" or f"t3.{row.code}.total" in doubted:
            continue
        words = [bare(label) for label in row.labels if bare(label) not in _NOT_LABELS_ALONE]
        if words and any(word in text for word in words):
            reading.doubts.append(
                Doubt(
                    "parse.row_without_values",
                    f"table 3: the words of row {row.code} ({row.labels[0]}) are printed, its numbers were not found",
                    tuple(f"t3.{row.code}.{column.code}" for column in _block(reading.edition).columns),
                )
            )
