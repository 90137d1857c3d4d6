"""The news of a run, told to people: what the ledger said before and says after, and how the looks at sites went.

NIANBAO_ALERTS names the file that says who is told (deployments/alerts.yaml is an example); without it alerts are kept
in the warehouse and sent to nobody. A fault of alerting never fails a run: it is in the run's log and closing words.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flows.plan import Owed, Unit
from flows.summary import RunSummary
from schemas.alert_routes import AlertRoutes, DeliverySettings
from schemas.alerts import ReportNews, RunNews, RunOutcome, SiteNews
from schemas.ledger import LedgerRow, LedgerState
from schemas.report import Reason
from tasks.alert import load_routes, process
from tasks.load import Warehouse
from tasks.load.alerts import AlertStore

log = logging.getLogger("nianbao.alerts")

_HURRIED = DeliverySettings(timeout=3, deadline=5, attempts=1, budget=5)


@dataclass(frozen=True, slots=True)
class Run:
    """A run as its news name it. `whole_looks` is off when sites were not read to their end on purpose."""

    id: str
    kind: str
    name: str
    ui_url: str | None
    units: tuple[Unit, ...]
    whole_looks: bool = True


def ledger_of(units: Collection[Unit], warehouse: Warehouse) -> dict[Owed, LedgerRow]:
    """What the ledger says of the reports that these units owe."""
    owed = {one for unit in units for one in unit.owed}
    rows = warehouse.ledger({one.year for one in owed}, {one.publisher for one in owed})
    return {key: row for row in rows if (key := Owed(row.publisher, row.year)) in owed}


def news_of(
    run: Run,
    outcome: RunOutcome,
    sentence: str,
    before: Mapping[Owed, LedgerRow],
    warehouse: Warehouse,
    summary: RunSummary | None = None,
    *,
    at: datetime | None = None,
) -> RunNews:
    """The news of a run that has ended. Without a summary it broke off: then nothing is said of sites and reports."""
    quarantined = sum(row.state is LedgerState.QUARANTINED or bool(row.review_report_id) for row in warehouse.ledger())
    return RunNews(
        run_id=run.id,
        kind=run.kind,
        name=run.name,
        at=at or datetime.now(UTC),
        outcome=outcome,
        sentence=sentence,
        counts=summary.counts if summary else {},
        sites=_sites(run, summary) if summary else (),
        reports=_reports(run, before, ledger_of(run.units, warehouse), summary) if summary else (),
        quarantined=quarantined,
        ui_url=run.ui_url,
    )


def tell(news: RunNews, warehouse: Warehouse, *, hurry: bool = False) -> str:
    """Hand the news to alerting. Gives the words to close the run with; empty when there is nothing to say.

    In a hurry each receiver is tried once and shortly; what it does not take is kept for the next run.
    """
    try:
        routes = routes_in_use()
        if hurry:
            routes = routes.model_copy(update={"delivery": _HURRIED})
        told = process(news, store=AlertStore(warehouse.engine), routes=routes, now=datetime.now(UTC))
    except Exception as error:
        log.exception("alerting failed")
        return f"Alerts could not be told: {type(error).__name__}: {error}."
    quiet = not (told.opened or told.repeated or told.closed or told.sent or told.kept)
    return "" if quiet else told.sentence()


def routes_in_use() -> AlertRoutes:
    """Who is told, by the file that NIANBAO_ALERTS names; nobody without one. Raises SettingsError for a faulty one."""
    place = os.environ.get("NIANBAO_ALERTS")
    return load_routes(place) if place else AlertRoutes()


def _sites(run: Run, summary: RunSummary) -> tuple[SiteNews, ...]:
    found = []
    for unit in run.units:
        for site in unit.sites:
            own = [one for one in summary.problems if one.site in (site.id, unit.name)]
            problems = tuple(dict.fromkeys(Reason(one.code, one.message) for one in own))
            region = next((entry.region for entry in site.publishers if entry.region), None)
            url = next((entry.url for entry in site.entries), None)
            complete = run.whole_looks and not problems
            found.append(SiteNews(site.id, site.name, complete, problems, region, url))
    return tuple(found)


def _reports(
    run: Run, before: Mapping[Owed, LedgerRow], after: Mapping[Owed, LedgerRow], summary: RunSummary
) -> tuple[ReportNews, ...]:
    entries = {entry.id: entry for unit in run.units for entry in unit.publishers}
    found = []
    for line in summary.lines:
        owed = Owed(line.publisher, line.year)
        row = after.get(owed)
        if row is None:
            continue
        earlier = before.get(owed)
        found.append(
            ReportNews(
                publisher=line.publisher,
                name=line.name,
                year=line.year,
                before=earlier.state if earlier else None,
                after=row.state,
                deadline=row.deadline,
                reason_code=row.reason_code,
                reason=row.reason,
                region=entries[line.publisher].region,
                site=line.site,
                url=line.url,
            )
        )
    return tuple(found)
