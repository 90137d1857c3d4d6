"""Many documents through reading processes: nothing a document does ends the run."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.code import code_version
from flows.pipeline import examine, parser_version, understand
from flows.readers import Job, Readers, examine_files
from infra.replica.documents import render
from infra.replica.truth import truth
from schemas.report import Outcome
from tasks.read import Limits

PAGE = render(truth("guyuan-ggzy", 2021), "html")
PDF = render(truth("daqing-ggzy", 2021), "pdf")


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers(2) as pool:
        yield pool


def test_answers_come_in_the_order_of_the_questions(readers: Readers) -> None:
    jobs = [Job(PDF), Job(PAGE), Job(b""), Job(PAGE), Job(PDF), Job(b"\x00\x01"), Job(PAGE)]
    found = list(readers.examine(jobs))
    assert [result.sha256 for result in found] == [hashlib.sha256(job.data).hexdigest() for job in jobs]
    assert [result.judgement.outcome is Outcome.QUARANTINED for result in found] == [
        False, False, True, False, False, True, False,
    ]  # fmt: skip


def test_a_child_says_the_same_as_this_process(readers: Readers) -> None:
    (inside,) = readers.examine([Job(PDF)])
    assert inside == examine(PDF)


def test_a_poisoned_document_is_quarantined_and_the_next_is_read(readers: Readers) -> None:
    bomb = gzip.compress(bytes(1024 * 1024)) * 200  # 200 kB to send, 200 MB to unpack
    poisoned, sound = readers.examine([Job(bomb), Job(PAGE)])
    assert poisoned.judgement.outcome is Outcome.QUARANTINED
    assert poisoned.judgement.reason is not None
    assert poisoned.judgement.reason.code.startswith("read.limit.")
    assert sound.judgement.outcome is Outcome.LOADED


def test_a_document_that_takes_too_long_is_given_up() -> None:
    with Readers(1, Limits(seconds=0.001)) as impatient:
        (result,) = impatient.examine([Job(PDF)])
    assert result.judgement.reason is not None
    assert result.judgement.reason.code == "read.limit.time"
    assert result.media_type == "application/pdf"


def test_understanding_never_raises_for_what_a_document_holds() -> None:
    for data in (
        b"",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"<html>",
        PAGE[:900],
        PDF[:900],
    ):
        judgement = understand(data, name="x.pdf", declared="application/pdf", url="http://127.0.0.1/x.pdf")
        assert judgement.outcome is Outcome.QUARANTINED
        assert judgement.reason is not None


def test_a_fault_of_the_program_is_quarantined_with_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("t9")

    monkeypatch.setattr("flows.pipeline.judge", broken)
    result = examine(PAGE)
    assert result.judgement.outcome is Outcome.QUARANTINED
    assert result.judgement.reason is not None
    assert result.judgement.reason.code == "pipeline.crash"
    assert result.judgement.report is not None, "what was read so far is kept"
    assert result.trace is not None
    assert "KeyError" in result.trace


def test_a_file_that_cannot_be_opened_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "good.html").write_bytes(PAGE)
    (tmp_path / "folder.html").mkdir()
    found = dict(examine_files([tmp_path / "folder.html", tmp_path / "good.html"], processes=1))
    bad = found[tmp_path / "folder.html"].judgement
    assert bad.reason is not None
    assert bad.reason.code == "pipeline.unreadable_file"
    assert found[tmp_path / "good.html"].judgement.outcome is Outcome.LOADED


def test_the_parser_version_is_stable_within_a_program() -> None:
    code_version.cache_clear()
    first = parser_version()
    code_version.cache_clear()
    assert parser_version() == first
    assert "+" in first
