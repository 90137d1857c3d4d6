"""The warehouse's tables as SQLModel classes: what is stored, and what each column means."""

from schemas.tables.alerts import Alert, AlertMessage, AlertNews
from schemas.tables.base import Table, metadata, table_of
from schemas.tables.decisions import Correction, CorrectionApplied, DecisionKind, FormCell, Release, ReleaseReport
from schemas.tables.leases import HostLease
from schemas.tables.progress import Ledger, LedgerHistory, Run
from schemas.tables.reports import Fact, Finding, Report, Section, Statistic
from schemas.tables.sources import Document, Fetch, Publisher

__all__ = [
    "Alert",
    "AlertMessage",
    "AlertNews",
    "Correction",
    "CorrectionApplied",
    "DecisionKind",
    "Document",
    "Fact",
    "Fetch",
    "Finding",
    "FormCell",
    "HostLease",
    "Ledger",
    "LedgerHistory",
    "Publisher",
    "Release",
    "ReleaseReport",
    "Report",
    "Run",
    "Section",
    "Statistic",
    "Table",
    "metadata",
    "table_of",
]
