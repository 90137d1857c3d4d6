"""What a family makes of a page, remembered where the same page has been looked at before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from schemas.discovery import Page, Turn
from schemas.site import Entry


@dataclass(frozen=True, slots=True)
class Turned:
    """What a page gave, and the family that understood it."""

    family: str
    turn: Turn


class Turns(Protocol):
    """Remembers by questions of plain data. A version of it belongs to a version of this room's code."""

    def get(self, *question: Any) -> Turned | None:
        """What is remembered, or None."""

    def put(self, answer: Turned, *question: Any) -> None:
        """Remember."""


def remembered(turns: Turns | None, page: Page, named: str, entry: Entry, work: Callable[[], Turned]) -> Turned:
    """What the page gives to the family `named` in the registry: as remembered, else by `work`.

    A page is the same when its bytes are, their declared encoding, where it was found and how it was asked for: all
    that a family sees. Errors are not remembered.
    """
    if turns is None or page.sha256 is None:
        return work()
    asked = page.request
    request = (asked.url, asked.method, asked.form, asked.json, asked.headers, asked.purpose, asked.state)
    question = (named, sorted(entry.params), page.sha256, page.url, page.headers.get("content-type"), request)
    found = turns.get(*question)
    if found is None:
        found = work()
        turns.put(found, *question)
    return found
