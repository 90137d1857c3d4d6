"""`nianbao export` and `nianbao release`: what is current as files, and frozen under a name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import DATA, Data, Warehouse, Years, years_of

FORMATS = ("parquet", "csv", "xlsx", "duckdb")

Folder = Annotated[Path | None, typer.Option("--to", metavar="DIR", help="Folder; default: exports/<date> in --data.")]
Formats = Annotated[
    list[str] | None, typer.Option("--format", metavar="|".join(FORMATS), help="Repeatable; default: all.")
]
Views = Annotated[list[str] | None, typer.Option("--view", metavar="NAME", help="Only this view. Repeatable.")]
NoSamples = Annotated[bool, typer.Option("--no-samples", help="Leave out the reports of replica sites.")]
ChangedSince = Annotated[
    str | None,
    typer.Option("--since", "--changed-since", metavar="RELEASE", help="Only what changed since this release."),
]
Bom = Annotated[bool, typer.Option("--bom", help="Mark CSV files as UTF-8 for Excel.")]
Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="Default: today's date.")]
Note = Annotated[str | None, typer.Option("--note", help="A sentence kept with the release.")]
List = Annotated[bool, typer.Option("--list", help="List the releases instead.")]


def export(
    to: Folder = None,
    formats: Formats = None,
    view: Views = None,
    year: Years = None,
    no_samples: NoSamples = False,
    changed_since: ChangedSince = None,
    bom: Bom = False,
    data: Data = DATA,
    warehouse: Warehouse = None,
) -> None:
    """Write what is current into files: views as Parquet, CSV, XLSX and DuckDB, with dictionary and hashes."""
    years = years_of(year)
    if wrong := sorted(set(formats or ()) - set(FORMATS)):
        raise typer.BadParameter(f"{wrong[0]!r} is none of {', '.join(FORMATS)}", param_hint="--format")

    from flows.cli.console import say
    from flows.export import export_options, folder_of
    from flows.parameters import PublishParameters
    from flows.stores import open_warehouse

    parameters = PublishParameters.model_validate(
        {
            "data": str(data),
            "into": str(to) if to else None,
            "views": view or [],
            "years": years,
            "samples": not no_samples,
            "since": changed_since,
            "bom": bom,
            **({"formats": formats} if formats else {}),
        }
    )
    with open_warehouse(data, warehouse) as store:
        made = store.export(folder_of(parameters), export_options(parameters))
    for name, number in made.rows.items():
        say(f"  {name}: {number} rows")
    say(f"Digest {made.digest}")
    typer.echo(str(made.folder))


def release(
    name: Name = None, note: Note = None, list_: List = False, data: Data = DATA, warehouse: Warehouse = None
) -> None:
    """Freeze what is current under a name; the same content under the same name is the same release."""
    from flows.stores import open_warehouse

    with open_warehouse(data, warehouse) as store:
        frozen = store.releases() if list_ else [store.release(name, note)]
    for one in frozen:
        typer.echo(
            f"{one.id}  {one.created_at:%Y-%m-%d}  {one.reports} reports  {one.content_digest[:12]}  {one.note or ''}"
        )
