"""Replica sites by family: plain functions from a request to an answer; the network is in `infra.replica.server`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from infra.replica.sites.base import Answer, Ask, Column, Item, ReplicaSite
from infra.replica.sites.build import columns, specs
from infra.replica.sites.hanweb import Hanweb
from infra.replica.sites.trs import Trs
from infra.replica.sites.ucap import Ucap

FAMILIES: dict[str, Callable[[Mapping[str, Any], list[Column]], ReplicaSite]] = {
    "trs": Trs,
    "hanweb": Hanweb,
    "ucap": Ucap,
}
FIVE = ("replica-guyuan", "replica-zhongwei", "replica-jining", "replica-daqing", "replica-zhumadian")


def site_from(spec: Mapping[str, Any]) -> ReplicaSite:
    """A fresh site from its data."""
    return FAMILIES[spec["family"]](spec, columns(spec))


def build(names: tuple[str, ...] = FIVE) -> list[ReplicaSite]:
    """Fresh sites by id; KeyError for an unknown one."""
    return [site_from(specs()[name]) for name in names]


__all__ = ["FAMILIES", "FIVE", "Answer", "Ask", "Column", "Item", "ReplicaSite", "build", "site_from", "specs"]
