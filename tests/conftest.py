"""Fixtures of the whole suite: where the evidence is, and how its absence is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


def evidence_dir() -> Path | None:
    """The folder with real documents and seed reports, or None on a machine that has none."""
    named = os.environ.get("NIANBAO_EVIDENCE")
    folder = Path(named) if named else CHECKOUT.parent / "shared"
    return folder if (folder / "seeds").is_dir() else None


@pytest.fixture(scope="session")
def evidence() -> Path:
    """Real documents for golden tests; skips where they are absent (they are not part of the repository)."""
    folder = evidence_dir()
    if folder is None:
        pytest.skip("no evidence folder (real reports) beside this checkout; set NIANBAO_EVIDENCE to use one")
    return folder
