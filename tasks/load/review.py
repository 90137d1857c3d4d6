"""Cases that wait for a person: what is in doubt, what the document says there, and what can be decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.errors import LoadError
from schemas.ledger import LedgerRow
from schemas.report import Certainty, Verdict
from schemas.tables import Finding, table_of
from tasks.load import ledger, query
from tasks.load.cells import form_cells, labels
from tasks.load.decisions import Decision, decisions
from tasks.load.pending import RELOAD
from tasks.load.shapes import FactRow, FindingRow, ReportRow
from tasks.load.standing import REVIEW

_FINDING = table_of(Finding)
_WHERE = ("page", "path", "line", "row", "column")


@dataclass(frozen=True, slots=True)
class Case:
    """One report about which a person should decide."""

    entry: LedgerRow
    doubted: ReportRow  # the reading in question
    current: ReportRow | None  # what counts meanwhile, if anything
    findings: tuple[FindingRow, ...]
    facts: tuple[FactRow, ...]  # all cells of the reading in question
    readings: tuple[tuple[ReportRow, dict[tuple[str, str], FactRow]], ...]  # every version with its cells
    decisions: tuple[Decision, ...]

    def doubtful(self) -> set[str]:
        """Codes of the cells in doubt: inferred and unproved, or named by a finding about our reading."""
        named = {cell.split("@")[0] for finding in self.findings if _about_reading(finding) for cell in finding.cells}
        return named | {fact.code for fact in self.facts if fact.certainty == Certainty.DOUBTFUL.value}


def cases(connection: Connection) -> list[LedgerRow]:
    """The ledger entries that wait for a decision, or for a load that makes one take effect."""
    return [entry for entry in ledger.rows(connection) if entry.next_action in (REVIEW, RELOAD)]


def case(connection: Connection, publisher: str, year: int) -> Case:
    """Everything about one case. Raises LoadError `load.no_case` when no report was ever read for it."""
    entries = ledger.rows(connection, [year], [publisher])
    entry = entries[0] if entries else None
    in_doubt = (entry.review_report_id or entry.report_id) if entry is not None else None
    if entry is None or in_doubt is None:
        raise LoadError("load.no_case", f"no report of {publisher} for {year} was read")
    versions = query.reports(connection, years=[year], publishers=[publisher], current=False)
    readings = tuple((version, _cells(connection, version.id)) for version in versions)
    cells = next(found for version, found in readings if version.id == in_doubt)
    return Case(
        entry=entry,
        doubted=next(version for version in versions if version.id == in_doubt),
        current=next((version for version in versions if version.is_current), None),
        findings=tuple(findings(connection, in_doubt)),
        facts=tuple(cells.values()),
        readings=readings,
        decisions=tuple(decisions(connection, publisher, year)),
    )


def findings(connection: Connection, report_id: str) -> Iterator[FindingRow]:
    """All findings about a report, those of its reading first."""
    rows = connection.execute(
        sa.select(_FINDING)
        .where(_FINDING.c.report_id == report_id)
        .order_by(_FINDING.c.verdict.desc(), _FINDING.c.severity, _FINDING.c.key)
    )
    for row in rows:
        yield FindingRow(
            report_id=row.report_id,
            key=row.key,
            check=row.check_code,
            severity=row.severity,
            verdict=row.verdict,
            message=row.message,
            left=row.left_side,
            right=row.right_side,
            cells=tuple(row.cells),
            scope=row.scope,
            dismissed_by=row.dismissed_by,
            other_report_id=row.other_report_id,
        )


def case_markdown(found: Case) -> str:
    """A case as Markdown: what is in doubt, the cells around it, other readings, and how to decide."""
    doubted = found.doubted
    lines = [f"# {found.entry.name} {found.entry.year}", ""]
    lines += [
        f"- report `{doubted.id}`, version {doubted.version}, {doubted.outcome}",
        f"- document [{doubted.document_sha256[:12]}]({doubted.url}), {doubted.media_type or 'format unknown'}",
        f"- reason `{doubted.reason_code or found.entry.reason_code}`: {doubted.reason or found.entry.reason}",
    ]
    if found.current is not None and found.current.id != doubted.id:
        lines.append(f"- meanwhile version {found.current.version} is current (`{found.current.id}`)")
    lines += ["", "## Findings", "", *_findings_table(found.findings)]
    doubtful = found.doubtful()
    for table in labels()["tables"]:
        if any(code.startswith(f"{table}.") for code in doubtful):
            lines += ["", f"## {table}: {labels()['tables'][table]['zh']}", "", *_snippet(found.facts, table, doubtful)]
    if doubtful:
        lines += ["", "## Readings of the cells in doubt", "", *_readings(found, doubtful)]
    if found.decisions:
        lines += ["", "## Decisions", "", *_decisions(found.decisions)]
    return "\n".join(lines) + "\n"


def _cells(connection: Connection, report_id: str) -> dict[tuple[str, str], FactRow]:
    return {(row.code, row.row_key): row for row in query.facts(connection, report_id=report_id)}


def _about_reading(finding: FindingRow) -> bool:
    return finding.verdict == Verdict.READING.value and finding.dismissed_by is None


def _findings_table(found: Sequence[FindingRow]) -> Iterator[str]:
    rows = [
        (one.key, one.severity, one.verdict, one.message, one.left or "", one.right or "", one.dismissed_by or "")
        for one in found
    ]
    yield from _table(("finding", "severity", "verdict", "what does not fit", "left", "right", "dismissed by"), rows)


def _snippet(facts: Iterable[FactRow], table: str, doubtful: set[str]) -> Iterator[str]:
    """The rows of a table that hold a cell in doubt, as printed; cells in doubt are marked."""
    printed = {fact.code: fact for fact in facts}
    cells = [cell for cell in form_cells() if cell["table_code"] == table]
    rows = {cell["row_code"] for cell in cells if cell["code"] in doubtful}
    if table in ("stat", "t4") or len(rows) == 0:
        shown = [cell for cell in cells if cell["code"] in printed or cell["code"] in doubtful]
        yield from _table(
            ("cell", "printed"), [(cell["label_zh"], _printed(printed, cell["code"], doubtful)) for cell in shown]
        )
        return
    columns = list(dict.fromkeys(cell["column_zh"] for cell in cells if cell["row_code"] in rows))
    lines = []
    for row in dict.fromkeys(cell["row_code"] for cell in cells if cell["row_code"] in rows):
        by_column = {cell["column_zh"]: cell for cell in cells if cell["row_code"] == row}
        words = next(iter(by_column.values()))["row_zh"]
        shown_cells = [
            _printed(printed, by_column[name]["code"], doubtful) if name in by_column else "" for name in columns
        ]
        lines.append((words, *shown_cells))
    yield from _table(("", *columns), lines)


def _printed(printed: dict[str, FactRow], code: str, doubtful: set[str]) -> str:
    fact = printed.get(code)
    text = "(not found)" if fact is None else fact.raw.strip() or "(blank)"
    return f"**⚠ {text}**" if code in doubtful else text


def _readings(found: Case, doubtful: set[str]) -> Iterator[str]:
    rows = []
    for code in sorted(doubtful):
        for version, cells in found.readings:
            fact = cells.get((code, ""))
            if fact is not None:
                value = "" if fact.value is None else format(fact.value, "f")
                where = ", ".join(f"{name} {fact.place[name]}" for name in _WHERE if name in fact.place)
                rows.append((code, str(version.version), value, fact.raw, fact.reached_by, fact.certainty, where))
    yield from _table(("cell", "version", "value", "printed", "reached by", "certainty", "place"), rows)


def _decisions(found: Sequence[Decision]) -> Iterator[str]:
    rows = [
        (one.id, one.kind.value, one.target, "" if one.value is None else str(one.value), one.why, one.decided_by)
        for one in found
    ]
    yield from _table(("decision", "kind", "about", "value", "why", "who"), rows)


def _table(heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    for line in (heading, ["---"] * len(heading), *rows):
        yield "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in line) + " |"
