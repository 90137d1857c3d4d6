"""The `reparse` flow: archived documents through the current parser, without network.

A dry run is the default: it shows, cell by cell, which figures would change. The bytes come from the archive, the
verdicts are made in bounded processes, and one process alone writes.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows import artifacts
from flows.again import run_again
from flows.changes import as_summary, change_rows, changes_markdown, sentence_of
from flows.conduct import Finish, proved, sites_in_words, this_run, written_down, years_in_words
from flows.lock import data_folder
from flows.parameters import FIRST_YEAR, HarvestParameters, ReparseParameters, due_year
from flows.plan import Owed, Unit, plan
from flows.progress import Step
from flows.registry import load_registry
from flows.runners import heavy, lanes, on_dask
from flows.telling import ledger_of
from flows.work.decide import Understood
from flows.work.hands import Hands, Order, at_work
from flows.work.reread import Archived, Reparsed, archived, reread, settled
from schemas.errors import SettingsError


def _named() -> str:
    try:
        parameters = ReparseParameters.model_validate(flow_run.parameters["parameters"])
        years = years_in_words(parameters.years) if parameters.years else "all years"
        dry = " · dry run" if parameters.dry_run else ""
        return f"reparse {years} · {sites_in_words(_units(parameters))}{dry}"
    except SettingsError:  # the run itself says what is wrong
        return "reparse"


@task(name="reread", cache_policy=NO_CACHE, persist_result=False)
def reread_step(order: Order, batch: bytes) -> tuple[Understood, ...]:
    """Read the documents of some reports, each in a guarded process, and judge what they say.

    The batch comes pickled: Dask takes collections apart on the way, and named tuples arrive as plain ones.
    """
    reports: tuple[Archived, ...] = pickle.loads(batch)  # noqa: S301 - made by the flow of this very run
    return reread(reports, order)


@flow(
    name="reparse",
    description="Read archived documents again with the current parser. A dry run shows which figures would change.",
    flow_run_name=_named,
    task_runner=heavy(),
    persist_result=False,
    validate_parameters=True,
    on_crashed=[run_again],
)
def reparse(parameters: ReparseParameters) -> State[Any]:
    """One reparse; gives a tuple of Reparsed. Ends Completed, and Failed when a report got worse: when figures that
    were current are held back. Raises NianbaoError before any work when it cannot begin."""
    units = _units(parameters)
    order = Order(str(flow_run.id), _as_harvest(parameters))
    with _folder(parameters), at_work(order) as hands, _written(parameters, units, hands) as finish:
        assert hands.warehouse is not None
        work = archived(units, hands.warehouse, stale_only=parameters.stale_only)
        found = tuple(_read(work, units, order, hands, parameters))
        summary = as_summary(found, units)
        if not parameters.dry_run:
            summary = proved(order, units, summary, hands)
        worse = [one for one in found if one.before in ("loaded", "flagged") and one.after not in _KEPT]
        good = not worse and summary.unproved is None
        words = " ".join((sentence_of(found, dry=parameters.dry_run), *summary.afterwards))
        sentence = finish(good, words, summary)
    artifacts.table("reparse-changes", change_rows(found), sentence)
    artifacts.markdown("reparse-summary", changes_markdown(found, dry=parameters.dry_run), sentence)
    get_run_logger().info(sentence)
    return Completed(message=sentence, data=found) if good else Failed(message=sentence, data=found)


_KEPT = frozenset({"loaded", "flagged", "unchanged"})


def _read(
    work: Sequence[Archived], units: Sequence[Unit], order: Order, hands: Hands, parameters: ReparseParameters
) -> Iterator[Reparsed]:
    """Batches side by side, a bounded number of them in flight; what comes of them in order."""
    assert hands.warehouse is not None
    unit_of = {owed: unit for unit in units for owed in unit.owed}
    before = {Owed(row.publisher, row.year): row.outcome for row in hands.warehouse.current_reports()}
    batches = deque(tuple(work[at : at + parameters.batch]) for at in range(0, len(work), parameters.batch))
    tell, total, done = artifacts.progress_artifact("reparse"), len(work), 0
    flying: deque[PrefectFuture[Any]] = deque()
    while batches or flying:
        while batches and len(flying) < lanes():
            batch = batches.popleft()
            step: Any = reread_step.with_options(task_run_name=f"reread {batch[0].owed.publisher} …")
            flying.append(step.submit(order, pickle.dumps(batch)))
        for result in flying.popleft().result():
            yield settled(unit_of[result.owed], result, before.get(result.owed), hands, dry=parameters.dry_run)
            done += 1
        tell(Step(done, total, f"{done} of {total} reports read again."))


@contextmanager
def _written(parameters: ReparseParameters, units: Sequence[Unit], hands: Hands) -> Iterator[Finish]:
    """Write down a run that stores; a dry one leaves nothing behind."""
    assert hands.warehouse is not None
    if parameters.dry_run:
        yield lambda _good, sentence, _summary: sentence
        return
    hands.warehouse.migrate()
    before = ledger_of(units, hands.warehouse)
    run = this_run("reparse", units, whole_looks=False)
    with written_down(run, parameters, hands.warehouse, before) as finish:
        yield finish


def _folder(parameters: ReparseParameters) -> Any:
    if parameters.dry_run:
        return nullcontext()
    return data_folder(parameters.folder, patience=parameters.patience * 60, tell=get_run_logger().warning)


def _units(parameters: ReparseParameters) -> tuple[Unit, ...]:
    years = parameters.years or list(range(FIRST_YEAR, due_year() + 1))
    return plan(load_registry(parameters.registry), years, parameters.sites)


def _as_harvest(parameters: ReparseParameters) -> HarvestParameters:
    readers = parameters.readers or (1 if on_dask() else None)
    places = {name: getattr(parameters, name) for name in ("registry", "data", "warehouse", "archive")}
    return HarvestParameters(readers=readers, **places)
