"""The data dictionary is complete and up to date."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from schemas.checks import checks
from schemas.tables import metadata
from tasks.load.cells import form_cells
from tasks.load.dictionary import data_dictionary
from tasks.load.views import views

FILE = Path(__file__).parents[2] / "docs" / "data-dictionary.md"


def test_the_file_in_docs_is_what_models_and_forms_say() -> None:
    assert FILE.read_text("utf-8") == data_dictionary(), "run: python -m tasks.load.dictionary docs/data-dictionary.md"


def test_every_table_view_cell_and_check_is_explained() -> None:
    text = data_dictionary()
    for name in [*metadata.tables, *views()]:
        assert f"### {name}\n" in text
    for code in [*(cell["code"] for cell in form_cells()), *checks()]:
        assert f"| {code} |" in text


def test_every_column_has_a_meaning() -> None:
    empty = [line for line in data_dictionary().splitlines() if line.startswith("|") and line.rstrip().endswith("|  |")]
    assert empty == []


def test_the_command_writes_the_file(tmp_path: Path) -> None:
    target = tmp_path / "dictionary.md"
    subprocess.run([sys.executable, "-m", "tasks.load.dictionary", str(target)], check=True)
    assert target.read_text("utf-8") == data_dictionary()
