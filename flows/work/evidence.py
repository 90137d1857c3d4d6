"""The evidence of requests on its way to the warehouse: written soon, and many rows together.

A row waits a third of a second at most, so that a killed run loses next to nothing; a step that ends waits for none.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable

from schemas.errors import LoadError
from tasks.load import Warehouse
from tasks.load.evidence import Asked

log = logging.getLogger("nianbao.harvest")

WAIT = 0.3  # seconds
MOST = 64  # rows that wait together
REFUSED = "load.refused"


class EvidenceBook:
    """Evidence of one run in one process. May be used from several threads at once."""

    def __init__(self, warehouse: Warehouse, run_id: str) -> None:
        self._warehouse, self._run_id = warehouse, run_id
        self._changed = threading.Condition()
        self._waiting: list[Asked] = []
        self._writing = threading.Lock()  # rows are written in the order in which they came
        self._writer: threading.Thread | None = None
        self._closed = False

    def add(self, asked: Iterable[Asked]) -> None:
        """Take evidence; it is in the warehouse soon. Raises LoadError when so much waits that it has to be now."""
        with self._changed:
            self._waiting.extend(asked)
            full = len(self._waiting) >= MOST
            if self._writer is None and not self._closed:
                self._writer = threading.Thread(target=self._run, name="evidence", daemon=True)
                self._writer.start()
            self._changed.notify()
        if full:
            self.flush()

    def flush(self) -> None:
        """Have everything in the warehouse. Raises LoadError; what waits is not lost by it, the next one tries again.

        A row that the warehouse refuses does not hold up the others: it is told, and dropped.
        """
        with self._writing:
            with self._changed:
                rows, self._waiting = self._waiting, []
            refused: LoadError | None = None
            try:
                self._warehouse.remember_fetches(rows, run_id=self._run_id)
            except LoadError as error:
                if error.code != REFUSED:
                    self._back(rows)
                    raise
                refused = self._one_by_one(rows)
            except BaseException:
                self._back(rows)
                raise
            if refused is not None:
                raise refused

    def _one_by_one(self, rows: list[Asked]) -> LoadError | None:
        refused: LoadError | None = None
        for place, row in enumerate(rows):
            try:
                self._warehouse.remember_fetches([row], run_id=self._run_id)
            except LoadError as error:
                if error.code != REFUSED:
                    self._back(rows[place:])
                    raise
                log.error("the evidence of %s is refused: %s", row.evidence.url, error)
                refused = refused or error
        return refused

    def _back(self, rows: list[Asked]) -> None:
        with self._changed:
            self._waiting[:0] = rows

    def close(self) -> None:
        """Write what waits, and end. Raises LoadError."""
        with self._changed:
            self._closed = True
            writer, self._writer = self._writer, None
            self._changed.notify()
        if writer is not None:
            writer.join()
        self.flush()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or bool(self._waiting))
                if self._closed:
                    return
                self._changed.wait_for(lambda: self._closed, timeout=WAIT)
            try:
                self.flush()
            except LoadError as error:  # the step whose evidence it is hears of it when it ends
                log.warning("evidence waits: %s", error)
