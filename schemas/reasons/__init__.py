"""Reason codes: why something did not go through, and what a person can do about it. One YAML file per room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

from schemas.plain_yaml import plain_yaml

_KEYS = {"code", "title", "sentence", "remedy", "recoverable", "severity"}
_SEVERITIES = {"error", "warning", "info"}


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """One code: its few words, what it means, what to do, whether trying again can help, and how grave it is."""

    code: str
    title: str
    sentence: str
    remedy: str
    recoverable: bool
    severity: str
    room: str

    @property
    def area(self) -> str:
        """The first part of the code, e.g. `fetch` of `fetch.challenge`."""
        return self.code.split(".", 1)[0]


@cache
def reason_codes() -> Mapping[str, ReasonCode]:
    """All codes of all rooms, sorted by code. Raises ValueError when a file breaks the shape or repeats a code."""
    found: dict[str, ReasonCode] = {}
    for file in sorted(resources.files(__package__).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".yaml"):
            continue
        room = file.name.removesuffix(".yaml")
        for entry in plain_yaml(file.read_text(encoding="utf-8")) or ():
            reason = _checked(entry, room)
            if reason.code in found:
                raise ValueError(f"{file.name}: {reason.code} is also in {found[reason.code].room}.yaml")
            found[reason.code] = reason
    return MappingProxyType(dict(sorted(found.items())))


def reason_code(code: str) -> ReasonCode | None:
    """The entry of one code, or None when no room lists it."""
    return reason_codes().get(code)


def _checked(entry: object, room: str) -> ReasonCode:
    if not isinstance(entry, dict) or set(entry) != _KEYS:
        raise ValueError(f"{room}.yaml: an entry has exactly the keys {', '.join(sorted(_KEYS))}; found {entry!r}")
    if entry["severity"] not in _SEVERITIES or not isinstance(entry["recoverable"], bool):
        raise ValueError(f"{room}.yaml: {entry['code']}: severity or recoverable is not one of the allowed values")
    texts = {key: str(entry[key]).strip() for key in ("code", "title", "sentence", "remedy")}
    if not all(texts.values()):
        raise ValueError(f"{room}.yaml: {entry['code']}: code, title, sentence and remedy must not be empty")
    return ReasonCode(**texts, recoverable=entry["recoverable"], severity=entry["severity"], room=room)
