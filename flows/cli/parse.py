"""`nianbao parse`: read documents from disk and show what is in them. Touches neither network nor warehouse."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path
from typing import Annotated

import typer


class Exit(IntEnum):
    """What a script may rely on."""

    ALL_GOOD = 0  # every document was loaded or flagged
    USAGE = 2
    QUARANTINED = 3  # at least one document was


def parse(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Reports in any format, or folders of them.")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON Lines on stdout, one object per document.")] = False,
    workers: Annotated[int, typer.Option("--workers", min=1, max=256, help="Documents read at the same time.")] = 1,
) -> None:
    """Read reports and show header, facts, statistics and findings.

    Exit 0: every document was loaded or flagged; 3: at least one was quarantined; 2: wrong usage.
    """
    files = _files(paths)  # before anything is read: a typing error must not cost an hour

    from flows.cli.console import out, say
    from flows.readers import examine_files
    from flows.wire import as_line
    from schemas.report import Outcome

    quarantined = 0
    for file, examined in examine_files(files, processes=workers):
        judgement, source = examined.judgement, str(file)
        if judgement.outcome is Outcome.QUARANTINED:
            quarantined += 1
            reason = f"{judgement.reason.code}: {judgement.reason.message}" if judgement.reason else "no reason given"
            say(f"{source}: quarantined, {reason}")
            if examined.trace:
                say(examined.trace)
        if as_json:
            typer.echo(as_line(source, examined.sha256, examined.media_type, judgement))
        else:
            from flows.cli.render import render

            render(out(), source, judgement)
    if quarantined:
        raise typer.Exit(Exit.QUARANTINED)


def _files(paths: list[Path]) -> list[Path]:
    """The files named; a folder stands for the files in it, sorted, hidden ones left out. Exit 2 for what is absent."""
    import os

    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(
                file
                for file in path.rglob("*")
                if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts)
            )
            if not inside:
                raise typer.BadParameter(f"{path}: the folder holds no file", param_hint="PATH")
            found += inside
        elif not path.exists():
            raise typer.BadParameter(f"{path}: no such file", param_hint="PATH")
        else:
            found.append(path)
    for file in found:
        if not os.access(file, os.R_OK):
            raise typer.BadParameter(f"{file}: it may not be read (permissions)", param_hint="PATH")
    return found
