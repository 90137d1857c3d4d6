"""A report prepared for the checks: cells by code, editions by table, sections by code, statistics by key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from schemas.checks import Check, checks
from schemas.report import Edition, Fact, FactState, Report, Section, Statistic
from tasks.validate.evaluate import Totals, derive
from tasks.validate.results import WORDS, CellValue

FORMS = frozenset({Edition.FORM_2019, Edition.FORM_2021})
_BREAK = re.compile(r"[。；;！!？?\n]")


@cache
def totals(edition: Edition) -> Totals:
    """Every total of an edition with the lists of parts it adds up, from the checks that define totals."""
    found: dict[str, list[tuple[str, ...]]] = {}
    ordered = sorted(checks().values(), key=lambda check: check.code != "T3_ROW_TOTAL")  # by row before by column
    for check in ordered:
        if not check.defines_total or edition not in check.applies_to:
            continue
        for equation in check.equations(edition):
            parts = tuple(term.code for term in equation.left)
            found.setdefault(equation.right[0].code, []).append(parts)
    return {total: tuple(lists) for total, lists in found.items()}


@dataclass(frozen=True, slots=True)
class Case:
    """What the checks look at. `others` are the cells of other years, for the checks that need them."""

    report: Report
    facts: Mapping[str, Fact]
    values: Mapping[str, CellValue]
    editions: Mapping[str, Edition]  # by table, only tables that have facts
    all_editions: frozenset[Edition]
    sections: Mapping[str, Section]
    kind: str | None = None  # government or department, when the caller knows
    others: Mapping[int, Mapping[str, CellValue]] = field(default_factory=dict)  # by offset from the report year

    def applies(self, check: Check) -> bool:
        """Whether the check belongs to this report: by the edition of its tables, or of the report for texts."""
        if not check.tables:
            return bool(self.all_editions & check.applies_to)
        return any(self.editions.get(table) in check.applies_to for table in check.tables)

    def number(self, code: str) -> Decimal | None:
        """The value of a cell; a blank total is derived from its parts. None when nothing is known."""
        value = self.values.get(code)
        if isinstance(value, Decimal):
            return value
        edition = self.editions.get(code.partition(".")[0])
        if value is WORDS or edition is None:
            return None
        return derive(code, self.values, totals(edition))

    def total_of(self, codes: Iterable[str]) -> Decimal | None:
        """The sum of cells (`-code` subtracts); blanks count as 0 while one is known. None if one was not found."""
        found, known = Decimal(0), False
        for code in codes:
            name = code.removeprefix("-")
            if name not in self.values or self.values[name] is WORDS:
                return None
            value = self.number(name)
            if value is not None:
                known = True
                found += -value if code.startswith("-") else value
        return found if known else None

    def codes(self, prefix: str) -> list[str]:
        """Codes of the cells that begin so, in the order of the report."""
        return [code for code in self.values if code.startswith(prefix)]

    def stated(self, key: str) -> list[Statistic]:
        """The statistics with a canonical key that speak of the report's own year."""
        return [one for one in self.report.statistics if one.key == key and self.own_period(one)]

    def own_period(self, statistic: Statistic) -> bool:
        """True when the sentence names no other year or span than the report year."""
        return statistic.period is None or statistic.period.rstrip("年度") == str(self.report.year)

    def sentence(self, statistic: Statistic) -> str:
        """The sentence that states a figure, from the reading text; the quote when there is no text."""
        text = self.report.text
        if not text or text[statistic.start : statistic.end] != statistic.quote:
            return statistic.quote
        start = 0
        for match in _BREAK.finditer(text, max(0, statistic.start - 400), statistic.start):
            start = match.end()
        if not start:
            start = max(0, statistic.start - 400)
        end = _BREAK.search(text, statistic.end, statistic.end + 400)
        return text[start : end.start() if end else statistic.end + 400]

    def before(self, statistic: Statistic, width: int = 12) -> str:
        """The text right before a figure's quote; empty when the quote is not in the text."""
        text = self.report.text
        if text[statistic.start : statistic.end] != statistic.quote:
            return ""
        return text[max(0, statistic.start - width) : statistic.start]

    def between(self, first: Statistic, second: Statistic) -> str | None:
        """The text between two figures when the second follows the first inside one sentence, else None."""
        text = self.report.text[first.end : second.start] if first.end <= second.start else None
        return None if text is None or _BREAK.search(text) else text


def squeeze(text: str) -> str:
    """Text without white space: publishers break lines and words anywhere."""
    return "".join(text.split())


def _value(fact: Fact) -> CellValue:
    if fact.value is None:
        return WORDS if fact.state is FactState.REMARK else None
    return fact.value if fact.value.is_finite() else WORDS


def _editions(report: Report, tables: Iterable[str]) -> dict[str, Edition]:
    """The edition of each table with facts. Table 4 is the same in both forms, so any form of the report will do."""
    found: dict[str, Edition] = {}
    for table in tables:
        edition = report.table_editions.get(table)
        if edition is None and report.edition is not Edition.MIXED:
            edition = report.edition
        if table == "t4" and edition not in FORMS:
            edition = next((own for own in report.table_editions.values() if own in FORMS), Edition.FORM_2021)
        if edition is not None:
            found[table] = edition
    return found


def prepare(
    report: Report, *, kind: str | None = None, others: Mapping[int, Mapping[str, CellValue]] | None = None
) -> Case:
    """Makes the case of a report. Where a code was read twice the first cell counts; `reading` doubts the second."""
    facts: dict[str, Fact] = {}
    for fact in report.facts:
        facts.setdefault(fact.code, fact)
    editions = _editions(report, dict.fromkeys(fact.table for fact in report.facts))
    every = set(editions.values()) | set(report.table_editions.values()) | {report.edition}
    sections: dict[str, Section] = {}
    for section in report.sections:
        sections.setdefault(section.code, section)
    return Case(
        report=report,
        facts=facts,
        values={code: _value(fact) for code, fact in facts.items()},
        editions=editions,
        all_editions=frozenset(every - {Edition.MIXED}),
        sections=sections,
        kind=kind,
        others=others or {},
    )
