"""`nianbao server start|stop|status` and `nianbao ui`: the local Prefect server."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.options import DATA, Data

app = typer.Typer(help="The local Prefect server, which keeps the runs and shows them.", no_args_is_help=True)

Timeout = Annotated[float, typer.Option("--timeout", min=1, metavar="SECONDS", help="How long to wait for an answer.")]
Port = Annotated[
    int | None, typer.Option("--port", min=1, max=65535, help="Default: 4200, or a free one when that is taken.")
]


@app.command()
def start(data: Data = DATA, port: Port = None, timeout: Timeout = 180.0) -> None:
    """Start the local server, or find it running. It is left standing until `nianbao server stop`."""
    from flows import server
    from flows.cli.console import say

    found = server.start(data, port=port, timeout=timeout, tell=say)
    typer.echo(found.ui_url)


@app.command()
def stop(data: Data = DATA) -> None:
    """End the local server. A server that somebody else started is never touched."""
    from flows import server
    from flows.cli.console import say

    pid = server.stop(data)
    say("No local Prefect server was running." if pid is None else f"The local Prefect server ({pid}) has ended.")


@app.command()
def status(data: Data = DATA) -> None:
    """Say which server a run would use now; exit 1 when there is none."""
    from flows import server
    from flows.cli.console import say

    found = server.current(data)
    if found is None:
        say("No Prefect server answers. `nianbao server start` starts one; a harvest does so by itself.")
        raise typer.Exit(1)
    whose = f"local, process {found.pid}, log {found.log}" if found.ours else "not started by nianbao"
    typer.echo(f"{found.ui_url}  ({whose})")


def ui(data: Data = DATA) -> None:
    """Print the address of the Prefect UI; starts the local server when none answers."""
    from flows import server
    from flows.cli.console import say

    typer.echo(server.ensure(data, tell=say).ui_url)
