"""`nianbao up` and `nianbao down`: the whole local system."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.options import DATA, Data

NoSchedules = Annotated[
    bool, typer.Option("--no-schedules", help="Nothing runs by itself; runs are started by hand or from the UI.")
]


def up(data: Data = DATA, no_schedules: NoSchedules = False) -> None:
    """Start Prefect server, work pool, deployments, automations and one worker; print the UI's address.

    Run again it changes nothing that is as it should be.
    """
    from flows import system
    from flows.cli.console import say

    found = system.up(data, schedules=not no_schedules, tell=say)
    for name in found.applied:
        say(f"  {name}")
    how = "started" if found.worker.started else "was running"
    say(f"Worker (process {found.worker.pid}) {how}; log {found.worker.log}")
    say("Scheduled runs are off." if no_schedules else "Scheduled runs are on; `nianbao down` ends everything.")
    typer.echo(found.server.ui_url)


def down(data: Data = DATA) -> None:
    """End the local worker and the local Prefect server. What somebody else started is never touched."""
    from flows import system
    from flows.cli.console import say

    ended = system.down(data)
    for what, pid in zip(("worker", "Prefect server"), ended, strict=True):
        say(f"No local {what} was running." if pid is None else f"The local {what} ({pid}) has ended.")
