"""Where the registry of sites is, when nobody names another one; read once as long as no file changes."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from schemas.site import Site
from tasks.discover import registry

BUILT_IN = Path(__file__).resolve().parent.parent / "deployments" / "sites"


def load_registry(place: Path | str | None = None) -> tuple[Site, ...]:
    """The sites of a registry, sorted by id. Raises SettingsError `settings.registry` naming its faults."""
    root = Path(place) if place is not None else _usual()
    files = sorted(root.rglob("*.yaml")) if root.is_dir() else [root]
    return _loaded(root, tuple((str(file), file.stat().st_mtime_ns) for file in files if file.exists()))


def read_registry(place: Path | str | None = None) -> registry.Registry:
    """The sites that are right, and every fault with its line. Raises SettingsError when there is no registry."""
    return registry.read_registry(place if place is not None else _usual())


@lru_cache(maxsize=4)
def _loaded(root: Path, state: tuple[tuple[str, int], ...]) -> tuple[Site, ...]:  # noqa: ARG001 (key of the cache)
    return registry.load_registry(root)


def _usual() -> Path:
    named = os.environ.get("NIANBAO_REGISTRY")
    return Path(named) if named else BUILT_IN
