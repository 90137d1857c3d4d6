"""What a watch shows: tables for the UI, a page in Markdown, and tables for the terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flows.watching import Watch

if TYPE_CHECKING:
    from rich.table import Table


def late_rows(watch: Watch) -> list[dict[str, Any]]:
    """A row for each report that is late."""
    return [
        {
            "publisher 发布机构": one.name,
            "year": one.year,
            "state": one.state,
            "legal deadline": one.deadline.isoformat(),
            "days late": _or_dash(one.by_law),
            "usual day": one.usual.isoformat() if one.usual else "—",
            "days after usual": _or_dash(one.by_habit),
            "reason": one.reason_code or "",
        }
        for one in watch.late
    ]


def yield_rows(watch: Watch) -> list[dict[str, Any]]:
    """A row for each site and year."""
    return [
        {
            "site": one.site,
            "year": one.year,
            "listed": _or_dash(one.listed),
            "listed year before": _or_dash(one.listed_before),
            "held": one.held,
            "held year before": one.held_before,
            "looked to the end": "yes" if one.complete else "no",
            "less": "less" if one.less else "",
        }
        for one in watch.yields
    ]


def refusal_rows(watch: Watch) -> list[dict[str, Any]]:
    """A row for each site that refuses us or could not be looked through."""
    refused = [(one.site, one.code, one.message, str(one.reports)) for one in watch.refusals]
    blind = [(site, code, message, "—") for site, code, message in watch.blind]
    return [
        {"site": site, "reason": code, "what happened": message, "reports blocked": reports}
        for site, code, message, reports in (*refused, *blind)
    ]


def page(watch: Watch, link: Callable[[str], str]) -> str:
    """The page of the UI: what needs a person, each with a link to its remedy (`link` makes it of a reason code)."""
    lines = ["# Watch", "", watch.sentence(), ""]
    law = [one for one in watch.late if one.by_law is not None]
    habit = [one for one in watch.late if one.by_law is None]
    for title, rows in (("Late against the law (条例 art. 49)", law), ("Late against their own habit", habit)):
        lines += [f"## {title}", ""]
        for one in rows:
            since = f"{one.by_law} days" if one.by_law is not None else f"{one.by_habit} days after {one.usual}"
            why = f" {link(one.reason_code)}" if one.reason_code else ""
            lines.append(f"- **{one.name} {one.year}**: {one.state}, {since}.{why}")
        lines += ["" if rows else "Nobody.", ""]
    less = [one for one in watch.yields if one.less]
    lines += ["## Sites that list less than last year", ""]
    lines += [f"- **{one.site} {one.year}**: {one.listed} listed, {one.listed_before} the year before" for one in less]
    lines += ["" if less else ("None." if watch.scouted else "The sites were not asked."), ""]
    lines += ["## Sites that refuse us", ""]
    lines += [f"- **{one.site}**: {link(one.code)} {one.message}" for one in watch.refusals]
    lines += ["" if watch.refusals else "None.", ""]
    if watch.blind:
        lines += ["## Sites that could not be looked through", ""]
        lines += [f"- **{site}**: {link(code)} {message}" for site, code, message in watch.blind]
    return "\n".join(lines).rstrip() + "\n"


def terminal_tables(watch: Watch) -> list[Table]:
    """The tables on the terminal; empty ones are left out."""
    from rich.table import Table

    tables = []
    for title, rows in (("late", late_rows(watch)), ("yield", yield_rows(watch)), ("no", refusal_rows(watch))):
        if rows:
            table = Table(*rows[0], box=None, pad_edge=False, title=title, title_justify="left")
            for row in rows:
                table.add_row(*(str(value) for value in row.values()))
            tables.append(table)
    return tables


def _or_dash(number: int | None) -> str:
    return "—" if number is None else str(number)
