"""From a site's data file (`specs/*.yaml`) to its columns: reports of known truth, and neighbours that are none."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from infra.replica.documents import PLAIN, HtmlQuirks, PdfQuirks, Quirks, TextQuirks
from infra.replica.model import Publisher
from infra.replica.narrative import FOLDER as SENTENCES
from infra.replica.publishers import publisher_from, publishers
from infra.replica.sample import sample_truth
from infra.replica.sites.shapes import Column, Item
from infra.replica.wording import fill
from schemas.report import Edition

SPECS = Path(__file__).with_name("specs")


@cache
def specs() -> dict[str, dict[str, Any]]:
    """All site data files by site id."""
    found = [yaml.safe_load(file.read_text("utf-8")) for file in sorted(SPECS.glob("*.yaml"))]
    return {spec["id"]: spec for spec in found}


@cache
def _neighbours() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((SENTENCES / "neighbours.yaml").read_text("utf-8"))
    return found


def quirks_from(raw: Mapping[str, Any] | None) -> Quirks:
    """Layout switches from YAML: `{blank: "/", html: {markup: word}, pdf: {rows_cut: true}}`."""
    if not raw:
        return PLAIN
    groups = {"html": HtmlQuirks, "pdf": PdfQuirks, "text": TextQuirks}
    return Quirks(**{name: groups[name](**value) if name in groups else value for name, value in raw.items()})


def bodies(spec: Mapping[str, Any]) -> dict[str, Publisher]:
    """The publishers a site may name: the known ones and its own agencies."""
    return {**publishers(), **{raw["id"]: publisher_from(raw) for raw in spec.get("agencies", ())}}


def _years(raw: Any) -> range:
    return range(raw[0], raw[1] + 1) if isinstance(raw, list) else range(raw, raw + 1)


def _reports(raw: Mapping[str, Any], known: Mapping[str, Publisher]) -> Iterator[Item]:
    for name in raw["publisher"] if isinstance(raw["publisher"], list) else [raw["publisher"]]:
        for year in _years(raw["years"]):
            if year in raw.get("except", ()):
                continue
            annex = Edition(raw["annex"]) if "annex" in raw else None
            truth = sample_truth(known[name], year, annex=annex)
            changes = raw.get("by_year", {}).get(year, {})
            look = changes.get("quirks", raw.get("quirks"))
            item = Item(
                title=fill(changes["title"], {"year": year, "publisher": truth.publisher_name})
                if "title" in changes
                else truth.title,
                day=changes.get("day", truth.published_on),
                number=changes.get("number", 0),
                source=truth.publisher.name,
                truth=truth,
                format=changes.get("format", raw.get("format", "html")),
                quirks=quirks_from(look),
                direct=changes.get("direct", False),
                edition=changes.get("edition", 1),
                legacy=changes.get("legacy", raw.get("legacy", False)),
                also_attached=changes.get("also_attached", raw.get("also_attached", False)),
            )
            yield item


def _neighbour(kind: str, publisher: Publisher, year: int, look: Quirks) -> Item:
    raw = _neighbours()[kind]
    rng = random.Random(f"{publisher.id}/{year}/{kind}")
    values = {
        "publisher": publisher.name,
        "year": year,
        "next": year + 1,
        "a": rng.randint(3, 900),
        "b": rng.randint(1000, 90_000),
        "c": rng.randint(5, 400),
    }
    return Item(
        title=fill(raw["title"], values),
        day=date.fromisoformat(f"{year + 1}-{raw['day']}"),
        number=0,
        source=publisher.name,
        paragraphs=tuple(fill(text, values) for text in raw.get("text", ())),
        picture=raw.get("picture", False),
        quirks=look,
    )


def columns(spec: Mapping[str, Any]) -> list[Column]:
    """The columns of a site, items numbered in the order of their publication."""
    known = bodies(spec)
    found: list[Column] = []
    for raw in spec["columns"]:
        look = quirks_from(spec.get("neighbour_quirks"))
        items = [item for part in raw.get("reports", ()) for item in _reports(part, known)]
        for part in raw.get("neighbours", ()):
            names = part["publisher"] if isinstance(part["publisher"], list) else [part["publisher"]]
            items += [
                _neighbour(kind, known[name], year, look)
                for name in names
                for year in _years(part["years"])
                for kind in part["kinds"]
            ]
        options = {**spec.get("options", {}), **raw.get("options", {})}
        found.append(Column(raw["path"], raw["name"], items, raw.get("per_page", 10), options))
    _number(found, spec.get("first_number", 10_000))
    return found


def _number(found: list[Column], first: int) -> None:
    """Gives every item its number: rising with the date, with gaps, as editors of a whole portal leave them."""
    places = [(item.day, place, index) for place, column in enumerate(found) for index, item in enumerate(column.items)]
    number = first
    for _, place, index in sorted(places):
        item = found[place].items[index]
        if item.number:
            continue
        number += 3 + random.Random(item.title).randint(0, 400)
        found[place].items[index] = replace(item, number=number)
