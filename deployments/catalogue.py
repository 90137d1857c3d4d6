"""The deployments: one for each flow, with parameters; never one for each site."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from prefect import Flow
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.types.entrypoint import EntrypointType

from deployments.automations import OURS
from deployments.seasons import monthly, seasonal
from flows.backfill import backfill
from flows.harvest import harvest
from flows.publish import publish
from flows.recover import recover
from flows.reparse import reparse
from flows.watch import watch

POOL = os.environ.get("NIANBAO_POOL") or "nianbao"
"""The work pool whose workers run everything."""

NAME = "nianbao"
"""Name of each deployment: `harvest/nianbao`, `backfill/nianbao` …"""

PATIENCE = 240
"""Minutes that a scheduled run waits for another one on the same data folder before it gives up."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A flow as it is deployed. Values of `defaults` stand in the form of the UI and hold for scheduled runs."""

    flow: Flow[..., Any]
    description: str
    schedules: Callable[[], list[DeploymentScheduleCreate]] = list
    defaults: tuple[tuple[str, Any], ...] = ()
    alone: bool = False  # a second run of it waits until the first has ended
    helps: bool = False  # it only looks after the runs of the others


CATALOGUE: tuple[Entry, ...] = (
    Entry(
        harvest,
        "The yearly run: what is owed for last year and missing, and a conditional look at what is loaded. "
        "Daily at 02:30 in the season (10 January to 10 April), Mondays else; Asia/Shanghai.",
        schedules=lambda: seasonal(2, 30),
        defaults=(("patience", PATIENCE),),
        alone=True,
    ),
    Entry(
        watch,
        "Who is late against the law and their own habit, which sites list less than last year or refuse us. "
        "Daily at 08:00 in the season, Mondays else; Asia/Shanghai.",
        schedules=lambda: seasonal(8, 0),
        alone=True,
    ),
    Entry(
        backfill,
        "Earlier years, site by site, in windows. Goes on where it stopped; may be paused and cancelled.",
        defaults=(("patience", PATIENCE),),
        alone=True,
    ),
    Entry(
        reparse,
        "Archived documents through the current parser, without network. A dry run shows what would change.",
        defaults=(("patience", PATIENCE),),
        alone=True,
    ),
    Entry(
        publish,
        "Exports of what is current, and a release on request. On the 5th of each month at 05:00; Asia/Shanghai.",
        schedules=lambda: monthly(5, 5, 0),
        alone=True,
    ),
    Entry(
        recover,
        "Says that a run was killed and starts it anew, once. Started by the server for a run without a sign of life.",
        helps=True,
    ),
)


def deployments(*, schedules: bool = True) -> list[RunnerDeployment]:
    """All deployments, ready to be applied. `schedules` off leaves them to be started by hand."""
    return [_deployment(entry, schedules=schedules) for entry in CATALOGUE]


def _deployment(entry: Entry, *, schedules: bool) -> RunnerDeployment:
    alone = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)
    made: RunnerDeployment = RunnerDeployment.from_flow(
        entry.flow,
        NAME,
        schedules=entry.schedules() if schedules else [],
        concurrency_limit=alone if entry.alone else None,
        parameters={} if entry.helps else {"parameters": dict(entry.defaults)},
        description=entry.description,
        # What is done when one of our runs was killed must not set itself off.
        tags=[entry.flow.name] if entry.helps else [OURS, entry.flow.name],
        work_pool_name=POOL,
        # The package is installed wherever a worker runs; a path would hold on one machine only.
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    return made
