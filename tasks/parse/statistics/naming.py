"""Unique metric names: what belongs to something is joined to it by `·`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from tasks.parse.statistics.found import Found
from tasks.parse.statistics.lexicon import Lexicon

JOINT = "·"
_FALLBACK = "数量"
_PART = "其中"
_LONGEST = 120  # of a metric; beyond it only garbage goes


def name_all(figures: Sequence[Found], words: Lexicon) -> None:
    """Give every figure its metric. Figures come in reading order; wholes and subjects stand before what is theirs."""
    wholes: dict[str, set[int]] = defaultdict(set)
    repeated: Counter[tuple[int, str, str | None]] = Counter()
    for figure in figures:
        if figure.parent is not None:
            wholes[figure.name.text].add(id(figure.parent))
        repeated[figure.sentence, figure.name.text, figure.quantity.unit] += 1
    for figure in figures:
        parent = figure.parent
        if parent is not None and not parent.metric:
            parent.metric = _metric(parent, False, words)  # a total may stand behind its parts
        figure.metric = _unique(figure, repeated, wholes, words)[-_LONGEST:]


def _unique(
    figure: Found,
    repeated: Counter[tuple[int, str, str | None]],
    wholes: dict[str, set[int]],
    words: Lexicon,
) -> str:
    name = figure.name
    if name.dropped and repeated[figure.sentence, name.text, figure.quantity.unit] > 1:
        figure.name = name = replace(name, text=name.dropped + name.text)  # 开设专栏 18 个, 升级专栏 22 个
    label: str | None = words.raw["labels"].get(figure.key)
    if label and not figure.suffix and words["general"].match(name.text):
        return label  # 另有 72 件申请顺延到下年度答复
    return _metric(figure, figure.parent is not None and len(wholes[name.text]) > 1, words)


def _metric(figure: Found, ambiguous: bool, words: Lexicon) -> str:
    name = figure.name.text
    if figure.suffix or figure.attribute is not None or figure.name.alone:
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
