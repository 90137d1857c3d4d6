"""Who may import whom: arrows between rooms run downwards only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STEPS = sorted(folder.name for folder in (ROOT / "tasks").iterdir() if (folder / "__init__.py").exists())
PREFECT_FREE = ("cli", "work")  # folders of flows that must be importable without Prefect, but for what a verb runs


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


def offenders(folder: str, forbidden: tuple[str, ...]) -> list[str]:
    return [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in sorted((ROOT / folder).rglob("*.py"))
        for name in imports(file)
        if any(name == one or name.startswith(f"{one}.") for one in forbidden)
    ]


def test_schemas_import_nothing_of_ours() -> None:
    assert offenders("schemas", ("flows", "tasks", "infra", "deployments", "tests")) == []


@pytest.mark.parametrize("step", STEPS)
def test_a_step_imports_no_other_step_and_nothing_above_it(step: str) -> None:
    others = tuple(f"tasks.{other}" for other in STEPS if other != step)
    assert offenders(f"tasks/{step}", ("flows", "infra.replica", "deployments", "prefect", *others)) == []


@pytest.mark.parametrize("folder", PREFECT_FREE)
def test_prefect_stays_out_of_the_command_line_and_the_work(folder: str) -> None:
    assert offenders(f"flows/{folder}", ("prefect",)) == []


def test_only_load_knows_the_database_and_only_fetch_the_network() -> None:
    database = ("sqlalchemy", "sqlmodel", "alembic", "psycopg", "sqlite3")
    network = ("requests", "urllib3", "httpx", "urllib.request")
    for step in STEPS:
        forbidden = (database if step not in {"load", "alert"} else ()) + (
            network if step not in {"fetch", "alert"} else ()
        )
        assert offenders(f"tasks/{step}", forbidden) == []


def test_no_file_outside_flows_and_deployments_imports_prefect() -> None:
    for folder in ("tasks", "schemas", "infra"):
        assert offenders(folder, ("prefect",)) == []
