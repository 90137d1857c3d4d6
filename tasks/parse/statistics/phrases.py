"""The name of what a figure counts: the noun phrase before it (各类信息 4367 条) or behind it (15 家代理机构)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tasks.parse.statistics.lexicon import Lexicon
from tasks.parse.statistics.quantities import Quantity

_MARKS = "①-⑳"  # list marks in circles
_STOPS = frozenset(",;:。!?\n ") | {chr(code) for code in range(0x2460, 0x2474)}
_CLOSING = {")": "(", "》": "《", "”": "“", "」": "「", ">": "<"}
_REACH = 200  # a name may be long (a list of titles), but not without bound
_BEHIND = re.compile(rf"[^,;:。!?()、\n {_MARKS}]{{0,40}}")
_TITLE = re.compile(r"《[^《》]{1,40}》")
_PLACES = frozenset("镇乡村县区市局人所站")  # names of one character
_LAST_ITEM = re.compile(r"[、及和与》”,]")
_NEAR = 6  # 编发|工作|通报: how far a noun that is also a verb may stand from its verb
_NOUN = 12  # longest subject that makes a name together with its verb
_BRACKETED = re.compile(r"\([^()]*\)$")


@dataclass(frozen=True, slots=True)
class Name:
    """`text` is the name, [start, end) what is quoted for it together with the figure, in squeezed offsets."""

    text: str
    start: int
    end: int
    verb: str = ""  # 收到, 答复: a verb that is part of the name
    alone: bool = False  # a verb or nothing: the name needs what it belongs to
    dropped: str = ""  # a verb that was cut off, for names that would be the same without it
    full: str = ""  # with the subject that was cut off: 区直各部门主动公开政府信息
    full_start: int = 0


def clause_start(text: str, floor: int, figure: int) -> int:
    """Where the words that may name the figure at `figure` begin; never before `floor` (the figure before it).

    Brackets, titles and quotation marks without a figure inside belong to the words: 招标(采购、出让)公告.
    """
    floor = max(floor, figure - _REACH)
    at = figure
    while at > floor:
        char = text[at - 1]
        if char in _CLOSING:
            opening = _opening(text, floor, at - 1, char)
            if opening is None:
                return at
            at = opening
            continue
        if char in _STOPS or char == "(":
            return at
        at -= 1
    return floor


def _opening(text: str, floor: int, closing: int, char: str) -> int | None:
    """Offset of the mark that opens what `text[closing]` closes, not before `floor`."""
    depth = 0
    for at in range(closing, floor - 1, -1):
        if text[at] == char:
            depth += 1
        elif text[at] == _CLOSING[char]:
            depth -= 1
            if depth == 0:
                return at
    return None


def name_of(text: str, left: int, quantity: Quantity, limit: int, words: Lexicon) -> Name:
    """Name a figure from its clause [left, figure) and the words behind it, up to `limit` (the next figure)."""
    start, stop = _trim(text, left, quantity.start, words)
    before = _split(text, start, stop, quantity, words)
    behind, closes = _name_behind(text, quantity, limit, words, verbs=not before.text)
    rate = quantity.unit in ("%", "‰")
    if behind and not (rate and before.text and not before.alone):
        verb = before.verb if before.verb in words.kept_verbs and text.endswith(before.verb, left, stop) else ""
        opens = stop - len(verb) if verb else quantity.start
        return Name(verb + behind, opens, closes, verb)
    return before


def predicate_behind(text: str, quantity: Quantity) -> str:
    """The words right behind a figure up to the end of its clause, untrimmed."""
    found = _BEHIND.match(text, quantity.end)
    return found.group() if found else ""


def _trim(text: str, start: int, stop: int, words: Lexicon) -> tuple[int, int]:
    """Cut linking words from the end and adverbials and dates from the start of the phrase."""
    links, leads = words["links"], words["leads"]
    while stop > start and (link := links.search(text[start:stop])):
        stop = start + link.start()
    moved = True
    while moved and start < stop:
        moved = False
        lead = leads.match(text[start:stop])
        if lead and lead.end():
            start, moved = start + lead.end(), True
        if not words.any_dated.match(text, start, stop):
            continue
        for period in words.dated:
            named = period.match(text, start, stop)
            if named and named.end() < stop:
                start, moved = named.end(), True
    return start, stop


def _name_behind(text: str, quantity: Quantity, limit: int, words: Lexicon, *, verbs: bool) -> tuple[str, int]:
    """The noun phrase behind a figure and where it ends; empty when nothing behind it is a name.

    With `verbs` a verb may begin it: 每季度不少于 3 次巡查.
    """
    nothing = ("", quantity.end)
    found = _BEHIND.match(text, quantity.end, max(limit, quantity.end))
    phrase = found.group() if found else ""
    if not phrase:
        return nothing
    longest = int(words.raw["longest_name"])
    if words["predicates"].match(phrase):
        return phrase[:longest], quantity.end + min(len(phrase), longest)
    opens = 0
    relative = words["relatives"].match(phrase)
    if relative:
        opens = relative.end()  # 1 件涉及政府信息公开工作的|行政复议
    title = _TITLE.match(text, quantity.end)
    if title:
        return title.group(), title.end()  # 4 期《民情热线》
    cut = words["tails"].search(phrase, opens)
    closes = cut.start() if cut else len(phrase)
    verb, term = words.verbs.match(phrase, opens), words.terms.match(phrase, opens)
    if verb and not verbs and not (term and term.end() >= verb.end()):
        return nothing
    if not 0 < closes - opens <= longest or (closes - opens == 1 and phrase[opens] not in _PLACES):
        return nothing
    return phrase[opens:closes], quantity.end + closes


def _split(text: str, start: int, stop: int, quantity: Quantity, words: Lexicon) -> Name:
    """Part the phrase before a figure into subject, verb and the name of what is counted."""
    phrase = text[start:stop]
    verbs = _verbs(phrase, words)
    if not verbs:
        return _shorten(phrase, start if phrase else quantity.start, quantity, words, phrase, start)
    first, last = verbs[-1]
    if last == len(phrase):
        return _verb_alone(phrase, start, verbs, quantity, words)
    verb = phrase[first:last]
    head = last
    while head < len(phrase) and (lead := words["leads"].match(phrase[head:])) and lead.end():
        head += lead.end()
    kept = verb if verb in words.kept_verbs else ""
    name = _shorten(phrase[head:], start + head, quantity, words, phrase, start)
    if not name.text:
        return _verb_alone(phrase, start, verbs, quantity, words)
    if kept or name.text.endswith("等"):
        opens = start + first if kept else name.start
        return Name(verb + name.text, opens, quantity.end, kept, full=phrase, full_start=start)
    return replace(name, dropped=verb)


def _verbs(phrase: str, words: Lexicon) -> list[tuple[int, int]]:
    """The verbs of a phrase: not inside a term, a title or a bracket, and no noun behind another verb."""
    matches = list(words.verbs.finditer(phrase))
    if not matches:
        return []
    terms = [match.span() for match in words.terms.finditer(phrase)]
    found: list[tuple[int, int]] = []
    for match in matches:
        first, last = match.span()
        if any(opens <= first and last <= closes for opens, closes in terms) or _enclosed(phrase, first):
            continue
        if found and match.group() in words.nominal_verbs:
            near = first - found[-1][1]
            if near == 0 or (last == len(phrase) and near <= _NEAR and "的" not in phrase[found[-1][1] : first]):
                continue
        inside = not found and first > 0 and last < len(phrase) and match.group() in words.nominal_verbs
        if inside and not words["prepositions"].match(phrase):
            continue  # 双随机|抽查|信息
        found.append((first, last))
    return found


def _verb_alone(phrase: str, start: int, verbs: list[tuple[int, int]], quantity: Quantity, words: Lexicon) -> Name:
    """A figure right behind a verb: 办结 69 件. Verbs and terms that touch are one name: 部分公开答复, 印发通报."""
    first, last = verbs[-1]
    for earlier, ended in reversed(verbs[:-1]):
        if ended != first:
            break
        first = earlier
    terms = [match.start() for match in words.terms.finditer(phrase) if match.end() == first]
    verb = phrase[slice(*verbs[-1])]
    noun = phrase[:first]
    if not terms and noun and first == verbs[0][0] and len(noun) <= _NOUN and not words["adverbs"].match(noun):
        terms = [0]  # 网站公开 1800 条
    if terms:
        return Name(phrase[terms[0] :], start + terms[0], quantity.end, verb, full=phrase, full_start=start)
    noun_alone = phrase == verb and verb in words.nominal_verbs and verb not in words.kept_verbs  # 培训 120 人
    name = Name(phrase[first:last], start + first, quantity.end, verb, full=phrase, full_start=start)
    return replace(name, alone=not noun_alone)


def _shorten(phrase: str, start: int, quantity: Quantity, words: Lexicon, full: str, full_start: int) -> Name:
    """Bring a name to a bearable length: behind the last 的, or the last item of a list."""
    longest = int(words.raw["longest_name"])
    name, opens = phrase, start
    while (bracket := _BRACKETED.search(name)) and bracket.start():
        name = name[: bracket.start()]  # 其他处理(含申请人撤回申请) 341 件
    for within in words["within"].finditer(name):
        if within.end() < len(name):
            opens, name = opens + within.end(), name[within.end() :]
            break
    if len(name) > longest:
        cut = name.rfind("的")
        if cut > 0 and len(name) - cut > 2:
            name, opens = name[cut + 1 :], opens + cut + 1
    if len(name) > longest:
        items = list(_LAST_ITEM.finditer(name, 0, max(0, len(name) - 2)))
        if items:
            cut = items[-1].end()
            name, opens = name[cut:], opens + cut
    if len(name) > longest:
        name, opens = name[-longest:], opens + len(name) - longest
    return Name(name, opens, quantity.end, alone=not name, full=full, full_start=full_start)


def _enclosed(phrase: str, at: int) -> bool:
    """Whether a place lies inside a title, quotation marks or brackets."""
    before = phrase[:at]
    return any(before.count(opens) > before.count(closes) for closes, opens in _CLOSING.items())
