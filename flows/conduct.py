"""What the flows that go to the sites have in common: their start and end in the warehouse, and how they are driven."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from prefect import get_run_logger
from prefect.exceptions import Pause, TerminationSignal
from prefect.runtime import flow_run
from prefect.utilities.annotations import quote
from pydantic import BaseModel

from flows import artifacts, review
from flows.driver import Driver
from flows.handbook_links import handbook_link, handbook_pages
from flows.plan import Owed, Unit
from flows.progress import Step
from flows.steps import prove_step, stopping
from flows.summary import RunSummary
from flows.telling import Run, news_of, tell
from flows.work.hands import Hands, Order
from flows.work.prove import retold
from flows.work.settle import reason_of
from schemas.alerts import RunOutcome
from schemas.ledger import LedgerRow
from tasks.load import Warehouse


class Cancelling(BaseException):
    """A person cancelled the run, and it ends by itself: no worker is there to end it."""


_BEAT = 1.0  # seconds between two signs of life

Finish = Callable[[bool, str, RunSummary], str]
"""Writes down how a run ended (whether all is well, in one sentence, what became of each report), and tells people.
Gives the sentence to close with: what came of telling is in it."""


def years_in_words(years: Iterable[int]) -> str:
    """`2015–2018, 2021`: three or more years in a row become a range."""
    runs: list[list[int]] = []
    for year in sorted(years):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def sites_in_words(units: Iterable[Unit]) -> str:
    """`312 sites`."""
    sites = sum(len(unit.sites) for unit in units)
    return f"{sites} site{'' if sites == 1 else 's'}"


def driven(driver: Driver) -> RunSummary:
    """Drive to the end; on the way out of an interrupted run, end the steps under way soon, without a retry."""
    try:
        return driver.run()
    except BaseException:
        stopping.set()
        driver.end()
        raise


def proved(order: Order, units: Iterable[Unit], summary: RunSummary, hands: Hands) -> RunSummary:
    """The summary after the run's last step: decisions in effect, reports held against their neighbours."""
    todo = list(units)
    publishers = sorted({owed.publisher for unit in todo for owed in unit.owed})
    step: Any = prove_step
    found = step(quote(order), quote(tuple(publishers)), return_state=True).result(raise_on_failure=False)
    if isinstance(found, BaseException):
        reason = reason_of(found)
        get_run_logger().error("%s: %s", reason.code, reason.message)
        return replace(summary, unproved=f"{reason.code}: {reason.message}")
    cases_shown(order, todo, hands)
    return retold(summary, found, hands)


MOST_CASES = 50
"""Pages of cases that one run writes for the UI; `nianbao review list` has them all."""


def cases_shown(order: Order, units: Iterable[Unit], hands: Hands) -> None:
    """A page in the UI for each case that this run left for a person."""
    assert hands.warehouse is not None
    owed = {one for unit in units for one in unit.owed}
    new = [
        row for row in hands.warehouse.cases() if row.run_id == order.run_id and Owed(row.publisher, row.year) in owed
    ]
    handbook_pages([row.reason_code for row in new[:MOST_CASES]])
    artifacts.case_artifacts(
        (
            review.name_of(row),
            f"{row.name} {row.year}: {row.reason_code}",
            review.page(hands.warehouse.case(row.publisher, row.year), link=handbook_link),
        )
        for row in new[:MOST_CASES]
    )


def heartbeats(run_id: str, hands: Hands, then: Callable[[Step], None]) -> Callable[[Step], None]:
    """Give the warehouse a sign of life with the steps, once a second at most."""
    last = float("-inf")

    def told(step: Step) -> None:
        nonlocal last
        assert hands.warehouse is not None
        if time.monotonic() - last >= _BEAT:
            last = time.monotonic()
            hands.warehouse.heartbeat(run_id)
        then(step)

    return told


@contextmanager
def written_down(
    run: Run,
    parameters: BaseModel,
    warehouse: Warehouse,
    before: Mapping[Owed, LedgerRow],
    left: Callable[[], str] = lambda: "",
) -> Iterator[Finish]:
    """Write down start and end of a run, however it ends, and tell people. `before` is the ledger as it was, `left`
    says what an interrupted run leaves to be done."""
    warehouse.start_run(run.kind, parameters.model_dump(mode="json"), run_id=run.id)

    def finish(good: bool, sentence: str, summary: RunSummary) -> str:
        warehouse.finish_run(run.id, "completed" if good else "failed", sentence, summary.counts)
        outcome = RunOutcome.COMPLETED if good else RunOutcome.INCOMPLETE
        told = tell(news_of(run, outcome, sentence, before, warehouse, summary), warehouse)
        return f"{sentence} {told}".strip()

    def broken(state: RunOutcome, sentence: str) -> None:
        warehouse.finish_run(run.id, state.value, sentence)
        hurry = state is RunOutcome.CANCELLED  # somebody waits for the end
        tell(news_of(run, state, sentence, before, warehouse), warehouse, hurry=hurry)

    try:
        yield finish
    except Pause:  # suspended: nobody is told, and it goes on under the same id
        warehouse.finish_run(run.id, RunOutcome.CANCELLED.value, f"A person suspended the run. {left()}".strip())
        raise
    except (KeyboardInterrupt, TerminationSignal, Cancelling):  # Ctrl-C; SIGTERM, as Prefect tells it
        broken(RunOutcome.CANCELLED, f"A person or the system ended the run before it was done. {left()}".strip())
        raise
    except BaseException as error:
        broken(RunOutcome.CRASHED, f"{type(error).__name__}: {error}")
        raise


def this_run(kind: str, units: Iterable[Unit], *, whole_looks: bool = True) -> Run:
    """The run that is under way, as its news name it."""
    return Run(str(flow_run.id), kind, flow_run.name or kind, flow_run.ui_url, tuple(units), whole_looks)
