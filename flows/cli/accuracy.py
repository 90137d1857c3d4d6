"""`nianbao accuracy`: cells right, missing, silently wrong and quarantined, against every truth at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def accuracy(
    evidence: Annotated[
        Path | None,
        typer.Option(
            help="Folder with real documents and their cells (real/expected.json, seeds/).", envvar="NIANBAO_EVIDENCE"
        ),
    ] = None,
    generated: Annotated[int, typer.Option(min=0, help="Random reports per format.")] = 40,
    seed: Annotated[int, typer.Option(help="The same seed gives the same reports.")] = 0,
) -> None:
    """Measure how right the engine reads: by source, format and edition. Exit 1 if any cell is silently wrong."""
    from itertools import chain

    from rich.table import Table

    from flows.accuracy import annex_cases, generated_cases, measure, real_cases, seed_cases
    from flows.cli.console import out, say

    folder = evidence if evidence is not None else Path.cwd().parent / "shared"
    known = []
    if (folder / "real" / "expected.json").is_file():
        known = [*real_cases(folder), *seed_cases(folder)]
    else:
        say(f"No real documents at {folder}; only generated reports are measured.")
    found = measure(chain(known, generated_cases(generated, seed=seed), annex_cases(generated // 4, seed=seed)))
    table = Table(
        "source", "format", "edition", "documents", "cells", "right", "missing", "wrong", "quarantined",
        box=None, pad_edge=False,
    )  # fmt: skip
    for (source, kind, edition), tally in found.items():
        counts = (tally.documents, tally.cells, tally.right, tally.missing, tally.wrong, tally.quarantined)
        table.add_row(source, kind, edition, *map(str, counts))
    out().print(table)
    wrong = sum(tally.wrong for tally in found.values())
    typer.echo(f"{wrong} cells silently wrong of {sum(tally.cells for tally in found.values())}.")
    raise typer.Exit(1 if wrong else 0)
