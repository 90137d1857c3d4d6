"""The ledger: one row per publisher and year that is owed, and the history of its states.

A state written again unchanged touches nothing. Work under way never hides a result, and a failed second look
never hides a report that is loaded: it is noted beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.errors import LoadError
from schemas.ledger import LedgerRow, LedgerState, legal_deadline
from schemas.report import Reason
from schemas.site import BodyKind
from schemas.tables import Ledger, LedgerHistory, Publisher, table_of
from tasks.load.bulk import chunks, insert, insert_missing

_LEDGER, _HISTORY = table_of(Ledger), table_of(LedgerHistory)
_PUBLISHER = table_of(Publisher)

TROUBLE = frozenset(
    {
        LedgerState.BLOCKED,
        LedgerState.FAILED,
        LedgerState.LAYOUT_UNKNOWN,
        LedgerState.NEEDS_OCR,
        LedgerState.QUARANTINED,
    }
)
"""States that count as an attempt that did not succeed."""

Unit = tuple[str, int]
"""Publisher and year."""

_UNITS = 500  # per statement
_SAID = ("state", "reason_code", "reason", "next_action", "report_id", "review_report_id")

RESULTS = (LedgerState.LOADED, LedgerState.FLAGGED, LedgerState.QUARANTINED)
