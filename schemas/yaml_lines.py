"""Where things stand in a YAML file: lines for the faults that a check finds, and keys that are written twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import yaml


def node_at(node: yaml.Node, place: Sequence[str | int]) -> yaml.Node:
    """The node that a path of keys and positions leads to, as far as it goes; of a key in a mapping the key itself."""
    found = node
    for part in place:
        if isinstance(node, yaml.MappingNode):
            entry = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if entry is None:
                break
            found, node = entry
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = node = node.value[part]
        else:
            break
    return found


def line_of(node: yaml.Node) -> int:
    """The line that a node begins on, counted from 1."""
    return int(node.start_mark.line) + 1


def line_at(node: yaml.Node, place: Sequence[str | int]) -> int:
    """The line of the deepest part of a path that is written."""
    return line_of(node_at(node, place))


def repeated_keys(node: yaml.Node) -> Iterator[tuple[str, int]]:
    """Keys that a mapping has twice, with the line of the later: YAML takes the last one without a word."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield str(key.value), line_of(key)
            seen.add(key.value)
            yield from repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from repeated_keys(item)
