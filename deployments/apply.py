"""Brings a Prefect server to what `deployments` says: work pool, deployments, limits, automations. Idempotent."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.exceptions import ObjectNotFound

from deployments.automations import BELLS, bells, create_once, remove, zombies
from deployments.catalogue import NAME, POOL, deployments
from deployments.watchdog import blocks
from flows.handbook_links import ui_url
from flows.recover import recover

POOL_TYPE = os.environ.get("NIANBAO_POOL_TYPE") or "process"
"""How runs are started: as processes of the worker, or by another kind of worker that the installation has."""

RUNS_AT_ONCE = int(os.environ.get("NIANBAO_RUNS") or 4)
"""Flow runs at the same time in the whole pool; the rest wait."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What stands on the server now."""

    pool: str
    deployments: tuple[str, ...]
    automations: tuple[str, ...]


async def apply(*, schedules: bool = True) -> Applied:
    """Create what is missing and update the rest, on the server that PREFECT_API_URL names."""
    async with get_client() as client:
        await _pool(client)
        made: dict[str, Any] = {}
        for deployment in deployments(schedules=schedules):
            made[deployment.full_name] = await deployment.aapply()
        rung = await blocks()
        wanted = [zombies(made[f"{recover.name}/{NAME}"], rung, ui_url())]
        wanted += bells(rung, POOL, ui_url()) if rung else []
        for automation in wanted:
            await create_once(client, automation)
        for name in BELLS if not rung else ():
            await remove(client, name)
        return Applied(POOL, tuple(made), tuple(automation.name for automation in wanted))


async def _pool(client: PrefectClient) -> None:
    try:
        await client.read_work_pool(POOL)
        await client.update_work_pool(POOL, WorkPoolUpdate(concurrency_limit=RUNS_AT_ONCE))
    except ObjectNotFound:
        await client.create_work_pool(
            WorkPoolCreate(
                name=POOL,
                type=POOL_TYPE,
                description="Workers that run nianbao's flows.",
                concurrency_limit=RUNS_AT_ONCE,
            )
        )
