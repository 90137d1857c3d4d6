"""Every benchmark runs on a tiny size, and its output is right: times are never looked at."""

from __future__ import annotations

import importlib.util

import pytest

from benchmarks.catalogue import BENCHMARKS, benchmark
from benchmarks.row import Row

PEERS = {"fetch": "scrapy", "reparse": "distributed"}
"""What a benchmark needs beside the locked packages; `make bench` installs it."""

SLOW = {"memory", "reparse"}
"""Starting their processes takes longer than the rest together; they are left to `make bench`."""


@pytest.mark.parametrize("name", sorted(set(BENCHMARKS) - SLOW))
def test_its_output_is_right_and_it_names_peer_and_target(name: str) -> None:
    if name in PEERS and importlib.util.find_spec(PEERS[name]) is None:
        pytest.skip(f"{PEERS[name]} is not installed; `make bench` installs it")
    rows = list(benchmark(name)("tiny"))
    assert rows
    for row in rows:
        assert row.wrong is None, row
        assert row.ratio > 0
        assert row.peer
        assert row.checked
    assert any(row.target for row in rows)


def test_every_benchmark_of_the_catalogue_can_be_had() -> None:
    assert all(callable(benchmark(name)) for name in BENCHMARKS if name not in PEERS)


def test_a_wrong_output_never_meets_its_target() -> None:
    right = Row("a", "a", "b", 1.0, "checked", at_most=2.0)
    assert right.met
    assert not Row("a", "a", "b", 1.0, "checked", wrong="a cell is missing", at_most=2.0).met
    assert not Row("a", "a", "b", 2.1, "checked", at_most=2.0).met
    assert not Row("a", "a", "b", 0.9, "checked", at_least=1.0).met
