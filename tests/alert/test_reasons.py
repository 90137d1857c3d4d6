"""Every code that alerting uses is one that an operator can look up, and every one listed is used."""

from __future__ import annotations

import re
from pathlib import Path

from schemas.alert_routes import AlertRoutes
from schemas.reasons import reason_codes
from tasks.alert import sender
from tasks.alert.observe import _DOCUMENT_HAD, _FOLLOWS
from tasks.load import alerts

FILES = [*Path(sender.__file__).parent.glob("*.py"), Path(alerts.__file__)]
SOURCE = "\n".join(re.sub(r"tasks\.alert\.\w+", "", file.read_text("utf-8")) for file in FILES)
LISTED = {code for code, entry in reason_codes().items() if entry.room == "alert"}


def test_every_code_used_is_listed_and_every_code_listed_is_used() -> None:
    assert set(re.findall(r'"((?:alert|settings)\.[a-z_]+)"', SOURCE)) == LISTED


def test_codes_of_other_rooms_that_alerting_knows_exist() -> None:
    known = reason_codes()
    assert set(AlertRoutes().immediate) <= set(known)
    assert set(known) >= _FOLLOWS


def test_areas_that_speak_of_a_document_at_hand_exist() -> None:
    assert {entry.area for entry in reason_codes().values()} >= _DOCUMENT_HAD
