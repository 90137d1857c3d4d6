"""One DuckDB file of all views, the same bytes for the same content.

DuckDB leaves a random identifier in the file's head, and whatever lay in memory in the gaps of its blocks. So the
file is written by a process of its own whose allocators hand out zeroed memory, and the identifier is zeroed after.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from schemas.errors import LoadError
from tasks.load.views import View, ViewColumn

_ZEROED = {
    "MALLOC_PERTURB_": "255",  # glibc: new memory is filled with the complement of this
    "DUCKDB_JE_MALLOC_CONF": "zero:true",  # the allocator that DuckDB brings along
}
_WRITER = Path(__file__).with_name("duck_writer.py")
_BLOCK = 4096
_IDENTIFIER = slice(124, 140)


def write_duckdb(views: Iterable[View], parquet: Path, path: Path) -> bool:
    """Write a table for each view from its Parquet file in `parquet`. Returns whether the bytes are reproducible.

    Raises LoadError `load.export_failed` when the writing process fails.
    """
    order = {
        "target": str(path),
        "tables": [
            {
                "name": view.name,
                "source": str(parquet / f"{view.name}.parquet"),
                "columns": {column.name: _words(column) for column in view.columns},
            }
            for view in views
        ],
    }
    done = subprocess.run(  # noqa: S603 (our own program, named in full)
        [sys.executable, "-P", str(_WRITER)],
        input=json.dumps(order),
        env={**os.environ, **_ZEROED},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["no message"]
        raise LoadError("load.export_failed", said[-1], where=path.name)
    return without_identifier(path)


def without_identifier(path: Path) -> bool:
    """Zero the random identifier of a DuckDB file. Returns False, and leaves the file alone, when it looks otherwise.

    The file starts with three blocks, each led by its checksum (DuckDB: src/common/checksum.cpp); the identifier
    stands in the first and in the one that was written last.
    """
    with path.open("r+b") as file:
        blocks = [bytearray(file.read(_BLOCK)) for _ in range(3)]
        identifier = bytes(blocks[0][_IDENTIFIER])
        if not all(_checksum(block) == block[:8] for block in blocks):
            return False
        for block in blocks:
            if block[_IDENTIFIER] == identifier:
                block[_IDENTIFIER] = bytes(len(identifier))
                block[:8] = _checksum(block)
        file.seek(0)
        file.write(b"".join(blocks))
    return True


def table_names(path: Path) -> Sequence[str]:
    """The tables of a DuckDB file; proves that it opens."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return [str(name) for (name,) in connection.execute("SHOW TABLES").fetchall()]


def _checksum(block: bytearray) -> bytes:
    total = 5381
    for (word,) in struct.iter_unpack("<Q", block[8:]):
        total ^= (word * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    return struct.pack("<Q", total)


def _words(column: ViewColumn) -> str:
    return f"{column.zh} / {column.en}" + (f" ({column.unit})" if column.unit else "")
