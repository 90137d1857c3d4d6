"""Options that mean the same at every verb, and how years are written."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

FIRST_YEAR = 2008  # the 条例 came into force on 1 May 2008; art. 31 asked for the first reports by March 2009

Years = Annotated[
    list[str] | None,
    typer.Option("--year", metavar="YEAR", help="Report year 报告年度: 2021, or a range 2015-2024. May be repeated."),
]
Sites = Annotated[
    list[str] | None,
    typer.Option("--site", metavar="ID", help="Only this site or publisher 发布机构 (id of the registry). Repeatable."),
]
Since = Annotated[
    datetime | None,
    typer.Option("--since", formats=["%Y-%m-%d"], metavar="DATE", help="Only what is listed on or after this day."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and do not do it.")]
Data = Annotated[
    Path,
    typer.Option("--data", envvar="NIANBAO_DATA", metavar="DIR", help="Folder of the warehouse, archive and server."),
]
Registry = Annotated[
    Path | None,
    typer.Option("--registry", envvar="NIANBAO_REGISTRY", metavar="DIR", help="Registry of sites; default: built in."),
]
Warehouse = Annotated[
    str | None,
    typer.Option(
        "--warehouse", envvar="NIANBAO_WAREHOUSE", metavar="URL", help="Database; default: SQLite in the data folder."
    ),
]

DATA = Path("data")


def years_of(written: list[str] | None, *, today: datetime | None = None) -> tuple[int, ...]:
    """The years named, sorted and without repeats. Ranges include both ends. Empty when none are named."""
    newest = (today or datetime.now().astimezone()).year
    found: set[int] = set()
    for text in written or ():
        matched = re.fullmatch(r"\s*([0-9]{4})(?:\s*[-–]\s*([0-9]{4}))?\s*", text)
        if matched is None:
            raise typer.BadParameter(
                f"{text!r} is no report year: write 2021, or a range 2015-2024", param_hint="--year"
            )
        first, last = int(matched[1]), int(matched[2] or matched[1])
        if first > last:
            raise typer.BadParameter(f"{text}: the range runs backwards", param_hint="--year")
        if first < FIRST_YEAR or last > newest:
            raise typer.BadParameter(f"{text}: reports exist for {FIRST_YEAR} to {newest}", param_hint="--year")
        found.update(range(first, last + 1))
    return tuple(sorted(found))
