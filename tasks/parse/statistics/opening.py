"""Patterns that pass over what they cannot begin with.

A search tries a pattern at every character. Python's engine passes over characters quickly only where a pattern begins
with a literal or a class; behind an optional group or a look-around it tries all of it. Here the characters that a
match can begin with are derived from the pattern itself and asked for first, by a look-ahead: the matches are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

_WIDEST_RANGE = 64  # characters of a class that are counted one by one
_MOST = 400  # characters; a class of more tells little


def hastened(pattern: str) -> re.Pattern[str]:
    """The pattern, compiled; with what it may begin with in front where that is known and the engine does not see."""
    plain = re.compile(pattern)
    try:
        parser: Any = import_module("re._parser")
        tree = list(parser.parse(pattern))
    except (ImportError, AttributeError):
        return plain
    if plain.flags != re.UNICODE or _is_seen(tree):
        return plain
    first, empty = _first(tree)
    if not first or empty or len(first) > _MOST:
        return plain
    return re.compile(f"(?=[{''.join(map(re.escape, sorted(first)))}])(?:{pattern})")


def _is_seen(items: Sequence[Any]) -> bool:
    """Whether the engine finds the first characters by itself."""
    if not items:
        return True
    kind, value = items[0]
    name = str(kind)
    if name == "SUBPATTERN":
        return _is_seen(list(value[3]))
    if name == "BRANCH":
        return all(option and str(option[0][0]) == "LITERAL" for option in value[1])
    return name in {"LITERAL", "IN", "AT"}


def _first(items: Sequence[Any]) -> tuple[frozenset[str] | None, bool]:
    """The characters that a match of the sequence may begin with (None: not known), and whether it may be empty.

    What looks back or denies is passed over: it only takes matches away.
    """
    found: frozenset[str] = frozenset()
    for at, (kind, value) in enumerate(items):
        name = str(kind)
        if name in {"ASSERT_NOT", "AT"} or (name == "ASSERT" and value[0] < 0):
            continue
        if name == "ASSERT":
            ahead, empty = _first(list(value[1]))
            if ahead is None or empty:
                continue
            rest, empty = _first(items[at + 1 :])
            return found | (ahead if rest is None or empty else rest & ahead), False
        first, empty = _of_item(name, value)
        if first is None:
            return None, False
        found |= first
        if not empty:
            return found, False
    return found, True


def _of_item(name: str, value: Any) -> tuple[frozenset[str] | None, bool]:
    if name == "LITERAL":
        return frozenset(chr(value)), False
    if name == "IN":
        members = of_class(value)
        return (members[0], False) if members else (None, False)
    if name == "SUBPATTERN" and not (value[1] or value[2]):
        return _first(list(value[3]))
    if name == "ATOMIC_GROUP":
        return _first(list(value))
    if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
        first, empty = _first(list(value[2]))
        return first, empty or value[0] == 0
    if name == "BRANCH":
        options = [_first(list(option)) for option in value[1]]
        if all(first is not None for first, _ in options):
            return frozenset().union(*[first or () for first, _ in options]), any(empty for _, empty in options)
    return None, False


def of_class(members: Iterable[Any]) -> list[frozenset[str]]:
    """The characters of a class as one need; none where they are too many or not known one by one."""
    characters: set[str] = set()
    for kind, value in members:
        name = str(kind)
        if name == "LITERAL":
            characters.add(chr(value))
        elif name == "RANGE" and value[1] - value[0] < _WIDEST_RANGE:
            characters.update(map(chr, range(value[0], value[1] + 1)))
        else:
            return []
    return [frozenset(characters)]
