"""`python -m infra.migrations "what changes"`: write a new script from the difference between models and schema."""

from __future__ import annotations

import sys

import sqlalchemy as sa
from alembic import command

from infra.migrations import HEAD, configuration, scripts


def main() -> int:
    """Build the present schema in memory, compare it with the models and write the difference as a script."""
    if len(sys.argv) != 2:
        sys.stderr.write('usage: python -m infra.migrations "what changes"\n')
        return 2
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        command.upgrade(configuration(connection), HEAD)
        following = len(list(scripts().walk_revisions())) + 1
        command.revision(configuration(connection), sys.argv[1], autogenerate=True, rev_id=f"{following:04}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
