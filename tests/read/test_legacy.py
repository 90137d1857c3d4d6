"""DOC, WPS, RTF and old sheets through LibreOffice."""

from __future__ import annotations

import subprocess
from pathlib import Path

import docx
import pytest

from schemas.errors import ReadError
from tasks.read import Kind, legacy, read
from tests.read.looking import grids, paragraphs, rows

RTF = (
    rb"{\rtf1\ansi\ansicpg936 \uc0 \u19968?\u12289? overview of this small report, long enough to be one\par "
    rb"\trowd\cellx2000\cellx4000 rules\intbl\cell 12\intbl\cell\row "
    rb"\trowd\cellx2000\cellx4000 licences\intbl\cell 345\intbl\cell\row \pard after the table\par}"
)

needs_converter = pytest.mark.skipif(legacy.converter() is None, reason="LibreOffice (soffice) is not installed")


def test_without_libreoffice_the_need_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ReadError) as trouble:
        read(RTF)
    assert trouble.value.code == "read.needs_converter"


@pytest.mark.converter
@needs_converter
def test_rtf_is_converted_and_read() -> None:
    blocks = read(RTF)
    assert rows(grids(blocks)[0]) == [["rules", "12"], ["licences", "345"]]
    assert paragraphs(blocks)[-1] == "after the table"
    assert (blocks.media_type, blocks.reader) == (Kind.RTF.value, "libreoffice+docx")


@pytest.mark.converter
@needs_converter
def test_a_doc_is_read_like_the_docx_it_was_made_from(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("一、总体情况")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ("规章", "1", "行政许可", "23"), strict=True):
        cell.text = text
    document.add_paragraph("没有其他需要报告的事项，全年的工作情况如上所述，由办公室负责解释。")
    document.save(str(tmp_path / "a.docx"))
    program = legacy.converter()
    assert program is not None
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        program,
        profile,
        "--headless",
        "--convert-to",
        "doc",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "a.docx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    blocks = read((tmp_path / "a.doc").read_bytes(), name="P0202201.pdf")
    assert rows(grids(blocks)[0]) == [["规章", "1"], ["行政许可", "23"]]
    assert "一、总体情况" in paragraphs(blocks)


@pytest.mark.converter
@needs_converter
def test_a_document_that_cannot_be_converted_is_told() -> None:
    junk = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x07" * 4000 + "WordDocument".encode("utf-16-le") + b"\x00\x00"
    with pytest.raises(ReadError) as trouble:
        read(junk)
    assert trouble.value.code in {"read.conversion_failed", "read.empty_body"}


@pytest.mark.converter
@needs_converter
def test_a_conversion_that_takes_too_long_is_ended() -> None:
    with pytest.raises(ReadError) as trouble:
        legacy.read_legacy(RTF, Kind.RTF, timeout=0.01)
    assert trouble.value.code == "read.limit.time"
