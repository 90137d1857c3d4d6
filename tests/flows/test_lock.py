"""One harvest at a time on one data folder."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from flows import lock
from flows.lock import data_folder
from schemas.errors import NianbaoError

HOLD = """
import sys
from pathlib import Path
from flows.lock import data_folder
with data_folder(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_harvest_is_refused_with_the_process_that_holds_the_folder(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    with pytest.raises(NianbaoError) as caught, data_folder(tmp_path):
        pass
    assert caught.value.code == "harvest.busy"
    assert str(child.pid) in caught.value.message
    child.kill()
    child.wait()
    with data_folder(tmp_path) as folder:
        assert folder == tmp_path


def test_two_harvests_in_one_process_exclude_each_other_too(tmp_path: Path) -> None:
    with data_folder(tmp_path):
        with pytest.raises(NianbaoError) as caught, data_folder(tmp_path / "."):
            pass
        assert caught.value.code == "harvest.busy"
        with data_folder(tmp_path / "other"):
            pass
    with data_folder(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NianbaoError) as caught, data_folder(tmp_path / "file"):
        pass
    assert caught.value.code == "settings.data_folder"


def test_a_refused_second_run_in_one_process_leaves_the_lock_of_the_first(tmp_path: Path) -> None:
    with data_folder(tmp_path):
        with pytest.raises(NianbaoError), data_folder(tmp_path):
            pass
        tried = subprocess.run(
            [sys.executable, "-c", HOLD, str(tmp_path)], input="", capture_output=True, text=True, check=False
        )
        assert "harvest.busy" in tried.stderr


def test_one_who_waits_goes_before_one_who_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backfill gives the folder back between two windows: a harvest that waits gets it first."""
    monkeypatch.setattr(lock, "LOOK_AGAIN", 0.01)
    order: list[str] = []
    waiting = threading.Event()

    def harvest() -> None:
        with data_folder(tmp_path, patience=30, tell=lambda _: waiting.set()):
            order.append("harvest")

    with data_folder(tmp_path):
        order.append("first window")
        thread = threading.Thread(target=harvest)
        thread.start()
        assert waiting.wait(30)
    with data_folder(tmp_path, patience=30):
        order.append("second window")
    thread.join(30)
    assert order == ["first window", "harvest", "second window"]
