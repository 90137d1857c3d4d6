"""Markdown with tables as HTML, as converters of PDFs write it: lines become elements, so that a page is read."""

from __future__ import annotations

import re

_BLOCKS = re.compile(r"<(?:!doctype|html|body|div|p|section|article|h[1-6])[\s>]", re.IGNORECASE)
_TABLE = re.compile(r"(<table\b.*?</table\s*>)", re.IGNORECASE | re.DOTALL)
_HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*)")
_BLANKS = " \t\r\n\f\v\ufeff\x00"


def is_markdown(text: str) -> bool:
    """Whether lines of plain text stand around tables: the first thing is no tag, and no element parts the text."""
    start = text[:200].lstrip(_BLANKS)
    return bool(start) and start[0] != "<" and _BLOCKS.search(text) is None and _TABLE.search(text) is not None


def as_page(text: str) -> str:
    """Each line outside of the tables as a paragraph or a heading."""
    parts = _TABLE.split(text)
    return "\n".join(part if at % 2 else "\n".join(map(_line, part.split("\n"))) for at, part in enumerate(parts))


def _line(line: str) -> str:
    line = line.strip(_BLANKS)
    if not line:
        return ""
    heading = _HEADING.fullmatch(line)
    if heading:
        level = len(heading[1])
        return f"<h{level}>{heading[2]}</h{level}>"
    return f"<p>{line}</p>"
