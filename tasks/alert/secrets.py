"""Secrets of receivers: read from the environment, and struck out of everything that is written or said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from schemas.alert_routes import AlertRoutes

STRUCK = "•••"

_SHORTEST = 4
"""Shorter values are not struck out: they would turn up in ordinary words."""

_WORDS = re.compile(r"[a-z_-]+|v\d")
"""Parts of an address that every address of the service has: `services`, `webhook`, `open-apis`, `v2`."""


class Secrets:
    """The values of the variables that a routes file names. Shows none of them, not even in its repr."""

    __slots__ = ("_forms", "_values")

    def __init__(self, routes: AlertRoutes, environ: Mapping[str, str]) -> None:
        self._values = {name: environ[name].strip() for name in routes.variables if environ.get(name, "").strip()}
        forms = {form for value in self._values.values() for form in _forms(value)}
        self._forms = sorted(forms, key=lambda form: (-len(form), form))

    def __repr__(self) -> str:
        return f"Secrets({', '.join(sorted(self._values))})"

    def get(self, variable: str) -> str | None:
        """The value of a variable, or None when it is not set or blank."""
        return self._values.get(variable)

    def strike(self, text: str) -> str:
        """The text without any secret or part of one, however it is quoted."""
        for form in self._forms:
            text = text.replace(form, STRUCK)
        return text


def _forms(value: str) -> Iterable[str]:
    """The value as it may turn up in a message: whole, quoted, or the telling parts of an address."""
    parts = {value}
    if "://" in value:
        address = urlsplit(value)
        steps = [step for step in address.path.split("/") if step]
        parts |= {address.username or "", address.password or "", address.path.rstrip("/")}
        parts |= {f"{address.path}?{address.query}" if address.query else ""}
        parts |= {step for step in steps if not _WORDS.fullmatch(step)} | {step for step in steps[-1:] if len(step) > 7}
        parts |= {held for _, held in parse_qsl(address.query)}
    plain = {part for part in parts if len(part) >= _SHORTEST}
    return {
        form for part in plain for form in (part, quote(part), quote(part, safe=""), quote_plus(part), unquote(part))
    }
