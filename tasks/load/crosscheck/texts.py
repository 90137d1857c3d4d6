"""The text of a report against the tables of the year before: the cross-year checks that are no equation.

The pairs of reports are found in SQL; what the sentences say is for validation to tell, which is handed in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.blocks import Place
from schemas.checks import Op, Scope, checks
from schemas.report import Certainty, Edition, FactState, Finding, Report
from schemas.report import Fact as ReadFact
from schemas.report import Section as ReadSection
from schemas.report import Statistic as ReadStatistic
from schemas.tables import Fact, Section, Statistic, table_of
from schemas.tables import Report as StoredReport
from tasks.load.bulk import chunks
from tasks.load.crosscheck.found import CrossFinding

_REPORT, _FACT, _STATISTIC, _SECTION = (table_of(model) for model in (StoredReport, Fact, Statistic, Section))

Cells = Mapping[str, Decimal | None]
TextCheck = Callable[[Report, Mapping[int, Cells]], Iterable[Finding]]
"""Looks at a report and the cells of other years (by calendar year); gives what its text says otherwise."""

TEXT_CHECKS = frozenset(
    check.code for check in checks().values() if check.scope is Scope.CROSS_YEAR and check.op is Op.RULE
)
"""The checks whose findings this module makes."""

_PERCENT = ("%", "％")
_AT_ONCE = 200  # reports held in memory with their texts


def text_findings(
    connection: Connection, publishers: Collection[str] | None, check: TextCheck
) -> Iterator[CrossFinding]:
    """What the texts of current reports state otherwise than their tables and those of the year before."""
    pairs = list(_pairs(connection, publishers))
    for part in chunks(pairs, _AT_ONCE):
        ids = [pair.id for pair in part]
        reports = _reports(connection, part, ids)
        cells = _cells(connection, [pair.before_id for pair in part])
        for pair in part:
            report = reports[pair.id]
            for number, finding in enumerate(check(report, {pair.year - 1: cells.get(pair.before_id, {})})):
                yield _finding(pair, finding, number)


@cache
def _counted() -> tuple[frozenset[str], frozenset[str]]:
    """Keys of the statistics that such a check compares, and the cells that state the same."""
    counts = [checks()[code].params.get("counts", {}) for code in sorted(TEXT_CHECKS)]
    keys = frozenset(key for one in counts for key in one)
    return keys, frozenset(code for one in counts for codes in one.values() for code in codes)


def _pairs(connection: Connection, publishers: Collection[str] | None) -> Iterable[Any]:
    """Current reports that state a percentage and a figure of the tables, with the report of the year before."""
    before = _REPORT.alias("before")
    keys, codes = _counted()

    def states(*conditions: Any) -> Any:
        return sa.exists().where(_STATISTIC.c.report_id == _REPORT.c.id, *conditions)

    known = sa.exists().where(
        _FACT.c.report_id == before.c.id, _FACT.c.code.in_(sorted(codes)), _FACT.c.value.is_not(None)
    )
    query = (
        sa.select(
            _REPORT.c.id, _REPORT.c.year, _REPORT.c.edition, _REPORT.c.table_editions, before.c.id.label("before_id")
        )
        .join(before, sa.and_(before.c.publisher_id == _REPORT.c.publisher_id, before.c.year == _REPORT.c.year - 1))
        .where(
            _REPORT.c.is_current,
            before.c.is_current,
            states(_STATISTIC.c.unit.in_(_PERCENT)),
            states(_STATISTIC.c.key.in_(sorted(keys))),
            known,
        )
        .order_by(_REPORT.c.publisher_id, _REPORT.c.year)
    )
    if publishers is not None:
        query = query.where(_REPORT.c.publisher_id.in_(sorted(set(publishers))))
    return connection.execute(query).all()


def _reports(connection: Connection, pairs: Sequence[Any], ids: Sequence[str]) -> dict[str, Report]:
    """The reports as validation knows them: cells, statistics, and the reading text as far as sections hold it."""
    facts: dict[str, list[ReadFact]] = defaultdict(list)
    cell = _FACT.c
    columns = (cell.report_id, cell.code, cell.value, cell.unit, cell.state, cell.raw, cell.page, cell.certainty)
    for row in connection.execute(sa.select(*columns).where(cell.report_id.in_(ids), cell.row_key == "")):
        facts[row.report_id].append(
            ReadFact(
                row.code,
                row.value,
                row.unit,
                FactState(row.state),
                row.raw,
                Place(page=row.page),
                certainty=Certainty(row.certainty),
            )
        )
    statistics: dict[str, list[ReadStatistic]] = defaultdict(list)
    stated = sa.select(_STATISTIC).where(_STATISTIC.c.report_id.in_(ids))
    for row in connection.execute(stated.order_by(_STATISTIC.c.start_offset, _STATISTIC.c.item)):
        statistics[row.report_id].append(
            ReadStatistic(
                row.metric,
                row.value,
                row.unit,
                row.quote,
                row.start_offset,
                row.end_offset,
                qualifier=row.qualifier,
                period=row.period,
                parent=row.parent,
                relation=row.relation,
                section=row.section,
                key=row.key,
                outcome=row.outcome,
                group=row.group_number,
            )
        )
    sections: dict[str, list[ReadSection]] = defaultdict(list)
    written = sa.select(_SECTION).where(_SECTION.c.report_id.in_(ids)).order_by(_SECTION.c.position)
    for row in connection.execute(written):
        sections[row.report_id].append(ReadSection(row.code, row.heading, row.text, row.start_offset, row.number))
    return {
        pair.id: Report(
            publisher=None,
            year=pair.year,
            title=None,
            edition=Edition(pair.edition),
            table_editions={table: Edition(edition) for table, edition in pair.table_editions.items()},
            facts=tuple(facts[pair.id]),
            statistics=tuple(statistics[pair.id]),
            sections=tuple(sections[pair.id]),
            text=_text(sections[pair.id]),
        )
        for pair in pairs
    }


def _text(sections: Iterable[ReadSection]) -> str:
    """The reading text: sections are slices of it at known places; what lies between them is not kept, only its
    length. A full stop stands there, so that no sentence reaches from one section into the next."""
    found = ""
    for section in sorted(sections, key=lambda one: one.start):
        found = found.ljust(section.start, "。")[: section.start] + section.text
    return found


def _cells(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, Decimal | None]]:
    found: dict[str, dict[str, Decimal | None]] = defaultdict(dict)
    _, codes = _counted()
    query = sa.select(_FACT.c.report_id, _FACT.c.code, _FACT.c.value).where(
        _FACT.c.report_id.in_(ids), _FACT.c.code.in_(sorted(codes)), _FACT.c.row_key == ""
    )
    for row in connection.execute(query):
        found[row.report_id][row.code] = row.value
    return found


def _finding(pair: Any, finding: Finding, number: int) -> CrossFinding:
    return CrossFinding(
        report_id=pair.id,
        other_report_id=pair.before_id,
        key=f"{finding.check}:{','.join(finding.cells)}#{number}@{pair.year - 1}-{pair.year}",
        check=finding.check,
        severity=finding.severity,
        verdict=finding.verdict,
        scope=Scope.CROSS_YEAR.value,
        message=finding.message,
        left=finding.left,
        right=finding.right,
        cells=finding.cells,
    )
