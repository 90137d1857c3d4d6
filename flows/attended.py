"""Runs a flow from the command line: server, environment, progress, and what it gave. Prefect is imported only here,
after its environment is set."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import server
from flows.cli.console import say
from flows.run import Interrupted, orderly_end

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State
    from pydantic import BaseModel


def attended(load: Callable[[], Any], parameters: BaseModel, folder: Path, *labels: str) -> tuple[bool, Any]:
    """Run a flow on the server at hand. Gives whether it ended Completed, and what it gave.

    `load` imports the flow. Raises NianbaoError when the run could not begin or was interrupted.
    """
    standing = server.ensure(folder, tell=say)
    if standing.started:
        say(f"It stays for the UI: {standing.ui_url}; `nianbao server stop` ends it.")
    os.environ.update(server.client_environment(standing, folder))
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")  # our own sentences speak here

    from prefect import tags

    with tags(*labels), orderly_end() as ended_by:
        state: State[Any] = load()(parameters, return_state=True)
    if ended_by:
        raise Interrupted(ended_by[0])
    found = state.result(raise_on_failure=False)
    if isinstance(found, BaseException):
        raise found
    say(state.message or f"The run ended {state.name}.")
    say(f"Runs in the Prefect UI: {standing.ui_url}/runs")
    return state.is_completed(), found
