"""The `backfill` flow: earlier years, site by site, in windows. The ledger says what is left, so it may be killed,
paused, cancelled and started again at any time.

Between two windows the data folder is given back, so that a harvest that waits goes first, and the run looks whether
a person paused it.
"""

from __future__ import annotations

import time
from typing import Any, cast

from prefect import flow, get_run_logger
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import Pause
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from flows import artifacts, progress
from flows.again import run_again
from flows.conduct import Cancelling, driven, heartbeats, proved, sites_in_words, this_run, written_down, years_in_words
from flows.driver import Driver
from flows.harvest import MOST_WORKERS
from flows.left import in_words, left, windows
from flows.lock import data_folder
from flows.parameters import BackfillParameters, What
from flows.plan import Unit, plan
from flows.progress import Step
from flows.registry import load_registry
from flows.summary import RunSummary, merged
from flows.telling import ledger_of
from flows.work.enlist import enlist
from flows.work.hands import Order, at_work, hands_of
from flows.work.store import line
from schemas.errors import LoadError, SettingsError
from schemas.ledger import LedgerRow, LedgerState
from tasks.load import Warehouse

LOOK_AGAIN = 5.0  # seconds between two looks whether a paused run goes on

_GOOD = frozenset({"loaded", "flagged", "unchanged", LedgerState.NOT_PUBLISHED.value})
"""Outcomes with which a report of an earlier year is settled."""


def _named() -> str:
    try:
        parameters = BackfillParameters.model_validate(flow_run.parameters["parameters"])
        dry = " · dry run" if parameters.dry_run else ""
        return f"backfill {years_in_words(parameters.years)} · {sites_in_words(_units(parameters))}{dry}"
    except SettingsError:  # the run itself says what is wrong
        return "backfill"


@flow(
    name="backfill",
    description="Work off earlier years, site by site. Goes on where it stopped; may be paused and cancelled.",
    flow_run_name=_named,
    persist_result=False,
    validate_parameters=True,
    on_crashed=[run_again],
)
def backfill(parameters: BackfillParameters) -> State[Any]:
    """One backfill. Ends Completed when every report is in the warehouse or not published; else Failed with a sentence
    that says what is left. Raises NianbaoError before any work when it cannot begin."""
    units = _units(parameters)
    if parameters.dry_run:
        return _said(parameters, units)
    try:
        return _worked_off(parameters, units, str(flow_run.id))
    except Cancelling:
        return Cancelled(message=in_words(_left_now(parameters, units)))


def _worked_off(parameters: BackfillParameters, units: tuple[Unit, ...], run_id: str) -> State[Any]:
    order = Order(run_id, parameters.harvest())
    with at_work(order) as hands:
        assert hands.warehouse is not None
        with _folder(parameters):
            hands.warehouse.migrate()
            before = ledger_of(units, hands.warehouse)
            enlist(units, hands.warehouse, run_id)
        todo = left(units, _ledger(hands.warehouse, parameters), parameters.what)

        def rest() -> str:
            assert hands.warehouse is not None
            told = in_words(left(units, _ledger(hands.warehouse, parameters)))
            artifacts.left_artifact(told)
            return told

        with written_down(this_run("backfill", units), parameters, hands.warehouse, before, rest) as finish:
            summary = proved(order, units, _windows(parameters, todo, run_id), hands)
            progress.tell_end(summary)
            failing = [line for line in summary.lines if line.outcome not in _GOOD]
            good = not failing and summary.unproved is None
            words = " ".join((_counted(summary), rest(), *summary.afterwards))
            sentence = finish(good, words, summary)
        coverage = hands.warehouse.coverage(parameters.years)
    artifacts.closing_artifacts(summary, "backfill", coverage)
    get_run_logger().info(sentence)
    return Completed(message=sentence) if good else Failed(message=sentence)


def _windows(parameters: BackfillParameters, todo: tuple[Unit, ...], run_id: str) -> RunSummary:
    summaries: list[RunSummary] = []
    tell, done = artifacts.progress_artifact("backfill"), 0
    for first, group in windows(todo, parameters.window):
        _obey(in_words(todo[first - 1 :]))
        last = first + len(group) - 1
        title = f"{years_in_words(parameters.years)} · units {first}–{last} of {len(todo)}"
        with _folder(parameters):
            state = backfill_window(title, parameters, run_id, [unit.name for unit in group], return_state=True)
        found: Any = state.result(raise_on_failure=False)
        if not isinstance(found, RunSummary):
            raise found
        summaries.append(found)
        done += len(group)
        tell(Step(done, len(todo), f"{done} of {len(todo)} units done."))
    return merged(summaries)


@flow(
    name="backfill-window",
    description="A part of a backfill. Started by it, not by hand.",
    flow_run_name="backfill {title}",
    task_runner=cast("Any", ThreadPoolTaskRunner(max_workers=MOST_WORKERS)),
    persist_result=False,
    validate_parameters=True,
)
def backfill_window(title: str, parameters: BackfillParameters, run_id: str, units: list[str]) -> State[Any]:  # noqa: ARG001 (title: the run's name)
    """Work off some units; gives their summary."""
    order = Order(run_id, parameters.harvest())
    hands = hands_of(order)
    assert hands.warehouse is not None
    # What a harvest has settled since the backfill began is not asked for again.
    rows = _ledger(hands.warehouse, parameters)
    chosen = [unit for unit in left(_units(parameters), rows, parameters.what) if unit.name in set(units)]
    summary = driven(Driver(order, chosen, hands, heartbeats(run_id, hands, lambda _: None)))
    sentence = _counted(summary)
    get_run_logger().info(sentence)
    if summary.failing:
        return Failed(message=sentence, data=summary)
    return Completed(message=sentence, data=summary)


def _obey(rest: str) -> None:
    """Do what a person asked for on the run's page. Paused: wait. Suspended, which is the button of the UI: end this
    process; Resume starts another. Cancelled, or paused for longer than was allowed: end; raises Cancelling."""
    told = False
    with get_client(sync_client=True) as client:
        while (state := client.read_flow_run(flow_run.id).state) is not None and not state.is_running():
            if state.is_cancelling() or state.is_final():
                raise Cancelling
            if state.is_paused() and not told:
                get_run_logger().info("Paused. %s", rest)
                artifacts.left_artifact(f"Paused. {rest}")
                told = True
            if state.is_paused() and state.state_details.pause_reschedule:
                raise Pause(state=state)
            time.sleep(LOOK_AGAIN)


def _left_now(parameters: BackfillParameters, units: tuple[Unit, ...]) -> tuple[Unit, ...]:
    with Warehouse(parameters.warehouse_url) as warehouse:
        return left(units, _ledger(warehouse, parameters), parameters.what)


def _folder(parameters: BackfillParameters) -> Any:
    return data_folder(parameters.folder, patience=parameters.patience * 60, tell=get_run_logger().warning)


def _units(parameters: BackfillParameters) -> tuple[Unit, ...]:
    return plan(load_registry(parameters.registry), parameters.years, parameters.sites)


def _ledger(warehouse: Warehouse, parameters: BackfillParameters) -> list[LedgerRow]:
    return warehouse.ledger(years=parameters.years)


def _said(parameters: BackfillParameters, units: tuple[Unit, ...]) -> State[Any]:
    """A dry run: what is left by the ledger. A warehouse that is not there yet has nothing."""
    try:
        with Warehouse(parameters.warehouse_url) as warehouse:
            rows = _ledger(warehouse, parameters)
    except LoadError as error:
        if error.code != "load.not_migrated":
            raise
        rows = []
    summary = outlook(units, rows, parameters.what)
    progress.tell_end(summary)
    sentence = f"{in_words(left(units, rows, parameters.what))} Nothing was done."
    artifacts.left_artifact(sentence, summary)
    get_run_logger().info(sentence)
    return Completed(message=sentence)


def outlook(units: tuple[Unit, ...], rows: list[LedgerRow], what: What) -> RunSummary:
    """The reports that are left, each as the ledger has it."""
    known = {(row.publisher, row.year): row for row in rows}
    lines = []
    for unit in left(units, rows, what):
        for owed in unit.owed:
            row = known.get(owed)
            found = line(unit, owed, row.state.value if row else LedgerState.EXPECTED.value)
            lines.append(found)
    return RunSummary(tuple(lines), dry=True)


def _counted(summary: RunSummary) -> str:
    counts = ", ".join(f"{number} {outcome}" for outcome, number in summary.counts.items()) or "nothing was to be done"
    return f"{len(summary.lines)} reports worked on ({counts})."
