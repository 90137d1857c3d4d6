"""`nianbao review`: what waits for a person, one case as a page, and decisions that count at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import DATA, Data, Registry, Sites, Warehouse, Years, years_of

if TYPE_CHECKING:
    from flows.plan import Owed
    from schemas.ledger import LedgerRow
    from tasks.load import Warehouse as Store
    from tasks.load.decisions import Decision

app = typer.Typer(help="Work off what waits for a person: list, show, decide.", no_args_is_help=True)

Case = Annotated[str, typer.Argument(metavar="CASE", help="publisher.year, as `nianbao review list` prints it.")]
Reasons = Annotated[
    list[str] | None, typer.Option("--reason", metavar="CODE", help="Only this reason, or its area: validate.")
]
States = Annotated[list[str] | None, typer.Option("--state", metavar="STATE", help="Only this state: quarantined.")]
All = Annotated[bool, typer.Option("--all", help="Every report that was read, also what waits for nobody.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON Lines on stdout, one object per case.")]
To = Annotated[Path | None, typer.Option("--to", metavar="DIR", help="Write page and pictures into this folder.")]
Why = Annotated[str, typer.Option("--why", metavar="WORDS", help="Why; it is kept with the decision.")]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who decides; default: the login name.")]
Later = Annotated[bool, typer.Option("--later", help="Write it down only; the next run makes it count.")]

_TYPED = frozenset({"load.no_case", "load.no_name", "load.unknown_report"})
"""Errors of the warehouse that say that something was typed wrongly."""


@app.command("list")
def list_(
    year: Years = None,
    site: Sites = None,
    reason: Reasons = None,
    state: States = None,
    everything: All = False,
    as_json: AsJson = False,
    data: Data = DATA,
    warehouse: Warehouse = None,
    registry: Registry = None,
) -> None:
    """List the cases, one line each: state, reason, since when, and what it waits for."""
    import json

    from flows.cli.console import out, say
    from flows.cli.ledger import publishers_named
    from flows.review import name_of, waiting
    from flows.stores import open_warehouse

    years = years_of(year)
    with open_warehouse(data, warehouse) as store:
        named = publishers_named(site, {row.publisher for row in store.ledger()}, registry) if site else None
        rows = waiting(
            store, years=years, publishers=named, reasons=reason or (), states=state or (), everything=everything
        )
    if as_json:
        for row in rows:
            typer.echo(json.dumps(_plain(row), ensure_ascii=False))
        return

    from rich.table import Table

    table = Table("case", "publisher 发布机构", "state", "reason", "since", "waits for", box=None, pad_edge=False)
    for row in rows:
        since, next_ = row.since.strftime("%Y-%m-%d"), row.next_action or ""
        table.add_row(name_of(row), row.name, row.state.value, row.reason_code or "", since, next_)
    if rows:
        out().print(table)
    say(f"{len(rows)} cases. One of them in full: nianbao review show CASE" if rows else "Nothing waits for a person.")


@app.command("show")
def show(case: Case, to: To = None, data: Data = DATA, warehouse: Warehouse = None) -> None:
    """Print a case as Markdown; with --to write it into a folder, with pictures of the pages of a PDF."""
    from flows.parameters import HarvestParameters
    from flows.review import named, page, written
    from flows.stores import open_warehouse

    with _typed(), open_warehouse(data, warehouse) as store:
        found = store.case(*named(case))
        if to is None:
            typer.echo(page(found), nl=False)
            return

        from tasks.fetch import Archive

        archive = Archive(HarvestParameters(data=str(data)).archive_url)
        for file in written(found, to, archive.get):
            typer.echo(str(file))


@app.command("accept")
def accept(
    case: Case, why: Why, by: By = None, later: Later = False, data: Data = DATA, warehouse: Warehouse = None
) -> None:
    """The quarantined reading of a case is right."""
    with _typed(), _desk(data, warehouse, case) as (store, owed):
        report = store.case(*owed).doubted.id
        _decide(store, owed, [lambda: store.accept(report, by=_who(by), why=why)], data, later=later)


@app.command("override")
def override(
    case: Case,
    cells: Annotated[list[str], typer.Argument(metavar="CODE=VALUE…", help="Nothing after the sign: blank.")],
    why: Why,
    by: By = None,
    unit: Annotated[str | None, typer.Option("--unit", help="Unit of the values, where it was read wrongly.")] = None,
    later: Later = False,
    data: Data = DATA,
    warehouse: Warehouse = None,
) -> None:
    """Cells of a case hold other values; what was read is kept beside them."""
    from flows.review import value_of

    with _typed(), _desk(data, warehouse, case) as (store, owed):
        report = store.case(*owed).doubted.id
        parts = [value_of(cell) for cell in cells]

        def set_to(part: tuple[str, str, object]) -> Callable[[], Decision]:
            code, row, value = part
            who = _who(by)
            return lambda: store.override(report, code, value, by=who, why=why, unit=unit, row_key=row)  # type: ignore[arg-type]

        _decide(store, owed, [set_to(part) for part in parts], data, later=later)


@app.command("choose")
def choose(
    case: Case,
    document: Annotated[str, typer.Argument(help="First digits of its hash, or a version: v2.")],
    why: Why,
    by: By = None,
    later: Later = False,
    data: Data = DATA,
    warehouse: Warehouse = None,
) -> None:
    """One of the documents that were had for a case is the report."""
    from flows.review import document_named

    with _typed(), _desk(data, warehouse, case) as (store, owed):
        sha = document_named(store.case(*owed), document)
        _decide(store, owed, [lambda: store.choose(*owed, sha, by=_who(by), why=why)], data, later=later)


@app.command("dismiss")
def dismiss(
    case: Case,
    finding: Annotated[str, typer.Argument(help="Its key, or its check where there is only one.")],
    why: Why,
    by: By = None,
    later: Later = False,
    data: Data = DATA,
    warehouse: Warehouse = None,
) -> None:
    """A finding of a case does not matter."""
    from flows.review import finding_named

    with _typed(), _desk(data, warehouse, case) as (store, owed):
        one = finding_named(store.case(*owed), finding)
        _decide(store, owed, [lambda: store.dismiss(one.report_id, one.key, by=_who(by), why=why)], data, later=later)


@app.command("reopen")
def reopen(
    decision: Annotated[str, typer.Argument(help="Its id; or a case, when one decision about it holds.")],
    why: Why,
    by: By = None,
    later: Later = False,
    data: Data = DATA,
    warehouse: Warehouse = None,
) -> None:
    """Take a decision back."""
    from flows.review import decision_named

    with _typed(), _desk(data, warehouse, decision) as (store, owed):
        known = decision_named(store, decision)
        _decide(store, owed, [lambda: store.reopen(known.id, by=_who(by), why=why)], data, later=later)


def _decide(store: Store, owed: Owed, decisions: list[Callable[[], Decision]], data: Path, *, later: bool) -> None:
    """Take decisions, tell which are new, and let them count. Exit 1 when they cannot count yet."""
    from flows.cli.console import say
    from flows.review import in_effect, taken

    done = [taken(store, owed, decide) for decide in decisions]
    for one in done:
        what, when = one.decision, f"{one.decision.decided_at:%Y-%m-%d}"
        if one.new:
            say(f"{what.id}: {what.kind.value} {what.target}, by {what.decided_by}.")
        else:
            say(f"{what.id}: {what.kind.value} by {what.decided_by} on {when} says so already; nothing changed.")
    if later:
        say("It counts from the next run on.")
        return
    effect = in_effect(owed, data, f"review-{done[-1].decision.id}") if store.due() else None
    row = next(row for row in store.ledger([owed.year], [owed.publisher]))
    reason = f" ({row.reason_code}: {row.reason})" if row.reason_code else ""
    say(f"{row.name} {row.year} is {row.state.value} now{reason}.")
    for expired in effect.expired if effect else ():
        say(f"{expired} has expired: what it was about is no more.")
    if effect is not None and effect.reason is not None:
        say(f"It does not count yet: {effect.reason.code}: {effect.reason.message} The next run tries again.")
        raise typer.Exit(1)


@contextmanager
def _desk(data: Path, warehouse: str | None, case: str) -> Iterator[tuple[Store, Owed]]:
    """The warehouse and the report that a case names. An address is told to whatever loads afterwards, too."""
    import os

    from flows.review import named
    from flows.stores import open_warehouse

    owed = named(case)
    if warehouse:
        os.environ["NIANBAO_WAREHOUSE"] = warehouse
    with open_warehouse(data, warehouse) as store:
        yield store, owed


@contextmanager
def _typed() -> Iterator[None]:
    """Exit 2 with the remedy when the warehouse knows nothing of what was typed."""
    from flows.cli.console import explain
    from schemas.errors import LoadError

    try:
        yield
    except LoadError as error:
        if error.code not in _TYPED:
            raise
        explain(error)
        raise typer.Exit(2) from error


def _who(by: str | None) -> str:
    """The name given, else that of the login. Raises LoadError `load.no_name` when there is neither."""
    import getpass

    from schemas.errors import LoadError

    if by is not None:
        return by
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise LoadError("load.no_name", "the login has no name; say who decides with --by") from error


def _plain(row: LedgerRow) -> dict[str, object]:
    from flows.review import name_of

    return {
        "case": name_of(row),
        "publisher": row.publisher,
        "name": row.name,
        "year": row.year,
        "state": row.state.value,
        "reason": row.reason_code,
        "message": row.reason,
        "since": row.since.isoformat(),
        "waits_for": row.next_action,
        "report": row.review_report_id or row.report_id,
    }
