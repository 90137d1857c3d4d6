"""The `harvest` flow: for every site what is owed is found, fetched, read, judged and loaded, and nothing is hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.exceptions import TerminationSignal
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from flows import artifacts, progress
from flows.driver import Driver
from flows.lock import data_folder
from flows.parameters import HarvestParameters
from flows.plan import Unit, plan
from flows.progress import Step
from flows.registry import load_registry
from flows.steps import stopping
from flows.summary import RunSummary
from flows.work.hands import Hands, Order, at_work
from schemas.errors import SettingsError

MOST_WORKERS = 64
"""Threads that Prefect may make; how many sites are worked on at a time is a parameter, which the driver watches."""


def run_name(parameters: HarvestParameters) -> str:
    """A name that one recognises: `harvest 2017, 2020, 2021 · 5 sites`."""
    units = plan(load_registry(parameters.registry), parameters.years, parameters.sites)
    sites = sum(len(unit.sites) for unit in units)
    dry = " · dry run" if parameters.dry_run else ""
    return f"harvest {years_in_words(parameters.years)} · {sites} site{'' if sites == 1 else 's'}{dry}"


def years_in_words(years: list[int]) -> str:
    """`2015–2018, 2021`: three or more years in a row become a range."""
    runs: list[list[int]] = []
    for year in sorted(years):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def _named() -> str:
    try:
        return run_name(HarvestParameters.model_validate(flow_run.parameters["parameters"]))
    except SettingsError:  # the run itself says what is wrong
        return "harvest"


@flow(
    name="harvest",
    description="Find, fetch, read, judge and load the annual reports (政府信息公开工作年度报告) that are owed.",
    flow_run_name=_named,
    task_runner=cast("Any", ThreadPoolTaskRunner(max_workers=MOST_WORKERS)),
    persist_result=False,
    validate_parameters=True,
)
def harvest(parameters: HarvestParameters) -> State[Any]:
    """One harvest. Ends Completed when every report that is owed was loaded, flagged or is as it was; else Failed with
    a sentence that names what failed. Raises NianbaoError before any work when it cannot begin."""
    units = plan(load_registry(parameters.registry), parameters.years, parameters.sites)
    order = Order(str(flow_run.id), parameters)
    if parameters.dry_run:
        with at_work(order) as hands:
            return _closed(_driven(Driver(order, units, hands, artifacts.progress_artifact())))
    with data_folder(parameters.folder), at_work(order) as hands, _written_down(order, units, hands) as finish:
        summary = _driven(Driver(order, units, hands, _heartbeats(order, hands, artifacts.progress_artifact())))
        finish(summary)
        return _closed(summary)


def _driven(driver: Driver) -> RunSummary:
    """Drive to the end; on the way out of an interrupted run, keep the steps under way from being tried again."""
    try:
        summary = driver.run()
    except BaseException:
        stopping.set()
        raise
    progress.tell_end(summary)
    return summary


def _closed(summary: RunSummary) -> State[Any]:
    artifacts.closing_artifacts(summary)
    sentence = summary.sentence()
    get_run_logger().info(sentence)
    return Completed(message=sentence) if summary.complete else Failed(message=sentence)


def _heartbeats(order: Order, hands: Hands, then: Callable[[Step], None]) -> Callable[[Step], None]:
    def told(step: Step) -> None:
        assert hands.warehouse is not None
        hands.warehouse.heartbeat(order.run_id)
        then(step)

    return told


@contextmanager
def _written_down(order: Order, units: tuple[Unit, ...], hands: Hands) -> Iterator[Callable[[RunSummary], None]]:
    """Prepare the warehouse, and write down start and end of the run, however it ends."""
    warehouse = hands.warehouse
    assert warehouse is not None
    warehouse.migrate()
    for unit in units:
        warehouse.sync_publishers(unit.publishers, sample=unit.sample)
        for publisher in {owed.publisher for owed in unit.owed}:
            years = [owed.year for owed in unit.owed if owed.publisher == publisher]
            warehouse.owe([publisher], years, run_id=order.run_id)
    warehouse.start_run("harvest", order.parameters.model_dump(mode="json"), run_id=order.run_id)

    def finish(summary: RunSummary) -> None:
        state = "completed" if summary.complete else "failed"
        warehouse.finish_run(order.run_id, state, summary.sentence(), summary.counts)

    try:
        yield finish
    except (KeyboardInterrupt, TerminationSignal):  # Ctrl-C; SIGTERM, as Prefect tells it
        warehouse.finish_run(order.run_id, "cancelled", "A person or the system ended the run before it was done.")
        raise
    except BaseException as error:
        warehouse.finish_run(order.run_id, "crashed", f"{type(error).__name__}: {error}")
        raise
