"""The history keeps what was measured, and a ratio that got worse is told."""

from __future__ import annotations

from pathlib import Path

from benchmarks import history
from benchmarks.row import Row


def test_the_last_ratio_of_the_same_size_is_found(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    for ratio in (3.0, 2.0):
        history.append(history.entry([Row("pdf", "PDF", "peer", ratio, "all right", at_least=1.0)], "default"), file)
    history.append(history.entry([Row("pdf", "PDF", "peer", 9.0, "all right", at_least=1.0)], "tiny"), file)
    assert history.before("pdf", "default", file) == 2.0
    assert history.before("html", "default", file) is None
    assert history.before("pdf", "default", tmp_path / "none.jsonl") is None


def test_an_entry_names_machine_versions_and_what_was_met() -> None:
    told = history.entry([Row("pdf", "PDF", "peer", 9.1, "all right", at_least=8.0)], "default")
    assert told["machine"]["cores"]
    assert told["versions"]["python"]
    assert told["rows"]["pdf"]["met"] is True


def test_worse_is_lower_for_a_lower_bound_and_higher_for_an_upper_one() -> None:
    faster, slower = (Row("a", "a", "b", ratio, "", at_least=8.0) for ratio in (10.0, 7.0))
    assert slower.worse_than(10.0, 0.2)
    assert not faster.worse_than(10.0, 0.2)
    dearer = Row("a", "a", "b", 3.0, "", at_most=4.0)
    assert dearer.worse_than(2.0, 0.2)
    assert not dearer.worse_than(2.9, 0.2)


def test_rows_survive_the_way_through_json() -> None:
    row = Row("a", "what", "peer", 1.5, "checked", at_most=2.0, figures={"ms": 3})
    assert Row.of(row.as_dict()) == row
