"""What becomes of a run whose process was killed: it is run again once, and goes on from the ledger."""

from __future__ import annotations

from typing import Any

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Scheduled

MOST_RUNS = 2
"""A run that is killed a second time waits for a person: what kills it twice will kill it again."""


def run_again(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001 (Prefect's signature)
    """Schedule a crashed run of a deployment anew. Called by the worker, which sees the process die; where the worker
    dies too, the server makes the run Crashed (see deployments/automations.py) and the next scheduled run goes on."""
    with get_client(sync_client=True) as client:
        now = client.read_flow_run(flow_run.id)
        if now.deployment_id is None or now.run_count >= MOST_RUNS or not (now.state and now.state.is_crashed()):
            return
        message = "Its process was killed: it is run again, and goes on from the ledger."
        client.set_flow_run_state(flow_run.id, Scheduled(name="AwaitingRetry", message=message), force=True)
