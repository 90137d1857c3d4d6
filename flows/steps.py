"""The steps of a harvest as Prefect tasks: by site and step, never one per page or cell.

Prefect is imported in `flows/` alone: importing it takes two seconds and needs settings in the environment first, and
the steps themselves (`flows.work`, `tasks`) run without it, in tests, in `nianbao parse`, on any worker.

A task run costs some 15 ms and an entry of its log 1 ms. So a step says in the message of its last state what it came
to, good reports are one entry of the log, and a site where nothing is new needs no steps that read and load.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import task_run
from prefect.states import Completed
from prefect.tasks import Task, exponential_backoff

from flows.assign import assign
from flows.plan import Unit
from flows.states import UNCHANGED
from flows.summary import ReportLine
from flows.work.decide import Understood
from flows.work.gather import Gathered, gather
from flows.work.hands import Order, hands_of
from flows.work.look import look
from flows.work.prove import Proved, prove, sentences
from flows.work.store import reached, store
from flows.work.trouble import can_recover, first_recoverable
from flows.work.understand import as_they_were, understand
from schemas.discovery import Discovery
from schemas.errors import DiscoverError, NianbaoError
from schemas.ledger import LedgerState
from schemas.site import Site

RETRIES = 2
BACKOFF = 4  # seconds before the first retry, twice as long before the second, and up to half as much again by chance


stopping = threading.Event()
"""Set when the run is being ended: nothing is tried again then."""


def may_recover(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:  # noqa: ARG001 (Prefect's signature)
    """Try again only what trying again can cure: network, 5xx, a busy database; not 404, robots, an unreadable file."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, NianbaoError) and error.recoverable and not stopping.is_set()


def _last_attempt() -> bool:
    return int(task_run.run_count) > RETRIES


_PLAIN: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False}  # our archive and ledger remember
_RECOVERS: dict[str, Any] = {
    **_PLAIN,
    "retries": RETRIES,
    "retry_delay_seconds": exponential_backoff(BACKOFF),
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": may_recover,
}


@dataclass(frozen=True, slots=True)
class NothingNew:
    """The lines of a unit whose reports are all as they were: no step is left to do."""

    lines: tuple[ReportLine, ...]


@task(name="discover", task_run_name="discover {site.id}", **_RECOVERS)
def discover_step(order: Order, site: Site, years: tuple[int, ...]) -> State[Discovery]:
    """Read one site's columns to their end."""
    found = look(site, years, hands_of(order), since=order.parameters.since)
    for code, message in found.problems:
        get_run_logger().warning("%s: %s: %s", site.id, code, message)
        if can_recover(code) and not _last_attempt():
            raise DiscoverError(code, message, where=site.id, recoverable=True)
    for code, message in found.warnings:
        get_run_logger().warning("%s: %s: %s", site.id, code, message)
    seen = f"{found.pages} pages, {found.entries} entries, {len(found.candidates)} candidates"
    return Completed(message=seen, data=found)


@task(name="fetch", task_run_name="fetch {unit.name}", **_RECOVERS)
def fetch_step(
    order: Order, unit: Unit, looks: dict[str, Discovery]
) -> State[tuple[Gathered, ...]] | State[NothingNew]:
    """Bring every document of the reports that a unit's sites list into the archive; confirm the reports when all of
    them are as they were."""
    hands, logger = hands_of(order), get_run_logger()
    assignment = assign(unit, [link for found in looks.values() for link in found.candidates])
    reached(LedgerState.LOCATED, assignment.reports, hands)
    if assignment.passed_over:
        logger.info("%s: %d reports that nobody asked for passed over", unit.name, assignment.passed_over)
    gathered = gather(unit, assignment, hands)
    for report in gathered:
        for url, reason in report.troubles:
            logger.warning("%s: %s: %s [%s]", unit.name, reason.code, reason.message, url)
    trouble = first_recoverable(gathered)
    if trouble is not None and not _last_attempt():
        raise trouble  # what was fetched is remembered and not asked for again
    reached(LedgerState.FETCHED, [found.owed for found in gathered if found.owed and found.documents], hands)
    documents = f"{sum(len(report.documents) for report in gathered)} documents"
    unchanged = as_they_were(unit, gathered, hands)
    if unchanged is None:
        return Completed(message=documents, data=gathered)
    lines = store(unit, unchanged, hands)
    return Completed(message=f"{documents}, nothing new: {counted(lines)}", data=NothingNew(lines))


@task(name="understand", task_run_name="understand {unit.name}", **_PLAIN)
def understand_step(order: Order, unit: Unit, gathered: tuple[Gathered, ...]) -> State[tuple[Understood, ...]]:
    """Read the documents, each in a guarded process, and judge what they say."""
    hands = hands_of(order)
    understood = understand(unit, gathered, hands)
    judged = [found.owed for found in understood if found.examined is not None and found.examined.judgement.report]
    reached(LedgerState.READ, judged, hands)
    reached(LedgerState.VALIDATED, judged, hands)
    unchanged = sum(found.unchanged is not None for found in understood)
    told = f"{len(judged)} of {len(understood) - unchanged} reports read, {unchanged} {UNCHANGED}"
    return Completed(message=told, data=understood)


@task(name="load", task_run_name="load {unit.name}", **_RECOVERS)
def load_step(order: Order, unit: Unit, understood: tuple[Understood, ...]) -> State[tuple[ReportLine, ...]]:
    """Load every verdict, a few dozen in a transaction."""
    lines = store(unit, understood, hands_of(order))
    good = [_entry(line) for line in lines if line.good]
    if good:
        get_run_logger().info("\n".join(good))
    for line in lines:
        if not line.good:
            get_run_logger().warning(_entry(line))
    return Completed(message=counted(lines), data=lines)


def counted(lines: tuple[ReportLine, ...]) -> str:
    """`19 loaded, 1 flagged`."""
    outcomes = Counter(line.outcome for line in lines)
    return ", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items())) or "no reports"


def _entry(line: ReportLine) -> str:
    reason = f" ({line.reason_code}: {line.reason})" if line.reason_code else ""
    return f"{line.site}: {line.name} {line.year} {line.outcome}{reason} [{line.url}]"


@task(name="prove", task_run_name="prove", **_RECOVERS)
def prove_step(order: Order, publishers: tuple[str, ...]) -> Proved:
    """Let decisions of people take effect, and hold reports against their neighbours. Once per run."""
    found = prove(publishers, hands_of(order))
    for effect in found.effects:
        why = f" ({effect.reason.code}: {effect.reason.message})" if effect.reason else ""
        get_run_logger().info("decided: %s %d is %s now%s", effect.name, effect.owed.year, effect.state.value, why)
    for sentence in sentences(found):
        get_run_logger().info(sentence)
    return found
