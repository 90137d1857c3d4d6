"""Which characters a text must hold for a pattern to match it: asked first, it saves most searches.

The answer is derived from the pattern itself, so it cannot drift from it: where the form of a pattern says nothing,
or Python's parser of patterns is not where it was, nothing is needed and the pattern is tried as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from tasks.parse.statistics.opening import hastened, of_class

Needs = tuple[frozenset[str], ...]  # of each set a text must hold at least one character


@dataclass(frozen=True, slots=True)
class Sieved:
    """A pattern, and what a text needs to be worth a search."""

    pattern: re.Pattern[str]
    needs: Needs
    source: str  # the pattern as it is written

    def may_match(self, characters: set[str]) -> bool:
        """False only where no text of these characters matches."""
        return bool(worth_trying((self,), characters))


def worth_trying(patterns: Iterable[Sieved], characters: set[str]) -> list[re.Pattern[str]]:
    """Those of the patterns, in their order, that may match a text of these characters."""
    found = []
    for sieve in patterns:
        for needed in sieve.needs:
            if needed.isdisjoint(characters):
                break
        else:
            found.append(sieve.pattern)
    return found


def sieved(pattern: str) -> Sieved:
    """The pattern, compiled, with its needs."""
    return Sieved(hastened(pattern), needs(pattern), pattern)


def needs(pattern: str) -> Needs:
    """The needs of a pattern, none where nothing is known."""
    try:
        parser: Any = import_module("re._parser")
        tree = parser.parse(pattern)
    except (ImportError, AttributeError):
        return ()
    if tree.state.flags & re.IGNORECASE:
        return ()
    found = dict.fromkeys(_of_sequence(tree))
    return tuple(sorted((needed for needed in found if not any(other < needed for other in found)), key=len))


def _of_sequence(items: Iterable[Any]) -> list[frozenset[str]]:
    """Every element of a sequence must match. Assertions are left out: they may look outside of what is searched."""
    found: list[frozenset[str]] = []
    for kind, value in items:
        name = str(kind)
        if name == "LITERAL":
            found.append(frozenset(chr(value)))
        elif name == "IN":
            found += of_class(value)
        elif name == "BRANCH":
            found += _of_branch([_of_sequence(option) for option in value[1]])
        elif name == "SUBPATTERN" and not value[1]:
            found += _of_sequence(value[3])
        elif name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"} and value[0] > 0:
            found += _of_sequence(value[2])
        elif name == "ATOMIC_GROUP":
            found += _of_sequence(value)
    return found


def _of_branch(options: list[list[frozenset[str]]]) -> list[frozenset[str]]:
    """One need of each option, together; chosen so that they are few characters."""
    chosen: set[str] = set()
    for option in sorted(options, key=len):
        if not option:
            return []
        chosen |= min(option, key=lambda needed: (len(needed - chosen), -len(needed & chosen)))
    return [frozenset(chosen)]
