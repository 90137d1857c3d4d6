"""Where the registry of sites is, when nobody names another one."""

from __future__ import annotations

from pathlib import Path

from schemas.site import Site
from tasks.discover import registry

BUILT_IN = Path(__file__).resolve().parent.parent / "deployments" / "sites"


def load_registry(place: Path | str | None = None) -> tuple[Site, ...]:
    """The sites of a registry, sorted by id. Raises SettingsError `settings.registry` naming its faults."""
    return registry.load_registry(place if place is not None else BUILT_IN)


def read_registry(place: Path | str | None = None) -> registry.Registry:
    """The sites that are right, and every fault with its line. Raises SettingsError when there is no registry."""
    return registry.read_registry(place if place is not None else BUILT_IN)
