"""Report and findings → warehouse, and the warehouse's answers. The only room that knows the database.

`Warehouse` is the door; each of its methods is one transaction.
"""

from tasks.load.coverage import Coverage, CoverageCell, CoverageRow
from tasks.load.delivery import Delivery, Source
from tasks.load.shapes import Change, Due, FactRow, FindingRow, LoadResult, LoadStatus, ReportRow, RunRow
from tasks.load.warehouse import Warehouse

__all__ = [
    "Change",
    "Coverage",
    "CoverageCell",
    "CoverageRow",
    "Delivery",
    "Due",
    "FactRow",
    "FindingRow",
    "LoadResult",
    "LoadStatus",
    "ReportRow",
    "RunRow",
    "Source",
    "Warehouse",
]
