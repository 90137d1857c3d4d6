"""The end of a run in words and tables: for the terminal, for the Prefect UI, and as the run's closing sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flows.states import GOOD, remedy

if TYPE_CHECKING:
    from rich.table import Table

NEW_VERSION = "harvest.new_version"
"""Reason of a report that was loaded before: another version has taken its place."""

_NAMED = 5  # failing reports and sites that the closing sentence names


@dataclass(frozen=True, slots=True)
class ReportLine:
    """What became of one report that is owed. Counts are None when nothing of it is in the warehouse or was read."""

    publisher: str
    name: str
    year: int
    site: str
    outcome: str
    edition: str | None = None
    facts: int | None = None
    statistics: int | None = None
    findings: int | None = None
    reason_code: str | None = None
    reason: str | None = None
    url: str | None = None

    @property
    def good(self) -> bool:
        return self.outcome in GOOD


@dataclass(frozen=True, slots=True)
class SiteProblem:
    """A look at a site that was not complete, or work on it that broke off."""

    site: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RunSummary:
    """All lines and problems of one run. A dry run only looked: then `located` is as good as it gets.

    `notes` are sentences about the whole warehouse: decisions that took effect, checks between reports. `unproved` says
    why these could not be made; then the run is not complete.
    """

    lines: tuple[ReportLine, ...]
    problems: tuple[SiteProblem, ...] = ()
    dry: bool = False
    notes: tuple[str, ...] = ()
    unproved: str | None = None

    @property
    def complete(self) -> bool:
        """True when every report that is owed was loaded, flagged, or is as it was (dry run: is listed)."""
        return not self.failing and self.unproved is None

    @property
    def failing(self) -> list[ReportLine]:
        return [line for line in self.lines if not (line.good or (self.dry and line.outcome == "located"))]

    @property
    def counts(self) -> dict[str, int]:
        """Reports by outcome; refusals of all kinds are counted as blocked."""
        return dict(sorted(Counter(line.outcome.split(":", 1)[0] for line in self.lines).items()))

    def sentence(self) -> str:
        """How the run ended, naming what failed."""
        return " ".join((self._sentence(), *self.afterwards))

    @property
    def afterwards(self) -> tuple[str, ...]:
        """What came out after the reports were loaded, in sentences."""
        broken = (f"Reports were not held against one another: {self.unproved}",) if self.unproved else ()
        changed = [f"{line.name} {line.year}" for line in self.lines if line.reason_code == NEW_VERSION]
        versions = (f"New versions of what was loaded before: {shown(changed, _NAMED)}.",) if changed else ()
        return (*broken, *versions, *self.notes)

    def _sentence(self) -> str:
        counts = ", ".join(f"{number} {outcome}" for outcome, number in self.counts.items()) or "nothing is owed"
        failing = self.failing
        where = "listed by their sites; nothing was stored" if self.dry else "in the warehouse"
        if not failing:
            noted = f" Problems on the way: {self._named_problems()}." if self.problems else ""
            return f"All {len(self.lines)} reports owed are {where} ({counts}).{noted}"
        named = "; ".join(
            f"{line.name} {line.year} ({line.outcome}{f', {line.reason_code}' if line.reason_code else ''})"
            for line in failing[:_NAMED]
        )
        more = f"; and {len(failing) - _NAMED} more" if len(failing) > _NAMED else ""
        sites = f" Sites with problems: {self._named_problems()}." if self.problems else ""
        verb = "is" if len(failing) == 1 else "are"
        # An earlier version may well be there: what a refused site shows now is not known.
        lacking = where if self.dry else f"up to date {where}"
        return f"{len(failing)} of {len(self.lines)} reports owed {verb} not {lacking}: {named}{more}.{sites}"

    def _named_problems(self) -> str:
        unique = list(dict.fromkeys(f"{problem.site} ({problem.code})" for problem in self.problems))
        more = f" and {len(unique) - _NAMED} more" if len(unique) > _NAMED else ""
        return ", ".join(unique[:_NAMED]) + more


def merged(summaries: Iterable[RunSummary]) -> RunSummary:
    """Several parts of one run as one."""
    parts = list(summaries)
    return RunSummary(
        order(line for part in parts for line in part.lines),
        tuple(problem for part in parts for problem in part.problems),
        dry=any(part.dry for part in parts),
        notes=tuple(note for part in parts for note in part.notes),
        unproved=next((part.unproved for part in parts if part.unproved), None),
    )


def artifact_rows(summary: RunSummary) -> list[dict[str, Any]]:
    """The table of the UI: plain JSON data, one row per report."""
    return [
        {
            "publisher 发布机构": line.name,
            "year": line.year,
            "outcome": line.outcome,
            "reason": line.reason_code or "",
            "edition": line.edition or "",
            "facts": _count(line.facts),
            "statistics": _count(line.statistics),
            "findings": _count(line.findings),
            "link": line.url or "",
        }
        for line in summary.lines
    ]


def site_rows(summary: RunSummary) -> list[dict[str, Any]]:
    """A row for each site: reports owed, and what became of them."""
    rows = []
    for site in sorted({line.site for line in summary.lines}):
        own = [line for line in summary.lines if line.site == site]
        counts = Counter(line.outcome.split(":", 1)[0] for line in own)
        named = {"new": counts.pop("loaded", 0), "unchanged": counts.pop("unchanged", 0)}
        named |= {
            name: counts.pop(name, 0) for name in ("flagged", "quarantined", "blocked", "not_published", "failed")
        }
        rows.append({"site": site, "owed": len(own), **named, "other": sum(counts.values())})
    return rows


def failing_markdown(summary: RunSummary, link: Callable[[str], str] = lambda code: f"`{code}`") -> str:
    """One line for each report that failed, with reason, link and what to do, and one for each site in trouble.

    `link` makes a link to the handbook of a reason code.
    """
    rows = ["# What needs attention", ""]
    for line in summary.failing:
        document = f" [document]({line.url})" if line.url else ""
        why = _explained(line.reason_code, line.reason, link)
        case = f" Case: `nianbao review show {line.publisher}.{line.year}`" if line.outcome == "quarantined" else ""
        rows.append(f"- **{line.name} {line.year}**: {line.outcome}. {why}{document}{case}")
    rows.extend(
        f"- **site {problem.site}**: {_explained(problem.code, problem.message, link)}" for problem in summary.problems
    )
    if len(rows) == 2:
        rows.append("Nothing: every report that is owed is in the warehouse.")
    return "\n".join(rows)


def terminal_table(lines: Iterable[ReportLine]) -> Table:
    """The table at the end of a harvest."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    table.add_column("publisher 发布机构")
    table.add_column("year")
    table.add_column("edition")
    table.add_column("outcome")
    for heading in ("facts", "statistics", "findings"):
        table.add_column(heading, justify="right")
    for line in lines:
        colour = {"loaded": "green", "unchanged": "green", "flagged": "yellow"}.get(line.outcome, "red")
        counts = map(_count, (line.facts, line.statistics, line.findings))
        outcome = Text(line.outcome, style=colour)
        table.add_row(line.name, str(line.year), line.edition or "", outcome, *counts)
    return table


def order(lines: Iterable[ReportLine]) -> tuple[ReportLine, ...]:
    """By publisher and year, as people look for them."""
    return tuple(sorted(lines, key=lambda line: (line.publisher, line.year)))


def shown(text: Sequence[str], limit: int = 3) -> str:
    """A list in a sentence, cut where it gets long."""
    more = f" and {len(text) - limit} more" if len(text) > limit else ""
    return ", ".join(text[:limit]) + more


def _explained(code: str | None, message: str | None, link: Callable[[str], str]) -> str:
    what = f"{link(code)} {message or ''}".strip() if code else (message or "")
    action = remedy(code)
    return f"{what} — {action}" if action else what


def _count(number: int | None) -> str:
    return "" if number is None else str(number)
