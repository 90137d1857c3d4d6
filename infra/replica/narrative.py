"""Narratives from templates (`narratives/*.yaml`): sentences of our own that state given numbers."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from infra.replica.forms import NUMERALS, form
from infra.replica.model import SectionTruth, Style
from infra.replica.wording import section, worded
from schemas.report import Edition

FOLDER = Path(__file__).with_name("narratives")

CITATIONS = {
    Edition.FORM_2021: "国办公开办函〔2021〕30号",
    Edition.FORM_2019: "国办公开办函〔2019〕60号",
}
SAMPLE_MARK = "（样例数据：本文由副本站点的样例程序生成，文中数字并非该机构公布的数据。）"


@cache
def templates(name: str) -> dict[str, Any]:
    """The templates of one era, `modern` or `early`."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return found


def modern(
    rng: random.Random, edition: Edition, values: Mapping[str, object], style: Style, *, sample: bool = True
) -> tuple[SectionTruth, tuple[SectionTruth, ...]]:
    """Preamble and six sections of a report since 2019. `values` are the template's names (see modern.yaml)."""
    said = templates("modern")
    values = {**values, "citation": CITATIONS[edition]}
    headings = form(edition).headings
    applied = int(str(values["new"])) or int(str(values["carried_in"]))
    quarrelled = int(str(values["reviews"])) or int(str(values["lawsuits"]))
    overview = said["overview"]
    texts: dict[str, list[str]] = {
        "overview": [
            rng.choice(overview["proactive"]),
            rng.choice(overview["requests" if applied else "no_requests"]),
            rng.choice(overview["management"]),
            rng.choice(overview["platform"]),
            rng.choice(overview["supervision"]),
        ],
        "proactive": said["proactive"]["normative"] if edition is Edition.FORM_2021 and values["normative"] else [],
        "requests": [],
        "review_litigation": [rng.choice(said["review_litigation"]["some" if quarrelled else "none"])],
        "problems": rng.choice(said["problems"]),
        "other": [_closing(rng, edition, said["other"], values)],
    }
    preamble = ([SAMPLE_MARK] if sample else []) + rng.choice(said["preamble"])
    parts = tuple(
        section(code, worded(f"{number}、{headings[code][0]}", style), text, values)
        for number, (code, text) in zip(NUMERALS, texts.items(), strict=False)
    )
    return section("preamble", "", preamble, values), parts


def _closing(rng: random.Random, edition: Edition, said: dict[str, list[str]], values: Mapping[str, object]) -> str:
    if edition is not Edition.FORM_2021:
        return rng.choice(said["plain"])
    return rng.choice(said["fee" if int(str(values["fee"])) else "no_fee"])


EARLY_HEADINGS = {"overview": 0, "measures": 0, "proactive": 1, "requests": 1, "review_litigation": 1, "problems": 1}


def early(
    rng: random.Random, values: Mapping[str, object], style: Style, *, trades: bool, sample: bool = True
) -> tuple[SectionTruth, tuple[SectionTruth, ...]]:
    """Preamble and sections of a free narrative up to 2018, numbered anew; `trades`: the body runs a market place."""
    said = templates("early")
    headings = form(Edition.NARRATIVE).headings
    texts: dict[str, list[str]] = {
        "overview": [rng.choice(said["overview" if trades else "overview_office"])],
        "measures": [rng.choice(said["measures"])],
        "proactive": [rng.choice(said["proactive"])],
        "requests": [rng.choice(said["requests" if int(str(values["new"])) else "no_requests"])],
        "review_litigation": [rng.choice(said["review_litigation"])],
        "problems": [rng.choice(said["problems"])],
    }
    parts: list[SectionTruth] = []
    for number, (code, text) in zip(NUMERALS, texts.items(), strict=False):
        title = f"{number}、{headings[code][EARLY_HEADINGS[code]]}"
        parts.append(section(code, worded(title, style), text, values))
    preamble = ([SAMPLE_MARK] if sample else []) + rng.choice(said["preamble"])
    return section("preamble", "", preamble, values), tuple(parts)
