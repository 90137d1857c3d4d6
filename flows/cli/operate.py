"""`nianbao backfill`, `reparse` and `watch`: earlier years, archived documents, and who is late."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import DATA, Data, DryRun, Registry, Sites, Warehouse, Years, years_of

Window = Annotated[
    int, typer.Option("--window", min=1, max=200, help="Sites worked off before the next look at pauses.")
]
Workers = Annotated[int, typer.Option("--workers", min=1, max=64, help="Sites worked on at the same time.")]
What = Annotated[
    str, typer.Option("--what", metavar="left|missing|all", help="Which reports of the ledger to work on.")
]
Wait = Annotated[
    int, typer.Option("--wait", min=0, max=1440, metavar="MINUTES", help="Wait so long for another run on the folder.")
]
Everything = Annotated[bool, typer.Option("--everything", help="Also what the current parser has read already.")]
NoScout = Annotated[bool, typer.Option("--no-scout", help="By the ledger alone; ask no site.")]


def backfill(
    year: Years = None,
    site: Sites = None,
    dry_run: DryRun = False,
    what: What = "left",
    window: Window = 20,
    wait: Wait = 0,
    workers: Workers = 4,
    registry: Registry = None,
    data: Data = DATA,
    warehouse: Warehouse = None,
) -> None:
    """Work off earlier years, site by site; run again it goes on where it stopped.

    Exit 0: every report is in the warehouse or not published; 1: some are left, and the last sentence says how many.
    """
    years = years_of(year)
    if not years:
        raise typer.BadParameter("name the years, e.g. 2015-2024", param_hint="--year")
    if what not in ("left", "missing", "all"):
        raise typer.BadParameter(f"{what!r} is none of left, missing, all", param_hint="--what")
    _keep(warehouse)

    from flows.attended import attended
    from flows.cli.console import err, out
    from flows.parameters import BackfillParameters
    from flows.progress import heard_by
    from flows.run import Bar
    from flows.summary import terminal_table

    parameters = BackfillParameters.model_validate(
        {
            **_places(registry, data),
            "years": years,
            "sites": site or [],
            "what": what,
            "dry_run": dry_run,
            "window": window,
            "patience": wait,
            "workers": workers,
        }
    )
    _known(parameters.registry, years, parameters.sites)

    def load() -> object:
        from flows.backfill import backfill as flow

        return flow

    with Bar(err()) as bar, heard_by(bar):
        good, _ = attended(load, parameters, parameters.folder, "backfill")
    if bar.summary is not None and bar.summary.lines:
        out().print(terminal_table(bar.summary.lines))
    raise typer.Exit(0 if good else 1)


def reparse(
    year: Years = None,
    site: Sites = None,
    dry_run: DryRun = False,
    everything: Everything = False,
    wait: Wait = 0,
    registry: Registry = None,
    data: Data = DATA,
    warehouse: Warehouse = None,
) -> None:
    """Read archived documents again with the current parser, without network, and list every figure that changes.

    Exit 0: done; 1: figures that were current are held back now (dry run: would be).
    """
    years = years_of(year)
    _keep(warehouse)

    from flows.attended import attended
    from flows.changes import changes_table
    from flows.cli.console import out
    from flows.parameters import ReparseParameters

    parameters = ReparseParameters.model_validate(
        {
            **_places(registry, data),
            "years": years,
            "sites": site or [],
            "dry_run": dry_run,
            "stale_only": not everything,
            "patience": wait,
        }
    )
    _known(parameters.registry, years, parameters.sites)

    def load() -> object:
        from flows.reparse import reparse as flow

        return flow

    good, found = attended(load, parameters, parameters.folder, "reparse")
    if any(one.changes for one in found):
        out().print(changes_table(found))
    raise typer.Exit(0 if good else 1)


def watch(
    year: Years = None,
    site: Sites = None,
    no_scout: NoScout = False,
    registry: Registry = None,
    data: Data = DATA,
    warehouse: Warehouse = None,
) -> None:
    """Show who is late against the law and their own habit, which sites list less than last year or refuse us.

    Exit 0: everything was looked at; 1: a site could not be looked through.
    """
    years = years_of(year)
    _keep(warehouse)

    from flows.attended import attended
    from flows.cli.console import out
    from flows.parameters import WatchParameters, due_year
    from flows.watch_tables import terminal_tables

    wanted = years or (due_year(),)
    parameters = WatchParameters.model_validate(
        {**_places(registry, data), "years": wanted, "sites": site or [], "scout": not no_scout}
    )
    _known(parameters.registry, wanted, parameters.sites)

    def load() -> object:
        from flows.watch import watch as flow

        return flow

    good, found = attended(load, parameters, parameters.folder, "watch")
    for table in terminal_tables(found):
        out().print(table)
    raise typer.Exit(0 if good else 1)


def _places(registry: Path | None, data: Path) -> dict[str, str | None]:
    return {"registry": str(registry.resolve()) if registry else None, "data": str(data.resolve())}


def _keep(warehouse: str | None) -> None:
    """An address may carry a password: into the environment, never into the parameters, which the UI shows."""
    if warehouse:
        os.environ["NIANBAO_WAREHOUSE"] = warehouse


def _known(registry: str | None, years: tuple[int, ...], sites: list[str]) -> None:
    """Typing errors come before a server is started."""
    from flows.plan import plan
    from flows.registry import load_registry

    plan(load_registry(registry), years or (2021,), sites)
