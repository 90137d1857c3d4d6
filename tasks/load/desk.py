"""The part of the warehouse's door at which people stand: what waits for them, and what they decide."""

from __future__ import annotations

from decimal import Decimal

from schemas.ledger import LedgerRow
from tasks.load import decisions, query, review
from tasks.load.decisions import Decision
from tasks.load.engine import reading, writing
from tasks.load.opened import Opened
from tasks.load.review import Case
from tasks.load.shapes import Due, FindingRow


class Desk(Opened):
    """Cases and decisions. A decision takes effect with the next load of the report's document."""

    def accept(self, report_id: str, *, by: str, why: str) -> Decision:
        """A quarantined reading is right."""
        with writing(self.engine) as connection:
            return decisions.accept(connection, report_id, by, why, self._clock())

    def override(
        self,
        report_id: str,
        code: str,
        value: Decimal | None,
        *,
        by: str,
        why: str,
        unit: str | None = None,
        row_key: str = "",
    ) -> Decision:
        """A cell holds another value; None for a blank cell."""
        with writing(self.engine) as connection:
            return decisions.override(
                connection, report_id, code, value, by, why, self._clock(), unit=unit, row_key=row_key
            )

    def choose(self, publisher: str, year: int, document_sha256: str, *, by: str, why: str) -> Decision:
        """One of the documents loaded or fetched for a report is the report."""
        with writing(self.engine) as connection:
            return decisions.choose(connection, publisher, year, document_sha256, by, why, self._clock())

    def dismiss(self, report_id: str, finding: str, *, by: str, why: str) -> Decision:
        """A finding, by its key, does not matter."""
        with writing(self.engine) as connection:
            return decisions.dismiss(connection, report_id, finding, by, why, self._clock())

    def reopen(self, decision_id: str, *, by: str, why: str) -> Decision:
        """Take a decision back."""
        with writing(self.engine) as connection:
            return decisions.reopen(connection, decision_id, by, why, self._clock())

    def decisions(self, publisher: str, year: int) -> list[Decision]:
        """All decisions about a report, oldest first, with those that ended them."""
        with reading(self.engine) as connection:
            return decisions.decisions(connection, publisher, year)

    def choices(self) -> dict[tuple[str, int], str]:
        """The document (SHA-256) that a person chose, for each publisher and year where a choice holds."""
        with reading(self.engine) as connection:
            return decisions.choices(connection)

    def cases(self) -> list[LedgerRow]:
        """The ledger entries that wait for a decision, or for a load that makes one take effect."""
        with reading(self.engine) as connection:
            return review.cases(connection)

    def case(self, publisher: str, year: int) -> Case:
        """Everything about one case; `tasks.load.review.case_markdown` renders it."""
        with reading(self.engine) as connection:
            return review.case(connection, publisher, year)

    def findings(self, report_id: str) -> list[FindingRow]:
        """All findings about a report, those about our reading first."""
        with reading(self.engine) as connection:
            return list(review.findings(connection, report_id))

    def due(self) -> list[Due]:
        """Documents to read and load again, so that decisions take effect."""
        with reading(self.engine) as connection:
            return query.due(connection)
