"""The registry of sites: YAML files written by people, checked so that every fault is told with its line and remedy.

One file holds one site (a mapping) or several (a list). Only when a whole folder is sound does `load_registry` give it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from schemas.errors import SettingsError
from schemas.site import Entry, PublisherEntry, Site
from schemas.yaml_lines import line_at, line_of, repeated_keys
from tasks.discover.families.catalogue import AUTO, FAMILIES
from tasks.discover.links import host_of
from tasks.discover.publishers import canonical, names
from tasks.discover.regions import regions

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser: thousands of files in seconds
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_REMEDIES = {
    "extra_forbidden": "remove the key or correct its spelling",
    "missing": "add the key",
    "string_pattern_mismatch": "write it in the form shown",
    "too_short": "give at least one",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a registry file: where, what, and what to do about it."""

    file: Path
    line: int
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" + (f" → {self.remedy}" if self.remedy else "")


@dataclass(frozen=True, slots=True)
class Registry:
    """The sound sites of a folder or file, the file and line each stands in, and every fault found on the way."""

    sites: tuple[Site, ...]
    sources: dict[str, tuple[Path, int]]
    faults: tuple[Fault, ...]


def load_registry(place: Path | str) -> tuple[Site, ...]:
    """All sites, sorted by id. Raises SettingsError `settings.registry` with the faults when there are any."""
    registry = read_registry(place)
    if registry.faults:
        told = "; ".join(str(fault) for fault in registry.faults[:5])
        more = f" (and {len(registry.faults) - 5} more)" if len(registry.faults) > 5 else ""
        raise SettingsError("settings.registry", f"{told}{more}", where=str(place))
    return registry.sites


def read_registry(place: Path | str) -> Registry:
    """Read and lint every file; a faulty one does not hide the faults of the next.

    Raises SettingsError `settings.registry` when there is no file at all.
    """
    root = Path(place)
    files = sorted(root.rglob("*.yaml")) if root.is_dir() else [root]
    if not files or not all(file.is_file() for file in files):
        raise SettingsError("settings.registry", "there is no registry of sites (*.yaml)", where=str(root))
    sites: list[Site] = []
    sources: dict[str, tuple[Path, int]] = {}
    faults: list[Fault] = []
    bodies: dict[str, tuple[PublisherEntry, Path, int]] = {}
    for file in files:
        for site, node in _sites_of(file, faults):
            line = line_of(node)
            if site.id in sources:
                other, other_line = sources[site.id]
                faults.append(
                    Fault(file, line, f"site id {site.id} is already in {other}:{other_line}", "choose another id")
                )
                continue
            for place_, body in enumerate(site.publishers):
                known = bodies.setdefault(body.id, (body, file, line))
                if known[0] != body:
                    where = line_at(node, ("publishers", place_))
                    message = f"publisher {body.id} differs from its entry in {known[1]}:{known[2]}"
                    faults.append(Fault(file, where, message, "make both the same, or use another id for another body"))
            faults.extend(_lint(file, node, site))
            sources[site.id] = (file, line)
            sites.append(site)
    return Registry(tuple(sorted(sites, key=lambda site: site.id)), sources, tuple(faults))


def _sites_of(file: Path, faults: list[Fault]) -> Iterator[tuple[Site, Any]]:
    try:
        node = yaml.compose(file.read_text("utf-8"), Loader=_LOADER)
    except UnicodeDecodeError:
        faults.append(Fault(file, 1, "the file is not UTF-8", "save it as UTF-8"))
        return
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        faults.append(
            Fault(file, mark.line + 1 if mark else 1, f"not YAML: {problem}", "correct the line or the one above")
        )
        return
    entries = node.value if isinstance(node, yaml.SequenceNode) else [node] if node is not None else []
    if not entries:
        faults.append(Fault(file, 1, "the file holds no site", "remove it or add a site"))
    for entry in entries:
        if not isinstance(entry, yaml.MappingNode):
            faults.append(
                Fault(file, line_of(entry), "a site is a mapping", "write id, name, host, publishers, entries")
            )
            continue
        before = len(faults)
        faults += [
            Fault(file, line, f"{key} is written twice", "keep one of them") for key, line in repeated_keys(entry)
        ]
        try:
            site = Site.model_validate(_plain(entry))
        except ValidationError as error:
            faults.extend(_misfits(file, entry, error))
        except yaml.YAMLError as error:
            faults.append(
                Fault(file, line_of(entry), f"not understood: {error}", "write plain text, numbers and lists")
            )
        else:
            if len(faults) == before:
                yield site, entry


def _misfits(file: Path, node: Any, error: ValidationError) -> Iterator[Fault]:
    """What the model refuses, each with its line."""
    problems = error.errors(include_url=False)
    deeper = {problem["loc"][:1] for problem in problems if len(problem["loc"]) > 1}
    for problem in problems:
        place = problem["loc"] or _stranger(node)
        if problem["type"] == "too_short" and place in deeper:
            continue  # nothing was left of the list because its items are wrong, as is told
        where = ".".join(str(part) for part in problem["loc"])
        said = problem["msg"].removeprefix("Value error, ")
        yield Fault(
            file,
            line_at(node, place),
            f"{where}: {said}" if where else said,
            _REMEDIES.get(problem["type"], ""),
        )


def _stranger(node: yaml.Node) -> tuple[str | int, ...]:
    """Where the first entry names a publisher that the site does not have: the one thing said of a site as a whole."""
    site = _plain(node)
    known = [body["id"] for body in site["publishers"]]
    named = enumerate(entry.get("publisher") for entry in site["entries"])
    return next((("entries", place, "publisher") for place, name in named if name and name not in known), ())


def _lint(file: Path, node: Any, site: Site) -> Iterator[Fault]:
    """What the model alone cannot know: families, regions, check digits, names that collide, hosts that differ."""
    families: list[tuple[tuple[str | int, ...], str | None]] = [(("family",), site.family)]
    families += [(("entries", place, "family"), entry.family) for place, entry in enumerate(site.entries)]
    for where, found in families:
        if found not in (None, AUTO, *FAMILIES):
            remedy = f"use one of: auto, {', '.join(FAMILIES)}"
            yield Fault(file, line_at(node, where), f"there is no family {found}", remedy)
    low, high = site.yields.min, site.yields.max
    if low is not None and high is not None and low > high:
        yield Fault(
            file, line_at(node, ("yields",)), f"yields.min {low} is more than yields.max {high}", "exchange them"
        )
    if site.verified_on and site.verified_on > date.today():  # noqa: DTZ011 - a date written by hand, to the day
        yield Fault(
            file, line_at(node, ("verified_on",)), "verified_on lies in the future", "write the day it was seen"
        )
    if site.limits.window and not _is_window(site.limits.window):
        yield Fault(
            file, line_at(node, ("limits", "window")), f"{site.limits.window} is no window", "write e.g. 22:00-07:00"
        )
    for place, body in enumerate(site.publishers):
        yield from _lint_body(file, node, place, body)
    yield from _lint_names(file, node, site)
    hosts = {host_of(f"//{host}") for host in site.hosts}
    seen: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    for place, entry in enumerate(site.entries):
        line = line_at(node, ("entries", place, "url"))
        if not entry.params.get("max_pages", "1").isdecimal():
            at = line_at(node, ("entries", place, "params", "max_pages"))
            yield Fault(file, at, f"max_pages {entry.params['max_pages']} is no number", "write digits")
        if host_of(entry.url) not in hosts:
            yield Fault(
                file, line, f"{host_of(entry.url)} is not a host of this site", "add it to `aliases` or correct it"
            )
        mark = (entry.url, tuple(sorted(entry.params.items())))
        if mark in seen:
            yield Fault(file, line, f"the entry {entry.url} stands twice", "keep one of them")
        seen.add(mark)
        if _is_viewer(entry) and "area=" not in entry.url and not entry.params.get("area"):
            yield Fault(file, line, "the viewer needs the code of the body", "add `params: {area: …}`")


def _lint_body(file: Path, node: Any, place: int, body: PublisherEntry) -> Iterator[Fault]:
    def line(key: str) -> int:
        return line_at(node, ("publishers", place, key))

    if body.region and body.region not in regions():
        yield Fault(file, line("region"), f"{body.region} is no code of GB/T 2260", "look the region up; six digits")
    if body.owed_to is not None and body.owed_to < body.owed_from:
        message = f"owed_to {body.owed_to} is before owed_from {body.owed_from}"
        yield Fault(file, line("owed_to"), message, "exchange them")
    if body.owed_from > date.today().year:  # noqa: DTZ011 - as above
        message = f"owed_from {body.owed_from} lies in the future"
        yield Fault(file, line("owed_from"), message, "write the first report year owed")
    if body.credit_code and body.credit_code[-1] != _check_digit(body.credit_code):
        message = f"the check digit of {body.credit_code} does not fit (GB 32100)"
        yield Fault(file, line("credit_code"), message, "compare it with the source, a character is mistyped")


def _lint_names(file: Path, node: Any, site: Site) -> Iterator[Fault]:
    owner: dict[str, str] = {}
    ids: set[str] = set()
    for place, body in enumerate(site.publishers):
        line = line_at(node, ("publishers", place, "name"))
        if body.id in ids:
            yield Fault(file, line, f"publisher {body.id} stands twice", "keep one of them")
        ids.add(body.id)
        for name in names(body):
            other = owner.setdefault(canonical(name), body.id)
            if other != body.id:
                message = f"the name {name} belongs to {other} and to {body.id}"
                yield Fault(file, line, message, "a title could not be attributed; drop it from one")


def _is_viewer(entry: Entry) -> bool:
    return "xxgkannualreport" in entry.url.lower()


def _is_window(text: str) -> bool:
    start, end = text.split("-")
    hours = [part.split(":") for part in (start, end)]
    return start != end and all(int(hour) < 24 and int(minute) < 60 for hour, minute in hours)


def _check_digit(code: str) -> str:
    """GB 32100-2015: the 18th character from the first 17, weights 3^i mod 31."""
    total = sum(_CREDIT.index(char) * pow(3, place, 31) for place, char in enumerate(code[:17]))
    return _CREDIT[(31 - total % 31) % 31]


def _plain(node: Any) -> Any:
    loader = _LOADER("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()
