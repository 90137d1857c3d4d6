"""The program as a whole: help that costs nothing, one way to write options, errors that help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.cli import in_process, nianbao

HEAVY = ("prefect", "pandas", "pandera", "sqlalchemy", "sqlmodel", "lxml", "pypdfium2", "pdfplumber", "requests")
LOADED = """
import sys
from flows.cli import main
sys.argv = ["nianbao", *sys.argv[1:]]
try:
    main()
except SystemExit:
    pass
print("\\nLOADED", *sorted({name.split(".")[0] for name in sys.modules}))
"""


@pytest.mark.parametrize(
    "words", [["--help"], ["harvest", "--help"], ["parse", "--help"], ["server", "--help"], ["--version"]]
)
def test_help_imports_neither_prefect_nor_database_nor_readers(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *words], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stdout.split("LOADED", 1)[1].split())
    assert loaded & set(HEAVY) == set()


def test_parsing_imports_neither_prefect_nor_database(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("nothing", "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", LOADED, "parse", str(tmp_path / "a.txt"), "--json"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = set(done.stdout.split("LOADED", 1)[1].split())
    assert loaded & {"prefect", "sqlalchemy", "sqlmodel", "pandas"} == set()


@pytest.mark.parametrize("verb", [["harvest"], ["ledger"], ["coverage"], ["sites", "scout"]])
def test_years_and_sites_are_written_the_same_at_every_verb(verb: list[str]) -> None:
    done = nianbao(*verb, "--help")
    assert done.code == 0
    assert "--year" in done.out
    assert "--site" in done.out


def test_a_wrong_year_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    done = nianbao("harvest", "--year", "1999", "--data", "data", cwd=tmp_path)
    assert done.code == 2
    assert "1999" in done.err
    assert not (tmp_path / "data").exists()


def test_an_unknown_site_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    done = nianbao("harvest", "--year", "2021", "--site", "atlantis", "--data", "data", cwd=tmp_path)
    assert done.code == 2
    assert "settings.unknown_site" in done.err
    assert "atlantis" in done.err
    assert "nianbao sites list" in done.err
    assert not (tmp_path / "data").exists()


def test_a_registry_that_is_wrong_is_told_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "a.yaml").write_text("id: a\nname: 甲\nhost: http://a/\n", "utf-8")
    done = nianbao("harvest", "--year", "2021", "--registry", "sites", "--data", "data", cwd=tmp_path)
    assert done.code == 2
    assert "a.yaml:3" in done.err
    checked = nianbao("sites", "check", "--registry", "sites", cwd=tmp_path)
    assert checked.code == 1
    assert "a.yaml:3" in checked.out


def test_a_server_that_is_configured_but_down_is_told_with_its_remedy(tmp_path: Path) -> None:
    done = nianbao(
        "harvest", "--year", "2021", "--site", "guyuan", "--data", "data", cwd=tmp_path,
        PREFECT_API_URL="http://127.0.0.1:9/api",
    )  # fmt: skip
    assert done.code == 1
    assert "server.unreachable" in done.err
    assert "What to do" in done.err


def test_without_a_warehouse_the_ledger_says_so_and_makes_none(tmp_path: Path) -> None:
    for verb in ("ledger", "coverage"):
        done = in_process(verb, "--data", str(tmp_path / "data"))
        assert done.code == 1
        assert "load.not_migrated" in done.err
    assert not (tmp_path / "data").exists()


def test_no_server_is_said_with_exit_1(tmp_path: Path) -> None:
    done = in_process("server", "stop", "--data", str(tmp_path / "data"))
    assert done.code == 0
    assert "No local Prefect server" in done.err


def test_reasons_are_listed_explained_and_written_as_a_page() -> None:
    listed = in_process("reasons")
    assert listed.code == 0
    assert "fetch.captcha" in listed.out
    one = in_process("reasons", "harvest")
    assert "What to do:" in one.out
    assert "harvest.busy" in one.out
    page = in_process("reasons", "--markdown")
    assert page.out.startswith("# Reason codes")
    assert "### load.locked" in page.out
    unknown = in_process("reasons", "no.such")
    assert unknown.code == 2
    assert unknown.out == ""


def test_the_registry_that_comes_with_it_is_sound_and_listed() -> None:
    checked = in_process("sites", "check")
    assert checked.code == 0, checked.out
    listed = in_process("sites", "list", "--site", "guyuan")
    assert "guyuan" in listed.out
    shown = in_process("sites", "show", "guyuan")
    assert "publishers:" in shown.out
    assert "guyuan.yaml:" in shown.err
