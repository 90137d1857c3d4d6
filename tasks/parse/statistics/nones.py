"""Statements of none: 没有收到…申请, 无依申请公开事项, 未收取信息处理费. The statement is the figure, its value 0."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.parse.statistics.lexicon import Key, Lexicon
from tasks.parse.statistics.quantities import Masked

_CLAUSE = re.compile(r"[^,;:。!?()\n①-⑳]{2,160}")
_FORMS = ("nones.heads", "nones.no_fee", "nones.zero")
_REACH = 70  # how long what is denied may be


@dataclass(frozen=True, slots=True)
class NoneStatement:
    """[start, end) is what says that there was none; `subject` names what there was none of."""

    start: int
    end: int
    subject: str
    key: str | None


def none_statements(
    text: str, start: int, end: int, masks: Masked, words: Lexicon, characters: set[str]
) -> Iterator[NoneStatement]:
    """The statements of none of one sentence, at most one per clause; `characters` are those of the sentence."""
    if not any(words.sieves[name].may_match(characters) for name in _FORMS):
        return
    for clause in _CLAUSE.finditer(text, start, end):
        found = _denied(text, clause.start(), clause.end(), masks, words) or _other_forms(
            text, clause.start(), clause.end(), words
        )
        if found is not None:
            yield found


def _denied(text: str, start: int, end: int, masks: Masked, words: Lexicon) -> NoneStatement | None:
    for head in words["nones.heads"].finditer(text, start, end):
        rest = text[head.end() : end]
        if len(rest) > _REACH or masks.touches(head.start(), head.end()):
            continue
        if words["nones.never"].match(text[head.start() : end]) or words["nones.never_end"].search(rest):
            continue
        if words["nones.never_after"].search(text[max(start, head.start() - 6) : head.start()]):
            continue
        if not words["nones.objects"].search(rest):
            continue
        plain = words["nones.plain"].match(head.group())
        if plain and (words["nones.never_end_plain"].search(rest) or not words["nones.plain_object"].match(rest)):
            continue
        subject = _trimmed(rest, words)
        if subject:
            return NoneStatement(head.start(), end, subject, _key(text[head.start() : end], words))
    return None


def _other_forms(text: str, start: int, end: int, words: Lexicon) -> NoneStatement | None:
    """暂不收费; 复议、诉讼均为零."""
    free = words["nones.no_fee"].search(text, start, end)
    if (
        free
        and text[free.start() - 1 : free.start()] != "的"
        and not words["nones.never_end"].search(text[free.end() : end])
    ):
        return NoneStatement(free.start(), free.end(), "收费", _key("收费" + text[start:end], words))
    zero = words["nones.zero"].search(text, start, end)
    denied = text[start : zero.start()] if zero else ""
    if zero and ("申请" in denied or words["nones.objects"].search(denied)):
        subject = _trimmed(denied, words)
        return NoneStatement(start, zero.end(), subject, _key(denied, words)) if subject else None
    return None


def _trimmed(phrase: str, words: Lexicon) -> str:
    """What there was none of, without 有关 in front and 的情况 behind."""
    for pattern in (words["nones.trim_front"], words["nones.trim_back"]):
        while (cut := pattern.search(phrase)) and cut.group() and len(cut.group()) < len(phrase):
            phrase = phrase[: cut.start()] + phrase[cut.end() :]
    return phrase


def _key(statement: str, words: Lexicon) -> str | None:
    return next((key.key for key in words.none_keys if _fits(key, statement)), None)


def _fits(key: Key, statement: str) -> bool:
    return bool(key.pattern.search(statement)) and not (key.excluded and key.excluded.search(statement))
