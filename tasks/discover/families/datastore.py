"""The `<datastore>` that Hanweb's jpage component and its look-alike exchange: records in CDATA, totals beside.

A real one is not valid XML: a stray `<div><ul></ul></div>` may stand before the first record, hrefs are in single
quotes, rows are `<li>`, `<tr>` or `<table>`.
So the records are cut out as text and each is read as HTML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bs4 import Tag

from schemas.discovery import Page
from tasks.discover.families.base import fragment
from tasks.discover.rows import Row, single_row
from tasks.discover.text import unescape

_STORE = re.compile(r"<datastore>(.*?)</datastore>", re.DOTALL | re.IGNORECASE)
_RECORD = re.compile(r"<record>(.*?)</record>", re.DOTALL | re.IGNORECASE)
_CDATA = re.compile(r"^\s*<!\[CDATA\[(.*?)\]\]>\s*$", re.DOTALL)
_NEXT = re.compile(r"<nextgroup>(.*?)</nextgroup>", re.DOTALL | re.IGNORECASE)
_TOTAL = re.compile(r"<totalrecord>\s*(?:<!\[CDATA\[)?\s*(\d+)", re.IGNORECASE)
_HREF = re.compile(r"""href\s*=\s*["']?([^"'>\s]+)""", re.IGNORECASE)
_TABLE_ROW = re.compile(r"\s*<t[rd]\b", re.IGNORECASE)
_UNIT = re.compile(r"""<div[^>]*\bid\s*=\s*["']?([\w-]+)["']?[^>]*>\s*(?:<script[^>]*>\s*)?$""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Datastore:
    """One list component: its rows so far, the total it announces, the address of its next group, its unit id."""

    rows: tuple[Row, ...]
    total: int | None
    next_group: str | None
    unit: str | None


def datastores(page: Page, base: str | None = None) -> list[Datastore]:
    """All datastores of a page or of a dataproxy answer, in order; `base` is the column that its links stand on."""
    found = []
    for match in _STORE.finditer(page.text):
        body = match[1]
        total = _TOTAL.search(body)
        following = _NEXT.search(body)
        href = _HREF.search(unescape(following[1])) if following else None
        unit = _UNIT.search(page.text[max(0, match.start() - 400) : match.start()])
        found.append(
            Datastore(
                rows=_rows(page, base or page.url, [_unwrapped(record) for record in _RECORD.findall(body)]),
                total=int(total[1]) if total else None,
                next_group=unescape(href[1]) if href else None,
                unit=unit[1] if unit else None,
            )
        )
    return found


def _unwrapped(record: str) -> str:
    inside = _CDATA.match(record)
    text = inside[1] if inside else record
    return text if "<" in text else unescape(text)


def _rows(page: Page, base: str, records: list[str]) -> tuple[Row, ...]:
    if not records:
        return ()
    # A record may be a bare <tr>; the parser keeps it only inside a table.
    kept = (f"<table>{text}</table>" if _TABLE_ROW.match(text) else text for text in records)
    wrapped = "".join(f"<section data-record>{text}</section>" for text in kept)
    document = fragment(page, f"<html><body>{wrapped}</body></html>")
    return tuple(
        row
        for section in document.soup.find_all("section", attrs={"data-record": True})
        if isinstance(section, Tag) and (row := single_row(section, base)) is not None
    )
