"""The guard before the warehouse: reports as frames, checked by pandera, rejected rows kept with their raw cells.

pandera and pandas are imported when a frame is made, since they cost more than a second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from schemas.discovery import Candidate
from schemas.report import Fact, Finding, Judgement, Outcome, Reason, Report, Statistic

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

ROWS_REJECTED = "validate.rows_rejected"
_SHOWN = 5  # rejected rows that a message names

Key = Hashable  # what tells documents of a batch apart: a hash, an id, or the position in the batch
_FACT = ("code", "value", "unit", "unit_source", "raw", "reached_by", "remark", "label")
_STATISTIC = (
    "metric",
    "value",
    "unit",
    "quote",
    "start",
    "end",
    "qualifier",
    "period",
    "parent",
    "relation",
    "section",
    "key",
)
_CANDIDATE = ("url", "title", "year", "listed_on", "found_at", "kind", "publisher")


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that breaks a rule: the whole row as it came, and every rule it breaks."""

    frame: str
    document: Key
    row: Mapping[str, Any]
    reasons: tuple[str, ...]

    @property
    def name(self) -> str:
        """What a person looks for: the code of a cell, the metric, the check or the url."""
        return str(self.row.get("code") or self.row.get("metric") or self.row.get("check") or self.row.get("url"))


@dataclass(frozen=True, slots=True)
class FrameResult:
    """One frame after its check: the rows that are fine, and those that are not."""

    ok: pd.DataFrame
    rejected: tuple[RejectedRow, ...]


@dataclass(frozen=True, slots=True)
class FrameReport:
    """All frames of a batch. A document with a rejected row must not be loaded, not even its sound rows."""

    facts: FrameResult
    statistics: FrameResult
    findings: FrameResult
    candidates: FrameResult

    @property
    def rejected(self) -> tuple[RejectedRow, ...]:
        """All rejected rows of all frames."""
        return self.facts.rejected + self.statistics.rejected + self.findings.rejected + self.candidates.rejected

    @property
    def documents(self) -> frozenset[Key]:
        """The documents (or sites) that a rejected row belongs to."""
        return frozenset(row.document for row in self.rejected)

    def message(self, document: Key) -> str:
        """A sentence for the operator about the rejected rows of one document."""
        rows = [row for row in self.rejected if row.document == document]
        named = [f"{row.frame} {row.name}: {'; '.join(row.reasons)}" for row in rows[:_SHOWN]]
        more = f"; and {len(rows) - _SHOWN} more rows" if len(rows) > _SHOWN else ""
        return f"{len(rows)} rows break a rule of the warehouse: {' | '.join(named)}{more}."


def validate_frames(
    judged: Iterable[Judgement | Report],
    *,
    keys: Sequence[Key] | None = None,
    candidates: Mapping[Key, Iterable[Candidate]] | None = None,
) -> FrameReport:
    """Checks a batch of reports (and candidates by site) as frames, all failures at once.

    `keys` tell the documents apart (default: their position in the batch); they come back in `RejectedRow.document`.
    Never drops a row silently: `ok` and `rejected` together are what came in.
    """
    from schemas import frames

    batch = list(judged)
    names: Sequence[Key] = range(len(batch)) if keys is None else keys
    facts: list[dict[str, Any]] = []
    statistics: list[dict[str, Any]] = []
    findings: list[dict[str, Any]] = []
    for key, item in zip(names, batch, strict=True):
        report = item.report if isinstance(item, Judgement) else item
        if report is not None:
            facts.extend(_fact_row(key, report, fact) for fact in report.facts)
            statistics.extend(_row(key, one, _STATISTIC) for one in report.statistics)
        if isinstance(item, Judgement):
            findings.extend(_finding_row(key, item.outcome, finding) for finding in item.findings)
    found = [_row(site, one, _CANDIDATE) for site, links in (candidates or {}).items() for one in links]
    return FrameReport(
        facts=_checked(frames.facts_schema(), facts),
        statistics=_checked(frames.statistics_schema(), statistics),
        findings=_checked(frames.findings_schema(), findings),
        candidates=_checked(frames.candidates_schema(), found),
    )


def hold_back(judgements: Sequence[Judgement], *, keys: Sequence[Key] | None = None) -> list[Judgement]:
    """The judgements, with those quarantined whose rows break a rule; their own reason is kept where they have one."""
    names: Sequence[Key] = range(len(judgements)) if keys is None else keys
    report = validate_frames(judgements, keys=names)
    return [
        replace(judgement, outcome=Outcome.QUARANTINED, reason=Reason(ROWS_REJECTED, report.message(key)))
        if key in report.documents and judgement.outcome is not Outcome.QUARANTINED
        else judgement
        for key, judgement in zip(names, judgements, strict=True)
    ]


def _row(key: Key, item: Statistic | Candidate, names: Sequence[str]) -> dict[str, Any]:
    return {"document": key, **{name: getattr(item, name) for name in names}}


def _fact_row(key: Key, report: Report, fact: Fact) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(fact, name) for name in _FACT}
    row |= {"document": key, "publisher": report.publisher, "year": report.year, "table": fact.table}
    return row | {"state": _plain(fact.state), "certainty": _plain(fact.certainty)}


def _finding_row(key: Key, outcome: Outcome, finding: Finding) -> dict[str, Any]:
    return {
        "document": key,
        "outcome": _plain(outcome),
        "check": finding.check,
        "severity": _plain(finding.severity),
        "verdict": _plain(finding.verdict),
        "message": finding.message,
        "left": finding.left,
        "right": finding.right,
        "cells": finding.cells,
    }


def _plain(word: object) -> object:
    """The value of an enumeration as a plain string; anything else as it came, for the check to reject."""
    return str(word) if isinstance(word, str) else word


def _checked(schema: pa.DataFrameSchema, rows: list[dict[str, Any]]) -> FrameResult:
    import pandas as pd
    from pandera.errors import SchemaErrors

    frame = pd.DataFrame(rows, columns=list(schema.columns), dtype=object)
    if frame.empty:
        return FrameResult(frame, ())
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        reasons = _reasons(errors.failure_cases, len(rows))
        rejected = tuple(
            RejectedRow(schema.name or "", rows[index]["document"], rows[index], tuple(reasons[index]))
            for index in sorted(reasons)
        )
        return FrameResult(frame.drop(index=list(reasons)), rejected)
    return FrameResult(frame, ())


def _reasons(cases: pd.DataFrame, size: int) -> dict[int, list[str]]:
    """Rules broken by row position. pandera lists a broken row rule once per column: told once here."""
    found: dict[int, list[str]] = defaultdict(list)
    for index, column, check, context in zip(
        cases["index"], cases["column"], cases["check"], cases["schema_context"], strict=True
    ):
        words = "must not be missing" if check == "not_nullable" else str(check)
        reason = words if context == "DataFrameSchema" else f"{column} {words}"
        # A failure that names no row (a check that itself broke) is every row's failure: nothing was proved.
        for row in range(size) if index is None or index != index else (int(index),):
            if reason not in found[row]:
                found[row].append(reason)
    return found
