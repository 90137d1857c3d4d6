"""The commands in the documents, run as they stand and in their order."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from flows import server
from infra.replica.documents import render
from infra.replica.registry import write_registry
from infra.replica.server import Replicas
from infra.replica.truth import truth
from tests.e2e.conftest import Harvester
from tests.e2e.test_review import damage
from tests.flows.cli import in_process, nianbao

ROOT = Path(__file__).resolve().parents[2]
OPERATING = (
    "docs/adding-a-site.md",
    "docs/operating.md",
    "docs/review.md",
    "docs/installing-for-a-team.md",
    "docs/upgrading.md",
)
PAGES = ("README.md", "CONTRIBUTING.md", "docs/getting-started.md", *OPERATING)


def commands(page: str) -> list[str]:
    """Lines that begin with `$` inside console blocks, without what stands behind a #."""
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / page).read_text("utf-8"), flags=re.DOTALL)
    lines = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [line.split("  #")[0].split(" #")[0].strip() for line in lines]


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_is_named_exists(page: str) -> None:
    for command in commands(page):
        if command.startswith("make "):
            done = subprocess.run([*shlex.split(command), "--dry-run"], cwd=ROOT, capture_output=True, check=False)
            assert done.returncode == 0, (command, done.stderr)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    assert [target for target in targets if not (ROOT / page).parent.joinpath(target).exists()] == []


@pytest.mark.parametrize("page", ["README.md", *OPERATING])
def test_every_verb_that_is_named_has_help(page: str) -> None:
    for command in commands(page):
        words = shlex.split(command)
        if words[0] == "nianbao":
            assert in_process(words[1], "--help").code == 0, command


def test_getting_started_works_from_the_first_line_to_the_last(
    prefect: server.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "report.pdf").write_bytes(render(truth("daqing-ggzy", 2021), "pdf"))
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("PREFECT_", "NIANBAO_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_API_URL", prefect.api_url)
    ran = 0
    for command in commands("docs/getting-started.md"):
        for words in (words_of(line) for line in expanded(command)):
            if words is not None:
                # Only a harvest imports Prefect, which must not happen in this process.
                done = (
                    nianbao(*words, cwd=tmp_path, PREFECT_API_URL=prefect.api_url)
                    if words[0] == "harvest"
                    else in_process(*words)
                )
                assert done.code == 0, f"{command}\n{done.out}\n{done.err}"
                ran += 1
    assert ran > 12


def test_a_site_is_added_as_the_page_says(
    prefect: server.Server, replicas: Replicas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("PREFECT_", "NIANBAO_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NIANBAO_DATA", str(tmp_path / "data"))
    told = "http://127.0.0.11:8765"
    assert replicas.urls["replica-guyuan"].startswith("http://127.0.0.11:")
    ran = []
    for command in commands("docs/adding-a-site.md"):
        line, _, file = command.replace(told, replicas.urls["replica-guyuan"]).partition(" > ")
        words = words_of(line)
        if words is None:
            subprocess.run(shlex.split(line), cwd=tmp_path, check=True)
        elif words[0] != "replica":
            harvests = words[0] == "harvest"  # only a harvest imports Prefect, which must not happen in this process
            places = {"PREFECT_API_URL": prefect.api_url, "NIANBAO_DATA": str(tmp_path / "data")}
            done = nianbao(*words, cwd=tmp_path, **places) if harvests else in_process(*words)
            assert done.code == 0, f"{command}\n{done.out}\n{done.err}"
            if file:
                (tmp_path / file).write_text(done.out, "utf-8")
            ran.append(words[0])
    assert ran == ["sites", "sites", "sites", "harvest", "harvest", "coverage"]
    assert "loaded" in done.out


@pytest.mark.operate
def test_operating_works_from_the_first_line_to_the_last(
    prefect: server.Server, replicas: Replicas, tmp_path: Path
) -> None:
    write_registry(tmp_path / "registry", replicas.port)
    for file in (tmp_path / "registry").rglob("*.yaml"):
        if "guyuan" not in file.name:
            file.unlink()
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "NIANBAO_"))}
    environ = {**plain, "PREFECT_API_URL": prefect.api_url, "NIANBAO_REGISTRY": str(tmp_path / "registry")}
    ran = []
    for command in commands("docs/operating.md"):
        words = runnable(command)
        if words is None or words[3] in ("up", "down"):  # tests/e2e/test_operate.py has these
            continue
        done = subprocess.run(
            words, cwd=tmp_path, env={**environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=300,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        ran.append(words[3])
    assert {"backfill", "coverage", "reparse", "watch", "release", "export"} <= set(ran)


@pytest.mark.operate
def test_the_review_queue_is_worked_off_from_the_first_line_to_the_last(harvester: Harvester) -> None:
    damage(harvester.replicas, "4711.25")
    assert harvester.harvest("--site", "zhongwei-ggzy", years=(2020,)).code == 1
    ran = []
    for command in commands("docs/review.md"):
        words = runnable(command)
        assert words is not None, command
        done = harvester.run([*words, "--data", str(harvester.data)], cwd=harvester.data.parent)
        assert done.code == 0, f"{command}\n{done}"
        assert "nothing changed" not in done.err, f"{command}\n{done}"
        ran.append(words[4])
    assert {"list", "show", "accept", "override", "choose", "dismiss", "reopen"} == set(ran)


def expanded(command: str) -> list[str]:
    """A make target as the lines it would run; anything else as it is."""
    if not command.startswith("make "):
        return [command]
    done = subprocess.run([*shlex.split(command), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def words_of(line: str) -> list[str] | None:
    """What a line says to our program; None for a line that runs anything else (setting up, activating)."""
    words = shlex.split(line, comments=True)
    return words[1:] if words and Path(words[0]).name == "nianbao" else None


def runnable(line: str) -> list[str] | None:
    """A line that runs our program, with this interpreter; None for anything else."""
    words = words_of(line)
    return None if words is None else [sys.executable, "-m", "flows.cli", *words]
