"""The warehouse's schema, step by step, from the first release on (Alembic).

Run by `tasks.load.Warehouse.migrate()` with the scripts of this package; there is no alembic.ini.
"""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

HEAD = "head"


def configuration(connection: Connection | None = None, *, further: Path | None = None) -> Config:
    """Alembic's settings: scripts of this package (also inside a wheel), and the connection to work on.

    `further` is a folder with scripts that come after those of the package.
    """
    config = Config()
    config.set_main_option("script_location", f"{__name__}:")
    config.set_main_option("path_separator", "newline")
    if further is not None:
        config.set_main_option("version_locations", f"{__name__}:versions\n{further}".replace("%", "%%"))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def scripts(*, further: Path | None = None) -> ScriptDirectory:
    """The migration scripts in their order."""
    return ScriptDirectory.from_config(configuration(further=further))
