"""Whose report a title announces: the name in the title against the bodies of the site.

Never merged by resemblance: a branch centre (兖州分中心), an office (政府办公室) and their parent are different bodies,
and names that drift (中心 → 服务中心) are told by `aliases`. A near miss is reported: no renamed body is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

from schemas.plain_yaml import plain_yaml
from schemas.site import PublisherEntry
from tasks.discover.text import fold

Standing = Literal["named", "unnamed", "foreign", "near"]

_BRANCH = re.compile(r"分中心|分局|分院|支队|大队|办公室|办事处$|[一-龥]{2,4}(?:镇|乡)人民政府$")
_ARM = re.compile(r"人民政府(?=[一-龥]{1,8}街道办事处$)|^国家税务总局(?=[一-龥]{2,}税务局$)")
_DRESSING = re.compile(r"[()\[\]【】《》“”\"'·,、。:;\-—_]")


@dataclass(frozen=True, slots=True)
class Attribution:
    """`publisher` is an id when it is settled. `near` names the body whose name almost fits a foreign one."""

    standing: Standing
    publisher: str | None = None
    near: str | None = None


def attribute(written: str | None, bodies: Sequence[PublisherEntry], column: str | None) -> Attribution:
    """Attribute a report by the name in its title (None: the title names nobody) and by its column's publisher.

    The title outranks the column: another body's report listed there is foreign. Without a name the column decides;
    without either it stays open for the document.
    """
    if not written:
        return Attribution("unnamed", column)
    fits = {body.id for body in bodies if any(_same(written, name) for name in names(body))}
    if len(fits) == 1:
        return Attribution("named", next(iter(fits)))
    if fits:
        return Attribution("named", column) if column in fits else Attribution("unnamed", None)
    near = next((body.name for body in bodies if any(_near(written, name) for name in names(body))), None)
    return Attribution("near" if near else "foreign", None, near)


def names(body: PublisherEntry) -> tuple[str, ...]:
    """Every name a title may use for the body."""
    return (body.name, *body.aliases)


@lru_cache(maxsize=2048)
def canonical(name: str) -> str:
    """The comparison form: folded, without punctuation, short forms spelt out, a bare region as its government; an
    agency without the body that it is an arm of (某区人民政府某街道办事处, 国家税务总局某县税务局), and names of two
    duties without the 和 between them, which comes and goes.
    """
    plain = _DRESSING.sub("", fold(name))
    plain = re.sub(r"(?<!人民)政府$", "人民政府", plain)
    plain = re.sub(r"(?<!人民)政府(?=办公室$|办公厅$|办$)", "人民政府", plain)
    plain = re.sub(r"政府办$", "政府办公室", plain)
    for short, full in _short_forms():
        if plain.endswith(short) and not plain.endswith(full):
            plain = plain[: -len(short)] + full
            break
    plain = _ARM.sub("", plain)
    plain = _joints().sub("", plain)
    if plain and (plain[-1] in _region_ends() or plain[-1] in "镇乡") and 2 <= len(plain) <= 14:
        plain += "人民政府"
    return plain


def _same(written: str, name: str) -> bool:
    one, other = canonical(written), canonical(name)
    if one == other:
        return True
    # Only regions may be missing in front: 市公共资源交易中心 for that of 固原市, 宁夏…固原市… for 固原市….
    short, long = sorted((one, other), key=len)
    lead = long[: -len(short)] if long.endswith(short) else ""
    if not lead or len(short) < (5 if short.endswith("人民政府") else 3):
        return False
    return lead[-1] in _region_ends() or (short[0] in _region_ends() and len(short) >= 4)


def _near(written: str, name: str) -> bool:
    """Names that differ by a word or two, yet are not a body and its branch or office."""
    one, other = canonical(written), canonical(name)
    if bool(_BRANCH.search(one)) != bool(_BRANCH.search(other)):
        return False
    if one[:2] != other[:2] or min(len(one), len(other)) < 5 or one.endswith("人民政府") != other.endswith("人民政府"):
        return False
    if not _subject(one) or not _subject(other):
        return False
    a, b = _subject(one), _subject(other)
    shared = _common(a, b)
    return a != b and shared >= 4 and shared >= 0.55 * max(len(a), len(b))


def _subject(name: str) -> str:
    """The name without its regions: 驻马店市公共资源交易中心 → 公共资源交易中心."""
    cut = max((place for place, char in enumerate(name[:10]) if char in _region_ends() and place >= 1), default=-1)
    return name[cut + 1 :]


def _common(one: str, other: str) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for char in one:
        before = 0
        for place, letter in enumerate(other, start=1):
            kept = row[place]
            row[place] = before + 1 if char == letter else max(row[place], row[place - 1])
            before = kept
    return row[-1]


@cache
def _data() -> dict[str, object]:
    text = resources.files("tasks.discover").joinpath("data/bodies.yaml").read_text(encoding="utf-8")
    return dict(plain_yaml(text))


@cache
def _short_forms() -> tuple[tuple[str, str], ...]:
    forms = _data()["short_forms"]
    pairs: Iterable[tuple[str, str]] = forms.items() if isinstance(forms, dict) else ()
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


@cache
def _joints() -> re.Pattern[str]:
    """The 和 that joins two duties of a body; never one in the name of its region (和平区, 和县)."""
    joined = _data()["joined"]
    duties = "|".join(map(str, joined)) if isinstance(joined, list) else ""
    return re.compile(rf"(?<={duties})和(?=[一-龥]{{2}})")


@cache
def _region_ends() -> frozenset[str]:
    return frozenset(str(_data()["region_ends"]))
