"""The text against itself: the same metric stated twice, and the year the overview speaks of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from schemas.checks import Check
from schemas.report import Statistic
from tasks.validate.case import Case, squeeze
from tasks.validate.results import CheckResult, plain
from tasks.validate.rules.base import failed, passed, rule, said, unassessable
from tasks.validate.rules.quantity import base_unit, figure, worth

_CITED = re.compile(r"《[^《》]*》|[〔\[(（﹝][^〔〕()（）\[\]]*[〕\])）﹞]|“[^“”]*”|<[^<>]*>")
_YEAR = re.compile(r"(20\d\d)年")


@rule("N_REPEATED_METRIC")
def repeated_metric(check: Check, case: Case) -> Iterator[CheckResult]:
    """Exactly two statements of one long-named metric, of one scope, that cannot both be true."""
    groups: dict[tuple[object, ...], list[Statistic]] = defaultdict(list)
    for one in case.report.statistics:
        name = squeeze(one.metric)
        if one.unit in ("%", "％", None) or one.parent is not None or len(name) < check.params["shortest"]:
            continue
        if case.own_period(one) and not _elsewhere(check, case, one):
            scope = frozenset(re.findall(check.params["scope"], case.sentence(one)))
            groups[(name, base_unit(one.unit)[0], one.key, scope)].append(one)
    twice = [same for same in groups.values() if len(same) > 1]
    failures = 0
    for same in twice:
        first, second = same[0], same[-1]
        if len(same) > 2 or figure(first).meets(figure(second)):
            continue
        failures += 1
        yield failed(
            check,
            f"{first.metric} is {plain(worth(first))} {first.unit} ({said(first)}) "
            f"and {plain(worth(second))} {second.unit} ({said(second)})",
            left=worth(first),
            right=worth(second),
        )
    if not failures:
        yield passed(check) if twice else unassessable(check, "no metric is stated twice")


def _elsewhere(check: Check, case: Case, one: Statistic) -> bool:
    """Cumulative counts and shares of places and quarters are other figures of the same name."""
    words = case.sentence(one)
    return bool(re.search(check.params["cumulative"], words) or re.search(check.params["place"], words))


@rule("N_OVERVIEW_YEAR")
def overview_year(check: Check, case: Case) -> Iterator[CheckResult]:
    """The first bare year of the overview, told only when it is a year or two away: a sentence that was left over."""
    section = case.sections.get("overview")
    year = case.report.year
    if section is None or year is None:
        yield unassessable(check, "no overview, or the report year is not known")
        return
    text = _CITED.sub("", squeeze(section.text).removeprefix(squeeze(section.heading)))
    for sentence in re.split(r"[。；;]", text)[: check.params["sentences"]]:
        if year in (int(found) for found in _YEAR.findall(sentence)):
            yield passed(check)
            return
        stated = next(_bare_years(check, sentence, year), None)
        if stated is not None:
            yield failed(
                check,
                f"the overview begins with {stated}, the report is for {year}",
                left=Decimal(stated),
                right=Decimal(year),
            )
            return
    yield unassessable(check, "the overview begins with no year of its own")


def _bare_years(check: Check, sentence: str, year: int) -> Iterator[int]:
    """Years that the sentence reports on, close to the report year; not dates, comparisons and citations."""
    for match in _YEAR.finditer(sentence):
        before, after = sentence[: match.start()], sentence[match.end() :].removeprefix("度")
        if re.search(check.params["before"], before) or re.search(check.params["after"], after):
            continue
        if abs(int(match[1]) - year) <= check.params["distance"]:
            yield int(match[1])
