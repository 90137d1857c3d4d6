"""Every figure that a person counted in a real document is read, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.parse.statistics.hand_counts import HandCount, golden_files, load, quote_hash

SEEDS = ["guyuan2021", "zhongwei2017", "jining2020", "daqing2021", "zhumadian2021"]
FIELDS = ("metric", "unit", "qualifier", "parent", "relation", "period", "key", "outcome")


@pytest.fixture(scope="module", params=golden_files())
def counted(request: pytest.FixtureRequest, evidence: Path) -> HandCount:
    return load(request.param, evidence)


def test_the_five_seeds_are_counted() -> None:
    assert set(SEEDS) <= set(golden_files())


def test_every_quote_stands_where_it_says(counted: HandCount) -> None:
    for statistic in counted.read:
        assert counted.text[statistic.start : statistic.end] == statistic.quote


def test_every_counted_figure_is_read(counted: HandCount) -> None:
    missed = [figure["at"] for figure, statistic in counted.pairs() if statistic is None]
    assert not missed


def test_nothing_is_read_that_was_not_counted(counted: HandCount) -> None:
    found = {id(statistic) for _, statistic in counted.pairs()}
    assert [(s.metric, s.value, s.quote) for s in counted.read if id(s) not in found] == []


def test_what_is_no_figure_is_not_read(counted: HandCount) -> None:
    for place in counted.not_figures:
        assert not [s.quote for s in counted.read if s.start <= place < s.end and s.value]


def test_every_field_is_as_reviewed(counted: HandCount) -> None:
    for figure, statistic in counted.pairs():
        assert statistic is not None
        for field in FIELDS:
            value = getattr(statistic, field)
            if f"{field}_hash" in figure:
                assert quote_hash(value) == figure[f"{field}_hash"], (figure["at"], field)
            else:
                assert value == figure.get(field), (figure["at"], field)
        assert quote_hash(statistic.quote) == figure["hash"], figure["at"]


def test_precision_and_recall_on_the_seeds_together(evidence: Path) -> None:
    counts = [load(name, evidence) for name in SEEDS]
    hits = sum(statistic is not None for count in counts for _, statistic in count.pairs())
    assert hits / sum(len(count.read) for count in counts) >= 0.97
    assert hits / sum(len(count.counted) for count in counts) >= 0.92


def test_parts_point_to_a_whole_that_was_read(counted: HandCount) -> None:
    metrics = {statistic.metric for statistic in counted.read}
    assert {statistic.parent for statistic in counted.read if statistic.parent} <= metrics
