"""What the Prefect UI shows of a harvest: progress while it runs, a table and a list of troubles when it ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast
from uuid import UUID

from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from flows.progress import Step
from flows.summary import RunSummary, artifact_rows, failing_markdown

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRESS, SUMMARY, ATTENTION = "harvest-progress", "harvest-summary", "harvest-attention"
_EVERY = 1.0  # seconds between two updates; the server has better things to do


def progress_artifact() -> Callable[[Step], None]:
    """Create the progress artifact of the current run; the answer brings it up to date."""
    made = cast("UUID", create_progress_artifact(progress=0.0, key=PROGRESS, description="Steps done by site."))
    last = time.monotonic()

    def update(step: Step) -> None:
        nonlocal last
        if step.done == step.total or time.monotonic() - last >= _EVERY:
            last = time.monotonic()
            update_progress_artifact(made, progress=step.percent, description=step.sentence)

    return update


def closing_artifacts(summary: RunSummary) -> None:
    """The summary table, and one line for each report and site that needs a person."""
    create_table_artifact(table=artifact_rows(summary), key=SUMMARY, description=summary.sentence())
    create_markdown_artifact(markdown=failing_markdown(summary), key=ATTENTION, description="What needs attention")
