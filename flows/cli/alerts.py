"""`nianbao alerts`: what people were told of, what is still the matter, and what could not be delivered."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import DATA, Data, Warehouse
from schemas.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.alert_routes import AlertRoutes
    from schemas.alerts import AlertRow
    from tasks.load.alerts import AlertStore

app = typer.Typer(help="Alerts: list, show, dismiss; deliver what waits; test who is told.", no_args_is_help=True)

State = Annotated[str, typer.Option("--state", metavar="open|closed|all", help="Which alerts to list.")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="Key of an alert, or enough of it to know which.")]
Routes = Annotated[
    str | None,
    typer.Option("--routes", envvar="NIANBAO_ALERTS", metavar="FILE", help="The file that says who is told."),
]


@app.command("list")
def list_alerts(state: State = "open", data: Data = DATA, warehouse: Warehouse = None) -> None:
    """List alerts, the gravest first, and how many messages wait for whom."""
    if state not in ("open", "closed", "all"):
        raise typer.BadParameter(f"{state!r} is none of open, closed, all", param_hint="--state")

    from rich.table import Table

    from flows.cli.console import out, say
    from schemas.alert_routes import RANK
    from schemas.alerts import AlertState

    with _store(data, warehouse) as store:
        rows = store.alerts(None if state == "all" else AlertState(state))
        waiting, pending = store.waiting(datetime.now(UTC)), len(store.pending())
    table = Table("severity", "since", "seen", "about", "code", "state", "key", box=None, pad_edge=False)
    for row in sorted(rows, key=lambda row: (not row.open, -RANK[row.severity], row.opened_at, row.key)):
        how = "open" if row.open else f"closed ({row.resolution.value})" if row.resolution else "closed"
        table.add_row(row.severity.value, _day(row.opened_at), f"{row.times}×", row.name, row.code, how, row.key)
    out().print(table)
    for one in waiting:
        say(f"{one.receiver} could not be told: {one.messages} messages wait ({one.code}: {one.message})")
    say(f"{sum(row.open for row in rows)} open alerts listed; {pending} messages wait for delivery.")


@app.command()
def show(key: Key, data: Data = DATA, warehouse: Warehouse = None) -> None:
    """Print all that is known of an alert, and what to do about it."""
    from schemas.reasons import reason_code

    with _store(data, warehouse) as store:
        row = _one(store.alerts(None), key)
    typer.echo(f"{row.key}\n  {row.severity.value}, {row.state.value}: {row.name}: {row.code}: {row.message}")
    typer.echo(f"  opened {_day(row.opened_at)}, last seen {_day(row.seen_at)}, by {row.times} runs")
    if not row.open and row.resolution is not None and row.closed_at is not None:
        typer.echo(f"  closed {_day(row.closed_at)}: {row.resolution.value} {row.resolved_by or ''}".rstrip())
    if row.url:
        typer.echo(f"  {row.url}")
    reason = reason_code(row.code)
    if reason is not None:
        typer.echo(f"  {reason.sentence}\n  What to do: {reason.remedy}")


@app.command()
def dismiss(
    key: Key,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who dismisses it.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why nothing needs to be done.")],
    data: Data = DATA,
    warehouse: Warehouse = None,
) -> None:
    """Close an alert in a person's name, e.g. about a site that left the registry. Seen again, it opens again."""
    from flows.cli.console import say
    from schemas.alerts import AlertState

    with _store(data, warehouse) as store:
        row = _one(store.alerts(AlertState.OPEN), key)
        store.dismiss(row.key, f"{by}: {why}", datetime.now(UTC))
    say(f"Dismissed by {by}: {row.key}. Seen again, it opens again.")


@app.command()
def deliver(routes: Routes = None, data: Data = DATA, warehouse: Warehouse = None) -> None:
    """Send the messages that earlier runs had to keep. Exit 1 when some still wait."""
    from flows.cli.console import say
    from tasks.alert import flush_outbox

    with _store(data, warehouse) as store:
        told = flush_outbox(store=store, routes=_routes(routes), now=datetime.now(UTC), eager=True)
    say(f"{told.sent} messages sent, {told.kept} still wait.")
    for one in told.waiting:
        say(f"  {one.receiver}: {one.code}: {one.message}")
    if told.kept:
        raise typer.Exit(1)


@app.command()
def withdraw(
    receiver: Annotated[str, typer.Argument(metavar="RECEIVER", help="Name in the routes file, also of an old one.")],
    data: Data = DATA,
    warehouse: Warehouse = None,
) -> None:
    """Give up all messages that wait for a receiver who is gone for good."""
    from flows.cli.console import say

    with _store(data, warehouse) as store:
        say(f"{store.withdraw(receiver, datetime.now(UTC))} messages for {receiver} are given up.")


@app.command("test")
def try_receivers(
    receiver: Annotated[
        list[str] | None, typer.Argument(metavar="[RECEIVER]…", help="Receivers of the routes file; none means all.")
    ] = None,
    routes: Routes = None,
) -> None:
    """Send a message that says it is a test to each receiver now. Exit 1 when one did not take it."""
    from flows.cli.console import say
    from tasks.alert import try_out

    known = _routes(routes)
    if unknown := sorted(set(receiver or ()) - set(known.receivers)):
        raise typer.BadParameter(f"not in the routes file: {', '.join(unknown)}")
    failed = False
    for name in receiver or sorted(known.receivers):
        for target, delivery in try_out(name, routes=known, now=datetime.now(UTC)):
            taken = delivery.state.value == "sent"
            failed |= not taken
            how = "took it" if taken else f"{delivery.state.value}: {delivery.code}: {delivery.message}"
            say(f"{name}{f' ({target})' if target else ''}: {how}")
    if failed:
        say("What a code means and what to do: nianbao reasons CODE")
        raise typer.Exit(1)


@contextmanager
def _store(data: Path, warehouse: str | None) -> Iterator[AlertStore]:
    from flows.stores import open_warehouse
    from tasks.load.alerts import AlertStore

    with open_warehouse(data, warehouse) as opened:
        yield AlertStore(opened.engine)


def _routes(place: str | None) -> AlertRoutes:
    from tasks.alert import load_routes

    place = place or os.environ.get("NIANBAO_ALERTS")
    if not place:
        raise SettingsError("settings.alerts", "no routes file is named: set NIANBAO_ALERTS or give --routes")
    return load_routes(place)


def _one(rows: list[AlertRow], key: str) -> AlertRow:
    found = [row for row in rows if row.key == key] or [row for row in rows if key in row.key]
    if len(found) != 1:
        named = ", ".join(row.key for row in found[:5])
        raise typer.BadParameter(f"{key!r} is in the keys of {len(found)} alerts{f': {named}' if named else ''}")
    return found[0]


def _day(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
