"""`nianbao reasons`: every reason code, what it means and what to do about it."""

from __future__ import annotations

from typing import Annotated

import typer


def reasons(
    code: Annotated[
        list[str] | None, typer.Argument(metavar="[CODE]…", help="A code, or the first part of one: fetch")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Write the operator's page (Markdown).")] = False,
) -> None:
    """Say what a reason code means and what to do about it; without a code, list them all."""
    from flows.cli.console import out, say
    from flows.handbook import reasons_page
    from schemas.reasons import reason_codes

    known = reason_codes()
    chosen = [
        known[name] for name in known if not code or any(name == one or name.startswith(f"{one}.") for one in code)
    ]
    if not chosen:
        say(f"No reason code is or begins with {', '.join(code or ())}. `nianbao reasons` lists them all.")
        raise typer.Exit(2)
    if markdown:
        typer.echo(reasons_page(chosen), nl=False)
        return
    if not code:
        from rich.table import Table

        table = Table("code", "title", "recoverable", box=None, pad_edge=False)
        for reason in chosen:
            table.add_row(reason.code, reason.title, "yes" if reason.recoverable else "no")
        out().print(table)
        return
    for reason in chosen:
        kind = "can recover by itself" if reason.recoverable else "stays until somebody acts"
        typer.echo(f"{reason.code} — {reason.title} ({reason.severity}; {kind})")
        typer.echo(f"  {reason.sentence}")
        typer.echo(f"  What to do: {reason.remedy}")
