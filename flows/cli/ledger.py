"""`nianbao ledger` and `nianbao coverage`: where every report that is owed stands, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import DATA, Data, Registry, Sites, Warehouse, Years, years_of

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.ledger import LedgerRow

States = Annotated[
    list[str] | None, typer.Option("--state", metavar="STATE", help="Only rows in this state, e.g. quarantined.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON Lines on stdout, one object per publisher and year.")]


def ledger(
    year: Years = None,
    site: Sites = None,
    state: States = None,
    as_json: AsJson = False,
    data: Data = DATA,
    warehouse: Warehouse = None,
    registry: Registry = None,
) -> None:
    """List publisher, year, state, reason and next action, one line for each report that is owed."""
    import json

    rows = [row for row in _rows(data, warehouse, year, site, registry) if not state or row.state.value in state]
    if as_json:
        for row in rows:
            typer.echo(json.dumps(_plain(row), ensure_ascii=False))
        return

    from rich.table import Table

    from flows.cli.console import out

    table = Table("publisher 发布机构", "year", "state", "since", "reason", "next", box=None, pad_edge=False)
    for row in rows:
        since = row.since.strftime("%Y-%m-%d")
        table.add_row(row.name, str(row.year), row.state.value, since, row.reason_code or "", row.next_action or "")
    out().print(table)


def coverage(
    year: Years = None,
    site: Sites = None,
    data: Data = DATA,
    warehouse: Warehouse = None,
    registry: Registry = None,
) -> None:
    """Print the matrix of publishers by years, each cell the state of that report."""
    from rich.table import Table

    from flows.cli.console import out

    rows = _rows(data, warehouse, year, site, registry)
    years = sorted({row.year for row in rows})
    table = Table("publisher 发布机构", *map(str, years), box=None, pad_edge=False)
    names = {row.publisher: row.name for row in rows}
    states = {(row.publisher, row.year): row.state.value for row in rows}
    for publisher in sorted(names):
        table.add_row(names[publisher], *(states.get((publisher, one), "·") for one in years))
    out().print(table)


def _rows(
    data: Path, warehouse: str | None, year: list[str] | None, site: list[str] | None, registry: Path | None
) -> list[LedgerRow]:
    """The ledger's rows for these years and these sites or publishers; all when none are named."""
    years = years_of(year)
    from flows.stores import open_warehouse

    with open_warehouse(data, warehouse) as store:
        rows = store.ledger(years=years or None)
        known = {row.publisher for row in store.ledger()}
    if not site:
        return rows
    wanted = publishers_named(site, known, registry)
    return [row for row in rows if row.publisher in wanted]


def publishers_named(names: list[str], known: set[str], registry: Path | None) -> set[str]:
    """The publishers that are named: by their own id, or by the id of a site that they publish on.

    Raises SettingsError `settings.unknown_site` for a name that is neither.
    """
    from flows.registry import load_registry
    from schemas.errors import SettingsError

    found = known & set(names)
    if rest := set(names) - found:
        sites = {site.id: {entry.id for entry in site.publishers} for site in load_registry(registry)}
        bodies = {entry for entries in sites.values() for entry in entries}
        if unknown := sorted(rest - sites.keys() - bodies):
            raise SettingsError("settings.unknown_site", f"Neither a site nor a publisher: {', '.join(unknown)}.")
        found |= rest & bodies
        found.update(*(sites[name] for name in rest & sites.keys()))
    return found


def _plain(row: LedgerRow) -> dict[str, object]:
    return {
        "publisher": row.publisher,
        "name": row.name,
        "year": row.year,
        "state": row.state.value,
        "reason": row.reason_code,
        "message": row.reason,
        "since": row.since.isoformat(),
        "attempts": row.attempts,
        "next_action": row.next_action,
        "deadline": row.deadline.isoformat(),
    }
