"""The `recover` flow: what follows when a run was killed together with whoever could have said so.

The server makes a run Crashed that gives no sign of life (deployments/automations.py) and starts this flow; the next
worker that comes takes it. It says what happened, in the warehouse and to people, and lets the run be run again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from prefect import flow, get_run_logger
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import Field

from flows.again import AGAIN, start_again
from flows.parameters import Places
from flows.telling import tell
from schemas.alerts import RunNews, RunOutcome
from schemas.errors import LoadError
from tasks.load import Warehouse

NAME = "recover"
RECENT = 200  # runs among which a killed one is looked for
EVENTS = "prefect.flow-run."
"""How the server's events name a run; the id follows."""


def _named() -> str:
    return f"recover {str(flow_run.parameters['run']).removeprefix(EVENTS)}"


@flow(
    name=NAME,
    description="Say that a run was killed, and start it anew, once. Started by the server, not by hand.",
    flow_run_name=_named,
    persist_result=False,
    validate_parameters=True,
)
def recover(run: Annotated[str, Field(title="Run", description="Id of the run that was killed.")]) -> State[Any]:
    """One recovery. Does nothing for a run that is not Crashed; called again it changes nothing."""
    with get_client(sync_client=True) as client:
        killed = client.read_flow_run(UUID(run.removeprefix(EVENTS)))
        kind = client.read_flow(killed.flow_id).name
    if killed.state is None or not killed.state.is_crashed():
        return Completed(message=f"{killed.name} is not Crashed; nothing was done.")
    said = say_so(killed, kind, killed.state.message, start_again(killed))
    get_run_logger().info(said)
    return Completed(message=said)


def say_so(killed: FlowRun, kind: str, why: str | None, again: UUID | None) -> str:
    """Write down and tell people that a run was killed, and which one takes its place. Gives the words."""
    how = f"It is run again as {again}." if again else _why_not(killed)
    sentence = f"{killed.name} was killed: {why or 'nobody said why.'} {how}"
    return f"{sentence} {_told(killed, kind, sentence)}".strip()


def _why_not(killed: FlowRun) -> str:
    if AGAIN in killed.tags:
        return "It was the second time, so it is not run again: somebody must look at what kills it."
    return "It was not started from a deployment, so it is not run again: start it anew."


def _told(killed: FlowRun, kind: str, sentence: str) -> str:
    """Write the end into the warehouse and tell people; empty when there is no warehouse yet."""
    given = killed.parameters.get("parameters") or {}
    places = Places.model_validate({name: given.get(name) for name in Places.model_fields})
    try:
        with Warehouse(places.warehouse_url) as warehouse:
            row = next((one for one in warehouse.runs(RECENT) if one.id == str(killed.id)), None)
            if row is not None and row.finished_at is not None:
                return ""  # it came to tell of its end itself
            warehouse.finish_run(str(killed.id), RunOutcome.CRASHED.value, sentence)
            now = datetime.now(UTC)
            news = RunNews(str(killed.id), kind, killed.name, now, RunOutcome.CRASHED, sentence, part="killed")
            return tell(news, warehouse)
    except LoadError as error:
        if error.code != "load.not_migrated":
            raise
        return ""
