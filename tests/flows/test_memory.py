"""What was worked out about unchanged bytes is kept, and never taken for the answer to another question."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.pipeline import Links
from flows.work.memory import Memory
from schemas.blocks import Attachment
from schemas.discovery import Candidate, PageRequest, Turn
from tasks.discover.turning import Turned

LINKS = Links(
    (Attachment("http://127.0.0.1/甲.pdf", "附件1：年度报告\u2028.pdf", "frame"),), ("http://127.0.0.1/2.html",)
)
PAGE = PageRequest("http://127.0.0.1/?a=1&b=2", "POST", (("页", "2"),), '{"a":\n1}', state=(("n", "2"),))
TURN = Turned(
    "trs",
    Turn(
        (Candidate("http://127.0.0.1/t1.html", "甲局\ud8002021年报", None, None, "http://127.0.0.1/", written="甲局"),),
        (PageRequest("http://127.0.0.1/index_1.html", purpose="page", alternatives=(PAGE,)),),
        announced_pages=2,
        entries_seen=1,
    ),
)


@dataclass(frozen=True, slots=True)
class Said:
    what: str


def files(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*")) if file.is_file()]


def test_an_answer_comes_back_as_it_was_given_in_another_process_too(tmp_path: Path) -> None:
    Memory(tmp_path, Links, "1").put(LINKS, "a" * 64, None, "http://127.0.0.1/甲")
    assert Memory(tmp_path, Links, "1").get("a" * 64, None, "http://127.0.0.1/甲") == LINKS


def test_text_that_no_file_can_hold_is_not_kept_and_hurts_nobody(tmp_path: Path) -> None:
    memory = Memory(tmp_path, Turned, "1")
    memory.put(TURN, "page")
    assert memory.get("page") is None
    sound = Turned(TURN.family, Turn((), TURN.turn.requests, announced_pages=2))
    memory.put(sound, "page")
    assert memory.get("page") == sound


def test_another_question_or_version_has_no_answer(tmp_path: Path) -> None:
    Memory(tmp_path, Said, "1").put(Said("yes"), "a", ["b"], None)
    assert Memory(tmp_path, Said, "1").get("a", ("b",), None) == Said("yes")
    assert Memory(tmp_path, Said, "1").get("a", ["b"], "None") is None
    assert Memory(tmp_path, Said, "2").get("a", ["b"], None) is None
    Memory(tmp_path, Said, "2").put(Said("no"), "a", ["b"], None)
    assert Memory(tmp_path, Said, "1").get("a", ["b"], None) is None
    assert len(files(tmp_path)) == 1, "an answer takes the place of an older version's"


@pytest.mark.parametrize("cut", [0, 3, 12, -3])
def test_a_file_that_is_cut_short_is_no_answer(tmp_path: Path, cut: int) -> None:
    memory = Memory(tmp_path, Said, "1")
    memory.put(Said("yes"), "a")
    (file,) = files(tmp_path)
    file.write_bytes(file.read_bytes()[:cut])
    assert memory.get("a") is None
    memory.put(Said("yes"), "a")
    assert memory.get("a") == Said("yes")


def test_without_a_folder_or_in_one_that_cannot_be_made_nothing_is_kept(tmp_path: Path) -> None:
    nowhere = Memory(None, Said, "1")
    nowhere.put(Said("yes"), "a")
    assert nowhere.get("a") is None
    (tmp_path / "file").write_text("in the way", "utf-8")
    blocked = Memory(tmp_path / "file", Said, "1")
    blocked.put(Said("yes"), "a")
    assert blocked.get("a") is None
