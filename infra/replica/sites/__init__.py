"""Replica sites by family: plain functions from a request to an answer; the network is in `infra.replica.server`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from infra.replica.sites.base import ReplicaSite
from infra.replica.sites.build import columns, specs
from infra.replica.sites.epoint import EpointRest, EpointWebForms
from infra.replica.sites.hanweb import Hanweb
from infra.replica.sites.jpaas import Jpaas, TrueCms
from infra.replica.sites.provincial import Gkmlpt, Lonsun
from infra.replica.sites.shapes import Answer, Ask, Column, Item
from infra.replica.sites.static import AspNet, EpointStatic, Jeecms, SiteServer, Vsb, WebPlus
from infra.replica.sites.trs import Trs
from infra.replica.sites.ucap import Ucap

FAMILIES: dict[str, Callable[[Mapping[str, Any], list[Column]], ReplicaSite]] = {
    "trs": Trs,
    "hanweb": Hanweb,
    "ucap": Ucap,
    "jpaas": Jpaas,
    "truecms": TrueCms,
    "epoint_webforms": EpointWebForms,
    "epoint_rest": EpointRest,
    "epoint_static": EpointStatic,
    "jeecms": Jeecms,
    "lonsun": Lonsun,
    "gkmlpt": Gkmlpt,
    "vsb": Vsb,
    "webplus": WebPlus,
    "siteserver": SiteServer,
    "aspnet": AspNet,
}
FIVE = ("replica-guyuan", "replica-zhongwei", "replica-jining", "replica-daqing", "replica-zhumadian")
ALL = tuple(specs())


def site_from(spec: Mapping[str, Any]) -> ReplicaSite:
    """A fresh site from its data."""
    return FAMILIES[spec["family"]](spec, columns(spec))


def build(names: tuple[str, ...] = FIVE) -> list[ReplicaSite]:
    """Fresh sites by id; KeyError for an unknown one."""
    return [site_from(specs()[name]) for name in names]


def crowd(count: int, *, years: tuple[int, int] = (2020, 2022)) -> list[ReplicaSite]:
    """Many small TRS portals on 127.0.1.x and 127.0.2.x, one report column each: for tests of many hosts at once."""
    made: list[ReplicaSite] = []
    for number in range(count):
        body = f"crowd-{number}"
        made.append(
            site_from(
                {
                    "id": f"replica-{body}",
                    "portal": f"第{number + 1}镇人民政府",
                    "address": f"127.0.{1 + number // 200}.{1 + number % 200}",
                    "family": "trs",
                    "publisher": body,
                    "owed": years,
                    "entries": [{"path": "/zwgk/xxgknb/", "publisher": body}],
                    "agencies": [{"id": body, "name": f"第{number + 1}镇人民政府", "short": "我镇"}],
                    "columns": [
                        {
                            "path": "/zwgk/xxgknb/",
                            "name": "政府信息公开年报",
                            "reports": [{"publisher": body, "years": list(years)}],
                        }
                    ],
                }
            )
        )
    return made


__all__ = [
    "ALL",
    "FAMILIES",
    "FIVE",
    "Answer",
    "Ask",
    "Column",
    "Item",
    "ReplicaSite",
    "build",
    "crowd",
    "site_from",
    "specs",
]
