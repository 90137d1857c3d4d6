"""The statistical table of 2014 and local annexes: what their formulas cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from schemas.checks import Check
from tasks.validate.case import Case, squeeze
from tasks.validate.results import CheckResult, plain
from tasks.validate.rules.base import failed, passed, rule, unassessable


@rule("S_FEE_AND_ZERO")
def fee_without_applications(check: Check, case: Case) -> Iterator[CheckResult]:
    """A fee was taken although no application was received."""
    cells = [check.params["fee"], check.params["received"]]
    fee, received = (case.number(code) for code in cells)
    if fee is None or received is None:
        yield unassessable(check, "a cell is blank or missing", cells)
    elif fee > 0 and received == 0:
        yield failed(check, f"{cells[0]} is {plain(fee)}, {cells[1]} is 0", cells, left=fee, right=received)
    else:
        yield passed(check, cells, left=fee, right=received)


@rule("L_HEADER_YEAR")
def header_year(check: Check, case: Case) -> Iterator[CheckResult]:
    """The year that stands behind 指标名称 in the header of the annex."""
    found = re.search(check.params["header"], squeeze(case.report.text))
    if found is None or case.report.year is None:
        yield unassessable(check, "the header of the annex names no year")
        return
    stated, year = Decimal(found[1]), Decimal(case.report.year)
    if stated == year:
        yield passed(check, left=stated, right=year)
    else:
        yield failed(
            check, f"the header says {plain(stated)}, the report is for {plain(year)}", left=stated, right=year
        )
