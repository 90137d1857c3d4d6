"""GB/T 2260 codes of administrative divisions: does a code exist, and what is it called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Region:
    """A division. `until` is the last year in which an abolished code was seen valid; None while it is in force."""

    code: str
    name: str
    until: int | None = None


@cache
def regions() -> Mapping[str, Region]:
    """All codes by code; sources are named at the head of `data/regions.tsv`."""
    text = resources.files("tasks.discover").joinpath("data/regions.tsv").read_text(encoding="utf-8")
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            code, name, *until = line.split("\t")
            found[code] = Region(code, name, int(until[0]) if until else None)
    return MappingProxyType(found)


def full_name(code: str) -> str | None:
    """Names from the province down, e.g. 宁夏回族自治区固原市; None for a code that does not exist."""
    known = regions()
    if code not in known:
        return None
    steps = dict.fromkeys((f"{code[:2]}0000", f"{code[:4]}00", code))
    names = [known[step].name for step in steps if step in known]
    return "".join(dict.fromkeys(names))
