"""The command line, one file per group of verbs: the same option names everywhere, and nothing heavy before it runs."""

from __future__ import annotations

import sys

import typer

from flows.cli import (
    accuracy,
    alerts,
    export,
    harvest,
    ledger,
    operate,
    parse,
    reasons,
    replica,
    review,
    server,
    sites,
    system,
)
from schemas.errors import NianbaoError, SettingsError

EXIT_FAILED = 1
EXIT_USAGE = 2

app = typer.Typer(
    name="nianbao",
    help="Harvest, read, prove and store 政府信息公开工作年度报告: annual reports on government information.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"nianbao {version('nianbao')}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Options of the program itself."""


app.command("harvest")(harvest.harvest)
app.command("backfill")(operate.backfill)
app.command("reparse")(operate.reparse)
app.command("watch")(operate.watch)
app.command("export")(export.export)
app.command("release")(export.release)
app.command("parse")(parse.parse)
app.command("accuracy")(accuracy.accuracy)
app.command("ledger")(ledger.ledger)
app.command("coverage")(ledger.coverage)
app.command("reasons")(reasons.reasons)
app.command("replica")(replica.replica)
app.command("ui")(server.ui)
app.command("up")(system.up)
app.command("down")(system.down)
app.add_typer(alerts.app, name="alerts")
app.add_typer(server.app, name="server")
app.add_typer(sites.app, name="sites")
app.add_typer(review.app, name="review")


def main() -> None:
    """Run the command line. Exit 2 for what was typed or configured wrongly, 1 for what failed."""
    try:
        app()
    except NianbaoError as error:
        from flows.cli.console import explain

        explain(error)
        number = getattr(error, "signal", None)
        sys.exit(128 + number if number else EXIT_USAGE if isinstance(error, SettingsError) else EXIT_FAILED)
