"""Puts a report together from its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from schemas.blocks import Blocks, Borders
from schemas.errors import ParseError
from schemas.forms import form
from schemas.report import Certainty, Doubt, Edition, Fact, Report
from tasks.parse.dates import period_year
from tasks.parse.flattened import read_flattened
from tasks.parse.header import Header, read_header
from tasks.parse.lines import lines
from tasks.parse.prove import (
    Equation,
    column_equations,
    proceedings_equations,
    prove_applications,
    prove_disclosure,
    prove_proceedings,
    row_equations,
)
from tasks.parse.sections import Outline, outline
from tasks.parse.segment import Segments, segment
from tasks.parse.slips import merged_proceedings, slipped_applications, slipped_disclosure, slipped_proceedings
from tasks.parse.statistics import extract
from tasks.parse.tables.annex import annex_edition, read_annex
from tasks.parse.tables.applications import read_applications
from tasks.parse.tables.common import TableReading, with_certainty
from tasks.parse.tables.disclosure import read_disclosure
from tasks.parse.tables.proceedings import read_proceedings
from tasks.parse.whole import is_list_of_reports, whole_doubts

FIRST_FORM_YEAR = 2019
_TABLE_SECTIONS = frozenset({"proactive", "requests", "review_litigation"})
_FORM_SECTIONS = _TABLE_SECTIONS | {"overview", "problems", "other"}
_ENOUGH_SECTIONS = 3  # of six, to say that one is missing
# Reader notes after which every character is a guess until an equation proves it.
_UNSURE_NOTES = frozenset({"ocr", "pdf.text_over_picture"})
# Reader notes after which a part of the document may not have been seen, in words.
_PARTIAL_NOTES = {
    "html.cut_off": "the page breaks off without its closing tags",
    "pdf.picture_pages": "some pages are pictures that were not read",
    "html.more_pages": "the article goes on at further addresses that were not read",
}


@dataclass(frozen=True, slots=True)
class Hint:
    """What is known before reading: names of the publisher and the year the link's title names."""

    names: tuple[str, ...] = ()
    year: int | None = None
    url: str | None = None


def parse(blocks: Blocks, *, hint: Hint | None = None) -> Report:
    """Understands a document as an annual report.

    Raises ParseError `parse.no_report` when neither title, sections nor tables are those of an annual report.
    Everything that is doubtful about the reading stands in `Report.doubts`.
    """
    hint = hint or Hint()
    header = read_header(blocks, names=hint.names)
    found = lines(blocks)
    segments = segment(found)
    sure = not _UNSURE_NOTES & set(blocks.notes)
    tables = _tables(segments, year=header.year or hint.year, sure=sure)
    plan = outline(blocks, segments.items, without=_TABLE_SECTIONS if segments.glued else frozenset())
    bare = not tables and not any(section.code[:5] != "text-" for section in plan.sections)
    if bare and header.title is None:
        raise ParseError("parse.no_report", "neither title, sections nor tables are those of an annual report")
    if bare and is_list_of_reports(blocks):
        raise ParseError("parse.no_report", "the page lists the titles of reports, it holds none")
    return _report(blocks, hint, header, segments, tables, plan)


def _tables(segments: Segments, *, year: int | None, sure: bool) -> dict[str, TableReading]:
    found: dict[str, TableReading] = {}
    given = segments.tables
    if "t2" in given:
        found["t2"] = read_disclosure(given["t2"], sure=sure)
        prove_disclosure(found["t2"])
        found["t2"].doubts.extend(slipped_disclosure(found["t2"]))
    if "t3" in given:
        edition = found["t2"].edition if "t2" in found else None
        found["t3"] = read_applications(given["t3"], hint=edition, sure=sure)
        reading = found["t3"]
        if reading.edition is not None:
            _unsettle(
                reading,
                segments.borders["t3"],
                lambda: (
                    row_equations(dict.fromkeys(fact.code.split(".")[1] for fact in reading.facts))
                    + column_equations(reading.edition or Edition.FORM_2021)
                ),
            )
        prove_applications(reading)
        reading.doubts.extend(slipped_applications(reading))
    if "t4" in given:
        found["t4"] = read_proceedings(given["t4"], sure=sure)
        _unsettle(found["t4"], segments.borders["t4"], proceedings_equations)
        prove_proceedings(found["t4"])
        found["t4"].doubts.extend((*slipped_proceedings(found["t4"]), *merged_proceedings(found["t4"])))
    if segments.glued:
        _fill_from_flattened(found, segments)
    if "annex" in given:
        found["annex"] = read_annex(given["annex"], year=year, sure=sure)
    return {code: reading for code, reading in found.items() if reading.edition is not None}


def _fill_from_flattened(found: dict[str, TableReading], segments: Segments) -> None:
    """Tables that only a text without cell borders carries."""
    text = "\n".join(slot.text + " " for line in segments.glued for slot in line.slots)
    for code, reading in read_flattened(text, segments.glued[0].slots[0].place).items():
        if code not in found or found[code].edition is None:
            found[code] = reading


def _unsettle(reading: TableReading, borders: set[Borders], equations: Callable[[], list[Equation]]) -> None:
    """Where columns were inferred from positions, a failing equation may be our fault: its cells become doubtful."""
    if Borders.ALIGNED not in borders:
        return
    values = {fact.code: fact.value for fact in reading.facts}
    suspects = {cell for equation in equations() if equation.holds(values) is False for cell in equation.cells()}
    reading.facts = [
        with_certainty(fact, Certainty.DOUBTFUL) if fact.code in suspects and fact.value is not None else fact
        for fact in reading.facts
    ]


def _report(
    blocks: Blocks,
    hint: Hint,
    header: Header,
    segments: Segments,
    tables: dict[str, TableReading],
    plan: Outline,
) -> Report:
    editions = {
        reading.facts[0].table if code == "annex" and reading.facts else code: reading.edition
        for code, reading in tables.items()
        if reading.edition is not None and code != "t4"
    }
    edition = _edition(editions)
    facts: list[Fact] = [fact for reading in tables.values() for fact in reading.facts]
    doubts = [*whole_doubts(blocks, header), *(doubt for reading in tables.values() for doubt in reading.doubts)]
    year = header.title_year or hint.year or period_year(header.period)
    doubts.extend(_table_doubts(edition, year, tables, segments, plan))
    doubts.extend(_annex_doubts(tables, blocks.text))
    doubts.extend(_partial_doubts(blocks, plan))
    return Report(
        publisher=header.publisher,
        year=year,
        title=header.title,
        edition=edition,
        table_editions=editions,
        period=header.period,
        published_on=header.published.iso if header.published else None,
        published_precision=header.published.precision if header.published else None,
        scope=header.scope,
        facts=tuple(facts),
        statistics=extract(blocks.text, plan.regions, year=year),
        sections=plan.sections,
        preamble=plan.preamble,
        doubts=tuple(_merged(doubts)),
        title_year=header.title_year,
        period_year=period_year(header.period),
        extra_rows=tuple(row for reading in tables.values() for row in reading.extra_rows),
        text=blocks.text,
    )


def _edition(editions: dict[str, Edition]) -> Edition:
    forms = set(editions.values())
    if not forms:
        return Edition.NARRATIVE
    return forms.pop() if len(forms) == 1 else Edition.MIXED


def _partial_doubts(blocks: Blocks, plan: Outline) -> list[Doubt]:
    """A document that was not seen to its end; no doubt when the last section of the form is there all the same."""
    if any(section.code == "other" for section in plan.sections):
        return []
    return [
        Doubt("parse.document_incomplete", f"{words}, and the last section of the report was not found")
        for note, words in _PARTIAL_NOTES.items()
        if note in blocks.notes
    ]


def _table_doubts(
    edition: Edition, year: int | None, tables: dict[str, TableReading], segments: Segments, plan: Outline
) -> list[Doubt]:
    """Tables that should be there and are not, and tables whose cells ran together."""
    found: list[Doubt] = []
    names = {"t2": "主动公开", "t3": "申请", "t4": "行政复议、行政诉讼"}
    sections = {section.code for section in plan.sections}
    of_form = edition in {Edition.FORM_2019, Edition.FORM_2021, Edition.MIXED}
    six = {"proactive", "requests", "review_litigation"} <= sections and not {"measures"} & sections
    # Since the form of 2019 the tables are due (国办公开办函〔2019〕60号): without them we did not see the report.
    due = year is not None and year >= FIRST_FORM_YEAR
    if of_form or segments.glued or due or (six and _looks_like_form(plan)):
        found.extend(
            Doubt(
                "parse.table_missing",
                f"table {code[1]} ({names[code]}) was not found in a report of the statutory form",
            )
            for code in names
            if code not in tables
        )
    if "t2" in tables and len(sections & _FORM_SECTIONS) >= _ENOUGH_SECTIONS:
        found.extend(_cut_table(tables["t2"], sections))
    return found


def _cut_table(reading: TableReading, sections: set[str]) -> Iterator[Doubt]:
    """Table 2 has no sums that miss a row. Where its end is missing, and the heading there too, a page is."""
    assert reading.edition is not None
    blocks = form(reading.edition).tables["t2"].blocks
    for block, section in ((blocks[0], "proactive"), (blocks[-1], "requests")):
        if section not in sections and all(row.code in reading.missing_rows for row in block.rows):
            cells = tuple(f"t2.{row.code}.{column.code}" for row in block.rows for column in block.columns)
            yield Doubt("parse.rows_missing", f"table 2: {block.caption} is missing, and the heading beside it", cells)


def _annex_doubts(tables: dict[str, TableReading], text: str) -> list[Doubt]:
    """An annex whose words and digits are in the text, while no row of it was read."""
    annex = tables.get("annex")
    if annex is not None and (annex.facts or annex.doubts):
        return []
    if {"t2", "t3"} & tables.keys():
        return []
    edition = annex_edition(text)
    if edition is None:
        return []
    return [Doubt("parse.table_flattened", f"the annex ({edition.value}) lost the borders between its cells")]


def _looks_like_form(plan: Outline) -> bool:
    """Six sections in the order of the form, with the numbers of the form: its tables must be somewhere."""
    numbers = {section.code: section.number for section in plan.sections}
    wanted = {"overview": 1, "proactive": 2, "requests": 3, "review_litigation": 4, "problems": 5}
    return all(numbers.get(code) == number for code, number in wanted.items())


def _merged(doubts: list[Doubt]) -> list[Doubt]:
    """Equal doubts once."""
    return [replace(doubt) for doubt in dict.fromkeys(doubts)]
