"""Several copies of one report: page, viewer, PDF, picture, re-issue. All are kept; a rule says which is read first.

The rule, strongest first: a re-issue before what it replaces; a sure title before a doubtful one; text before print
before picture (page, viewer, file, 图片版); the newest listing; the address, so that the order is the same every time.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from schemas.discovery import Candidate
from tasks.discover.dates import url_date

_PRECISION = {"certain": 0, "likely": 1, "guess": 2}
_KIND = {"page": 0, "viewer": 1, "attachment": 2}
_FORMAT = {
    "docx": 0,
    "doc": 1,
    "wps": 1,
    "xlsx": 2,
    "xls": 2,
    "pdf": 3,
    "ofd": 4,
    "jpg": 8,
    "jpeg": 8,
    "png": 8,
    "zip": 9,
}


@dataclass(frozen=True, slots=True)
class Versions:
    """One report as far as titles tell: its copies in the order they are to be read."""

    publisher: str | None
    year: int | None
    copies: tuple[Candidate, ...]

    @property
    def first(self) -> Candidate:
        """The copy that is read first; the others are second readings and fallbacks."""
        return self.copies[0]


def group(candidates: Iterable[Candidate]) -> tuple[Versions, ...]:
    """Group by publisher and year, newest year first. What has no year or no publisher stands alone, one by one."""
    together: dict[tuple[object, ...], list[Candidate]] = defaultdict(list)
    for item in candidates:
        settled = item.publisher is not None and item.year is not None
        together[(item.publisher, item.year, "" if settled else item.url)].append(item)
    made = [Versions(items[0].publisher, items[0].year, ordered(items)) for items in together.values()]
    return tuple(sorted(made, key=lambda found: (-(found.year or 0), found.publisher or "", found.first.url)))


def ordered(copies: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Copies of one report in reading order."""
    by_address = sorted(copies, key=lambda item: item.url)
    newest_first = sorted(by_address, key=_listed, reverse=True)
    return tuple(sorted(newest_first, key=_rank))


def _rank(item: Candidate) -> tuple[int, int, int, int, int]:
    ending = re.search(r"\.(\w{2,4})$", urlsplit(item.url).path.lower())
    form = _FORMAT.get(ending[1], 5) if ending and item.kind == "attachment" else 3
    return (
        0 if item.version == "reissue" else 1,
        _PRECISION.get(item.precision, 3),
        1 if item.version == "image" or form >= 8 else 0,
        _KIND.get(item.kind, 3),
        form,
    )


def _listed(item: Candidate) -> str:
    dated = url_date(item.url)
    return item.listed_on or (dated.iso if dated else "")
