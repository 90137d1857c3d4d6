"""What our own code cannot say, because it is not alive any more: automations of the Prefect server.

Alerts that matter come from our code and ledger; Prefect 3.8.8 on SQLite may lose or repeat automations under load. A
repeat does no harm here, and what is lost the next scheduled run makes good.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.automations import (
    AutomationCore,
    ChangeFlowRunState,
    EventTrigger,
    Posture,
    RunDeployment,
    SendNotification,
)
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import StateType

from flows.server import HEARTBEAT

ZOMBIES = "nianbao: runs without a sign of life"
LATE = "nianbao: a run does not begin"
NO_WORKER = "nianbao: no worker"
BELLS = (LATE, NO_WORKER)
"""Automations that ring people; they are there when somebody is to be rung."""

SILENCE = timedelta(seconds=float(os.environ.get("NIANBAO_SILENCE") or 3 * HEARTBEAT))
"""How long a run may give no sign of life; signs come every 30 seconds."""

PATIENCE = timedelta(seconds=float(os.environ.get("NIANBAO_LATE") or 900))
"""How long a run that is due may wait for its start before people are told."""

OURS = "nianbao"
"""Tag of the deployments' runs, which these automations are about."""

# Of the event alone: a busy server on SQLite may fail to look the run up, and the message with it.
_NAME = "{{ event.resource['prefect.resource.name'] }}"

_ENDS = ("Completed", "Failed", "Cancelled", "Crashed", "Cancelling", "Paused", "Suspended")
_BEGINS = ("Pending", "Running", "Paused", "AwaitingConcurrencySlot", *_ENDS)
_OF_OURS: Any = {"prefect.resource.role": ["tag"], "prefect.resource.id": [f"prefect.tag.{OURS}"]}


def zombies(recovery: UUID, blocks: Sequence[UUID], ui: str) -> AutomationCore:
    """A run whose process and worker were killed stays Running for ever: three heartbeats missed make it Crashed, hand
    it to the `recover` flow, which starts it anew once, and ring people. A death that the worker sees it tells itself.

    All of it hangs on one trigger: each further one that hears of every run makes Prefect 3.8.8 stall on SQLite.
    """
    recover = RunDeployment(
        source="selected",
        deployment_id=recovery,
        parameters={"run": "{{ event.resource.id }}"},
        job_variables=None,
    )
    crash = ChangeFlowRunState(
        name="Crashed",
        state=StateType.CRASHED,
        force=False,
        message=f"No sign of life for {SILENCE.total_seconds():.0f} seconds: the process and its worker are "
        "gone. What was loaded stays loaded.",
    )
    ring = _ring(
        blocks,
        "nianbao: a run was killed",
        f"{_NAME}: no sign of life for {SILENCE.total_seconds():.0f} seconds, the process and its worker are gone.\n"
        f"It is run again once a worker is there; nothing that was loaded is lost.\n{_page(ui)}",
    )
    return AutomationCore(
        name=ZOMBIES,
        description="Made by `nianbao up`. A run that gives no heartbeat has died with its worker: it is Crashed.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.heartbeat", *(f"prefect.flow-run.{end}" for end in _ENDS)},
            match={"prefect.resource.id": ["prefect.flow-run.*"]},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=SILENCE,
        ),
        actions=[crash, recover, *ring],
    )


def bells(blocks: Sequence[UUID], pool: str, ui: str) -> list[AutomationCore]:
    """What people are told by the server itself, through these notification blocks: late, no worker."""
    page = _page(ui)
    return [
        AutomationCore(
            name=LATE,
            description="Made by `nianbao up`. A run is due, and nobody starts it.",
            trigger=EventTrigger(
                after={"prefect.flow-run.Late"},
                expect={f"prefect.flow-run.{state}" for state in _BEGINS},
                match={"prefect.resource.id": ["prefect.flow-run.*"]},
                match_related=_OF_OURS,
                for_each={"prefect.resource.id"},
                posture=Posture.Proactive,
                threshold=1,
                within=PATIENCE,
            ),
            actions=_ring(
                blocks,
                "nianbao: a run does not begin",
                f"A run is due and was not started for {PATIENCE.total_seconds():.0f} seconds: "
                f"{_NAME}\nIs a worker running, and is one free? `nianbao up` starts one.\n{page}",
            ),
        ),
        AutomationCore(
            name=NO_WORKER,
            description="Made by `nianbao up`. The last worker of the pool has given no sign of life.",
            trigger=EventTrigger(
                expect={"prefect.work-pool.not-ready"},
                match={"prefect.resource.id": ["prefect.work-pool.*"], "prefect.resource.name": [pool]},
                posture=Posture.Reactive,
                threshold=1,
            ),
            actions=_ring(
                blocks,
                "nianbao: no worker",
                f"No worker takes the runs of the pool {pool} any more; nothing is harvested until one is there.\n"
                "`nianbao up` starts one; elsewhere look at the machine or container of the worker.",
            ),
        ),
    ]


def _page(ui: str) -> str:
    """Address of the page of the run that an event is about."""
    return f"{ui}/runs/flow-run/{{{{ event.resource.id | replace('prefect.flow-run.', '') }}}}"


def _ring(blocks: Sequence[UUID], subject: str, body: str) -> list[Any]:
    return [SendNotification(block_document_id=block, subject=subject, body=body) for block in blocks]


async def create_once(client: PrefectClient, wanted: AutomationCore) -> bool:
    """Create an automation, or bring the one of that name up to date; a second of it is deleted. True when created."""
    found = await client.read_automations_by_name(wanted.name)
    if not found:
        await client.create_automation(wanted)
        return True
    first, *more = sorted(found, key=lambda automation: str(automation.id))
    for one in more:
        await client.delete_automation(one.id)
    await client.update_automation(first.id, wanted)
    return False


async def remove(client: PrefectClient, name: str) -> None:
    """Delete an automation that is no longer wanted, if it is there."""
    for one in await client.read_automations_by_name(name):
        await client.delete_automation(one.id)
