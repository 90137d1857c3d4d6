"""The text against itself: parts and wholes, and the split of information by how it is public."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from schemas.checks import Check
from schemas.report import Statistic
from tasks.validate.case import Case
from tasks.validate.results import CheckResult, plain
from tasks.validate.rules.base import failed, passed, rule, said, unassessable
from tasks.validate.rules.quantity import base_unit, figure, rounding, worth

Family = tuple[Statistic, list[Statistic]]  # a whole and the parts that name it, in reading order


def families(case: Case, relation: str) -> list[Family]:
    """Wholes with the parts of one enumeration. A part belongs to the nearest whole of that name before it."""
    found: dict[tuple[int, int | None], Family] = {}
    statistics = sorted((one for one in case.report.statistics if case.own_period(one)), key=lambda one: one.start)
    named: dict[str, list[Statistic]] = defaultdict(list)
    for one in statistics:
        named[one.metric].append(one)
    for part in statistics:
        if part.parent is None or part.relation != relation:
            continue
        wholes = named.get(part.parent, [])
        before = bisect_left(wholes, part.start, key=lambda one: one.start)
        whole = wholes[before - 1] if before else next((one for one in wholes if one is not part), None)
        if whole is None:
            continue
        found.setdefault((id(whole), part.group), (whole, []))[1].append(part)
    return list(found.values())


def _text(whole: Statistic, parts: Sequence[Statistic]) -> str:
    listed = " + ".join(plain(worth(part)) for part in parts)
    return f"{whole.metric} {plain(worth(whole))}, parts {listed} = {plain(_sum(parts))}"


def _sum(parts: Sequence[Statistic]) -> Decimal:
    return sum((worth(part) for part in parts), Decimal(0))


@rule("N_PARTS_SUM")
def parts_sum(check: Check, case: Case) -> Iterator[CheckResult]:
    """One result per enumeration; a whole that is split twice is compared split by split."""
    judged = [_judged(check, case, whole, parts) for whole, parts in families(case, "part_of")]
    if not judged:
        yield unassessable(check, "the text has no enumeration")
    yield from judged


def _judged(check: Check, case: Case, whole: Statistic, parts: list[Statistic]) -> CheckResult:
    unit = base_unit(whole.unit)[0]
    same = [part for part in parts if base_unit(part.unit)[0] == unit]
    total, limit = _sum(same), worth(whole)
    if not figure(whole).exact or not all(figure(part).exact for part in same):
        return unassessable(check, f"{whole.metric}: the figures are not exact")
    if abs(total - limit) <= sum(map(rounding, (whole, *same))):
        return passed(check, left=limit, right=total)
    complete, rest = _splits(same, limit)
    if complete and _sum(rest) <= limit:
        return passed(check, left=limit, right=limit)
    if _breaks_off(check, case, whole, parts[0]):
        return unassessable(check, f"{whole.metric}: the list may belong to another figure")
    if total > limit:
        return failed(check, f"{_text(whole, same)} ({said(whole)})", left=limit, right=total)
    if not _claims_all(check, case, whole, same) or len(same) < len(parts):
        return unassessable(check, f"{whole.metric}: the text may list only some of its parts")
    return failed(check, f"{_text(whole, same)} ({said(whole)})", left=limit, right=total)


def _claims_all(check: Check, case: Case, whole: Statistic, parts: Sequence[Statistic]) -> bool:
    """Whether a list that falls short claims to be complete: it ends with 其他, or is long and covers nearly all."""
    params, last = check.params, parts[-1] if parts else whole
    words = case.report.text[whole.end : last.end]
    behind = case.report.text[last.end : last.end + 3]
    if params["open_end"] in behind or re.search(params["selective"], words):
        return False
    if len(parts) > 1 and re.match(params["rest"], last.metric.rsplit("·", 1)[-1]):
        return True
    return len(parts) >= params["long_list"] and _sum(parts) >= Decimal(params["coverage"]) * worth(whole)


def _breaks_off(check: Check, case: Case, whole: Statistic, first: Statistic) -> bool:
    """Whether a clause ends between the whole and its first part, and no word says that parts follow."""
    between = case.report.text[whole.end : first.start]
    return bool(re.search("[；;。]", between)) and not re.search(check.params["markers"], between)


def _splits(parts: Sequence[Statistic], limit: Decimal) -> tuple[int, list[Statistic]]:
    """How many complete splits of the whole the parts make one after another, and the parts left over."""
    complete, run, start = 0, Decimal(0), 0
    for index, part in enumerate(parts):
        run += worth(part)
        if run == limit and limit:
            complete, run, start = complete + 1, Decimal(0), index + 1
    return complete, list(parts[start:])


@rule("N_PARTS_LE_WHOLE")
def parts_at_most_whole(check: Check, case: Case) -> Iterator[CheckResult]:
    """含 names a subset that may overlap with others: it is only compared with the whole."""
    looked = False
    for whole, parts in families(case, "included_in"):
        for part in parts:
            if base_unit(part.unit)[0] != base_unit(whole.unit)[0]:
                continue
            looked = True
            low, high = figure(part).low, figure(whole).high
            if low is not None and high is not None and low > high:
                yield failed(
                    check,
                    f"{part.metric} {plain(worth(part))} is more than {whole.metric} {plain(worth(whole))}",
                    left=worth(part),
                    right=worth(whole),
                )
            else:
                yield passed(check, left=worth(part), right=worth(whole))
    if not looked:
        yield unassessable(check, "the text names no subset")


@rule("N_ATTRIBUTE_SPLIT")
def attribute_split(check: Check, case: Case) -> Iterator[CheckResult]:
    """制作、获取政府信息总数 is what is published, given on application, and not public."""
    params = check.params
    whole = _one(case.stated(params["total"]))
    parts = [_one(_attribute(case, whole, part)) for part in params["parts"]] if whole else []
    three = [part for part in parts if part is not None]
    if whole is None or len(three) < len(params["parts"]):
        yield unassessable(check, "the text does not state the split")
    elif not all(figure(one).exact for one in (whole, *three)):
        yield unassessable(check, "the figures are not exact")
    elif worth(whole) == _sum(three):
        yield passed(check, left=worth(whole), right=_sum(three))
    else:
        yield failed(check, _text(whole, three), left=worth(whole), right=_sum(three))


def _attribute(case: Case, whole: Statistic, part: Mapping[str, str]) -> list[Statistic]:
    """The figures that may be this part of the whole: those listed under it by name, else those of the key."""
    listed = [one for one in case.report.statistics if one.parent == whole.metric]
    named = [one for one in listed if one.key == part["key"] or re.match(part["metric"], one.metric)]
    return named or case.stated(part["key"])


def _one(statements: Sequence[Statistic]) -> Statistic | None:
    """The only value stated, or None when there is none or several differ."""
    values = {worth(one) for one in statements}
    return statements[0] if len(values) == 1 else None
