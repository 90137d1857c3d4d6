"""Stores on both databases, migrated once, and a machine without proxies."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from schemas.tables import Alert, AlertMessage, AlertNews, table_of
from tasks.load import Warehouse
from tasks.load.alerts import AlertStore
from tests.load.conftest import empty_postgres, postgres

__all__ = ["postgres"]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Receivers are asked directly, whatever the machine is told."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def _sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("alerts") / "template.sqlite"
    with Warehouse(str(path)) as warehouse:
        warehouse.migrate()
    return path


@pytest.fixture(scope="session")
def _postgres(postgres: str) -> str:
    address = empty_postgres(postgres)
    with Warehouse(address) as warehouse:
        warehouse.migrate()
    return address


@pytest.fixture
def sqlite(_sqlite: Path, tmp_path: Path) -> str:
    """The address of a migrated warehouse without alerts on SQLite."""
    return f"sqlite:///{shutil.copy(_sqlite, tmp_path / 'warehouse.sqlite')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The address of a migrated warehouse without alerts, on each database."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite"))
    address = str(request.getfixturevalue("_postgres"))
    with Warehouse(address) as warehouse, warehouse.engine.begin() as connection:
        for model in (Alert, AlertMessage, AlertNews):
            connection.execute(sa.delete(table_of(model)))
    return address


@pytest.fixture
def store(sqlite: str) -> Iterator[AlertStore]:
    """A store on SQLite: for what does not depend on the database."""
    with Warehouse(sqlite) as warehouse:
        yield AlertStore(warehouse.engine)


@pytest.fixture
def any_store(database: str) -> Iterator[AlertStore]:
    """A store on SQLite, and one on PostgreSQL."""
    with Warehouse(database) as warehouse:
        yield AlertStore(warehouse.engine)
