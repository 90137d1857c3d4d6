"""What the JSON answers of several systems share: rows from records, and paging by counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from tasks.discover.dates import find_date, strip_date
from tasks.discover.links import join
from tasks.discover.rows import Row
from tasks.discover.text import collapse

CHINA = timezone(timedelta(hours=8))


def rows_of(
    records: Iterable[Any],
    base: str,
    *,
    title: tuple[str, ...],
    url: tuple[str, ...],
    day: tuple[str, ...],
    source: tuple[str, ...] = (),
) -> tuple[Row, ...]:
    """Rows from records; for each part the first of the named fields that has a value counts."""
    found = []
    for record in records:
        if not isinstance(record, Mapping):
            continue
        address = join(base, _text(record, url))
        words = strip_date(collapse(_text(record, title) or ""))
        if address and words:
            found.append(Row(address, words, date_of(record, day), source=_text(record, source)))
    return tuple(found)


def date_of(record: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """The date of a record: a text in any form, or seconds or milliseconds since 1970 in China's time."""
    for name in names:
        value = record.get(name)
        if isinstance(value, str) and not value.isdecimal() and (day := find_date(value)):
            return day
        if value is not None and str(value).isdecimal():
            number = int(str(value))
            if len(str(value)) == 8 and (day := find_date(str(value))):
                return day
            number = number // 1000 if number > 10**11 else number
            if 5 * 10**8 < number < 4 * 10**9:
                return datetime.fromtimestamp(number, CHINA).date().isoformat()
    return None


def at(value: Any, *path: str) -> Any:
    """The value at a path of keys, None when any step is missing."""
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _text(record: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((value for name in names if isinstance(value := record.get(name), str) and value.strip()), None)
