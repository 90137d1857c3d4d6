"""The `watch` flow: who is late, which sites list less than last year, which refuse us. It stores nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.utilities.annotations import quote

from flows import artifacts
from flows.conduct import sites_in_words, years_in_words
from flows.handbook_links import handbook_link, handbook_pages
from flows.heralds import Tell, absent_news, announced, fewer, sites_news
from flows.parameters import CHINA, WatchParameters
from flows.plan import Owed, Unit, plan
from flows.progress import Step
from flows.registry import load_registry
from flows.scouting import Scouted, scout_site, talking_client
from flows.watch_tables import late_rows, page, refusal_rows, yield_rows
from flows.watching import Watch, late, refusals, yields
from schemas.errors import LoadError, SettingsError
from schemas.ledger import LedgerRow
from tasks.fetch import PoliteClient
from tasks.load import ReportRow, Warehouse
from tasks.load.leases import HostLeases

AT_ONCE = 4
"""Sites looked through at the same time; each host is asked one by one all the same."""


def _named() -> str:
    try:
        parameters = WatchParameters.model_validate(flow_run.parameters["parameters"])
        return f"watch {years_in_words(parameters.years)} · {sites_in_words(_units(parameters))}"
    except SettingsError:  # the run itself says what is wrong
        return "watch"


@task(name="scout", cache_policy=NO_CACHE, persist_result=False)
def scout_step(client: PoliteClient, unit: Unit, years: tuple[int, ...]) -> tuple[Scouted, ...]:
    """Count what the sites of a unit list."""
    return tuple(scout_site(client, site, years) for site in unit.sites)


@flow(
    name="watch",
    description="Who is late against the law and their own habit, which sites list less than last year or refuse us.",
    flow_run_name=_named,
    task_runner=cast("Any", ThreadPoolTaskRunner(max_workers=AT_ONCE)),
    persist_result=False,
    validate_parameters=True,
)
def watch(parameters: WatchParameters) -> State[Any]:
    """One watch; gives a Watch. Ends Failed when a site could not be looked through: what is not seen is not known."""
    with announced("watch", parameters) as finish:
        return _watched(parameters, finish)


def _watched(parameters: WatchParameters, finish: Tell) -> State[Any]:
    units = _units(parameters)
    scouted = _scouted(units, parameters) if parameters.scout else {}
    rows, earlier = _known(parameters, units)
    held = {Owed(row.publisher, row.year) for row in earlier}
    refused, blind = refusals(units, rows, scouted)
    found = Watch(
        late(rows, earlier, datetime.now(CHINA).date(), grace_days=parameters.grace_days),
        yields(units, scouted, held, parameters.years),
        refused,
        blind,
        parameters.scout,
    )
    seen = not blind and not any(one.reports == 0 for one in refused)
    sentence = finish(
        seen,
        found.sentence(),
        sites=sites_news(units, scouted),
        reports=absent_news(units, rows),
        fewer=fewer(found.yields) if scouted else None,
    )
    artifacts.table("watch-late", late_rows(found), sentence)
    artifacts.table("watch-yield", yield_rows(found), "What each site lists and we hold, beside the year before")
    artifacts.table("watch-refusals", refusal_rows(found), "Sites that refuse us or could not be looked through")
    codes = [one.reason_code for one in found.late] + [one.code for one in refused] + [code for _, code, _ in blind]
    handbook_pages(codes)
    artifacts.markdown("watch-summary", page(found, handbook_link), sentence)
    get_run_logger().info(sentence)
    return Completed(message=sentence, data=found) if seen else Failed(message=sentence, data=found)


def _scouted(units: tuple[Unit, ...], parameters: WatchParameters) -> dict[str, Scouted]:
    """What the sites list now for these years and the years before; one task for each unit, a few at a time."""
    years = tuple(sorted({*parameters.years, *(year - 1 for year in parameters.years)}))
    tell, found = artifacts.progress_artifact("watch"), {}
    sites = [site for unit in units for site in unit.sites]
    with _leases(parameters) as leases, talking_client(sites, leases) as client:
        for start in range(0, len(units), AT_ONCE):
            group = units[start : start + AT_ONCE]
            step: Any = scout_step
            flying = [
                step.with_options(task_run_name=f"scout {unit.name}").submit(quote(client), quote(unit), years)
                for unit in group
            ]
            for future in flying:
                found.update({looked.site: looked for looked in future.result()})
            done = min(start + AT_ONCE, len(units))
            tell(Step(done, len(units), f"{done} of {len(units)} sites looked through."))
    return found


@contextmanager
def _leases(parameters: WatchParameters) -> Iterator[HostLeases | None]:
    """Lines at hosts shared with the harvests that run meanwhile; None when there is no warehouse yet."""
    with Warehouse(parameters.warehouse_url) as warehouse:
        yield warehouse.leases() if warehouse.is_up_to_date() else None


def _known(parameters: WatchParameters, units: tuple[Unit, ...]) -> tuple[list[LedgerRow], list[ReportRow]]:
    """The ledger of these years, and all reports of these publishers. A warehouse that is not there yet is empty."""
    publishers = {owed.publisher for unit in units for owed in unit.owed}
    try:
        with Warehouse(parameters.warehouse_url) as warehouse:
            return warehouse.ledger(parameters.years, publishers), warehouse.current_reports(None, publishers)
    except LoadError as error:
        if error.code != "load.not_migrated":
            raise
        return [], []


def _units(parameters: WatchParameters) -> tuple[Unit, ...]:
    return plan(load_registry(parameters.registry), parameters.years, parameters.sites)
