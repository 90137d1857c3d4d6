"""The five reports whose figures are those of real ones; the sentences around them are our own (`seeds/*.yaml`)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from infra.replica.forms import NUMERALS, form
from infra.replica.model import ReportTruth, SectionTruth, Style
from infra.replica.publishers import publishers
from infra.replica.wording import section, worded
from schemas.report import Edition

FOLDER = Path(__file__).with_name("seeds")


def heading(edition: Edition, code: str, number: int, variant: int, style: Style) -> str:
    """The heading of section `number` (from 0), as the form's data file words it, in the publisher's own words."""
    return f"{NUMERALS[number]}、{worded(form(edition).headings[code][variant], style)}"


def _truth(raw: dict[str, Any]) -> ReportTruth:
    editions = {table: Edition(value) for table, value in raw["editions"].items()}
    style_data = raw.get("style", {})
    style = Style(**{**style_data, "separators": tuple(style_data.get("separators", ()))})
    cells: dict[str, Decimal | None] = {}
    for table, edition in editions.items():
        cells.update(dict.fromkeys(form(edition).tables[table].codes(), Decimal(0)))
    for code, value in raw["cells"].items():
        if code not in cells:
            raise KeyError(f"{code} is no cell of the tables of {raw['publisher']} {raw['year']}")
        cells[code] = Decimal(value)
    headings_of = editions.get("t3", Edition.NARRATIVE)
    sections: list[SectionTruth] = []
    for number, part in enumerate(raw["sections"]):
        title = heading(headings_of, part["code"], number, part.get("variant", 0), style)
        sections.append(section(part["code"], title, part.get("text", ())))
    published: date = raw["published_on"]
    return ReportTruth(
        publisher=publishers()[raw["publisher"]],
        year=raw["year"],
        editions=editions,
        cells=cells,
        preamble=section("preamble", "", raw["preamble"]),
        sections=tuple(sections),
        published_on=published,
        style=style,
        sample=False,
    )


@cache
def seed_truths() -> dict[tuple[str, int], ReportTruth]:
    """The five reports by (publisher id, year)."""
    found = [_truth(yaml.safe_load(file.read_text("utf-8"))) for file in sorted(FOLDER.glob("*.yaml"))]
    return {(truth.publisher.id, truth.year): truth for truth in found}
