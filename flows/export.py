"""From what a person asks for to the options of an export. Imports no Prefect: `nianbao export` is quick."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flows.parameters import CHINA, PublishParameters

if TYPE_CHECKING:
    from tasks.load.export import ExportOptions


def export_options(parameters: PublishParameters) -> ExportOptions:
    """The options as the warehouse takes them."""
    from tasks.load.export import ExportOptions, Format

    return ExportOptions(
        formats=tuple(Format(one.value) for one in parameters.formats),
        views=tuple(parameters.views) or None,
        years=parameters.years or None,
        samples=parameters.samples,
        since=parameters.since,
        bom=parameters.bom,
    )


def folder_of(parameters: PublishParameters) -> Path:
    """Where the files go: the folder named, else one with the day's date in the data folder."""
    if parameters.into:
        return Path(parameters.into)
    return (parameters.folder / "exports" / datetime.now(CHINA).date().isoformat()).resolve()
