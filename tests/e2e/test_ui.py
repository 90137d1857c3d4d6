"""What an operator sees of a harvest in the Prefect UI, in a real browser."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import Harvester

pytestmark = pytest.mark.browser
_WAIT = "20000"  # milliseconds of virtual time for the page's scripts


@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    return found


def browse(chromium: str, url: str, profile: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [
        chromium,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-proxy-server",
        "--window-size=1400,1100",
    ]
    return subprocess.run(
        [*command, f"--user-data-dir={profile}", f"--virtual-time-budget={_WAIT}", *more, url],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )


def test_the_run_its_table_and_its_troubles_are_shown(harvester: Harvester, chromium: str, tmp_path: Path) -> None:
    harvester.replicas.set("replica-zhongwei", "captcha")
    done = harvester.harvest(years=(2021,))
    assert done.code == 1, done
    run = harvester.api.last_run()
    ui = harvester.prefect.ui_url

    page = browse(chromium, f"{ui}/runs/flow-run/{run['id']}", tmp_path / "profile", "--dump-dom").stdout
    for words in ("harvest 2021 · 5 sites", "Failed", "sample", "Artifacts"):
        assert words in page

    table = browse(chromium, f"{ui}/artifacts/key/harvest-summary", tmp_path / "profile", "--dump-dom").stdout
    assert "1 of 5 reports owed is not up to date in the warehouse" in table

    attention = artifact(harvester, run["id"], "harvest-attention")
    page = browse(chromium, f"{ui}/artifacts/artifact/{attention}", tmp_path / "profile", "--dump-dom").stdout
    assert "中卫市公共资源交易中心 2021" in page
    assert "fetch.captcha" in page

    summary = artifact(harvester, run["id"], "harvest-summary")
    page = browse(chromium, f"{ui}/artifacts/artifact/{summary}", tmp_path / "profile", "--dump-dom").stdout
    for words in ("驻马店市公共资源交易中心", "blocked:captcha", "form-2021", "loaded"):
        assert words in page

    picture = tmp_path / "run.png"
    browse(chromium, f"{ui}/runs/flow-run/{run['id']}", tmp_path / "profile", f"--screenshot={picture}")
    assert picture.stat().st_size > 20_000, "an empty page is smaller"


def artifact(harvester: Harvester, run: str, key: str) -> str:
    found = harvester.api.post(
        "artifacts/filter", {"flow_runs": {"id": {"any_": [run]}}, "artifacts": {"key": {"any_": [key]}}}
    )
    return str(found[0]["id"])
