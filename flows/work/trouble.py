"""Which troubles trying again may cure, and how a report that could not be had is told."""

from __future__ import annotations

from collections.abc import Iterable

from flows.work.gather import Gathered
from schemas.errors import FetchTrouble
from schemas.reasons import reason_code


def can_recover(code: str) -> bool:
    """Whether trying again can help, as the reason's entry says; a code nobody lists is taken for permanent."""
    found = reason_code(code)
    return found is not None and found.recoverable


def first_recoverable(gathered: Iterable[Gathered]) -> FetchTrouble | None:
    """The first trouble that trying again may cure, as an error; None when there is none."""
    for report in gathered:
        for url, reason in report.troubles:
            if can_recover(reason.code):
                return FetchTrouble(reason.code, reason.message, where=url, recoverable=True)
    return None
