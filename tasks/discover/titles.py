"""Titles: what is a government information disclosure annual report, of which year and publisher, and what is not.

The statutory wording is that of 国办公开办函〔2021〕30号 and 〔2019〕60号; the others were seen on lists. The patterns
are data (`data/titles.yaml`); this file holds the order of judging.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Literal

from schemas.plain_yaml import plain_yaml
from tasks.discover.dates import strip_date
from tasks.discover.text import fold

FIRST_YEAR, LAST_YEAR = 2003, 2099

Precision = Literal["certain", "likely", "guess", "none"]

_YEAR = r"20\d{2}"
# 政府信息公开工作年度报告 and all its orders of words. Group `inner` is a year that stands inside the phrase.
_CORE = re.compile(
    r"(?P<subject>(?:政府|政务)?信息(?:与政务|和政务)?(?:主动)?公开|政务公开)(?:工作)?(?:情况)?的?"
    rf"(?P<inner>(?:{_YEAR})(?:年度|年|度)?)?的?(?:工作)?的?(?:情况)?"
    r"(?P<genre>年度(?:工作)?(?:总结|情况)?的?报告书?|年度?工作报告|年报(?!表)|年度报(?!表)|年终(?:总结)?报告"
    r"|(?:工作|情况|总结)*报告书?)"
)
_LETTER = re.compile(r"(?:报送|上报|呈报|汇报).*?(?P<subject>(?:政府|政务)?信息公开)(?:工作)?(?:情况|总结)")
_REVERSED = re.compile(rf"{_YEAR}年?度?(?:年度报告|年报|报告)[(\[—-]*(?:政府|政务)?信息公开")
_DOC_NUMBER = re.compile(r"[\[〔(【]20\d{2}[\]〕)】]第?\d+号|〔\d+号")
_FIND_YEAR = re.compile(rf"(?<!\d)({_YEAR})(?:年度|年|度|(?!\d))")
_SHORT_YEAR = re.compile(r"(?<!\d)([012]\d)年度?$")
_YEAR_IN_BRACKETS = re.compile(rf"[(\[〔【](?P<year>{_YEAR})(?:年度|年|度)?[)\]〕】](?:年度|年|度)?")
# A part of a year that a report covers, e.g. the first ones: 2008年5月1日至12月31日.
_PART_OF_YEAR = re.compile(r"[(\[]?(?:\d{1,2}月)?(?:\d{1,2}日?)?起?[-—~至到](?:\d{1,2}月)(?:\d{1,2}日)?[止底]?[)\]]?")
_MONTH = re.compile(r"^\d{1,2}月(?:\d{1,2}日)?")
_CARRIED = re.compile(r"关于(?:报送|印发|公布|发布|呈报|上报|转发|提交)(?P<rest>.{2,})$")
_ELLIPSIS = re.compile(r"(?:…|\.{2,}|⋯|。{2,}|·{3,})+$")
# How a title goes on, for titles that the list has cut off.
_WHOLE = tuple(
    subject + rest
    for subject in ("政府信息公开", "政务信息公开", "信息公开", "政务公开")
    for rest in (
        "工作年度报告",
        "年度报告",
        "年报",
        "工作的年度报告",
        "工作报告",
        "年度工作报告",
        "工作年报",
        "情况年度报告",
    )
)
_BARE = re.compile(rf"(?:{_YEAR}年?度?|年度)(?:工作)?(?:年报|年度报告|报告)(?:书)?(?:[\(\[].*)?$|年报$|年度报告$")
_ONLY_YEAR = re.compile(rf"^{_YEAR}(?:年度|年)?$")


@dataclass(frozen=True, slots=True)
class TitleVerdict:
    """What a title tells. `why_not` is set exactly when `is_report` is False; `publisher` is the name as written
    (folded); `precision`: certain, likely (wording that others use too), guess (cut off, or only fits its column).
    """

    is_report: bool
    year: int | None
    publisher: str | None
    why_not: str | None
    precision: Precision
    version: str | None = None  # image, pdf, text, reissue, correction


@dataclass(frozen=True, slots=True)
class _Words:
    lookalikes: tuple[tuple[str, str, re.Pattern[str]], ...]
    versions: tuple[tuple[str, re.Pattern[str]], ...]
    other_subjects: re.Pattern[str]
    dressing: re.Pattern[str]
    lead_in: re.Pattern[str]
    trailing: re.Pattern[str]
    no_body: re.Pattern[str]
    tail_body: re.Pattern[str]


def classify(title: str, *, in_report_column: bool = False) -> TitleVerdict:
    """Judge one title. Never raises.

    `in_report_column`: the list is known to be the annual-report column of a body, so that a bare `2021年年报`,
    or a year alone, may stand for its report; such a verdict is a guess that the document has to confirm.
    """
    return _classify(title, in_report_column)


@lru_cache(maxsize=1024)
def _classify(title: str, in_report_column: bool) -> TitleVerdict:
    words = _words()
    plain = _DOC_NUMBER.sub("", fold(strip_date(title)))
    plain = re.sub(r"\.(?:pdf|docx?|wps|xlsx?|html?|shtml|ofd|rtf)$", "", plain, flags=re.IGNORECASE)
    plain = whole = _YEAR_IN_BRACKETS.sub(r"\g<year>年", plain)
    while (bare := words.dressing.sub("", plain)) != plain:
        plain = bare
    version = next((name for name, pattern in words.versions if pattern.search(fold(title))), None)
    cut = _ELLIPSIS.search(plain) is not None
    plain = _ELLIPSIS.sub("", plain)
    core = _last(_CORE, plain)
    if core is None:
        verdict = _without_core(plain, cut, in_report_column, words)
    else:
        verdict = _with_core(plain, core, words)
        if verdict.is_report and (
            why := _lookalike(words, whole, "", {"title"})
        ):  # told in what was taken off: 【图解】
            verdict = TitleVerdict(False, verdict.year, None, why, "none")
        if cut and verdict.is_report:
            verdict = replace(verdict, precision="guess")  # 解读 or 图解 may have stood in what was cut off
    if version == "correction" and verdict.precision == "certain":
        verdict = replace(verdict, precision="likely")  # perhaps only a note on what was wrong
    return replace(verdict, version=version if verdict.is_report else None)


def _with_core(plain: str, core: re.Match[str], words: _Words) -> TitleVerdict:
    head, tail, genre = plain[: core.start()], plain[core.end() :], core["genre"]
    why = None
    if re.search(r"通知\)?$", tail) and "印发" not in head:
        why = "notice"  # 关于印发…年度报告的通知 carries the report, any other 通知 only speaks of it
    why = why or _lookalike(words, plain, tail, {"title", "tail"})
    if not why and core["subject"] == "信息公开" and words.other_subjects.search(head):
        why = "other_disclosure"
    if not why and re.search(r"(?:发布|公布|公开)$", re.sub(rf"{_YEAR}年?度?", "", head)) and "关于" not in head:
        why = "news" if not _ends_as_verb(head) else None
    year = _year(head, core["inner"], tail)
    if why:
        return TitleVerdict(False, year, None, why, "none")
    publisher = _publisher(head, core, tail, words)
    annual = "年" in genre or (core["inner"] or "").endswith("度")
    if year is None and not annual:
        return TitleVerdict(False, None, None, "no_year", "none")
    certain = annual and core["subject"] != "政务公开"
    return TitleVerdict(True, year, publisher, None, "certain" if certain else "likely")


def _without_core(plain: str, cut: bool, in_report_column: bool, words: _Words) -> TitleVerdict:
    year = _year(plain, None, "")
    why = _lookalike(words, plain, plain, {"title", "bare"})
    letter = _LETTER.search(plain)
    if letter and year and why in (None, "summary"):
        head = plain[: letter.start("subject")]
        return TitleVerdict(True, year, _name(head, words), None, "likely")
    if why:
        return TitleVerdict(False, year, None, why, "none")
    if (
        cut
        and (stump := _stump(plain, in_report_column and year is not None)) is not None
        and (year or in_report_column)
    ):
        return TitleVerdict(True, year, _name(plain[:stump], words), None, "guess")
    if in_report_column:
        if year and _ONLY_YEAR.match(plain):
            return TitleVerdict(True, year, None, None, "guess")
        if bare := _BARE.search(plain):
            found = _year(plain[: bare.end()], None, "")
            return TitleVerdict(True, found, _name(plain[: bare.start()], words), None, "guess")
    if year and _REVERSED.search(plain):
        return TitleVerdict(True, year, _name(_REVERSED.split(plain)[0], words), None, "likely")
    about = "信息公开" in plain or "政务公开" in plain
    return TitleVerdict(False, year, None, "no_report" if about else "other_subject", "none")


def _stump(plain: str, in_report_column: bool) -> int | None:
    """Where the cut-off words of a report begin; None when what is left cannot be their beginning.

    Outside a report column 信息 has to be there; inside, `某局2021年…` may be one as well, and the document decides.
    """
    least = 0 if in_report_column else 4
    for start in range(max(0, len(plain) - 16), len(plain) + 1):
        rest = plain[start:]
        begins = len(rest) >= least and any(whole.startswith(rest) for whole in _WHOLE)
        if begins and (rest or re.search(rf"{_YEAR}(?:年度|年)$", plain)):
            return start
    return None


def _lookalike(words: _Words, plain: str, tail: str, places: set[str]) -> str | None:
    for why, where, pattern in words.lookalikes:
        if where in places and pattern.search(tail if where == "tail" else plain):
            return why
    return None


def _ends_as_verb(head: str) -> bool:
    # `关于发布`, `现将…公布` introduce the report itself; `我市发布2021年…` is news about it.
    return bool(re.match(r"^(?:20\d{2}年?度?)?(?:发布|公布|公开)", head))


def _year(head: str, inner: str | None, tail: str) -> int | None:
    """The year nearest to the words 信息公开: inside them, else the last before, else the first after."""
    for text, place in ((inner or "", 0), (head, -1), (tail, 0)):
        found = [int(match[1]) for match in _FIND_YEAR.finditer(text) if FIRST_YEAR <= int(match[1]) <= LAST_YEAR]
        if found:
            return found[place]
    short = _SHORT_YEAR.search(head)
    return 2000 + int(short[1]) if short and 2000 + int(short[1]) >= FIRST_YEAR else None


def _publisher(head: str, core: re.Match[str], tail: str, words: _Words) -> str | None:
    name = _name(head, words)
    if name and name.endswith("人民") and core["subject"].startswith("政府"):
        return name + "政府"  # 某县人民 + 政府信息公开: the word 政府 serves both
    if name:
        return name
    after = words.tail_body.search(tail)
    return after[1] if after else None


def _name(head: str, words: _Words) -> str | None:
    """The body's name in the words before the report: years, verbs, quotes and punctuation taken off."""
    name = _FIND_YEAR.sub("", head) if _FIND_YEAR.search(head) else _SHORT_YEAR.sub("", head)
    name = _MONTH.sub("", _PART_OF_YEAR.sub("", name))
    previous = None
    while name != previous:
        previous = name
        carried = _CARRIED.search(name)  # 某政府关于印发某局…报告的通知: whose report it is stands behind
        name = carried["rest"] if carried else name
        name = words.trailing.sub("", words.lead_in.sub("", words.dressing.sub("", name)))
    name = name.strip("_-—·|:,。》《”\"'[]【】")
    name = name.rstrip("(") if name.count("(") != name.count(")") else name
    name = name.lstrip(")") if name.count("(") != name.count(")") else name
    return None if len(name) < 2 or words.no_body.match(name) else name


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text):
        if found["genre"] != "报告":
            return found
    return found


@cache
def _words() -> _Words:
    raw: dict[str, Any] = plain_yaml(
        resources.files("tasks.discover").joinpath("data/titles.yaml").read_text(encoding="utf-8")
    )
    ends = raw["body_endings"]
    return _Words(
        lookalikes=tuple((item["why"], item["where"], re.compile(item["pattern"])) for item in raw["lookalikes"]),
        versions=tuple((item["version"], re.compile(item["pattern"])) for item in raw["versions"]),
        other_subjects=re.compile(raw["other_subjects"]),
        dressing=re.compile(raw["dressing"]),
        lead_in=re.compile(raw["lead_in"]),
        trailing=re.compile(raw["trailing"]),
        no_body=re.compile(raw["no_body"]),
        tail_body=re.compile(rf"(?:^|[(\[|_—\-:])([^()\[\]|_—\-:\d]{{2,40}}{ends})(?:[)\]|_—\-]|$|{_YEAR}年)"),
    )
