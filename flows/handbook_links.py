"""Links from what the UI shows to the operator's handbook: a page for each reason code, with what to do.

Prefect's UI can show pages of its own only (artifacts), so the page of each code that a run met is written beside the
run. NIANBAO_HANDBOOK names the address of a published docs/handbook.md and takes their place.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from prefect.artifacts import create_markdown_artifact
from prefect.settings import get_current_settings

from flows.handbook import anchor, reason_page
from schemas.reasons import reason_code


def handbook_link(code: str) -> str:
    """A Markdown link to the page of a reason code; the bare code when nobody lists it."""
    if reason_code(code) is None:
        return f"`{code}`"
    published = os.environ.get("NIANBAO_HANDBOOK")
    address = f"{published}#{anchor(code)}" if published else f"{ui_url()}/artifacts/key/{_key(code)}"
    return f"[{code}]({address})"


def handbook_pages(codes: Iterable[str | None]) -> None:
    """Write the pages of the codes that a run met, unless the handbook is published."""
    if os.environ.get("NIANBAO_HANDBOOK"):
        return
    for code in sorted({code for code in codes if code}):
        reason = reason_code(code)
        if reason is not None:
            page, title = reason_page(reason), f"Handbook: {reason.title}"
            create_markdown_artifact(markdown=page, key=_key(code), description=title)


def _key(code: str) -> str:
    return f"handbook-{anchor(code)}"


def ui_url() -> str:
    """The Prefect UI as people open it, without a slash at the end."""
    settings = get_current_settings()
    address = os.environ.get("PREFECT_UI_URL") or (settings.api.url or "").rstrip("/").removesuffix("/api")
    return address.rstrip("/")
