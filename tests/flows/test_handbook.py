"""The operator's handbook is generated, and current."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.handbook import anchor, reasons_page
from flows.handbook_links import handbook_link
from schemas.reasons import reason_codes

HANDBOOK = Path(__file__).resolve().parents[2] / "docs" / "handbook.md"


def test_docs_handbook_is_what_the_reason_codes_say() -> None:
    told = "docs/handbook.md is out of date: nianbao reasons --markdown > docs/handbook.md"
    assert HANDBOOK.read_text("utf-8") == reasons_page(reason_codes().values()), told


def test_every_code_has_a_place_of_its_own() -> None:
    places = [anchor(code) for code in reason_codes()]
    assert len(set(places)) == len(places)
    text = HANDBOOK.read_text("utf-8")
    assert all(f'<a id="{place}"></a>' in text for place in places)


def test_links_lead_to_the_published_handbook_or_to_the_page_beside_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_HANDBOOK", "https://intranet.example/handbook.html")
    assert handbook_link("fetch.network") == "[fetch.network](https://intranet.example/handbook.html#fetch-network)"
    monkeypatch.delenv("NIANBAO_HANDBOOK")
    monkeypatch.setenv("PREFECT_UI_URL", "http://ui.example/")
    assert handbook_link("fetch.network") == "[fetch.network](http://ui.example/artifacts/key/handbook-fetch-network)"
    assert handbook_link("no.such_code") == "`no.such_code`"
