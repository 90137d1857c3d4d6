"""From one narrative region to its figures: sentence by sentence, in reading order."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count

from tasks.parse.statistics.enumerations import Enumerations
from tasks.parse.statistics.found import RATES, Found
from tasks.parse.statistics.keys import Sentence, key_of, outcomes, settle
from tasks.parse.statistics.lexicon import Attribute, Lexicon
from tasks.parse.statistics.nones import none_statements
from tasks.parse.statistics.periods import Periods
from tasks.parse.statistics.phrases import Name, clause_start, name_of, predicate_behind
from tasks.parse.statistics.quantities import Masked, Quantity, masked, quantities
from tasks.parse.statistics.squeeze import DIGITS

_SENTENCE = re.compile(r"[^。!?\n]+")
_NONE, _NAMED, _ALL = range(3)  # which rates may be spoken of
_TOPIC = 5  # a shorter name (废止, 现行有效) speaks of what was named before
_NEAR = 24  # characters between a figure and the share or change that is said of it
_MANY = 40  # figures that are searched for the one that is spoken of
_SHORT = 12  # of what stands behind a figure that nothing else names
_SHARED_NAMES = re.compile(r"分别")
_BRACKETS = re.compile(r"\([^()]*\)")
_HEADING = re.compile(r"[一二三四五六七八九十]、[^,;:]{2,20}")  # a new section ends the plans of the one before
_BETWEEN = re.compile(r"[、,和及与]?")
_NAMES = re.compile(r"[、和及与]")
_MONTH = re.compile(r"[0-9]{1,2}月")


@dataclass(frozen=True, slots=True)
class _Scope:
    """One sentence and what holds in it."""

    start: int
    end: int
    section: str
    plan_from: int  # figures behind this offset are plans or estimates
    characters: set[str]  # that it consists of


def read_region(text: str, section: str, year: int | None, words: Lexicon, groups: count[int]) -> list[Found]:
    """All figures of one squeezed region with wholes and parts, in reading order; `name_all` gives the metrics."""
    masks = masked(text, words)
    found = quantities(text, masks, words)
    enumerations = Enumerations(text, words, groups)
    figures: list[Found] = []
    cursor = 0
    for scope in _scopes(text, section, words):
        first = cursor
        while cursor < len(found) and found[cursor].start < scope.end:
            cursor += 1
        own = _sentence(text, scope, found[first:cursor], masks, year, words)
        if own:
            enumerations.sentence(scope.start, scope.end, own)
            figures.extend(own)
    settle(figures, words)
    return figures


def _scopes(text: str, section: str, words: Lexicon) -> Iterator[_Scope]:
    planning = False
    plan_section = section in words.raw["plan_sections"]
    for match in _SENTENCE.finditer(text):
        start, end = match.span()
        planning = planning and not _HEADING.fullmatch(text, start, end)
        characters = set(match.group())
        estimates, plans = words.sieves["estimates"], words.sieves["plans"]
        estimate = estimates.pattern.search(text, start, end) if estimates.may_match(characters) else None
        plan = plans.pattern.search(text, start, end) if plans.may_match(characters) else None
        plan_from = min((mark.start() for mark in (estimate, plan) if mark), default=end)
        yield _Scope(start, end, section, start if planning else plan_from, characters)
        planning = planning or (plan_section and plan is not None)


def _sentence(
    text: str, scope: _Scope, found: Sequence[Quantity], masks: Masked, year: int | None, words: Lexicon
) -> list[Found]:
    periods = Periods(text, scope.start, scope.end, year, words, scope.characters)
    figures: list[Found] = []
    floor, topic = scope.start, ""
    for place, quantity in enumerate(found):
        if quantity.start >= scope.plan_from:
            break
        limit = found[place + 1].start if place + 1 < len(found) else scope.end
        left = clause_start(text, floor, quantity.start)
        figure = _figure(text, scope, left, limit, quantity, figures, words)
        figure.period = periods.of(left, quantity.start)
        figure.topic = topic
        topic = topic if figure.name.alone or figure.suffix or len(figure.name.text) < _TOPIC else figure.name.text
        figures.append(figure)
        floor = max(quantity.end, figure.name.end)
    figures.extend(_nones(text, scope, tuple(figures), masks, periods, words))
    if not figures:
        return figures
    figures.sort(key=lambda figure: figure.quantity.start)
    _distribute(text, scope, figures, words)
    sentence = Sentence(text, scope.start, scope.end, scope.section)
    for figure in figures:
        figure.sentence = scope.start
        if not figure.none:
            figure.key = key_of(figure, sentence, words)
    outcomes(sentence, figures, words, scope.characters)
    return figures


def _figure(
    text: str, scope: _Scope, left: int, limit: int, quantity: Quantity, before: Sequence[Found], words: Lexicon
) -> Found:
    lead = text[left : quantity.start]
    statement = f"{lead}#{predicate_behind(text, quantity)}"
    said = _said_of(lead, quantity, words)
    key: str | None = None
    if said is not None:
        cut, suffix, key = said
        name = name_of(text, left, Quantity(left + cut, left + cut, Decimal(0), quantity.unit), left + cut, words)
        opens = name.start if name.text and not name.alone else left + cut
        name = Name("" if name.alone else name.text, opens, quantity.end)
        figure = Found(quantity, left, name, statement, suffix=suffix, key=key)
    else:
        name = name_of(text, left, quantity, limit, words)
        figure = Found(quantity, left, name, statement)
        figure.attribute, figure.own_name = _attribute(name, words)
        bound = words["bound_before_verb"].search(lead)
        if bound and quantity.qualifier is None:
            figure.quantity = replace(quantity, qualifier=bound["bound"])
    if figure.suffix or (figure.attribute is not None and not figure.own_name) or name.alone:
        counted = figure.attribute is not None or (not name.text and not figure.suffix)
        rates = _ALL if words["levels.to"].search(lead) else _NAMED if figure.suffix and key != "share" else _NONE
        figure.subject = _spoken_of(text, quantity.start, before, counted=counted, rates=rates)
        if figure.suffix and figure.subject and not _is_near(text, figure.subject, before, left):
            figure.subject = None
        if figure.subject and words["list_mark"].search(text, figure.subject.quantity.end, quantity.start):
            figure.subject = None
    if figure.subject is None and not name.text and not figure.suffix and before and before[-1].suffix:
        figure.name = name = replace(name, text=before[-1].name.text, alone=False)  # 访问量增长 2 倍, 达到 300 万次
    if figure.subject is None and not name.text:
        floor = before[-1].quantity.end if before else scope.start
        figure.name = _from_clause_before(text, floor, left, name, words)
        if not figure.name.text and not figure.suffix:
            figure.name = replace(figure.name, text=predicate_behind(text, quantity)[:_SHORT])
    return figure


def _said_of(lead: str, quantity: Quantity, words: Lexicon) -> tuple[int, str, str | None] | None:
    """A share or a change: where it begins in the lead, its name, its key."""
    if quantity.unit in ("%", "‰"):
        share = words["shares"].search(lead)
        if share:
            return share.start(), "占比", "share"
    for pattern, named in (("levels.from", None), ("levels.to", "turn"), ("baseline", "when")):
        level = words[pattern].search(lead)
        if level:
            return level.start(), level[named] if named else "由", None
    change = words["changes.compared"].search(lead)
    if change is None and quantity.unit in RATES:
        change = words["changes.alone"].search(lead)
    if change is None:
        return None
    said = change.group()
    key = None
    if words["changes.year_on_year"].search(said):
        key = "yoy_decrease" if words["changes.down"].search(change["turn"]) else "yoy_increase"
    suffix = said[: change.end("turn") - change.start()].strip(",")
    return change.start(), suffix, key


def _spoken_of(text: str, at: int, before: Sequence[Found], *, counted: bool, rates: int) -> Found | None:
    """The figure that is spoken of: the last outside brackets that is no rate (with `counted` no amount either).

    A change may be said of a rate with a name of its own (办结率 98%, 提升 2 个百分点), a level of any rate.
    """
    for figure in reversed(before[-_MANY:]):
        if figure.is_rate and (rates == _NONE or figure.none or (rates == _NAMED and figure.suffix)):
            continue
        if counted and figure.attribute and not figure.own_name:
            continue
        if not _leaves_bracket(text, figure.quantity.end, at):
            return figure
    return None


def _is_near(text: str, subject: Found, before: Sequence[Found], end: int) -> bool:
    """Whether what lies between a figure and what is said of it is short and states no other figure."""
    said = [figure.quantity.end for figure in before[-_MANY:] if figure is subject or figure.subject is subject]
    between = _BRACKETS.sub("", text[max(said, default=subject.quantity.end) : end])
    return len(between) <= _NEAR and not any(char in DIGITS for char in between)


def _leaves_bracket(text: str, start: int, end: int) -> bool:
    """Whether a bracket that was open at `start` is closed before `end`."""
    depth = 0
    for char in text[start:end]:
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return True
    return False


def _attribute(name: Name, words: Lexicon) -> tuple[Attribute | None, bool]:
    """The attribute that a name is or ends with (then it has a name of its own: 工程交易额)."""
    if not words.any_attribute.search(name.text):
        return None, False
    matches = [(attribute, attribute.names.search(name.text)) for attribute in words.attributes]
    found = [(attribute, match.start()) for attribute, match in matches if match]
    attribute, start = min(found, key=lambda pair: pair[1], default=(None, 0))
    return attribute, start > 0


def _from_clause_before(text: str, floor: int, left: int, name: Name, words: Lexicon) -> Name:
    """依申请公开方面, 共 12 件: the clause before names what the figure alone does not; so does 财政(12件)."""
    end = left - 1
    while floor < end and text[floor] in ")、,":
        floor += 1
    if end <= floor:
        return name
    start = clause_start(text, floor, end)
    before = name_of(text, start, Quantity(end, end, Decimal(0), None), end, words)
    return replace(name, text=before.text, alone=not before.text)


def _nones(
    text: str, scope: _Scope, figures: Sequence[Found], masks: Masked, periods: Periods, words: Lexicon
) -> Iterator[Found]:
    ends = [figure.quantity.end for figure in figures]
    end = min(scope.end, scope.plan_from)
    for none in none_statements(text, scope.start, end, masks, words, scope.characters):
        following = bisect_right(ends, none.start)
        if following < len(figures) and figures[following].quantity.start < none.end:
            continue  # 无行政复议案件 0 件: the number is the figure
        quantity = Quantity(none.start, none.end, Decimal(0), None)
        name = Name(none.subject, none.start, none.end)
        period = periods.of(none.start, none.start)
        yield Found(quantity, none.start, name, "", none=True, key=none.key, period=period)


def _distribute(text: str, scope: _Scope, figures: Sequence[Found], words: Lexicon) -> None:
    """A、B 和 C 分别为 a、b、c 条: hand the names out in their order."""
    starts = [figure.quantity.start for figure in figures]
    for match in _SHARED_NAMES.finditer(text, scope.start, scope.end):
        run: list[Found] = []
        for figure in figures[(first := bisect_left(starts, match.end())) : first + _MANY]:
            if figure.none:
                continue
            between = text[run[-1].quantity.end : figure.quantity.start] if run else ""
            if not _BETWEEN.fullmatch(between):
                break
            run.append(figure)
        if len(run) < 2:
            continue
        if run[0].suffix:
            _distribute_rates(run, figures)
            continue
        start = clause_start(text, scope.start, match.start())
        lead = Quantity(match.start(), match.start(), Decimal(0), None)
        names = [name for name in _NAMES.split(name_of(text, start, lead, lead.start, words).text) if name]
        if len(names) != len(run) or "," in text[match.end() : run[0].quantity.start] or _MONTH.fullmatch(names[0]):
            continue
        for name, figure in zip(names, run, strict=True):
            figure.name = Name(name, figure.quantity.start, figure.quantity.end)
            figure.statement = f"{name}#"
            figure.attribute, figure.own_name, figure.subject = None, False, None


def _distribute_rates(run: Sequence[Found], figures: Sequence[Found]) -> None:
    """项目 20 宗, 交易额 3 亿元, 同比分别增长 10%、8%: one change for each of the figures before."""
    before = [f for f in figures if f.quantity.end <= run[0].left and not f.is_rate][-len(run) :]
    if len(before) != len(run):
        return
    suffix, key = run[0].suffix.replace("分别", ""), run[0].key
    for subject, figure in zip(before, run, strict=True):
        figure.suffix, figure.key, figure.subject, figure.attribute = suffix, key, subject, None
        figure.name = replace(figure.name, text="")
