"""The `harvest` flow: for every site what is owed is found, fetched, read, judged and loaded, and nothing is hidden."""

from __future__ import annotations

from typing import Any, cast

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import deployment, flow_run
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from flows import artifacts, progress
from flows.again import run_again
from flows.conduct import driven, heartbeats, proved, sites_in_words, this_run, written_down, years_in_words
from flows.driver import Driver
from flows.lock import data_folder
from flows.parameters import CHINA, HarvestParameters
from flows.plan import plan
from flows.registry import load_registry
from flows.summary import RunSummary
from flows.telling import ledger_of
from flows.work.enlist import enlist
from flows.work.hands import Order, at_work
from schemas.errors import SettingsError
from tasks.load import Coverage

MOST_WORKERS = 64
"""Threads that Prefect may make; how many sites are worked on at a time is a parameter, which the driver watches."""


NIGHT = (22, 6)  # hours in China


def run_name(parameters: HarvestParameters) -> str:
    """A name that one recognises: `harvest 2017, 2020, 2021 · 5 sites`."""
    units = plan(load_registry(parameters.registry), parameters.years, parameters.sites)
    dry = " · dry run" if parameters.dry_run else ""
    return f"harvest {years_in_words(parameters.years)} · {sites_in_words(units)}{dry}"


def _named() -> str:
    try:
        return run_name(HarvestParameters.model_validate(flow_run.parameters["parameters"])) + by_night()
    except SettingsError:  # the run itself says what is wrong
        return "harvest"


def by_night() -> str:
    """` · night` for a run that a deployment started between ten and six in China, when portals have little to do."""
    due = flow_run.scheduled_start_time
    hour = due.astimezone(CHINA).hour if deployment.id and due else 12
    return " · night" if hour >= NIGHT[0] or hour < NIGHT[1] else ""


@flow(
    name="harvest",
    description="Find, fetch, read, judge and load the annual reports (政府信息公开工作年度报告) that are owed.",
    flow_run_name=_named,
    task_runner=cast("Any", ThreadPoolTaskRunner(max_workers=MOST_WORKERS)),
    persist_result=False,
    validate_parameters=True,
    on_crashed=[run_again],
)
def harvest(parameters: HarvestParameters) -> State[Any]:
    """One harvest. Ends Completed when every report that is owed was loaded, flagged or is as it was; else Failed with
    a sentence that names what failed. Raises NianbaoError before any work when it cannot begin."""
    units = plan(load_registry(parameters.registry), parameters.years, parameters.sites)
    order = Order(str(flow_run.id), parameters)
    if parameters.dry_run:
        with at_work(order) as hands:
            summary = driven(Driver(order, units, hands, artifacts.progress_artifact()))
            progress.tell_end(summary)
            return _closed(summary, summary.sentence())
    waits, tell = parameters.patience * 60, get_run_logger().warning
    with data_folder(parameters.folder, patience=waits, tell=tell), at_work(order) as hands:
        assert hands.warehouse is not None
        hands.warehouse.migrate()
        before = ledger_of(units, hands.warehouse)
        enlist(units, hands.warehouse, order.run_id)
        run = this_run("harvest", units, whole_looks=parameters.since is None)
        with written_down(run, parameters, hands.warehouse, before) as finish:
            told = heartbeats(order.run_id, hands, artifacts.progress_artifact())
            summary = proved(order, units, driven(Driver(order, units, hands, told)), hands)
            progress.tell_end(summary)
            sentence = finish(summary.complete, summary.sentence(), summary)
            return _closed(summary, sentence, hands.warehouse.coverage(parameters.years))


def _closed(summary: RunSummary, sentence: str, coverage: Coverage | None = None) -> State[Any]:
    artifacts.closing_artifacts(summary, coverage=coverage)
    get_run_logger().info(sentence)
    return Completed(message=sentence) if summary.complete else Failed(message=sentence)
