"""One export: files of every view in the formats asked for, with dictionary, data package and hashes beside them."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import tempfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from schemas.errors import LoadError
from tasks.load.dictionary import data_dictionary
from tasks.load.export import duck, parquet, text
from tasks.load.export.columns import column_batches
from tasks.load.export.package import data_package
from tasks.load.export.tables import Choice, rows
from tasks.load.migrate import revision
from tasks.load.release import Difference, difference
from tasks.load.views import View, view_named, views

MANIFEST = "manifest.json"
_LONG_TEXTS = frozenset({"report_sections"})  # not in the workbook: sections are longer than its cells


class Format(StrEnum):
    """A format of exports."""

    PARQUET = "parquet"
    CSV = "csv"
    XLSX = "xlsx"
    DUCKDB = "duckdb"


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What to export. `since` is a release: only what changed after it; `bom` marks CSV files for spreadsheets."""

    formats: tuple[Format, ...] = tuple(Format)
    views: tuple[str, ...] | None = None
    years: Collection[int] | None = None
    publishers: Collection[str] | None = None
    samples: bool = True
    since: str | None = None
    bom: bool = False


@dataclass(frozen=True, slots=True)
class Export:
    """What was written: the folder, rows by view, and the digest over all files."""

    folder: Path
    rows: dict[str, int]
    digest: str


def export(connection: Connection, folder: Path, options: ExportOptions) -> Export:
    """Write an export into `folder`; an earlier export there is replaced at the end, all at once.

    Raises LoadError: `load.export_folder` when the folder holds something else, `load.unknown_view`,
    `load.unknown_release`, `load.export_precision`.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise LoadError("load.export_folder", "the folder holds files that are not an export", where=str(folder))
    chosen = _chosen(options.views)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as fresh:
        done = _Writing(connection, Path(fresh) / "export", options, chosen).run()
        if folder.exists():
            folder.rename(Path(fresh) / "old")
        done.folder.rename(folder)
    return Export(folder, done.rows, done.digest)


def _chosen(names: Iterable[str] | None) -> tuple[View, ...]:
    if names is None:
        return tuple(views().values())
    wanted = {view_named(name).name for name in names}
    return tuple(view for name, view in views().items() if name in wanted)


class _Writing:
    def __init__(self, connection: Connection, folder: Path, options: ExportOptions, chosen: tuple[View, ...]) -> None:
        self.connection = connection
        self.folder = folder
        self.options = options
        self.chosen = chosen
        self.changes: Difference | None = difference(connection, options.since) if options.since else None
        changed = self.changes.changed if self.changes else None
        self.choice = Choice(options.years, options.publishers, options.samples, changed)
        self.counts: dict[str, int] = {}
        self.samples = 0
        self.unstable: list[str] = []

    def run(self) -> Export:
        self.folder.mkdir()
        wanted = self.options.formats
        if Format.PARQUET in wanted or Format.DUCKDB in wanted:
            self._parquet(keep=Format.PARQUET in wanted)
        if Format.CSV in wanted:
            for view in self.chosen:
                path = self.folder / f"{view.name}.csv"
                self.counts[view.name] = text.write_csv(view, self._rows(view), path, bom=self.options.bom)
        if Format.XLSX in wanted:
            sheets = ((view, self._rows(view)) for view in self.chosen if view.name not in _LONG_TEXTS)
            text.write_workbook(sheets, self.folder / "nianbao.xlsx")
        if self.changes is not None:
            self._removed(self.changes)
        (self.folder / "data-dictionary.md").write_text(data_dictionary(), "utf-8")
        if Format.CSV in wanted:
            package = data_package(self.chosen, self.folder, bom=self.options.bom)
            self._json("datapackage.json", package)
        manifest = self._manifest()
        self._json(MANIFEST, manifest)
        return Export(self.folder, self.counts, manifest["digest"])

    def _rows(self, view: View) -> Any:
        return rows(self.connection, view, self.choice)

    def _columns(self, view: View) -> Any:
        return column_batches(self.connection, view, self.choice)

    def _parquet(self, *, keep: bool) -> None:
        folder = self.folder if keep else Path(tempfile.mkdtemp(dir=self.folder.parent))
        for view in self.chosen:
            path = folder / f"{view.name}.parquet"
            self.counts[view.name] = parquet.write_parquet(view, self._columns(view), path)
        if Format.DUCKDB in self.options.formats:
            path = self.folder / "nianbao.duckdb"
            if not duck.write_duckdb(self.chosen, folder, path):
                self.unstable.append(path.name)
        if not keep:
            shutil.rmtree(folder)

    def _removed(self, changes: Difference) -> None:
        with (self.folder / "removed_reports.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["publisher_id", "year", "report_id"], lineterminator="\n")
            writer.writeheader()
            writer.writerows(changes.removed)

    def _manifest(self) -> dict[str, Any]:
        files = [
            {"path": path.name, "bytes": path.stat().st_size, "sha256": _sha256(path)}
            for path in sorted(self.folder.iterdir())
        ]
        told = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
        return {
            "digest": told,
            "files": files,
            "rows": dict(sorted(self.counts.items())),
            "schema_revision": revision(self.connection),
            "since": self.options.since,
            "samples": self.options.samples,
            "not_reproducible": self.unstable,
        }

    def _json(self, name: str, content: Any) -> None:
        text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        (self.folder / name).write_text(text, "utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
