"""Three figures from an export, each to the last digit, and the last one with the way back to its source.

    nianbao export --format parquet --to exports/today
    python examples/three_figures.py exports/today

It reads the Parquet files with DuckDB; docs/data-dictionary.md explains every view and column.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

PROCUREMENT = "t2.central_procurement.amount"  # 政府集中采购 采购总金额, form of 2019
DAQING = "daqing-ggzy"


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """A query in which `{view}` stands for a view of the export."""
    views = {file.stem: f"read_parquet('{file}')" for file in folder.glob("*.parquet")}
    return duckdb.connect().execute(query.format(**views)).fetchall()


def received(folder: Path) -> list[tuple[str, int, Decimal]]:
    """Applications received (本年新收), by publisher and year. A report that does not say is left out: it is not 0."""
    return rows(
        folder,
        "SELECT publisher, year, new FROM {requests_by_year} "
        "WHERE applicant = 'total' AND new IS NOT NULL ORDER BY publisher, year",
    )


def granted(folder: Path) -> list[tuple[str, int, Decimal]]:
    """Share of the handled applications that were granted, wholly or in part (予以公开, 部分公开), in percent."""
    found = rows(
        folder,
        "SELECT publisher, year, granted + partial, results_total FROM {requests_by_year} "
        "WHERE applicant = 'total' AND results_total > 0 AND granted + partial IS NOT NULL ORDER BY publisher, year",
    )
    return [(publisher, year, round(100 * given / whole, 1)) for publisher, year, given, whole in found]


def procurement(folder: Path, publisher: str = DAQING, year: int = 2021) -> dict[str, Any]:
    """采购总金额 of one report, and where it stands: cell, page, document, address, time of fetching."""
    names = ["publisher", "year", "label_zh", "value", "unit", "raw", "page", "place", "document_sha256", "url"]
    names += ["fetched_at", "corrected_by"]
    (row,) = rows(
        folder,
        f"SELECT {', '.join(names)} FROM {{fact_provenance}} "  # noqa: S608 (names of our own)
        f"WHERE publisher_id = '{publisher}' AND year = {year} AND code = '{PROCUREMENT}'",
    )
    return dict(zip(names, row, strict=True))


def main(folder: Path) -> None:
    """Print the three."""
    print("Applications received 本年新收政府信息公开申请")
    for publisher, year, number in received(folder):
        print(f"  {publisher} {year}: {number.normalize():f}")
    print("Granted, wholly or in part, of those handled 予以公开和部分公开占比")
    for publisher, year, share in granted(folder):
        print(f"  {publisher} {year}: {share} %")
    found = procurement(folder)
    print(f"{found['publisher']} {found['year']} {found['label_zh']}: {found['value'].normalize():,f} {found['unit']}")
    print(f"  printed as {found['raw']!r} on page {found['page']}, {found['place']}")
    print(f"  document {found['document_sha256']}")
    print(f"  from {found['url']}, fetched {found['fetched_at']}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
