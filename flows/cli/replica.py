"""`nianbao replica`: the replica sites in the foreground."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def replica(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port on every address; 0 takes a free one.")
    ] = 8765,
    registry: Annotated[
        Path | None, typer.Option("--registry", metavar="DIR", help="Write the registry of the sites here.")
    ] = None,
    until_eof: Annotated[bool, typer.Option("--until-eof", hidden=True)] = False,
    any_port: Annotated[bool, typer.Option("--any-port", hidden=True)] = False,
) -> None:
    """Serve the five replica sites on loopback addresses until Ctrl-C: sample portals with known reports."""
    from flows.cli.console import say
    from infra.replica.registry import write_registry
    from infra.replica.server import Replicas, serve
    from schemas.errors import NianbaoError

    def ready(running: Replicas) -> None:
        if registry is not None:
            write_registry(registry, running.port)
        for name, url in running.urls.items():
            say(f"{name}: {url}/")
        if until_eof:
            typer.echo(str(running.port))
            _end_at_eof()
        else:
            say("Ctrl-C ends them." + (f" Registry: {registry}" if registry else ""))

    for attempt in (port, 0) if any_port else (port,):
        try:
            serve(attempt, ready=ready)
        except OSError as error:
            if attempt and any_port:
                say(f"Port {attempt} is taken; the replica sites take another one.")
                continue
            message = f"The replica sites cannot listen on port {attempt}: {error}."
            raise NianbaoError("replica.not_started", message) from error
        return


def _end_at_eof() -> None:
    """End this process when its standard input closes: when whoever started it ends, however it ends."""
    import os
    import signal
    import sys
    import threading

    def watch() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="until-eof", daemon=True).start()
