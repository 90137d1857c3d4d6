"""The title of a report: which of the lines at the top is it, what year and whose name does it state.

Lines that cite a report (a notice's title, a link to the year before) look much like the title itself. A line that is
nothing but a title wins over one that holds more, and of several titles the one whose year is that of the period.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from schemas.blocks import Blocks
from tasks.parse.dates import chinese_year
from tasks.parse.width import nfkc, unspaced

_YEAR = r"(?P<year>(?:19|20)\d{2}|二[〇○零0Oo][一二三四五六七八九〇○零0Oo]{2})"
_DATED = (
    rf"{_YEAR}[_-]?年?度?(?P<middle>[^,。;!?\d]{{0,40}}?)"
    r"(?:政府|政务)?信息公开(?:工作)?(?:的)?(?:年度)?(?:工作)?(?:报告|年报|情况)"
)
_TITLE = re.compile(rf"(?P<before>[^,。;!?]{{0,60}}?){_DATED}")
_CORE = re.compile(_DATED)  # without what stands before: tried first, it takes no time where there is no title
_SUBJECT = "信息公开"  # no title without it
_TITLE_WITHOUT_YEAR = re.compile(r"(?:政府|政务)信息公开(?:工作)?(?:的)?年度(?:工作)?报告")
# What may stand behind the words of a title that is a line of its own: 》的函, （2022年度）, a site's name after a dash
_TAIL = re.compile(r"(?:\([^()]{1,20}\))?[》〉\"]?(?:的?(?:函|报告|公告))?(?:[-_|—].{0,30})?")
_LEAD = re.compile(r"^(?:【[^】]{0,12}】|\[[^\]]{0,12}\])+")
_LEAD_WORDS = re.compile(r"^(?:.*[》〉])?(?:关于)?(?:报送|印发|公布|发布)?[《〈]?(?:附件\d?:?)?")
_CITATION = re.compile(r"链接|上一[篇条页]|下一[篇条页]|参见|详见|[一-龥]见《|附件\d?:|阅读|当前位置|所在位置")
# The hour of printing, from a browser's page header: 33PM甲市…, 33PM2021年甲市…; a year before 年 is the title's own.
_STAMP = re.compile(r"^\d[\dA-Za-z:/._]*?(?=(?:19|20)\d\d年|[一-龥])(?!年)")
# Words of a sentence in front of a title's words: 我局编制了…, 于做好…
_SENTENCE = re.compile(
    r"编制|做好|根据|按照|现将|公布|印发|开展|[我本]|了$|^于|^[省市县区](?=[一-龥]*(?:人民政府|办公))|关于"
)
_ORGAN = re.compile(
    r"(?:政府|办公室|办公厅|委员会|管委会|办事处|街道|中心|总队|支队|大队|分局|总局|公司|大学|学院|学校|医院|银行|协会|联合会|"
    r"集团|[局委办厅院部会处站所队社省市县区旗州镇乡村盟园场馆台校联])$"
)
_PLACE = re.compile(r"(?<=[一-龥])\(([一-龥]{2,8})\)(?=[一-龥])")  # 中国（四川）自由贸易试验区: a part of the name
_STOP = re.compile(r"[。;；!]")
_LONGEST_LINE = 70
_LONGEST_KNOWN = 80


@dataclass(frozen=True, slots=True)
class Titled:
    """A title as found. `first` and `last` are the paragraphs that it stands in; -1 when it came from elsewhere."""

    title: str
    year: int | None
    publisher: str | None
    first: int
    last: int
    whole: bool = False  # the line is a title and nothing else
    cited: bool = False  # the line speaks of a report: a link, an enclosure


def packed(text: str) -> str:
    """NFKC without white space and Markdown marks."""
    return unspaced(nfkc(text)).replace("*", "").replace("#", "").replace("“", '"').replace("”", '"')


_packed = lru_cache(maxsize=64)(packed)  # the lines at the top of one document are looked at several times


def find_title(blocks: Blocks, head: Sequence[str], period_year: int | None) -> Titled | None:
    """The title in the body (one to three lines together), else in metas and the title element, else in the text."""
    lines = list(_in_lines(head))
    named = [found for found in _in_metas(blocks) if found is not None]
    dated = [found for found in lines if found.year is not None]
    for choice in (
        [found for found in dated if found.whole and not found.cited],
        [found for found in named if found.whole and found.year is not None],
        [found for found in dated if not found.cited],
        [found for found in named if found.year is not None],
        dated,
    ):
        if choice:
            return next((found for found in choice if found.year == period_year), choice[0])
    return _opening_title(head) or next(iter([*named, *lines]), None)


def _in_lines(head: Sequence[str]) -> Iterator[Titled]:
    lines = [_packed(line) for line in head]
    alone = [titled(line, at, at) if len(lines[at]) <= _LONGEST_LINE else None for at, line in enumerate(head)]
    yield from filter(None, alone)
    # Lines look like one title broken over lines: no full stop, and the first is not complete in itself.
    joins = [len(packed) <= _LONGEST_LINE and not _STOP.search(line) for packed, line in zip(lines, head, strict=True)]
    for size in (2, 3):
        for at in range(len(head) - size + 1):
            if alone[at] is not None or not all(joins[at : at + size]):
                continue
            if _SUBJECT not in "".join(lines[at : at + size]):
                continue
            found = titled("".join(head[at : at + size]), at, at + size - 1)
            if found is not None:
                yield found


def _in_metas(blocks: Blocks) -> Iterator[Titled | None]:
    for text in (blocks.metas.get("articletitle"), blocks.title, blocks.metas.get("title")):
        yield titled(text, -1, -1) if text else None


def titled(text: str, first: int, last: int) -> Titled | None:
    """The title that a line is or holds; None for a line without the words of one."""
    found = _known(text) if len(text) <= _LONGEST_KNOWN else _titled(text)
    return found if found is None else replace(found, first=first, last=last)


def _titled(text: str) -> Titled | None:
    line = _packed(text)
    if _SUBJECT not in line:
        return None
    line = _LEAD.sub("", line)
    cited = bool(_CITATION.search(line))
    match = _TITLE.search(line) if _CORE.search(line) else None
    if match:
        publisher = _organ(match["before"]) or _organ(match["middle"])
        lead = len(re.split(r"[:|]", match["before"])[-1]) - len(match["before"])
        title = _STAMP.sub("", line[match.start() - lead :]).strip("《》〈〉()")
        rest = line[match.end() :]
        whole = match.start() == 0 and bool(_TAIL.fullmatch(rest)) and not _says_more(match["before"])
        return Titled(title, _year(match["year"]), publisher, -1, -1, whole, cited)
    without = _TITLE_WITHOUT_YEAR.search(line)
    if without and len(line) <= 60:
        return Titled(line.strip("《》〈〉"), None, _organ(line[: without.start()]), -1, -1, False, cited)
    return None


# Short lines are looked at for the title, and again for that of a second report.
_known = lru_cache(maxsize=64)(_titled)


def _says_more(before: str) -> bool:
    """Whether the words in front of a title are a sentence's: 某局编了2011年的政府信息公开年报."""
    name = _LEAD_WORDS.sub("", before)
    return bool(_SENTENCE.search(re.sub(r"关于$", "", name)))


def _opening_title(head: Sequence[str]) -> Titled | None:
    """A title at the start of a paragraph that goes on with the text (line breaks lost)."""
    for at, text in enumerate(head[:4]):
        match = _TITLE.match(_packed(text)[:120]) if _SUBJECT in _packed(text)[:120] else None
        if match:
            publisher = _organ(match["before"]) or _organ(match["middle"])
            return Titled(match.group(), _year(match["year"]), publisher, at, at)
    return None


def _year(raw: str) -> int | None:
    return int(raw) if raw.isdigit() else chinese_year(raw.replace("O", "〇").replace("o", "〇"))


def _organ(text: str | None) -> str | None:
    """The name of a body inside title words; None when what is left is no name."""
    if not text:
        return None
    named = _PLACE.sub(r"（\1）", _LEAD_WORDS.sub("", text))
    name = _STAMP.sub("", re.split(r"[:()/|]", named)[-1].strip('《》〈〉_-的"'))
    name = re.sub(r"(?:\d\d年度?|关于|工作|的)$", "", name)
    if len(name) < 3 or re.search(r"[,。;:!?]", name) or not re.search(r"[一-龥]", name):
        return None
    return name if is_organ(name) or not _SENTENCE.search(name) else None


def is_organ(name: str) -> bool:
    """Whether a name ends as names of public bodies do, and is no part of a sentence."""
    return bool(_ORGAN.search(name)) and not _SENTENCE.search(name)
