"""Opening the warehouse from the command line, where the data folder or an address is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.parameters import HarvestParameters
from schemas.errors import LoadError
from tasks.load import Warehouse


@contextmanager
def open_warehouse(data: Path, address: str | None = None) -> Iterator[Warehouse]:
    """The warehouse of a data folder, or at an address. Raises LoadError `load.not_migrated` when there is none yet:
    reading must not create an empty one."""
    url = address or HarvestParameters(data=str(data)).warehouse_url
    file = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:///") and not file.exists():
        raise LoadError("load.not_migrated", "There is no warehouse yet; a harvest makes it.", where=str(file))
    with Warehouse(url) as warehouse:
        yield warehouse
