"""Unique metric names: what belongs to something is joined to it by `·`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from tasks.parse.statistics.found import Found
from tasks.parse.statistics.lexicon import Lexicon

JOINT = "·"
_FALLBACK = "数量"
_PART = "其中"
_TELLING = 5  # a name shorter than this may stand for anything: 信息, 会议, 文件
_LONGEST = 120  # of a metric; beyond it only garbage goes


def name_all(regions: Sequence[Sequence[Found]], words: Lexicon) -> None:
    """Give every figure of a report its metric, region by region; subjects stand before what is said of them."""
    names = _Names(regions, words)
    for number, figures in enumerate(regions):
        for figure in figures:
            parent = figure.parent
            if parent is not None and not parent.metric:
                parent.metric = _metric(parent, False, words)  # a total may stand behind its parts
            figure.metric = names.of(figure, number)[-_LONGEST:]


class _Names:
    """Which names stand for more than one thing in the report."""

    def __init__(self, regions: Sequence[Sequence[Found]], words: Lexicon) -> None:
        self._words = words
        self._wholes: dict[str, set[int]] = defaultdict(set)
        self._beside: Counter[tuple[int, int, str, str | None]] = Counter()
        self._values: dict[tuple[str, str | None], set[Decimal]] = defaultdict(set)
        for number, figures in enumerate(regions):
            for figure in figures:
                name, unit = figure.name.text, figure.quantity.unit
                if figure.parent is not None:
                    self._wholes[name].add(id(figure.parent))
                self._beside[number, figure.sentence, name, unit] += 1
                self._values[name, unit].add(figure.quantity.value)

    def of(self, figure: Found, region: int) -> str:
        name, unit, words = figure.name, figure.quantity.unit, self._words
        if name.dropped and self._beside[region, figure.sentence, name.text, unit] > 1:
            full = name.full if len(name.full) <= int(words.raw["longest_name"]) else name.dropped + name.text
            figure.name = name = replace(name, text=full)  # 微博发布信息 35 条, 微信发布信息 12 条
        elif self._says_little(figure) and len(name.full) <= int(words.raw["longest_name"]):
            figure.name = name = replace(name, text=name.full)  # 微博发布信息 35 条 … 微信推送信息 12 条
        label: str | None = words.raw["labels"].get(figure.key)
        if label and not figure.suffix and words["general"].match(name.text):
            return label  # 另有 72 件申请顺延到下年度答复
        return _metric(figure, figure.parent is not None and len(self._wholes[name.text]) > 1, words)

    def _says_little(self, figure: Found) -> bool:
        """Whether the name is short, stands for several values, and has a subject that tells them apart."""
        name = figure.name
        several = len(self._values[name.text, figure.quantity.unit]) > 1
        return several and 0 < len(name.text) < _TELLING < len(name.full) and not figure.none


def _metric(figure: Found, ambiguous: bool, words: Lexicon) -> str:
    name = figure.name.text
    if figure.suffix or (figure.attribute is not None and not figure.own_name) or figure.name.alone:
        return _of_subject(figure, figure.suffix or name)
    parent = figure.parent
    if parent is not None:
        if not name:
            return f"{parent.metric}{JOINT}{_unit(figure)}"
        if name == parent.name.text:
            full = figure.name.full
            return full if full not in ("", name, parent.metric) else f"{parent.metric}{JOINT}{_PART}"
        if name == parent.metric or ambiguous or words["classes"].search(name):
            return f"{parent.metric}{JOINT}{name}"
    return name or _unit(figure)


def _of_subject(figure: Found, own: str) -> str:
    """A share, a change, an amount or a bare verb, joined to what it is said about."""
    if figure.suffix and figure.name.text:
        return f"{figure.name.text}{JOINT}{own}"
    subject = figure.subject
    if figure.parent is not None and subject is not None and subject.parent is figure.parent:
        subject = figure.parent  # parts of one whole stand beside each other
    while subject is not None and not subject.name.text and not subject.suffix and subject.subject is not None:
        subject = subject.subject  # 电子证照 32 类, 累计 158 类、1.2 亿张: all said of the first
    while figure.name.alone and subject is not None and subject.name.alone and subject.subject is not None:
        subject = subject.subject  # 申请 23 件, 上年结转 1 件, 办结 24 件
    figure.subject = subject  # found once: a chain of a thousand figures is not walked a thousand times
    if subject is None or not subject.metric:
        return own or _unit(figure)
    if own and own == subject.name.text and not figure.suffix:
        return subject.metric  # 上半年受理 12 件, 下半年受理 20 件
    base = subject.name.text if subject.suffix and subject.name.text else subject.metric  # 满意度·由 → 满意度·提升至
    if figure.name.alone and figure.name.verb and subject.name.verb and not figure.suffix:
        base = base.removeprefix(subject.name.verb) or base  # 收到申请 70 件, 办结 69 件: 申请·办结
    return f"{base}{JOINT}{own or _unit(figure)}"


def _unit(figure: Found) -> str:
    return figure.quantity.unit or _FALLBACK
