"""The accuracy table counts what it says it counts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from typer.testing import CliRunner

from flows.accuracy import Case, annex_cases, generated_cases, measure, real_cases, seed_cases
from flows.cli import app


def test_generated_reports_are_counted_cell_by_cell() -> None:
    cases = list(generated_cases(2, seed=3))
    found = measure(cases)
    assert sum(tally.cells for tally in found.values()) == sum(len(case.cells) for case in cases)
    for tally in found.values():
        assert tally.right + tally.missing + tally.wrong + tally.quarantined == tally.cells
        assert tally.wrong == 0


def test_annexes_before_2019_are_measured_in_every_format() -> None:
    cases = list(annex_cases(2))
    assert {case.format for case in cases} == {"html", "pdf", "docx", "txt", "xlsx"}
    assert {case.edition for case in cases} == {"stat-2014", "stat-local"}
    assert {(tally.wrong, tally.missing) for tally in measure(cases).values()} == {(0, 0)}


def test_a_wrong_truth_is_seen_as_wrong_and_an_unreadable_document_as_quarantined() -> None:
    case = next(case for case in generated_cases(3) if case.format == "html")
    code = next(code for code, value in case.cells.items() if value is not None)
    twisted = replace(case, cells={**case.cells, code: Decimal(987654321)})
    (tally,) = measure([twisted]).values()
    assert tally.wrong == 1
    (tally,) = measure([Case("real", "pdf", "form-2021", "x.pdf", b"%PDF-1.4 garbage", case.cells)]).values()
    assert (tally.quarantined, tally.right) == (len(case.cells), 0)


def test_every_cell_of_the_real_documents_is_right(evidence: Path) -> None:
    found = measure([*real_cases(evidence), *seed_cases(evidence)])
    assert sum(tally.documents for tally in found.values()) == 18
    assert {(tally.wrong, tally.missing, tally.quarantined) for tally in found.values()} == {(0, 0, 0)}


def test_the_command_prints_the_table_and_its_verdict() -> None:
    result = CliRunner().invoke(app, ["accuracy", "--generated", "1", "--evidence", "nowhere"])
    assert result.exit_code == 0
    assert "0 cells silently wrong" in result.output
