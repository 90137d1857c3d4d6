"""What becomes of a run whose process was killed: another run takes its place once, and goes on from the ledger."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State

AGAIN = "again"
"""Tag of a run that takes the place of a killed one. If it is killed, too, a person is needed: what kills it twice will
kill it again."""


def run_again(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Start a crashed run of a deployment anew, and tell people. Called by the worker, which sees the process die."""
    from flows.recover import say_so  # which needs this module

    if flow_run.deployment_id is None:
        return  # started by hand, where whoever did it sees its end
    say_so(flow_run, flow.name, state.message, start_again(flow_run))


def start_again(flow_run: FlowRun) -> UUID | None:
    """Start a killed run of a deployment anew, with its parameters; however often this is called, once.

    Gives the id of the new run; None for a run without a deployment, and for one that took a killed one's place itself.
    A run of its own, because the worker reports the death of the first more than once, and its place among the
    deployment's runs is given back by then.
    """
    if flow_run.deployment_id is None or AGAIN in flow_run.tags:
        return None
    with get_client(sync_client=True) as client:
        made = client.create_flow_run_from_deployment(
            flow_run.deployment_id,
            parameters=flow_run.parameters,
            tags=[*flow_run.tags, AGAIN],
            idempotency_key=f"{AGAIN}-{flow_run.id}",
        )
    return made.id
