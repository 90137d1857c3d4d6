"""What the Prefect UI shows of a harvest: progress while it runs, a table and a list of troubles when it ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast
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

PROGRESS, SUMMARY, ATTENTION, LEFT = "progress", "summary", "attention", "left"
"""What the artifacts show; the kind of the run comes before it in the key: `harvest-summary`."""

_EVERY = 1.0  # seconds between two updates; the server has better things to do


def progress_artifact(kind: str = "harvest") -> Callable[[Step], None]:
    """Create the progress artifact of the current run; the answer brings it up to date."""
    made = cast("UUID", create_progress_artifact(progress=0.0, key=f"{kind}-{PROGRESS}", description="Steps done."))
    last = time.monotonic()

    def update(step: Step) -> None:
        nonlocal last
        if step.done == step.total or time.monotonic() - last >= _EVERY:
            last = time.monotonic()
            update_progress_artifact(made, progress=step.percent, description=step.sentence)

    return update


def closing_artifacts(summary: RunSummary, kind: str = "harvest") -> None:
    """The summary table, and one line for each report and site that needs a person."""
    create_table_artifact(table=artifact_rows(summary), key=f"{kind}-{SUMMARY}", description=summary.sentence())
    create_markdown_artifact(
        markdown=failing_markdown(summary), key=f"{kind}-{ATTENTION}", description="What needs attention"
    )


def left_artifact(sentence: str, summary: RunSummary | None = None) -> None:
    """What a backfill has not done yet: a sentence, and a table where there is one."""
    create_markdown_artifact(markdown=sentence, key=f"backfill-{LEFT}", description="What is left to be done")
    if summary is not None:
        create_table_artifact(table=artifact_rows(summary), key=f"backfill-{SUMMARY}", description=sentence)


def table(key: str, rows: list[dict[str, Any]], description: str) -> None:
    """Any table, under its key."""
    create_table_artifact(table=rows, key=key, description=description)


def markdown(key: str, text: str, description: str) -> None:
    """Any text, under its key."""
    create_markdown_artifact(markdown=text, key=key, description=description)
