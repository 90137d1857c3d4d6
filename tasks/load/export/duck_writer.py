"""Run as a program of its own, on nothing but DuckDB: writes the file that the order on standard input describes."""

from __future__ import annotations

import json
import sys

import duckdb


def main() -> None:
    """Make a table for each Parquet file, with a comment on each column."""
    order = json.load(sys.stdin)
    # One thread, so that rows stay in order and blocks where they are.
    with duckdb.connect(order["target"], config={"threads": 1, "preserve_insertion_order": True}) as connection:
        connection.begin()
        for table in order["tables"]:
            source = _quoted(table["source"])
            connection.execute(f"CREATE TABLE {table['name']} AS SELECT * FROM read_parquet({source})")  # noqa: S608
            for name, words in table["columns"].items():
                connection.execute(f'COMMENT ON COLUMN {table["name"]}."{name}" IS {_quoted(words)}')
        connection.commit()
        connection.execute("CHECKPOINT")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


if __name__ == "__main__":
    main()
