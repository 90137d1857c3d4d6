"""Hand counts of figures in real documents: what a person read, figure by figure, without a word of the text.

A golden file names its document, the narrative regions of its text (offsets in characters; the whole text where none
are given) and the figures. `at` is the place: a few printed characters that end on the number's unit (or on the word
that denies) and which occurrence of them it is in the narrative with white space taken out. `hash` begins the SHA-256
of the quote, white space taken out, as reviewed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import lxml.html
import yaml

from schemas.report import Statistic
from tasks.parse.statistics import extract

GOLDEN = Path(__file__).parent / "golden"
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_BLOCKS = "//p|//div|//h1|//h2|//h3|//li|//tr|//br"


@dataclass(frozen=True)
class HandCount:
    """One golden file together with what the grammar reads in its document."""

    name: str
    text: str
    counted: Sequence[dict[str, Any]]
    places: Sequence[int]  # offset of the last character of each `at`
    not_figures: Sequence[int]
    read: tuple[Statistic, ...]

    def pairs(self) -> list[tuple[dict[str, Any], Statistic | None]]:
        """Each counted figure with the statistic that stands at its place and has its value, if there is one."""
        free = list(self.read)
        found: list[tuple[dict[str, Any], Statistic | None]] = []
        for figure, place in zip(self.counted, self.places, strict=True):
            hits = [s for s in free if s.start <= place < s.end and s.value == Decimal(figure["value"])]
            if hits:
                free.remove(hits[0])
            found.append((figure, hits[0] if hits else None))
        return found


def golden_files() -> list[str]:
    return sorted(path.stem for path in GOLDEN.glob("*.yaml"))


def load(name: str, evidence: Path) -> HandCount:
    data = yaml.safe_load((GOLDEN / f"{name}.yaml").read_text(encoding="utf-8"))
    text = text_of(evidence / data["document"])
    regions = [tuple(region) for region in data.get("regions", [[0, len(text), "overview"]])]
    squeezed, offsets = squeezed_copy(text, regions)
    return HandCount(
        name=name,
        text=text,
        counted=data["figures"],
        places=[_place(squeezed, offsets, *figure["at"]) for figure in data["figures"]],
        not_figures=[_place(squeezed, offsets, *at) for at in data.get("not_figures", [])],
        read=extract(text, regions, year=data["year"]),
    )


def text_of(path: Path) -> str:
    """A document as plain text in the simplest way: files as they are, pages without their tables, a line a block."""
    if path.suffix != ".html":
        return path.read_text(encoding="utf-8")
    page = lxml.html.document_fromstring(path.read_bytes(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    for element in page.xpath("//script|//style|//table|//comment()|//head"):
        element.drop_tree()
    for element in page.xpath(_BLOCKS):
        element.tail = "\n" + (element.tail or "")
    return re.sub(r"\s*\n\s*", "\n", page.text_content())


def squeezed_copy(text: str, regions: Sequence[tuple[int, int, str]]) -> tuple[str, list[int]]:
    """The narrative without white space and emphasis marks, and where each of its characters stands."""
    kept = [
        (char, offset)
        for start, end, _ in regions
        for offset, char in enumerate(text[start:end].translate(_FOLD), start)
        if not char.isspace() and char not in "*\u200b"
    ]
    return "".join(char for char, _ in kept), [offset for _, offset in kept]


def _place(squeezed: str, offsets: Sequence[int], printed: str, nth: int) -> int:
    at = -1
    for _ in range(nth):
        at = squeezed.index(printed, at + 1)
    return offsets[at + len(printed) - 1]


def quote_hash(quote: str) -> str:
    return hashlib.sha256("".join(quote.split()).encode()).hexdigest()[:12]
