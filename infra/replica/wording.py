"""Sentences that know what they state: `{metric=1230余条<whole}` prints `1230余条` and records the statistic.

Marks inside the braces: `=` before the printed figure, `<whole` part of (其中, 包括), `~whole` included in (含),
`|words` other words to print (for statements of none: `{收到申请=0件|没有收到申请}`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from infra.replica.model import Figure, Publisher, SectionTruth, Style

_MARK = re.compile(r"\{([^{}=]+)=([^{}<~|]+)(?:([<~])([^{}|]+))?(?:\|([^{}]+))?\}")
_PRINTED = re.compile(r"^(约|近|超过|不少于|逾|达到|至少)?(-?\d[\d,]*(?:\.\d+)?)(余|多)?(.*)$")
_HALF = str.maketrans("（），：；！？％〔〕", "(),:;!?%〔〕")
_CJK = r"\u4e00-\u9fff"


def figure(metric: str, printed: str, relation: str | None, parent: str | None, section: str | None) -> Figure:
    """The statistic that a printed figure (`近20.35万人次`) states; raises ValueError when there is no number."""
    found = _PRINTED.match(printed)
    if found is None:
        raise ValueError(f"no figure in {printed!r} of {metric}")
    before, number, after, unit = found.groups()
    kind = {"<": "part_of", "~": "included_in"}.get(relation or "")
    return Figure(
        metric=metric,
        value=Decimal(number.replace(",", "")),
        unit=unit or None,
        printed=printed,
        qualifier=before or after,
        parent=parent,
        relation=kind,  # type: ignore[arg-type]
        section=section,
    )


def compose(marked: str, section: str | None = None) -> tuple[str, tuple[Figure, ...]]:
    """A marked sentence as (text, statistics). Braces that are no mark are an error of the template: ValueError."""
    figures: list[Figure] = []

    def put(match: re.Match[str]) -> str:
        metric, printed, relation, parent, words = match.groups()
        figures.append(figure(metric, printed, relation, parent, section))
        return words or printed

    text = _MARK.sub(put, marked)
    if "{" in text or "}" in text:
        raise ValueError(f"unreadable mark in {marked!r}")
    return text, tuple(figures)


def section(code: str, heading: str, marked: Iterable[str], values: Mapping[str, object] | None = None) -> SectionTruth:
    """A section from marked paragraphs, `$name` filled in from `values` first."""
    paragraphs: list[str] = []
    figures: list[Figure] = []
    for paragraph in marked:
        text, stated = compose(fill(paragraph, values or {}), code)
        paragraphs.append(text)
        figures.extend(stated)
    return SectionTruth(code, heading, tuple(paragraphs), tuple(figures))


def fill(template: str, values: Mapping[str, object]) -> str:
    """`$name` → value; unknown names are an error of the template (KeyError)."""
    return re.sub(r"\$([a-z_0-9]+)", lambda match: str(values[match.group(1)]), template)


def dressed(text: str, style: Style) -> str:
    """The text in the publisher's own hand: half-width punctuation, blanks around numbers."""
    if style.half_width:
        text = text.translate(_HALF)
    if style.spaced_numbers:
        text = re.sub(rf"(?<=[{_CJK}])(?=\d)|(?<=\d)(?=[{_CJK}])", " ", text)
    return text


def worded(label: str, style: Style) -> str:
    """A statutory label or heading with the publisher's word for 政府信息."""
    return label if style.wording == "政府" else label.replace("政府信息", f"{style.wording}信息")


def introduction(publisher: Publisher, year: int) -> dict[str, object]:
    """The values that every template may use."""
    return {"publisher": publisher.name, "short": publisher.short, "year": year, "next": year + 1, "last": year - 1}
