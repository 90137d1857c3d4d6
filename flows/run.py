"""Runs a harvest from the command line: server, environment, progress bar, closing table.

Prefect is imported here only after its environment is set.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from flows import progress, server
from flows.cli.console import err, out, say
from flows.parameters import HarvestParameters
from flows.plan import plan
from flows.registry import load_registry
from flows.summary import RunSummary, terminal_table
from schemas.errors import NianbaoError


def run_harvest(parameters: HarvestParameters) -> bool:
    """Run one harvest on the server at hand; print table and closing sentences. True when nothing is owed any more.

    Raises NianbaoError when the run could not begin, KeyboardInterrupt when it was interrupted.
    """
    units = plan(load_registry(parameters.registry), parameters.years, parameters.sites)  # typing errors come first
    standing = server.ensure(parameters.folder, tell=say)
    if standing.started:
        say(f"It stays for the UI: {standing.ui_url}; `nianbao server stop` ends it.")
    os.environ.update(server.client_environment(standing, parameters.folder))
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")  # the bar and the table speak here

    from prefect import tags

    from flows.harvest import harvest

    labels = ["harvest", *(["sample"] if units and all(unit.sample for unit in units) else [])]
    with Bar(err()) as bar, progress.heard_by(bar), tags(*labels), orderly_end() as ended_by:
        state = harvest(parameters, return_state=True)
    if ended_by:
        raise Interrupted(ended_by[0])
    if bar.summary is None:
        error = state.result(raise_on_failure=False)
        if isinstance(error, BaseException):
            raise error
        say(f"The run ended {state.name}: {state.message}")
        return False
    out().print(terminal_table(bar.summary.lines))
    _closing_words(
        parameters, bar.summary, standing, (state.message or "").removeprefix(bar.summary.sentence()).strip()
    )
    return bar.summary.complete


class Interrupted(NianbaoError):
    """A person or the system ended the run: `harvest.interrupted`, with the signal."""

    def __init__(self, number: int) -> None:
        name = signal.Signals(number).name
        super().__init__("harvest.interrupted", f"{name} came before the run was done.", recoverable=True)
        self.signal = number


@contextmanager
def orderly_end() -> Iterator[list[int]]:
    """SIGINT and SIGTERM end the run in order; a second one ends the program at once. Gives the signals that came."""
    came: list[int] = []

    def handler(number: int, _: FrameType | None) -> None:
        came.append(number)
        signal.signal(number, signal.SIG_DFL)
        say("Ending in order; what was loaded stays. The same again ends at once.")
        raise KeyboardInterrupt

    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield came
    except KeyboardInterrupt:
        if not came:
            raise
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _closing_words(parameters: HarvestParameters, summary: RunSummary, standing: server.Server, alerts: str) -> None:
    say("")
    say(summary.sentence())
    if alerts:
        say(alerts)
    for line in summary.failing:
        if line.reason:
            say(f"  {line.name} {line.year}: {line.reason_code}: {line.reason}")
    for problem in summary.problems:
        say(f"  site {problem.site}: {problem.code}: {problem.message}")
    if summary.failing or summary.problems:
        say("  What a code means and what to do: nianbao reasons CODE")
    if not summary.dry:
        named = parameters.warehouse or os.environ.get("NIANBAO_WAREHOUSE")
        say(f"Warehouse: {_without_password(named) if named else parameters.folder / 'warehouse.sqlite'}")
    say(f"Runs in the Prefect UI: {standing.ui_url}/runs  (make ui)")


def _without_password(address: str) -> str:
    head, sep, tail = address.rpartition("@")
    return f"{head.split('://', 1)[0]}://…@{tail}" if sep else address


class Bar:
    """The progress bar on the terminal; plain lines where there is no terminal."""

    def __init__(self, console: Console) -> None:
        self.summary: RunSummary | None = None
        self._console = console
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True)
        self._task = self._progress.add_task("starting", total=None)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def step(self, step: progress.Step) -> None:
        """Move the bar to where the run stands."""
        if self._console.is_terminal:
            self._progress.update(self._task, completed=step.done, total=step.total, description=step.sentence)
        else:
            say(f"[{step.done}/{step.total}] {step.sentence}")

    def ended(self, summary: RunSummary) -> None:
        """Keep how the run ended."""
        self.summary = summary
