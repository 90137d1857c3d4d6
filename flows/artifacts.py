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

from flows.coverage import coverage_rows
from flows.handbook_links import handbook_link, handbook_pages
from flows.progress import Step
from flows.summary import RunSummary, artifact_rows, failing_markdown, site_rows
from tasks.load import Coverage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PROGRESS, SUMMARY, SITES, ATTENTION, LEFT = "progress", "summary", "sites", "attention", "left"
"""What the artifacts show; the kind of the run comes before it in the key: `harvest-summary`."""

COVERAGE = "coverage"
"""The matrix of publishers by years; each run that harvests brings it up to date."""

_EVERY = 3.0  # seconds between two updates; each keeps the driver and the server from their work


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


def closing_artifacts(summary: RunSummary, kind: str = "harvest", coverage: Coverage | None = None) -> None:
    """The summary table, the sites, one line for each report and site that needs a person with a link to its remedy,
    and the coverage matrix where the warehouse has one."""
    create_table_artifact(table=artifact_rows(summary), key=f"{kind}-{SUMMARY}", description=summary.sentence())
    create_table_artifact(table=site_rows(summary), key=f"{kind}-{SITES}", description="What became of each site")
    handbook_pages([line.reason_code for line in summary.failing] + [problem.code for problem in summary.problems])
    text = failing_markdown(summary, handbook_link)
    create_markdown_artifact(markdown=text, key=f"{kind}-{ATTENTION}", description=summary.sentence())
    if coverage is not None:
        missing = len(coverage.missing())
        told = f"{missing} report{' is' if missing == 1 else 's are'} missing; * is overdue by law."
        create_table_artifact(table=coverage_rows(coverage), key=COVERAGE, description=told)


def case_artifacts(pages: Iterable[tuple[str, str, str]]) -> None:
    """The page of each case that a run left for a person: its name (`publisher.year`), title and Markdown."""
    for case, title, page in pages:
        create_markdown_artifact(markdown=page, key=case_key(case), description=title)


def case_key(case: str) -> str:
    """The key of a case's page."""
    return f"case-{case.replace('.', '-')}"


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
