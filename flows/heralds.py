"""The news of flows that load nothing, `watch` and `publish`: told as those of the others, if there is a warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol

from prefect.exceptions import TerminationSignal
from prefect.runtime import flow_run

from flows.parameters import Places
from flows.plan import Unit
from flows.scouting import Scouted
from flows.telling import tell
from flows.watching import Yield
from schemas.alerts import ReportNews, RunNews, RunOutcome, SiteNews
from schemas.errors import LoadError
from schemas.ledger import LedgerRow, LedgerState
from schemas.report import Reason
from tasks.load import Warehouse


class Tell(Protocol):
    """Tells how the run ended; gives the words to close it with."""

    def __call__(self, good: bool, sentence: str, /, **news: Any) -> str: ...


@contextmanager
def announced(kind: str, parameters: Places) -> Iterator[Tell]:
    """Tell people how a run ended; one that breaks off is told of, too."""
    run_id, name, page = str(flow_run.id), flow_run.name or kind, flow_run.ui_url

    def told(outcome: RunOutcome, sentence: str, **news: Any) -> str:
        try:
            with Warehouse(parameters.warehouse_url) as warehouse:
                if not warehouse.is_up_to_date():
                    return ""
                now = datetime.now(UTC)
                return tell(RunNews(run_id, kind, name, now, outcome, sentence, ui_url=page, **news), warehouse)
        except LoadError as error:
            return f"Alerts could not be told: {error}."

    def finish(good: bool, sentence: str, /, **news: Any) -> str:
        words = told(RunOutcome.COMPLETED if good else RunOutcome.INCOMPLETE, sentence, **news)
        return f"{sentence} {words}".strip()

    try:
        yield finish
    except (KeyboardInterrupt, TerminationSignal):
        raise  # a person ended it, and knows
    except BaseException as error:
        told(RunOutcome.CRASHED, f"{type(error).__name__}: {error}")
        raise


def sites_news(units: Iterable[Unit], scouted: dict[str, Scouted]) -> tuple[SiteNews, ...]:
    """How the sites answered a scout. A scout reads lists alone, so its look disproves no trouble with documents."""
    found = []
    for site in (site for unit in units for site in unit.sites if site.id in scouted):
        region = next((entry.region for entry in site.publishers if entry.region), None)
        problems = tuple(dict.fromkeys(Reason(code, message) for code, message in scouted[site.id].problems))
        found.append(SiteNews(site.id, site.name, False, problems, region, next(one.url for one in site.entries)))
    return tuple(found)


def absent_news(units: Iterable[Unit], rows: Iterable[LedgerRow]) -> tuple[ReportNews, ...]:
    """The reports that are not there by the ledger: a deadline that has passed is told also between two harvests."""
    whose = {entry.id: (entry, unit) for unit in units for entry in unit.publishers}
    return tuple(
        ReportNews(
            publisher=row.publisher,
            name=row.name,
            year=row.year,
            before=row.state,
            after=row.state,
            deadline=row.deadline,
            reason_code=row.reason_code,
            reason=row.reason,
            region=whose[row.publisher][0].region,
            site=whose[row.publisher][1].sites[0].id,
        )
        for row in rows
        if row.publisher in whose and (row.state is LedgerState.NOT_PUBLISHED or row.state.progress is not None)
    )


def fewer(yields: Iterable[Yield]) -> tuple[str, ...]:
    """The sites that list less than last year."""
    return tuple(sorted({one.site for one in yields if one.less}))
