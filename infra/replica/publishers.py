"""The publishers of the replica sites, from `publishers.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from infra.replica.model import Publisher

FILE = Path(__file__).with_name("publishers.yaml")


def publisher_from(raw: dict[str, Any]) -> Publisher:
    """A publisher from its YAML entry."""
    return Publisher(
        id=raw["id"],
        name=raw["name"],
        short=raw.get("short", "我单位"),
        kind=raw.get("kind", "department"),
        aliases=tuple(raw.get("aliases", ())),
        region=raw.get("region"),
        credit_code=raw.get("credit_code"),
    )


@cache
def publishers() -> dict[str, Publisher]:
    """The five known publishers by id."""
    return {raw["id"]: publisher_from(raw) for raw in yaml.safe_load(FILE.read_text("utf-8"))}


def as_publisher(publisher: Publisher | str) -> Publisher:
    """A publisher given by itself or by the id of a known one (KeyError when unknown)."""
    return publisher if isinstance(publisher, Publisher) else publishers()[publisher]
