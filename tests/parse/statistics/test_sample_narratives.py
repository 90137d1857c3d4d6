"""Narratives of the replica's sample reports: written by templates that know which figures they state."""

from __future__ import annotations

from decimal import Decimal

import pytest

from infra.replica.model import Figure, SectionTruth
from infra.replica.publishers import publishers
from infra.replica.sample import sample_truth
from schemas.report import Statistic
from tasks.parse.statistics import extract

EVERYBODY = sorted(publishers())


def _read(part: SectionTruth, year: int) -> tuple[Statistic, ...]:
    text = "\n".join(part.paragraphs)
    return extract(text, [(0, len(text), part.code)], year=year)


@pytest.mark.parametrize("year", [2015, 2017, 2018, 2019, 2020, 2021, 2023])
@pytest.mark.parametrize("publisher", EVERYBODY)
def test_a_sample_narrative_gives_the_figures_that_it_states(publisher: str, year: int) -> None:
    truth = sample_truth(publisher, year)
    for part in (truth.preamble, *truth.sections):
        read = _read(part, year)
        left = list(read)
        for figure in part.figures:
            hits = [one for one in left if _is(one, figure) and _whole_of(one, read) == _whole_in(figure, part)]
            assert hits, figure
            assert (hits[0].qualifier, hits[0].relation) == (figure.qualifier, figure.relation)
            left.remove(hits[0])
        assert [one.quote for one in left] == []


def _is(one: Statistic, figure: Figure) -> bool:
    none = figure.value == 0 and one.unit is None
    same = _plain(one.value, one.unit) == _plain(figure.value, figure.unit)
    return (none and one.value == 0) or same


def _plain(value: Decimal, unit: str | None) -> tuple[Decimal, str]:
    for prefix, factor in (("万", 10**4), ("亿", 10**8)):
        if unit and unit.startswith(prefix):
            return value * factor, unit.removeprefix(prefix)
    return value, unit or ""


def _whole_of(one: Statistic, read: tuple[Statistic, ...]) -> Decimal | None:
    return next((whole.value for whole in read if whole.metric == one.parent), None)


def _whole_in(figure: Figure, part: SectionTruth) -> Decimal | None:
    return next((whole.value for whole in part.figures if whole.metric == figure.parent), None)
