"""What a harvest is asked to do. The same model makes the command line's defaults and the form in the Prefect UI."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

FIRST_YEAR = 2008
"""The 条例 of 2008 (in force since 1 May 2008, art. 31) asked for the first reports: those for 2008."""

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")

Year = Annotated[int, Field(ge=FIRST_YEAR, le=2100)]


def due_year(today: date | None = None) -> int:
    """The newest report year whose reports may be out: last year's, published from January on (条例 art. 49)."""
    return (today or datetime.now(CHINA).date()).year - 1


class HarvestParameters(BaseModel):
    """Which reports to look for, where they are kept, and how many hands work at it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    years: list[Year] = Field(
        default_factory=lambda: [due_year()],
        min_length=1,
        title="Report years 报告年度",
        description="The years that reports are about, not when they came out. Default: last year's.",
    )
    sites: list[str] = Field(
        default_factory=list,
        title="Sites or publishers",
        description="Ids from the registry of sites or publishers 发布机构; none means all.",
    )
    since: date | None = Field(
        default=None, title="Listed since", description="Pass over what a site lists with an earlier date."
    )
    dry_run: bool = Field(
        default=False,
        title="Dry run",
        description="Look only: what is owed and what the sites list; nothing is stored.",
    )
    registry: str | None = Field(
        default=None, title="Registry", description="Folder or file with sites (YAML). None: the built-in registry."
    )
    data: str | None = Field(
        default=None,
        title="Data folder",
        description="Where the lock and, by default, warehouse and archive are. None: NIANBAO_DATA, else ./data.",
    )
    warehouse: str | None = Field(
        default=None,
        title="Warehouse",
        description="Address of the database, without a password. None: NIANBAO_WAREHOUSE, else SQLite in the folder.",
    )
    archive: str | None = Field(
        default=None,
        title="Archive",
        description="Folder or address (s3://…) of the raw documents. None: NIANBAO_ARCHIVE, else in the data folder.",
    )
    workers: int = Field(
        default=4,
        ge=1,
        le=64,
        title="Sites at the same time",
        description="Each host is asked one by one all the same.",
    )
    readers: int | None = Field(
        default=None,
        ge=1,
        le=256,
        title="Documents read at the same time",
        description="Processes that read documents. None: one for each core.",
    )

    @field_validator("years")
    @classmethod
    def _sorted_once(cls, years: list[int]) -> list[int]:
        newest = datetime.now(CHINA).year
        if late := [year for year in years if year > newest]:
            raise ValueError(f"there can be no report for {late[0]} yet")
        return sorted(set(years))

    @field_validator("sites")
    @classmethod
    def _once(cls, sites: list[str]) -> list[str]:
        return sorted(set(sites))

    @field_validator("warehouse", "archive")
    @classmethod
    def _no_password(cls, address: str | None) -> str | None:
        # Parameters are shown in the UI and kept with the run.
        if address and urlsplit(address).password:
            raise ValueError("an address with a password belongs into NIANBAO_WAREHOUSE or NIANBAO_ARCHIVE")
        return address

    @property
    def folder(self) -> Path:
        return Path(self.data or os.environ.get("NIANBAO_DATA") or "data")

    @property
    def warehouse_url(self) -> str:
        """The database's address; SQLite in the data folder unless one is named."""
        own = f"sqlite:///{(self.folder / 'warehouse.sqlite').resolve()}"
        return self.warehouse or os.environ.get("NIANBAO_WAREHOUSE") or own

    @property
    def archive_url(self) -> str:
        """The archive's address; a folder in the data folder unless one is named."""
        return self.archive or os.environ.get("NIANBAO_ARCHIVE") or str((self.folder / "archive").resolve())
