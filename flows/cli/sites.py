"""`nianbao sites`: the registry (list, check, show), and a look at live sites (probe, scout)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import Registry, Since, Sites, Years, years_of

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.site import Site

app = typer.Typer(help="The registry of sites, and what the sites offer now.", no_args_is_help=True)


@app.command("list")
def list_sites(registry: Registry = None, site: Sites = None) -> None:
    """List the sites of the registry with family, publishers 发布机构 and years owed."""
    from rich.table import Table

    from flows.cli.console import out

    table = Table("site", "family", "host", "publishers 发布机构", "owed", "verified", box=None, pad_edge=False)
    for entry in _chosen(registry, site):
        names = ", ".join(publisher.name for publisher in entry.publishers)
        first = min(publisher.owed_from for publisher in entry.publishers)
        last = max((publisher.owed_to or 9999) for publisher in entry.publishers)
        owed = f"{first}–{last if last < 9999 else ''}"
        verified = entry.verified_on.isoformat() if entry.verified_on else "never"
        table.add_row(entry.id, entry.family, entry.host, names, owed, "sample" if entry.sample else verified)
    out().print(table)


@app.command()
def check(registry: Registry = None) -> None:
    """Check every file of the registry; print each fault with file and line. Exit 1 when there is one."""
    from flows.cli.console import say
    from flows.registry import read_registry

    found = read_registry(registry)
    for fault in found.faults:
        typer.echo(str(fault))
    publishers = {publisher.id for site in found.sites for publisher in site.publishers}
    say(f"{len(found.sites)} sites and {len(publishers)} publishers are right, {len(found.faults)} faults.")
    if found.faults:
        raise typer.Exit(1)


@app.command()
def show(
    site: Annotated[str, typer.Argument(metavar="ID", help="Site or publisher.")], registry: Registry = None
) -> None:
    """Print all that the registry knows of a site, as YAML, with file and line where it stands."""
    import yaml

    from flows.cli.console import say
    from flows.registry import read_registry

    chosen = {entry.id for entry in _chosen(registry, [site])}
    found = read_registry(registry)
    for entry in found.sites:
        if entry.id in chosen:
            file, line = found.sources[entry.id]
            say(f"{file}:{line}")
            typer.echo(yaml.safe_dump(entry.model_dump(mode="json"), allow_unicode=True, sort_keys=False), nl=False)


@app.command()
def scout(registry: Registry = None, site: Sites = None, year: Years = None, since: Since = None) -> None:
    """Count what each site lists now, by year, without downloading a report. Exit 1 when a look was not complete."""
    years = years_of(year)

    from rich.table import Table

    from flows.cli.console import out, say
    from flows.scouting import scout_site, talking_client

    table = Table("site", "pages", "entries", "reports by year", "complete", box=None, pad_edge=False)
    incomplete = False
    chosen = _chosen(registry, site)
    with talking_client(chosen) as client:
        for entry in chosen:
            looked = scout_site(client, entry, years or None, since.date() if since else None)
            incomplete |= not looked.complete
            by_year = ", ".join(f"{name}: {number}" for name, number in looked.by_year.items()) or "none"
            complete = "yes" if looked.complete else "no"
            table.add_row(entry.id, str(looked.pages), str(looked.entries), by_year, complete)
            for code, message in looked.problems:
                say(f"{entry.id}: {code}: {message}")
    out().print(table)
    if incomplete:
        raise typer.Exit(1)


@app.command()
def probe(
    url: Annotated[str, typer.Argument(metavar="URL", help="Home page or annual-report column of a site.")],
    name: Annotated[str | None, typer.Option("--name", help="Full Chinese name of the publisher 发布机构.")] = None,
    private: Annotated[bool, typer.Option("--private", help="Allow a private or loopback address.")] = False,
) -> None:
    """Find out how a site is built and what it lists, and print a registry entry to start from."""
    from flows.cli.console import say
    from flows.scouting import probe_site

    found = probe_site(url, name=name, allow_private=private)
    for sentence in found.sentences:
        say(sentence)
    typer.echo(found.entry, nl=False)


def _chosen(registry: Path | None, chosen: list[str] | None) -> list[Site]:
    """The sites named, or those of the publishers named; all when none are."""
    from flows.registry import load_registry
    from schemas.errors import SettingsError

    sites = load_registry(registry)
    if not chosen:
        return list(sites)
    names = {name for site in sites for name in (site.id, *(publisher.id for publisher in site.publishers))}
    if unknown := sorted(set(chosen) - names):
        raise SettingsError("settings.unknown_site", f"Neither a site nor a publisher: {', '.join(unknown)}.")
    wanted = set(chosen)
    return [site for site in sites if site.id in wanted or wanted & {publisher.id for publisher in site.publishers}]
