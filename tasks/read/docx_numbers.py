"""The numbers of automatic lists in a DOCX (一、, （一）, 1.): printed on the page, computed from the XML."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

_DIGITS = "〇一二三四五六七八九"
_PLACE = re.compile(r"%(\d)")


@dataclass(slots=True)
class _Level:
    start: int = 1
    style: str = "decimal"
    pattern: str = ""


@dataclass(slots=True)
class _List:
    levels: dict[int, _Level] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts list paragraphs in document order."""

    def __init__(self, root: etree._Element | None) -> None:
        self._lists: dict[str, _List] = {}
        if root is None:
            return
        abstract = {
            _attribute(element, "abstractNumId"): _levels(element)
            for element in root
            if _local(element) == "abstractNum"
        }
        shared: dict[str | None, _List] = {}
        for element in root:
            if _local(element) != "num":
                continue
            identity = _attribute(element, "numId")
            target = _value(element, "abstractNumId")
            if identity is not None and target in abstract:
                # Lists of one abstract definition go on counting together unless they override the start.
                overridden = any(_local(below) == "lvlOverride" for below in element)
                found = _List(abstract[target]) if overridden else shared.setdefault(target, _List(abstract[target]))
                self._lists[identity] = found

    def mark(self, paragraph: etree._Element) -> str:
        """The mark that Word prints before this paragraph, or nothing."""
        properties = next((below for below in paragraph if _local(below) == "pPr"), None)
        numbered = (
            next((below for below in properties if _local(below) == "numPr"), None) if properties is not None else None
        )
        if numbered is None:
            return ""
        found = self._lists.get(_value(numbered, "numId") or "")
        depth = _value(numbered, "ilvl") or "0"
        if found is None or not depth.isdigit() or int(depth) not in found.levels:
            return ""
        level = int(depth)
        own = found.levels[level]
        found.counts[level] = found.counts.get(level, own.start - 1) + 1
        for deeper in [other for other in found.counts if other > level]:
            del found.counts[deeper]
        return _PLACE.sub(lambda place: self._number(found, int(place.group(1)) - 1), own.pattern)

    def _number(self, found: _List, level: int) -> str:
        shape = found.levels.get(level, _Level())
        return written(found.counts.get(level, shape.start), shape.style)


def written(number: int, style: str) -> str:
    """A list number in one of Word's styles; styles without digits of their own are written as decimals."""
    if style in {
        "chineseCounting",
        "chineseCountingThousand",
        "japaneseCounting",
        "ideographDigital",
        "taiwaneseCounting",
    }:
        return chinese(number)
    if style == "decimalFullWidth":
        return "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))
    if style == "decimalEnclosedCircle" and 1 <= number <= 20:
        return chr(0x2460 + number - 1)
    if style in {"lowerLetter", "upperLetter"} and 1 <= number <= 26:
        return chr((97 if style == "lowerLetter" else 65) + number - 1)
    if style in {"none", "bullet"}:
        return ""
    return str(number)


def chinese(number: int) -> str:
    """一 … 九十九; larger numbers as decimals."""
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones else "")


def _levels(abstract: etree._Element) -> dict[int, _Level]:
    found: dict[int, _Level] = {}
    for element in abstract:
        depth = _attribute(element, "ilvl")
        if _local(element) != "lvl" or depth is None or not depth.isdigit():
            continue
        start, style = _value(element, "start") or "1", _value(element, "numFmt") or "decimal"
        pattern = "" if style == "bullet" else _value(element, "lvlText") or ""
        found[int(depth)] = _Level(int(start) if start.isdigit() else 1, style, pattern)
    return found


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _attribute(element: etree._Element, name: str) -> str | None:
    return next((str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), None)


def _value(element: etree._Element, name: str) -> str | None:
    """The `val` of a child element."""
    below = next((below for below in element if _local(below) == name), None)
    return _attribute(below, "val") if below is not None else None
