"""What our own code cannot say, because it is not alive any more: automations of the Prefect server.

Alerts that matter come from our code and ledger; Prefect 3.8.8 on SQLite may lose or repeat automations under load.
"""

from __future__ import annotations

from datetime import timedelta

from prefect.automations import AutomationCore, ChangeFlowRunState, EventTrigger, Posture
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import StateType

from flows.server import HEARTBEAT

ZOMBIES = "nianbao: runs without a sign of life"
SILENCE = timedelta(seconds=3 * HEARTBEAT)

_ENDS = ("Completed", "Failed", "Cancelled", "Crashed", "Cancelling", "Paused", "Suspended")


def zombies() -> AutomationCore:
    """A run whose process and worker were killed stays Running for ever: three heartbeats missed make it Crashed."""
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
        actions=[
            ChangeFlowRunState(
                name="Crashed",
                state=StateType.CRASHED,
                force=False,
                message="No sign of life for three heartbeats: the process and its worker are gone. "
                "What was loaded stays loaded; the next run goes on from the ledger.",
            )
        ],
    )


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
