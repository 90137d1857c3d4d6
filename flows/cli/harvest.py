"""`nianbao harvest`: the main job, with a progress bar, a table at the end, and an exit code that means something."""

from __future__ import annotations

import os
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import DATA, Data, DryRun, Registry, Since, Sites, Warehouse, Years, years_of

if TYPE_CHECKING:
    from flows.parameters import HarvestParameters

Replica = Annotated[bool, typer.Option("--replica", help="Start the five replica sites and harvest those (samples).")]
Archive = Annotated[str | None, typer.Option("--archive", metavar="URL", help="Folder or s3://… of the raw documents.")]
Workers = Annotated[int, typer.Option("--workers", min=1, max=64, help="Sites worked on at the same time.")]


def harvest(
    year: Years = None,
    site: Sites = None,
    since: Since = None,
    dry_run: DryRun = False,
    replica: Replica = False,
    registry: Registry = None,
    data: Data = DATA,
    warehouse: Warehouse = None,
    archive: Archive = None,
    workers: Workers = 4,
) -> None:
    """Find, fetch, read, prove and load the reports that are owed. Without --year: those for last year.

    Exit 0: every report owed was loaded, flagged or is as it was; 1: some were not, and the table says which and why.
    """
    years = years_of(year)
    if replica and registry is not None:
        raise typer.BadParameter("--replica brings its own registry", param_hint="--registry")

    # Addresses may carry passwords: they go into the environment, never into the parameters, which the UI shows.
    if warehouse:
        os.environ["NIANBAO_WAREHOUSE"] = warehouse
    if archive:
        os.environ["NIANBAO_ARCHIVE"] = archive

    from flows.replicas import replicas_in_a_process
    from flows.run import run_harvest

    with ExitStack() as stack:
        place = stack.enter_context(replicas_in_a_process(data)) if replica else registry
        day = since.date() if since else None
        good = run_harvest(_parameters(years, site or [], day, dry_run, place, data, workers))
    raise typer.Exit(0 if good else 1)


def _parameters(
    years: tuple[int, ...],
    sites: list[str],
    since: date | None,
    dry_run: bool,
    registry: Path | None,
    data: Path,
    workers: int,
) -> HarvestParameters:
    from flows.parameters import HarvestParameters, due_year

    return HarvestParameters(
        years=list(years) or [due_year()],
        sites=sites,
        since=since,
        dry_run=dry_run,
        registry=str(registry.resolve()) if registry else None,
        data=str(data),
        workers=workers,
    )
