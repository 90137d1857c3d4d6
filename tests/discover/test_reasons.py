"""Every code that this room raises or records is listed with its remedy."""

from __future__ import annotations

import re
from pathlib import Path

from schemas.reasons import reason_code, reason_codes
from tasks.discover import asking

ROOM = Path(__file__).resolve().parents[2] / "tasks" / "discover"


def used() -> set[str]:
    return {
        code
        for file in ROOM.rglob("*.py")
        for code in re.findall(r'"((?:discover|settings)\.[a-z_]+)"', file.read_text("utf-8"))
    }


def test_every_code_in_the_source_is_listed() -> None:
    codes = {code for code in used() if code != "tasks.discover"}
    assert codes
    assert [code for code in sorted(codes) if reason_code(code) is None] == []


def test_codes_of_the_fetcher_that_are_named_here_are_its_codes() -> None:
    text = (ROOM / "asking.py").read_text("utf-8") + (ROOM / "entry_walk.py").read_text("utf-8")
    named = set(re.findall(r'"(fetch\.[a-z_0-9]+)"', text)) | asking._REFUSALS
    assert len(named) > 10
    assert [code for code in sorted(named) if reason_code(code) is None] == []


def test_every_listed_code_of_this_room_is_used() -> None:
    listed = {code for code, reason in reason_codes().items() if reason.room == "discover"}
    assert listed == {code for code in used() if code.startswith("discover.")}
