"""A squeezed copy of a text and the way back: white space and mark-up gone, full-width ASCII folded, offsets kept.

Sentences of a report are broken anywhere: by the lines of a PDF, by blanks between digits and unit, by the blank
lines of a flattened file. Patterns therefore look at a squeezed copy, and every match is quoted from the original
by its offsets. What must not be glued together stays apart: digits on both sides of white space become two numbers
with `GAP` between them, and a heading ends with `BREAK`.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from itertools import pairwise

BREAK = "\n"  # a hard end of line: a heading, a title, a signature
DIGITS = frozenset("0123456789")
GAP = " "  # white space between two digits: neither one number nor surely two

_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20, 0x2F3: 0x20}
_RARE = re.compile("[\uff01-\uff5e\u02f3]")
_SKIPPED = re.compile(r"[\s*\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
_PAGE_NUMBER = re.compile(
    r"^[ \t]*(?:[-—–]+[ \t]*[0-9]{1,3}[ \t]*[-—–]+|第[ \t]*[0-9]{1,3}[ \t]*页[^\n]{0,12})[ \t]*$", re.MULTILINE
)
_STOP = re.compile(r"(?<=[\u4e00-\u9fff)])\.(?=[\u4e00-\u9fff]|\s|$)")  # a full stop typed as a point
_COMMENT = re.compile(r"<!--.{0,200}?-->")
_HEADING = re.compile(
    r"(?:第?[一二三四五六七八九十]{1,3}[、是]|\([一二三四五六七八九十0-9]{1,3}\)|[0-9]{1,2}[.、](?![0-9])|[\u2460-\u2473])"
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}\s*年")
_PUNCTUATION = frozenset(",。;:!?、，；：！？.")
_SHORT = 30  # a line up to this length without punctuation may be a heading
_WIDE = 0.6  # … if it is clearly shorter than the lines around it


@dataclass(frozen=True, slots=True)
class Squeezed:
    """`text` is the squeezed copy; `offsets[i]` is where its character i stands in the original."""

    text: str
    offsets: array[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original of the squeezed span [start, end); the span must not be empty."""
        return self.offsets[start], self.offsets[end - 1] + 1


def squeeze(text: str, start: int, end: int) -> Squeezed:
    """Squeeze `text[start:end]`. Linear in its length."""
    folded = _fold(text[start:end])
    hard = _hard_breaks(folded) if "\n" in folded else frozenset()
    pieces: list[str] = []
    offsets = array("q")
    cursor = 0
    for gap in _SKIPPED.finditer(folded):
        first, last = gap.span()
        if first > cursor:
            pieces.append(folded[cursor:first])
            offsets.extend(range(start + cursor, start + first))
        cursor = last
        joint = _joint(folded, first, last, hard)
        if joint and offsets:
            pieces.append(joint)
            offsets.append(start + first)
    if cursor < len(folded):
        pieces.append(folded[cursor:])
        offsets.extend(range(start + cursor, start + len(folded)))
    return Squeezed("".join(pieces), offsets)


def _fold(text: str) -> str:
    """Full-width ASCII folded; comments and page numbers blanked; as long as it was."""
    folded = (
        text.replace("，", ",").replace("：", ":").replace("；", ";").replace("（", "(").replace("）", ")")
        .replace("\u3000", " ").replace("\xa0", " ")
    )  # fmt: skip
    if _RARE.search(folded):  # translating takes ten times as long as looking
        folded = folded.translate(_FOLD)
    if "." in folded:
        folded = _STOP.sub("。", folded)
    if "<!--" in folded:
        folded = _COMMENT.sub(lambda match: " " * len(match.group()), folded)
    return _PAGE_NUMBER.sub(lambda match: " " * len(match.group()), folded)


def _joint(folded: str, first: int, last: int, hard: frozenset[int]) -> str:
    """What stands in the squeezed copy for the skipped characters [first, last)."""
    if any(offset in hard for offset in range(first, last) if folded[offset] == "\n"):
        return BREAK
    if first > 0 and last < len(folded) and folded[first - 1] in DIGITS and folded[last] in DIGITS:
        return "×" if folded[first:last] == "*" else GAP
    return ""


def _hard_breaks(folded: str) -> frozenset[int]:
    """Offsets of the line ends that end a heading, a title or a signature, as far as the shape of the lines tells."""
    lines = [match.span() for match in re.finditer(r"[^\n]+", folded) if not match.group().isspace()]
    width = max((last - first for first, last in lines), default=0)
    found = set()
    for (first, last), (next_first, next_last) in pairwise(lines):
        line, following = folded[first:last].strip(), folded[next_first:next_last].lstrip()
        if _is_hard(line, following, width):
            found.add(last)
    return frozenset(found)


def _is_hard(line: str, following: str, width: int) -> bool:
    if line[-1] in _PUNCTUATION or line[-1] in DIGITS:
        return False
    if following[:1] in DIGITS and not (_YEAR.match(following) or _HEADING.match(following)):
        return False  # a count wrapped away from its noun
    if line.count("(") > line.count(")"):
        return False
    if _HEADING.match(following):
        return True
    if len(line) > _SHORT or any(mark in line for mark in ",。;"):
        return False
    return bool(_HEADING.match(line)) or len(line) < _WIDE * width
