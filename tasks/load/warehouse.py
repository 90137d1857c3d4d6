"""The door of the room: one object that knows the database, each method one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.fetched import FetchEvidence, Validators
from schemas.ledger import LedgerRow, LedgerState
from schemas.report import Judgement, Reason
from schemas.site import PublisherEntry
from schemas.tables import Publisher, table_of
from tasks.load import (
    bulk,
    coverage,
    crosscheck,
    evidence,
    ledger,
    migrate,
    query,
    release,
    reports,
    runs,
    standing,
)
from tasks.load.apply import Judge
from tasks.load.coverage import Coverage
from tasks.load.crosscheck import CrossCheck, TextCheck
from tasks.load.desk import Desk
from tasks.load.engine import count_rows, reading, writing
from tasks.load.leases import HostLeases
from tasks.load.release import ReleaseRow
from tasks.load.shapes import Change, FactRow, LoadResult, ReportRow, RunRow
from tasks.load.together import Together
from tasks.load.views import view_named

if TYPE_CHECKING:  # pyarrow and duckdb are for exports alone
    from tasks.load.export import Export, ExportOptions


class Warehouse(Desk, Together):
    """A warehouse on SQLite or PostgreSQL. Nothing is connected before the first use.

    Threads may share one; a process needs its own (it travels between processes as its address).
    All methods raise LoadError in the codes of schemas/reasons/load.yaml.
    """

    def migrate(self) -> str:
        """Bring the schema up to date, all of it or nothing. Returns its revision."""
        return migrate.migrate(self.engine)

    def is_up_to_date(self) -> bool:
        """Whether there is a warehouse of this version. Raises LoadError when it cannot be reached."""
        return migrate.is_up_to_date(self.engine)

    # --- who owes what, and where it stands ---

    def sync_publishers(self, entries: Iterable[PublisherEntry], *, sample: bool = False) -> None:
        """Make the publishers say what the registry says; those it no longer names stay as they are."""
        rows = [
            {
                "id": entry.id,
                "name": entry.name,
                "aliases": list(entry.aliases),
                "kind": entry.kind.value,
                "region": entry.region,
                "credit_code": entry.credit_code,
                "owed_from": entry.owed_from,
                "owed_to": entry.owed_to,
                "sample": sample,
            }
            for entry in sorted(entries, key=lambda entry: entry.id)
        ]
        with writing(self.engine) as connection:
            bulk.upsert(connection, table_of(Publisher), rows)

    def publishers(self, ids: Collection[str] | None = None) -> dict[str, tuple[PublisherEntry, bool]]:
        """What the warehouse knows of publishers, by id: the entry of the registry, and whether it is a sample."""
        with reading(self.engine) as connection:
            return query.publishers(connection, ids)

    def owe(self, publisher_ids: Iterable[str], years: Collection[int], *, run_id: str | None = None) -> int:
        """Add what these publishers owe for these years to the ledger, as `expected`. Returns how many were added."""
        with writing(self.engine) as connection:
            return ledger.owe(connection, publisher_ids, years, self._clock(), run_id)

    def ledger(
        self, years: Collection[int] | None = None, publishers: Collection[str] | None = None
    ) -> list[LedgerRow]:
        """The ledger by publisher and year."""
        with reading(self.engine) as connection:
            return ledger.rows(connection, years, publishers)

    def ledger_history(self, publisher: str, year: int) -> list[LedgerRow]:
        """All states of one publisher and year, oldest first; `since` is when each was entered."""
        with reading(self.engine) as connection:
            return ledger.history(connection, publisher, year)

    def mark(
        self,
        publisher: str,
        year: int,
        state: LedgerState,
        reason: Reason | None = None,
        next_action: str | None = None,
        run_id: str | None = None,
    ) -> bool:
        """Say how far a year has come, or why it does not (see `ledger.mark`). Returns whether the row changed."""
        with writing(self.engine) as connection:
            return ledger.mark(connection, publisher, year, state, reason, next_action, self._clock(), run_id)

    def confirm(self, publisher: str, year: int, *, run_id: str | None = None) -> LedgerState:
        """The source of a stored report is as it was: drop what was noted beside it. Returns the state that holds."""
        with writing(self.engine) as connection:
            return standing.confirm(connection, publisher, year, self._clock(), run_id)

    def coverage(
        self, years: Collection[int], publishers: Collection[str] | None = None, *, today: date | None = None
    ) -> Coverage:
        """The matrix of publishers by years with states and reasons; `overdue` against the legal deadline."""
        with reading(self.engine) as connection:
            return coverage.coverage(connection, years, publishers, today=today or self._clock().date())

    # --- documents and how they were had ---

    def known_document(self, url: str) -> tuple[str, Validators] | None:
        """SHA-256 of the document an address gave last, and the validators to ask with again."""
        with reading(self.engine) as connection:
            found = evidence.known_document(connection, url)
        return (found.sha256, found.validators) if found is not None else None

    def first_fetched(self, hashes: Collection[str]) -> dict[str, datetime]:
        """When each of these documents was first fetched; unknown ones are left out."""
        with reading(self.engine) as connection:
            return evidence.first_fetched(connection, hashes)

    def remember_fetch(
        self,
        fetched: FetchEvidence,
        sha256: str | None,
        *,
        media_type: str | None = None,
        publisher: str | None = None,
        year: int | None = None,
        run_id: str | None = None,
    ) -> str:
        """Keep the evidence of a request, and the document it gave or confirmed. Returns the evidence's id."""
        with writing(self.engine) as connection:
            asked = evidence.Asked(fetched, sha256, media_type, publisher, year)
            return evidence.remember_fetches(connection, [asked], run_id)[0]

    # --- reports ---

    def load(
        self,
        publisher: str,
        year: int,
        *,
        document_sha: str,
        url: str,
        media_type: str | None,
        judgement: Judgement,
        parser_version: str,
        run_id: str | None = None,
        fetched_at: datetime,
        sample: bool = False,
        judge: Judge | None = None,
    ) -> LoadResult:
        """Store the judgement on one document: all of it or nothing, the same again without touching a row.

        People's decisions are applied again; for that `judge` must offer what `tasks.validate` does.
        """
        source = reports.Source(document_sha, url, media_type, parser_version, run_id, fetched_at, sample)
        (prepared,) = reports.prepare([reports.Delivery(publisher, year, source, judgement)])
        return self._load_one(prepared, judge)

    def cross_check(
        self,
        publishers: Collection[str] | None = None,
        *,
        run_id: str | None = None,
        text_check: TextCheck | None = None,
        bodies: bool = True,
    ) -> CrossCheck:
        """Check current reports against their neighbours; call it after loading, for the publishers concerned.

        `text_check` (`tasks.validate.text_findings`) tells what a text says of the year before; without it texts are
        left as they are. So is what other bodies state when `bodies` is off.
        """
        looked = {"texts": text_check is not None, "bodies": bodies}
        with writing(self.engine) as connection:
            count_rows(connection)  # first: SQLite plans a join of all facts with all facts for tables it never counted
        with reading(self.engine) as connection:
            found = crosscheck.find(connection, publishers, text_check, bodies=bodies)
        with writing(self.engine) as connection:
            return crosscheck.keep(connection, found, publishers, self._clock(), run_id, **looked)

    def current_reports(
        self, years: Collection[int] | None = None, publishers: Collection[str] | None = None
    ) -> list[ReportRow]:
        """The reports whose figures count."""
        with reading(self.engine) as connection:
            return query.reports(connection, years=years, publishers=publishers)

    def reports(self, report_ids: Collection[str]) -> list[ReportRow]:
        """Reports by their ids, current or not."""
        with reading(self.engine) as connection:
            return query.reports(connection, report_ids=report_ids, current=False)

    def versions(self, publisher: str, year: int) -> list[ReportRow]:
        """All versions of one report, oldest first, quarantined ones too."""
        with reading(self.engine) as connection:
            return query.reports(connection, years=[year], publishers=[publisher], current=False)

    def facts(
        self,
        years: Collection[int] | None = None,
        publishers: Collection[str] | None = None,
        codes: Collection[str] | None = None,
        *,
        report_id: str | None = None,
    ) -> Iterator[FactRow]:
        """Facts of current reports, or of one report of any kind; read as they are asked for."""
        with reading(self.engine) as connection:
            yield from query.facts(connection, years=years, publishers=publishers, codes=codes, report_id=report_id)

    def diff(self, before: str, after: str) -> list[Change]:
        """What changed from one report to another, cell by cell."""
        with reading(self.engine) as connection:
            return query.diff(connection, before, after)

    def view(
        self, name: str, years: Collection[int] | None = None, publishers: Collection[str] | None = None
    ) -> Iterator[dict[str, Any]]:
        """The rows of an analysts' view (see `tasks.load.views`), exact and in a fixed order."""
        with reading(self.engine) as connection:
            yield from query.view(connection, view_named(name), years=years, publishers=publishers)

    # --- exports ---

    def export(self, folder: Path, options: ExportOptions | None = None) -> Export:
        """Write views as files into a folder, with dictionary and hashes beside them (see `tasks.load.export`)."""
        from tasks.load.export import ExportOptions, export

        with reading(self.engine) as connection:
            return export(connection, folder, options or ExportOptions())

    def release(self, name: str | None = None, note: str | None = None) -> ReleaseRow:
        """Freeze what is current under a name, today's date unless another is given."""
        with writing(self.engine) as connection:
            return release.freeze(connection, name, note, self._clock())

    def releases(self) -> list[ReleaseRow]:
        """All releases, oldest first."""
        with reading(self.engine) as connection:
            return release.releases(connection)

    # --- hosts ---

    def leases(self) -> HostLeases:
        """Whose turn it is at each host, for all processes that work with this warehouse."""
        return HostLeases(self.engine)

    # --- runs ---

    def start_run(self, kind: str, parameters: Mapping[str, Any] | None = None, *, run_id: str | None = None) -> str:
        """Write down that a run starts. Returns its id."""
        with writing(self.engine) as connection:
            return runs.start(connection, kind, parameters or {}, run_id, self._clock())

    def heartbeat(self, run_id: str) -> None:
        """A run's sign of life."""
        with writing(self.engine) as connection:
            runs.heartbeat(connection, run_id, self._clock())

    def finish_run(
        self, run_id: str, state: str, message: str | None = None, summary: Mapping[str, Any] | None = None
    ) -> None:
        """Write down how a run ended: completed, failed, cancelled or crashed."""
        with writing(self.engine) as connection:
            runs.finish(connection, run_id, state, message, summary or {}, self._clock())

    def runs(self, limit: int = 20) -> list[RunRow]:
        """The last runs, newest first."""
        with reading(self.engine) as connection:
            return runs.latest(connection, limit)
