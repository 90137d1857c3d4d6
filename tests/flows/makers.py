"""Small registry entries and documents for the tests of this room."""

from __future__ import annotations

from schemas.site import Entry, PublisherEntry, Site


def publisher(key: str = "guyuan", /, **more: object) -> PublisherEntry:
    """A publisher entry; the Chinese name follows from the id unless one is given."""
    data = {"id": key, "name": {"guyuan": "固原市公共资源交易中心"}.get(key, f"{key}市公共资源交易中心"), **more}
    return PublisherEntry.model_validate(data)


def site(key: str = "gy", /, *publishers: PublisherEntry, **more: object) -> Site:
    """A site on loopback with one entry column."""
    data = {
        "id": key,
        "name": f"{key} portal",
        "host": "127.0.0.1:8001",
        "publishers": publishers or (publisher(),),
        "entries": (Entry(url="http://127.0.0.1:8001/xxgknb/"),),
        "allow_private": True,
        **more,
    }
    return Site.model_validate(data)
