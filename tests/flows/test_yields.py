"""Reports that are emptier than the registry expects are told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.pipeline import Examined
from flows.plan import Owed, plan
from flows.work.decide import Understood
from flows.yields import thin_reports
from infra.replica.documents import render
from infra.replica.truth import truth
from schemas.report import FactState, Judgement, Outcome
from schemas.site import Yields
from tasks.parse import parse
from tasks.read import read
from tests.flows.makers import publisher, site

REPORT = parse(read(render(truth("guyuan-ggzy", 2021), "html")))
OWED = Owed("guyuan-ggzy", 2021)


def told(fill_rate: float | None, blank: int) -> list[str]:
    """Codes for a report of which this many cells in a hundred are blank."""
    facts = tuple(
        replace(fact, state=FactState.BLANK if place * 100 < blank * len(REPORT.facts) else FactState.NUMBER)
        for place, fact in enumerate(REPORT.facts)
    )
    judged = Examined(Judgement(Outcome.LOADED, None, replace(REPORT, facts=facts)), "0" * 64, "text/html")
    entry = site("s", publisher("guyuan-ggzy")).model_copy(update={"yields": Yields(fill_rate=fill_rate)})
    (unit,) = plan([entry], [2021])
    return [problem.code for problem in thin_reports(unit, [Understood(OWED, examined=judged)])]


@pytest.mark.parametrize(
    ("fill_rate", "blank", "codes"),
    [(0.9, 5, []), (0.9, 30, ["harvest.fill_low"]), (None, 90, []), (0.0, 100, [])],
)
def test_a_share_of_figures_below_the_expected_one_is_told(
    fill_rate: float | None, blank: int, codes: list[str]
) -> None:
    assert told(fill_rate, blank) == codes


def test_nothing_read_is_no_share() -> None:
    entry = site("s", publisher("guyuan-ggzy")).model_copy(update={"yields": Yields(fill_rate=0.9)})
    (unit,) = plan([entry], [2021])
    assert thin_reports(unit, [Understood(OWED)]) == ()
