"""What a reparse changes, in words and tables: for the terminal and for the Prefect UI."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from flows.plan import Unit
from flows.summary import ReportLine, RunSummary
from flows.work.reread import Reparsed

if TYPE_CHECKING:
    from rich.table import Table

MOST_ROWS = 2000
"""Rows of the table in the UI; the sentence has the whole number."""


def change_rows(found: Sequence[Reparsed]) -> list[dict[str, Any]]:
    """A row for each cell that changes, plain JSON data; the first of them where there are very many."""
    rows = [
        {
            "publisher 发布机构": one.name,
            "year": one.owed.year,
            "what": change.kind,
            "cell": change.key,
            "column": change.column,
            "before": _plain(change.before),
            "after": _plain(change.after),
        }
        for one in found
        for change in one.changes
    ]
    return rows[:MOST_ROWS]


def sentence_of(found: Sequence[Reparsed], *, dry: bool) -> str:
    """`15 reports read again: 2 reports change in 7 places (…).`"""
    changed = [one for one in found if one.changed]
    places = sum(len(one.changes) for one in found)
    if not changed:
        return f"{len(found)} reports read again: nothing {'would change' if dry else 'changed'}."
    outcomes = Counter(f"{one.before or 'nothing'} → {one.after}" for one in changed)
    told = ", ".join(f"{number} {words}" for words, number in sorted(outcomes.items()))
    verb = "would change" if dry else "changed"
    return f"{len(found)} reports read again: {len(changed)} {verb} in {places} places ({told})."


def changes_markdown(found: Sequence[Reparsed], *, dry: bool) -> str:
    """A line for each report that changes."""
    lines = ["# What would change" if dry else "# What changed", "", sentence_of(found, dry=dry), ""]
    for one in found:
        if one.changed:
            why = f" `{one.reason_code}` {one.reason or ''}".rstrip() if one.reason_code else ""
            outcome = f"{one.before or 'nothing stored'} → {one.after}"
            lines.append(f"- **{one.name} {one.owed.year}**: {outcome}, {len(one.changes)} places.{why}")
    return "\n".join(lines)


def as_summary(found: Sequence[Reparsed], units: Iterable[Unit]) -> RunSummary:
    """What became of each report, as other runs tell it."""
    site_of = {owed: unit.name for unit in units for owed in unit.owed}
    lines = (
        ReportLine(
            one.owed.publisher, one.name, one.owed.year, site_of[one.owed], one.after, reason_code=one.reason_code,
            reason=one.reason,
        )
        for one in found
    )  # fmt: skip
    return RunSummary(tuple(lines))


def changes_table(found: Sequence[Reparsed]) -> Table:
    """The table on the terminal."""
    from rich.table import Table

    table = Table("publisher 发布机构", "year", "what", "cell", "column", "before", "after", box=None, pad_edge=False)
    for row in change_rows(found):
        table.add_row(*(str(value) for value in row.values()))
    return table


def _plain(value: Any) -> str:
    """A value as text; long texts are cut, what is not there is a dash (it is not zero)."""
    if value is None:
        return "—"
    text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
