"""Every trouble of this room has a code that an operator can look up."""

from __future__ import annotations

import re
from pathlib import Path

from schemas.reasons import reason_codes
from tasks.fetch import backoff, breaker, courier
from tasks.fetch.failures import fail
from tasks.fetch.trouble import markers

ROOM = Path(courier.__file__).parent
SOURCE = "\n".join(re.sub(r"tasks\.fetch\.\w+", "", file.read_text()) for file in ROOM.glob("*.py"))
LISTED = {code for code, entry in reason_codes().items() if entry.room == "fetch"}
# Codes that trouble.py builds from the kind of marker or from the status.
BUILT = {f"fetch.{kind}" for kind in ("rate_limited", "maintenance", "forbidden", "not_found", "gone", "timeout")}


def test_every_code_raised_is_listed():
    assert set(re.findall(r'"(fetch\.[a-z0-9_]+)"', SOURCE)) | BUILT <= LISTED


def test_every_listed_code_can_be_raised():
    used = set(re.findall(r"fetch\.[a-z0-9_]+", SOURCE)) | BUILT
    assert sorted(LISTED - used) == []


def test_codes_that_are_tried_again_are_recoverable():
    for code in backoff.RETRIED:
        assert reason_codes()[code].recoverable, code


def test_codes_that_stop_a_host_are_listed():
    assert breaker.REFUSALS | breaker.FAILURES <= LISTED


def test_a_trouble_takes_its_recoverability_from_its_entry():
    assert fail("fetch.timeout", "").recoverable
    assert not fail("fetch.not_found", "").recoverable
    assert fail("fetch.soft_404", "", recoverable=True).recoverable


def test_no_remedy_suggests_to_evade_a_refusal():
    for code in breaker.REFUSALS - {"fetch.rate_limited"}:
        assert not reason_codes()[code].recoverable, code


def test_the_markers_are_complete():
    kinds = ("challenge", "captcha", "rate_limited", "forbidden", "maintenance", "soft_404", "moved", "needs_browser")
    for kind in kinds:
        assert markers(kind)["readable"] > 0, kind
