"""What a run is asked to do. The same models make the command line's defaults and the forms in the Prefect UI."""

from __future__ import annotations

import os
from collections.abc import Collection
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

FIRST_YEAR = 2008
"""The 条例 of 2008 (in force since 1 May 2008, art. 31) asked for the first reports: those for 2008."""

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")

Year = Annotated[int, Field(ge=FIRST_YEAR, le=2100)]


def due_year(today: date | None = None) -> int:
    """The newest report year whose reports may be out: last year's, published from January on (条例 art. 49)."""
    return (today or datetime.now(CHINA).date()).year - 1


Years = Annotated[
    list[Year],
    Field(title="Report years 报告年度", description="The years that reports are about, not when they came out."),
]
Sites = Annotated[
    list[str],
    Field(
        title="Sites or publishers",
        description="Ids from the registry of sites or publishers 发布机构; none means all.",
    ),
]
Readers = Annotated[
    int | None,
    Field(
        ge=1,
        le=256,
        title="Documents read at the same time",
        description="Processes that read documents. None: one for each core.",
    ),
]
Patience = Annotated[
    int,
    Field(
        ge=0,
        le=24 * 60,
        title="Patience (minutes)",
        description="How long to wait while another run works on the same data folder; 0: give up at once.",
    ),
]


def _places_last(schema: dict[str, Any]) -> None:
    """In the form, what is to be done comes before where things are."""
    fields = schema["properties"]
    for name in Places.model_fields:
        fields[name] = fields.pop(name)


class Places(BaseModel):
    """Where registry, warehouse and archive are. Empty fields are taken from the worker's environment."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=_places_last)

    registry: str | None = Field(
        default=None,
        title="Registry",
        description="Folder or file with sites (YAML). None: NIANBAO_REGISTRY, else the built-in registry.",
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

    @field_validator("years", check_fields=False)
    @classmethod
    def _sorted_once(cls, years: list[int]) -> list[int]:
        newest = datetime.now(CHINA).year
        if late := [year for year in years if year > newest]:
            raise ValueError(f"there can be no report for {late[0]} yet")
        return sorted(set(years))

    @field_validator("sites", check_fields=False)
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


class HarvestParameters(Places):
    """Which reports to look for, where they are kept, and how many hands work at it."""

    years: Years = Field(
        default_factory=lambda: [due_year()],
        min_length=1,
        description="The years that reports are about, not when they came out. Default: last year's.",
    )
    sites: Sites = Field(default_factory=list)
    since: date | None = Field(
        default=None, title="Listed since", description="Pass over what a site lists with an earlier date."
    )
    dry_run: bool = Field(
        default=False,
        title="Dry run",
        description="Look only: what is owed and what the sites list; nothing is stored.",
    )
    workers: int = Field(
        default=4,
        ge=1,
        le=64,
        title="Sites at the same time",
        description="Each host is asked one by one all the same.",
    )
    readers: Readers = None
    patience: Patience = 0


class What(StrEnum):
    """Which reports of the ledger a backfill works on."""

    LEFT = "left"  # never looked at, begun, or failed in a way that may recover
    MISSING = "missing"  # everything that is not in the warehouse
    ALL = "all"  # also what is loaded: asked for again on condition that it changed


class BackfillParameters(Places):
    """Which earlier years to work off, and how much at a time. Run again, it goes on where it stopped."""

    years: Years = Field(
        min_length=1, description="The years that reports are about. A range on the command line: 2015-2024."
    )
    sites: Sites = Field(default_factory=list)
    what: What = Field(
        default=What.LEFT,
        title="What to work on",
        description="left: what the ledger has no last word on; missing: also what was not published, is in quarantine "
        "or needs a person; all: also what is loaded, on condition that it changed.",
    )
    dry_run: bool = Field(default=False, title="Dry run", description="Say what is left by the ledger; ask no site.")
    window: int = Field(
        default=20,
        ge=1,
        le=200,
        title="Sites in a window",
        description="Sites that are worked off before the run looks whether it is to pause, and lets others go first.",
    )
    workers: int = Field(
        default=4,
        ge=1,
        le=64,
        title="Sites at the same time",
        description="Each host is asked one by one all the same.",
    )
    readers: Readers = None
    patience: Patience = 0

    def harvest(self, sites: Collection[str] | None = None) -> HarvestParameters:
        """The same years and places as a harvest."""
        shared = self.model_dump(exclude={"what", "window", "dry_run"})
        return HarvestParameters(**{**shared, **({} if sites is None else {"sites": list(sites)})})


class ReparseParameters(Places):
    """Which archived documents to read again with the current parser."""

    years: Years = Field(default_factory=list, description="The years that reports are about; none means all.")
    sites: Sites = Field(default_factory=list)
    dry_run: bool = Field(
        default=True, title="Dry run", description="Show which figures would change, cell by cell; store nothing."
    )
    stale_only: bool = Field(
        default=True,
        title="Only what an older parser read",
        description="Pass over reports that the current parser has read. Off: read everything again.",
    )
    batch: int = Field(default=20, ge=1, le=500, title="Reports in a batch", description="Reports that one task reads.")
    readers: Readers = None
    patience: Patience = 0


class WatchParameters(Places):
    """Which years and sites to watch."""

    years: Years = Field(
        default_factory=lambda: [due_year()],
        min_length=1,
        description="Default: last year's reports, which are due now.",
    )
    sites: Sites = Field(default_factory=list)
    scout: bool = Field(
        default=True,
        title="Scout the sites",
        description="Look through the lists of the sites and count. Off: by the ledger alone, without network.",
    )
    grace_days: int = Field(
        default=14,
        ge=0,
        le=365,
        title="Grace (days)",
        description="Days after a publisher's usual day before it counts as late against its own habit.",
    )


class ExportFormat(StrEnum):
    """A format of exports."""

    PARQUET = "parquet"
    CSV = "csv"
    XLSX = "xlsx"
    DUCKDB = "duckdb"


class PublishParameters(Places):
    """What to write out of the warehouse, and whether to freeze it as a release."""

    into: str | None = Field(
        default=None, title="Folder", description="Where the files go. None: exports/<date> in the data folder."
    )
    formats: list[ExportFormat] = Field(default_factory=lambda: list(ExportFormat), min_length=1, title="Formats")
    views: list[str] = Field(default_factory=list, title="Views", description="Views to export; none means all.")
    years: Years = Field(default_factory=list, description="The years that reports are about; none means all.")
    samples: bool = Field(default=True, title="Samples", description="With the reports of replica sites.")
    since: str | None = Field(
        default=None, title="Changes since", description="Name of a release: only what changed after it."
    )
    bom: bool = Field(default=False, title="For spreadsheets", description="Mark CSV files as UTF-8 for Excel.")
    release: str | None = Field(
        default=None,
        max_length=80,
        title="Release",
        description="Freeze what is current under this name before the export, e.g. 2026-04. None: no release.",
    )
    note: str | None = Field(default=None, title="Note", description="A sentence kept with the release.")
