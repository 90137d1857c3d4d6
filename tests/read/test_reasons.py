"""Every code that the readers raise is listed for the operator, and every note has its words."""

from __future__ import annotations

import re
from pathlib import Path

import tasks.read
from schemas.reasons import reason_codes
from tasks.read.notes import NOTES

FILES = [path for path in Path(tasks.read.__path__[0]).rglob("*.py") if path.name != "notes.py"]
SOURCES = [path.read_text(encoding="utf-8") for path in FILES]


def test_every_code_that_is_raised_is_listed_and_the_other_way_round() -> None:
    raised = {code for source in SOURCES for code in re.findall(r'"(read\.[a-z_]+(?:\.[a-z_]+)?)"', source)}
    listed = {code for code, reason in reason_codes().items() if reason.room == "read"}
    assert raised - listed == set()
    # A template is only recognised by who knows the form: the parser raises this one.
    assert listed - raised == {"read.blank_template"}


def test_every_note_has_its_words() -> None:
    pattern = r'"((?:text|html|pdf|docx|sheet)\.[a-z_]+|ocr)"'
    used = {note for source in SOURCES for note in re.findall(pattern, source)}
    assert used == set(NOTES)
